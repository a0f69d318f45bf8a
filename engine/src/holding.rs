//! What the runs of a store hold, and who holds it with whom.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};

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

    /// Takes note of what became of one act; `did`: whether its adapter, which
    /// answered just now, did it.
    pub fn update(&mut self, holder: Holder, act: &ActState, did: Option<bool>) {
        let digest = act.act.holding();
        if act.record.stands() {
            let holding = self.by_digest.entry(digest).or_insert_with(|| Holding {
                first: holder,
                done: false,
                holders: BTreeSet::new(),
            });
            holding.holders.insert(holder);
            // Where the world was asked before, it did not show what others had done.
            if did == Some(true) && (!holding.done || !act.act.proof.is_empty()) {
                (holding.first, holding.done) = (holder, true);
            }
        } else if let Some(holding) = self.by_digest.get_mut(&digest) {
            holding.holders.remove(&holder);
        }
        let did_not = act.record == RecordState::None || did == Some(false);
        if let Some(holding) = self.by_digest.get_mut(&digest) {
            holding.pass_on(holder, did_not);
            if holding.holders.is_empty() {
                self.by_digest.remove(&digest);
            }
        }
    }
}

impl Holding {
    /// Who announced it first and did not do it knows no undo.
    fn pass_on(&mut self, holder: Holder, did_not: bool) {
        let other = self.holders.iter().find(|other| **other != holder);
        if let Some(other) = other
            && did_not
            && self.first == holder
            && !self.done
        {
            self.first = *other;
        }
    }
}
