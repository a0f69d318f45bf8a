//! `ryectl approve | deny | choose`: which answer to which question is meant.

use std::sync::Arc;

use rye_core::id::RunId;
use rye_core::value::Name;
use rye_engine::message::Order;
use rye_engine::question::Vote;

use super::requests::{self, Open};
use crate::Command;
use crate::output::Failure;
use crate::store::Store;

/// The answer that a command means.
pub(crate) fn order(store: &Store, command: &Command) -> Result<(RunId, Order), Failure> {
    let (request, make): (&str, Make<'_>) = match command {
        Command::Approve { request, boxes } => {
            (request, Box::new(|open| Ok(Vote::Grant(places(open, boxes)?))))
        }
        Command::Deny { request, boxes, reason } => (
            request,
            Box::new(|open| Ok(Vote::Deny(places(open, boxes)?, Arc::from(reason.as_str())))),
        ),
        Command::Choose { request, value } => {
            (request, Box::new(|_| Ok(Vote::Choose(Name::from(value.as_str())))))
        }
        _ => return Err(Failure::call("this answers no question")),
    };
    let open = requests::find(store, request)?;
    let order = Order::Vote { request: open.1.digest, vote: make(open)? };
    Ok((open.0.id, order))
}

type Make<'a> = Box<dyn Fn(Open<'_>) -> Result<Vote, Failure> + 'a>;

/// The boxes that are named, from 1, or all that are not decided.
fn places((_, state): Open<'_>, boxes: &[u32]) -> Result<Vec<u32>, Failure> {
    let count = u32::try_from(state.boxes()).unwrap_or(u32::MAX);
    if let Some(wrong) = boxes.iter().find(|number| !(1..=count).contains(*number)) {
        return Err(Failure::input(format!("there is no box {wrong}"))
            .help(format!("the question has the boxes 1 to {count}")));
    }
    let mut places: Vec<u32> = boxes.iter().map(|number| number.saturating_sub(1)).collect();
    if places.is_empty() {
        places = (0..count).filter(|place| state.decision(*place).is_none()).collect();
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}
