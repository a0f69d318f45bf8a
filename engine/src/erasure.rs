//! What was erased, or is to be: runs of which nothing but the fact is known any more.
//!
//! The journal's chain commits to values and doesn't contain them. A person who may says
//! that those of a run go; from that entry on the run is as if it had never been, but for
//! this: who wanted it gone, when and why.

use std::collections::BTreeMap;

use rye_core::id::RunId;
use rye_core::value::Name;

use crate::entry::{Body, Entry, Said};
use crate::stamp::Stamp;

/// That the values of some runs are to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Of which runs: the one that was named, and those that rolled it back.
    pub runs: Vec<RunId>,
    /// Since when.
    pub since: Stamp,
    /// Why, in the words of whoever said so.
    pub reason: Name,
    /// Who answers for the key that said so.
    pub owner: Name,
    /// With which key, and in which message.
    pub by: Said,
    /// Whether they are overwritten.
    pub done: bool,
}

/// All that was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasures {
    by_run: BTreeMap<RunId, Erasure>,
}

impl Erasures {
    /// The one that took this run.
    pub fn of(&self, run: RunId) -> Option<&Erasure> {
        self.by_run.values().find(|erasure| erasure.runs.contains(&run))
    }

    /// All of them, by the run that was named.
    pub fn iter(&self) -> impl Iterator<Item = (&RunId, &Erasure)> {
        self.by_run.iter()
    }

    /// The runs whose values are still to be overwritten, by the run that was named.
    pub fn unfinished(&self) -> impl Iterator<Item = (RunId, &[RunId])> {
        let unfinished = self.by_run.iter().filter(|(_, erasure)| !erasure.done);
        unfinished.map(|(run, erasure)| (*run, erasure.runs.as_slice()))
    }

    /// Folds an entry of the journal.
    pub fn apply(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Erasing { runs, reason, owner, by, .. } => {
                let (reason, owner) = (reason.clone(), owner.clone());
                let (runs, by, since, done) = (runs.clone(), *by, entry.at, false);
                let erasure = Erasure { runs, since, reason, owner, by, done };
                self.by_run.insert(entry.run, erasure);
            }
            Body::Erased => {
                if let Some(erasure) = self.by_run.get_mut(&entry.run) {
                    erasure.done = true;
                }
            }
            _ => {}
        }
    }
}
