//! Erasing what is known of a run: only of one that is over and of whose records nobody
//! needs anything any more, for what is erased can't be undone.

use rye_core::id::RunId;
use rye_core::value::Name;

use super::{Engine, Message, Origin};
use crate::entry::Body;
use crate::erasure::Erasures;
use crate::stamp::Stamp;

impl Engine {
    /// What was erased, or is to be.
    pub fn erasures(&self) -> &Erasures {
        &self.erasures
    }

    /// Takes note that the values of a run are overwritten.
    pub fn erased(&mut self, run: RunId, now: Stamp) {
        self.now = now;
        self.emit(run, Body::Erased);
    }

    pub(super) fn erase(&mut self, message: &Message, reason: &Name) -> Result<(), String> {
        let runs = self.with_its_rollbacks(message.run);
        for run in runs.iter().filter_map(|id| self.runs.get(id)) {
            if !run.is_over() {
                let id = run.id;
                return Err(format!("run {id} is not over; `cancel` ends it"));
            }
            if run.holds_anything() {
                return Err(String::from(
                    "the run still holds something, and what is erased can't be undone; roll it \
                     back or let go first",
                ));
            }
        }
        if runs.iter().any(|run| self.is_releasing(*run)) {
            return Err(String::from("what the run released is not taken back yet; that goes on"));
        }
        if self.is_author_of_what_stands(message.run) {
            return Err(String::from(
                "another run holds what this one did first, and undoing that needs its record",
            ));
        }
        let (reason, owner, by) = (reason.clone(), message.owner.clone(), message.by);
        self.emit(message.run, Body::Erasing { runs, reason, owner, by });
        Ok(())
    }

    /// Forgets what is to be erased.
    pub(super) fn forget_erased(&mut self, body: &Body) {
        let Body::Erasing { runs, .. } = body else { return };
        for run in runs {
            self.runs.remove(run);
            self.live.remove(run);
            self.awake.remove(run);
        }
    }

    /// A run and those that rolled it back: they repeat what it did.
    fn with_its_rollbacks(&self, id: RunId) -> Vec<RunId> {
        let rolls_back =
            |origin: &Origin| matches!(origin, Origin::Rollback { of, .. } if *of == id);
        let rollbacks = self.runs.values().filter(|run| rolls_back(&run.origin));
        [id].into_iter().chain(rollbacks.map(|run| run.id)).collect()
    }

    /// Whether what a run did, or may have done, stands for others.
    fn is_author_of_what_stands(&self, id: RunId) -> bool {
        self.holdings.iter().any(|(_, holding)| {
            let mut authors = holding.perhaps.iter().chain([&holding.first]);
            authors.any(|(author, _)| *author == id)
        })
    }
}
