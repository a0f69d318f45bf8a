//! Halting and resuming. While something is halted no intent is written and no
//! undo begun; answers in flight are taken, and notices go out.

use rye_core::id::RunId;
use rye_core::value::Name;

use super::people::is_enough;
use super::{Engine, Message};
use crate::entry::Body;
use crate::halt::{Halts, RESUMERS};

impl Engine {
    /// What is halted.
    pub fn halts(&self) -> &Halts {
        &self.halts
    }

    /// Whether a run does nothing and undoes nothing, because somebody halted it, the
    /// run that it rolls back, or all.
    pub(super) fn is_halted(&self, id: RunId) -> bool {
        self.halts.over(id).is_some() || self.halts.of(self.owner_of_records(id)).is_some()
    }

    pub(super) fn halt(&mut self, message: &Message, reason: &Name) -> Result<(), String> {
        if let Some(run) = self.runs.get(&message.run)
            && run.is_over()
            && !run.holds_anything()
        {
            return Err(String::from("the run is over and holds nothing: nothing is left to halt"));
        }
        let (reason, owner, by) = (reason.clone(), message.owner.clone(), message.by);
        self.emit(message.run, Body::Halted { reason, owner, by });
        Ok(())
    }

    pub(super) fn resume(&mut self, message: &Message) -> Result<(), String> {
        let Some(halt) = self.halts.of(message.run) else {
            let also = match self.halts.of_store() {
                Some(_) => "; the whole store is, which `resume --all` lifts",
                None => "",
            };
            let what = if message.run.is_none() { "the store" } else { "the run" };
            return Err(format!("{what} is not halted{also}"));
        };
        let owner = message.owner.clone();
        let lifted = is_enough(&halt.resumers, &owner, RESUMERS)?;
        self.emit(message.run, Body::Resumed { owner, lifted, by: message.by });
        Ok(())
    }
}
