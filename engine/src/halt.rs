//! What is halted: a run, or the whole store. One person halts; as many as
//! [`RESUMERS`] different ones let it go on.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::id::RunId;
use rye_core::value::Name;

use crate::entry::{Body, Entry, Said};
use crate::stamp::Stamp;

/// How many different people must say that what was halted goes on: halting is
/// safe, and going on is not.
pub const RESUMERS: usize = 2;

/// A halt that nobody has lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Since when.
    pub since: Stamp,
    /// Why, in the words of whoever said so.
    pub reason: Name,
    /// Who answers for the key that said so.
    pub owner: Name,
    /// With which key, and in which message.
    pub by: Said,
    /// Who wants it to go on.
    pub resumers: BTreeSet<Name>,
}

/// All that is halted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Halts {
    /// By run; the store's own under the id that stands for none.
    by_run: BTreeMap<RunId, Halt>,
}

impl Halts {
    /// The halt of the whole store.
    pub fn of_store(&self) -> Option<&Halt> {
        self.of(RunId::default())
    }

    /// The halt of this run alone, or, for the id that stands for none, of the store.
    pub fn of(&self, run: RunId) -> Option<&Halt> {
        self.by_run.get(&run)
    }

    /// All of them, the store's own first.
    pub fn iter(&self) -> impl Iterator<Item = (&RunId, &Halt)> {
        self.by_run.iter()
    }

    /// Why `run` does nothing: the store's halt before its own.
    pub fn over(&self, run: RunId) -> Option<&Halt> {
        self.of_store().or_else(|| self.of(run))
    }

    /// Folds an entry of the journal. A halt that is said again begins anew: who
    /// wanted to go on before has not heard this reason.
    pub fn apply(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Halted { reason, owner, by } => {
                let since = self.of(entry.run).map_or(entry.at, |halt| halt.since);
                let (reason, owner, by) = (reason.clone(), owner.clone(), *by);
                let halt = Halt { since, reason, owner, by, resumers: BTreeSet::new() };
                self.by_run.insert(entry.run, halt);
            }
            Body::Resumed { lifted: true, .. } => {
                self.by_run.remove(&entry.run);
            }
            Body::Resumed { owner, .. } => {
                if let Some(halt) = self.by_run.get_mut(&entry.run) {
                    halt.resumers.insert(owner.clone());
                }
            }
            _ => {}
        }
    }
}
