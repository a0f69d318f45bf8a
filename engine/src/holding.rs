//! What the runs of a store hold, and who holds it with whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};

use crate::entry::{Body, UndoResult};
use crate::run::{ActState, RecordState};

/// One effect of one run.
pub type Holder = (RunId, EffectId);

/// Something that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Who did it: its undo alone knows the world before us, also after it let go.
    /// Until somebody surely has, who announced it first.
    pub first: Holder,
    /// Whether `first` surely did it.
    pub done: bool,
    /// Who else may have done it, in the order of their intents.
    pub perhaps: VecDeque<Holder>,
    /// Who holds it now.
    pub holders: BTreeSet<Holder>,
}

/// All that is held, by the digest of action and assets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    by_digest: BTreeMap<Digest, Holding>,
}

impl Holdings {
    /// What is held under `digest`.
    pub fn get(&self, digest: Digest) -> Option<&Holding> {
        self.by_digest.get(&digest)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Holding)> {
        self.by_digest.iter()
    }

    /// Whether somebody but `holder` holds this.
    pub fn is_held_by_others(&self, digest: Digest, holder: Holder) -> bool {
        self.get(digest).is_some_and(|holding| holding.holders.iter().any(|other| *other != holder))
    }

    /// Whether somebody but `holder` holds this or may have done it: who did it may
    /// have let go because `holder` was about to hold it.
    pub fn is_of_others(&self, digest: Digest, holder: Holder) -> bool {
        self.get(digest).is_some_and(|holding| {
            let authors = holding.perhaps.iter().chain([&holding.first]);
            holding.holders.iter().chain(authors).any(|other| *other != holder)
        })
    }

    /// Takes note of what an entry says of one act.
    pub fn update(&mut self, holder: Holder, act: &ActState, body: &Body) {
        let digest = act.act.holding();
        if act.record.stands() {
            let holding = self.by_digest.entry(digest).or_insert_with(|| Holding::new(holder));
            holding.holders.insert(holder);
        }
        let Some(holding) = self.by_digest.get_mut(&digest) else { return };
        match body {
            Body::Intent { .. } | Body::Attempted { .. } => holding.add_author(holder),
            // Where the world was asked before, it did not show what others had done.
            Body::Outcome { ending: Ending::Done(_), .. }
                if !holding.done || !act.act.proof.is_empty() =>
            {
                (holding.first, holding.done) = (holder, true);
                holding.perhaps.clear();
            }
            Body::Outcome { ending: Ending::AlreadySo(_), .. } => holding.drop_author(holder),
            // What stands was not done by the first: by the next, perhaps.
            Body::UndoOutcome {
                result: UndoResult::Again, ending: Ending::AlreadySo(_), ..
            } => {
                holding.first = holding.perhaps.pop_front().unwrap_or(holding.first);
            }
            _ => {}
        }
        if act.record == RecordState::None {
            holding.drop_author(holder);
        }
        if !act.record.stands() {
            holding.holders.remove(&holder);
        }
        if holding.holders.is_empty() {
            self.by_digest.remove(&digest);
        }
    }
}

impl Holding {
    fn new(first: Holder) -> Self {
        Self { first, done: false, perhaps: VecDeque::new(), holders: BTreeSet::new() }
    }

    fn add_author(&mut self, holder: Holder) {
        if self.first != holder && !self.perhaps.contains(&holder) {
            self.perhaps.push_back(holder);
        }
    }

    /// `holder` announced it, and surely did not do it.
    fn drop_author(&mut self, holder: Holder) {
        self.perhaps.retain(|other| *other != holder);
        if self.first == holder && !self.done {
            self.first = self.perhaps.pop_front().unwrap_or(holder);
        }
    }
}
