//! What the entries of a journal must say in this order, whoever wrote them: an
//! auditor's check that knows nothing of machines and adapters.

use std::collections::BTreeMap;

use rye_core::id::{EffectId, RunId};

use crate::entry::{Body, Entry, UndoResult};

/// Follows a journal, entry by entry.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    runs: BTreeMap<RunId, RunAudit>,
}

/// What is known of one run.
#[derive(Clone, Debug, Default)]
struct RunAudit {
    /// Per act: the last attempt that an intent or entry announced, and whether
    /// its outcome is known.
    acts: BTreeMap<EffectId, (u8, bool)>,
    /// Per act: the last attempt at its undo, and whether its outcome is known.
    undos: BTreeMap<EffectId, (u8, bool)>,
    over: bool,
}

impl Audit {
    /// What `entry` contradicts, if it contradicts what came before.
    pub fn check(&mut self, entry: &Entry) -> Option<String> {
        if matches!(entry.body, Body::Started(_) | Body::RollbackStarted { .. }) {
            let again = self.runs.insert(entry.run, RunAudit::default()).is_some();
            return again.then(|| String::from("the run begins a second time"));
        }
        if entry.run.is_none() {
            return None;
        }
        let owner = match &entry.body {
            Body::LetGo { owner, .. }
            | Body::UndoIntent { owner, .. }
            | Body::UndoOutcome { owner, .. } => *owner,
            _ => entry.run,
        };
        if !self.runs.contains_key(&entry.run) {
            return Some(String::from("the run has not begun"));
        }
        let Some(run) = self.runs.get_mut(&owner) else {
            return Some(String::from("the run whose effect this is has not begun"));
        };
        run.check(&entry.body)
    }
}

impl RunAudit {
    fn check(&mut self, body: &Body) -> Option<String> {
        let says = |text: &str| Some(String::from(text));
        if self.over && begins_something(body) {
            return says("an effect begins after the run is over");
        }
        match body {
            Body::Intent { effect, .. } => {
                self.acts.insert(*effect, (1, false));
                // What was undone before a person let it be tried again is past.
                self.undos.remove(effect);
                None
            }
            Body::AlreadySo { effect, .. } => {
                self.undos.remove(effect);
                None
            }
            Body::Attempted { effect, attempt } => match self.acts.get_mut(effect) {
                Some((last, known)) if *known && last.checked_add(1) == Some(*attempt) => {
                    (*last, *known) = (*attempt, false);
                    None
                }
                Some(_) => says("an attempt begins before the outcome of the one before"),
                None => says("an attempt without an intent"),
            },
            Body::Outcome { effect, attempt, .. } => match self.acts.get_mut(effect) {
                Some((last, known)) if !*known && last == attempt => {
                    *known = true;
                    None
                }
                Some(_) => says("an outcome of an attempt that was not under way"),
                None => says("an outcome without an intent"),
            },
            Body::Probed { effect, .. } | Body::Settled { effect, .. }
                if !self.acts.contains_key(effect) =>
            {
                says("a verdict about an effect without an intent")
            }
            Body::UndoIntent { effect, attempt, .. } => {
                let (last, known) = self.undos.get(effect).copied().unwrap_or((0, true));
                self.undos.insert(*effect, (*attempt, false));
                // A crash may leave an attempt without an outcome; the next one counts on.
                (last.checked_add(1) != Some(*attempt) && known)
                    .then(|| String::from("attempts at an undo are not counted one by one"))
            }
            Body::UndoOutcome { effect, attempt, result, .. } => match self.undos.get_mut(effect) {
                Some((last, known)) if !*known && last == attempt => {
                    *known = true;
                    if *result == UndoResult::Stuck {
                        // If somebody tries it anew, he counts anew.
                        self.undos.remove(effect);
                    }
                    None
                }
                _ => says("an outcome of an undo without an intent"),
            },
            Body::Ended { .. } => {
                let twice = core::mem::replace(&mut self.over, true);
                twice.then(|| String::from("the run ends a second time"))
            }
            _ => None,
        }
    }
}

/// Whether an entry begins an effect of the playbook. Undos, deliveries and
/// answers in flight go on after the end.
fn begins_something(body: &Body) -> bool {
    matches!(
        body,
        Body::Intent { .. }
            | Body::Attempted { .. }
            | Body::Asked { .. }
            | Body::Told { .. }
            | Body::Waiting { .. }
            | Body::Simulated { .. }
    )
}
