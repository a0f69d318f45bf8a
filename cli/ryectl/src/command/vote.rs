//! `ryectl approve | deny | choose`: shows exactly what is signed, and asks whether
//! that is meant.

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;

use rye_core::id::RunId;
use rye_core::value::Name;
use rye_engine::message::Order;
use rye_engine::question::Vote;

use super::requests::{self, Open};
use crate::output::{self, Failure, Output};
use crate::store::Store;
use crate::{Answering, Command};

/// The answer that a command means, once its author has seen what it is about.
pub(crate) fn order(
    store: &Store,
    command: &Command,
    output: &Output,
) -> Result<(RunId, Order), Failure> {
    let (answering, make): (&Answering, Make<'_>) = match command {
        Command::Approve { answering, boxes } => {
            (answering, Box::new(|open| Ok(Vote::Grant(places(open, boxes)?))))
        }
        Command::Deny { answering, boxes, reason } => (
            answering,
            Box::new(|open| Ok(Vote::Deny(places(open, boxes)?, Arc::from(reason.as_str())))),
        ),
        Command::Choose { answering, value } => {
            (answering, Box::new(|_| Ok(Vote::Choose(Name::from(value.as_str())))))
        }
        _ => return Err(Failure::call("this answers no question")),
    };
    let open = requests::find(store, &answering.request)?;
    let vote = make(open)?;
    let order = Order::Vote { request: open.1.digest, vote };
    if !answering.yes {
        let help = "look at it with `ryectl requests`, then say `--yes`";
        confirm(&order, help, output, || requests::print(store, open))?;
    } else if !output.is_json() {
        requests::print(store, open);
    }
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

/// Shows what will be signed, and waits for a yes; where nobody can say it, `help`.
pub(super) fn confirm(
    order: &Order,
    help: &str,
    output: &Output,
    show: impl FnOnce(),
) -> Result<(), Failure> {
    if output.is_json() || !io::stdin().is_terminal() {
        return Err(Failure::call("nobody is there who could confirm what is signed").help(help));
    }
    show();
    output::line(&format!("you sign  {order}"));
    output::prompt("sign it? type `yes`: ");
    let mut said = String::new();
    io::stdin()
        .lock()
        .read_line(&mut said)
        .map_err(|error| Failure::broken(format!("the terminal can't be read: {error}")))?;
    if said.trim() == "yes" {
        return Ok(());
    }
    Err(Failure::refused("nothing was signed"))
}
