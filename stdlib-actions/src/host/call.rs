//! One call as the verbs of a machine see it.

use std::time::Instant;

use rye_core::adapter::{Ending, Request};
use rye_core::value::Value;

use super::ending::{ONLY_UNDOES, rejected};

#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    /// When nobody waits for the answer any more.
    pub(super) deadline: Instant,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        let now = Instant::now();
        let deadline = now.checked_add(request.timeout.to_std()).unwrap_or(now);
        Self { request, deadline }
    }

    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// The argument called `name`; nothing is [`Value::None`].
    pub(super) fn value(&self, name: &str) -> &'a Value {
        self.request.call.argument(name).map_or(&Value::None, Value::bare)
    }

    /// A part of an asset that consists of several, such as the `pid` of a process.
    pub(super) fn part(&self, asset: &str, part: &str) -> Result<&'a str, Ending> {
        match self.value(asset).field(part) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(rejected("an argument is not what the interface declares")),
        }
    }

    /// Refuses an undo that takes nothing back.
    pub(super) fn must_undo(&self) -> Result<(), Ending> {
        if self.request.undoes.is_some() { Ok(()) } else { Err(rejected(ONLY_UNDOES)) }
    }
}
