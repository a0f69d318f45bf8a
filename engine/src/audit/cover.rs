//! Effects of one action on the same assets, one after the other: an earlier one waits
//! while a later one stands, and is not forgotten under it.

use std::collections::BTreeMap;

use rye_core::digest::Digest;
use rye_core::effect::{Act, UndoPlan};
use rye_core::id::RunId;

use super::{Verdict, holds};
use crate::entry::{Body, Entry, LetGo, UndoResult};
use crate::holding::Holder;

/// What stands and can be taken back, by what it changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Covers {
    /// What an act changes, and what is held when it was done.
    acts: BTreeMap<Holder, (Digest, Digest)>,
    /// By action and assets: who holds something of them, in the order in which it came.
    standing: BTreeMap<Digest, Vec<Holder>>,
}

impl Covers {
    /// Follows what an entry says of an effect of `owner`.
    pub(super) fn check(&mut self, entry: &Entry, owner: RunId) -> Verdict {
        match &entry.body {
            Body::Intent { effect, act, .. } => self.begin((owner, *effect), act),
            Body::AlreadySo { effect, act, joined: true, .. } => self.join((owner, *effect), act),
            Body::Attempted { effect, .. } => self.stand((owner, *effect)),
            Body::Outcome { effect, stands: false, .. }
            | Body::Probed { effect, stands: false, .. }
            | Body::Settled { effect, done: false, .. } => self.fall((owner, *effect)),
            Body::UndoOutcome { effect, result, .. }
                if !matches!(result, UndoResult::Again | UndoResult::Stuck) =>
            {
                self.fall((owner, *effect));
            }
            Body::LetGo { effect, how, .. } => {
                let own = self.held((owner, *effect));
                let is_last = self.later((owner, *effect)).all(|later| self.held(later) == own);
                self.fall((owner, *effect));
                let is_forgotten = *how == LetGo::ChangedByOthers && !is_last;
                return holds(!is_forgotten, "an effect is forgotten under a later one of ours");
            }
            Body::Covered { effect, by_run, by_effect, .. } => {
                let is_there = self.later((owner, *effect)).any(|it| it == (*by_run, *by_effect));
                return holds(is_there, "an effect waits for one that did not come later");
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, holder: Holder, act: &Act) {
        self.fall(holder);
        if matches!(act.undo, UndoPlan::Call { .. }) {
            self.acts.insert(holder, (act.subject(), act.holding()));
            self.stand(holder);
        }
    }

    /// It is no later than who did the same.
    fn join(&mut self, holder: Holder, act: &Act) {
        self.begin(holder, act);
        let (subject, holding) = (act.subject(), act.holding());
        let Some(standing) = self.standing.get_mut(&subject) else { return };
        let held = |other: &Holder| self.acts.get(other).map(|(_, holding)| *holding);
        let is_same = |other: &Holder| *other != holder && held(other) == Some(holding);
        if let Some(place) = standing.iter().rposition(is_same) {
            standing.retain(|other| *other != holder);
            standing.insert(place.saturating_add(1), holder);
        }
    }

    fn stand(&mut self, holder: Holder) {
        let Some((subject, _)) = self.acts.get(&holder) else { return };
        let standing = self.standing.entry(*subject).or_default();
        if !standing.contains(&holder) {
            standing.push(holder);
        }
    }

    fn fall(&mut self, holder: Holder) {
        let Some((subject, _)) = self.acts.get(&holder) else { return };
        if let Some(standing) = self.standing.get_mut(subject) {
            standing.retain(|other| *other != holder);
            if standing.is_empty() {
                self.standing.remove(subject);
            }
        }
    }

    /// What was done to the same assets after what `holder` did.
    fn later(&self, holder: Holder) -> impl Iterator<Item = Holder> {
        let own = self.acts.get(&holder);
        let standing = own.and_then(|(subject, _)| self.standing.get(subject));
        let from_own = standing.into_iter().flatten().skip_while(move |other| **other != holder);
        from_own.skip(1).copied()
    }

    fn held(&self, holder: Holder) -> Option<Digest> {
        self.acts.get(&holder).map(|(_, holding)| *holding)
    }
}
