//! Erasing what is known of a run: only of one that is over and of whose records nobody
//! needs anything any more, for what is erased can't be undone.

use rye_core::effect::Act;
use rye_core::id::RunId;
use rye_core::value::{Name, Value};

use super::{Engine, Message, Origin, What};
use crate::effects;
use crate::entry::{Body, Entry};
use crate::erasure::Erasures;
use crate::guardrail::quota::Remnant;
use crate::run::Run;
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
        let counts = self.runs.get(&message.run).map(|run| self.remnants_of(run));
        let counts = counts.unwrap_or_default();
        let (reason, owner, by) = (reason.clone(), message.owner.clone(), message.by);
        self.emit(message.run, Body::Erasing { runs, counts, reason, owner, by });
        Ok(())
    }

    /// What of a run still counts towards the site's quotas when nobody can read what it
    /// did.
    fn remnants_of(&self, run: &Run) -> Vec<Remnant> {
        let others = self.runs.values().filter(|other| other.id != run.id);
        let others: Vec<_> = others.filter(|other| other.mode() == run.mode()).collect();
        self.books.remnants(run, self.now, |asset, at| {
            let touches = |act: &Act| {
                let is_it =
                    |it: &Value| matches!(it, Value::Asset { value, .. } if **value == *asset);
                act.affects.iter().any(is_it)
            };
            let mut acts = others.iter().flat_map(|other| other.acts());
            acts.any(|(_, state, act)| state.begun == at && touches(&act.act))
        })
    }

    /// Forgets what is to be erased. What it did counts still: as it is known, or, where
    /// it was overwritten already, as it was written down for that.
    pub(super) fn forget_erased(&mut self, entry: &Entry) {
        let Body::Erasing { runs, counts, .. } = &entry.body else { return };
        if !self.runs.contains_key(&entry.run) {
            self.books.enter_remnants(entry.run, counts);
        }
        for run in runs {
            self.runs.remove(run);
            self.live.remove(run);
            self.agenda.lay_down(*run);
        }
    }

    /// A run and those that rolled it back: they repeat what it did.
    fn with_its_rollbacks(&self, id: RunId) -> Vec<RunId> {
        let rolls_back =
            |origin: &Origin| matches!(origin, Origin::Rollback { of, .. } if *of == id);
        let rollbacks = self.runs.values().filter(|run| rolls_back(&run.origin));
        [id].into_iter().chain(rollbacks.map(|run| run.id)).collect()
    }

    /// The other runs whose record has words of this one: they asked `std.effects` what it
    /// held, or released some of it. They are runs about other things too, and are erased
    /// when somebody says so.
    pub fn runs_that_tell_of(&self, id: RunId) -> Vec<RunId> {
        let name = id.to_string();
        let tells = |run: &Run| {
            run.effects.values().any(|state| match &state.what {
                What::Query(call) if effects::about(call).is_some() => {
                    let answer =
                        state.answered.as_ref().and_then(|(_, answer)| answer.as_ref().ok());
                    answer.is_some_and(|answer| answer.to_string().contains(&name))
                }
                What::Act(act) => self.released_by(&act.act).is_some_and(|(of, _)| of == id),
                _ => false,
            })
        };
        let others = self.runs.values().filter(|run| run.id != id && tells(run));
        others.map(|run| run.id).collect()
    }

    /// Whether what a run did, or may have done, stands for others.
    fn is_author_of_what_stands(&self, id: RunId) -> bool {
        self.holdings.iter().any(|(_, holding)| {
            let mut authors = holding.perhaps.iter().chain([&holding.first]);
            authors.any(|(author, _)| *author == id)
        })
    }
}
