//! What the entries of one run must say in this order.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::digest::Digest;
use rye_core::effect::{Act, UndoPlan};
use rye_core::id::{EffectId, RunId};
use rye_core::impact::Impact;
use rye_core::mode::Mode;
use rye_core::value::Name;

use super::question::QuestionAudit;
use super::{Verdict, holds};
use crate::entry::{Body, RunStart, UndoResult};

/// What is known of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct RunAudit {
    /// How it began, unless it is a rollback.
    start: Option<Box<RunStart>>,
    /// Whose effects it takes back, if it is a rollback.
    pub(super) rolls_back: Option<RunId>,
    /// Per act: the last attempt that an intent or entry announced, and whether
    /// its outcome is known.
    acts: BTreeMap<EffectId, (u8, bool)>,
    /// Per act: the last attempt at its undo, and whether its outcome is known.
    undos: BTreeMap<EffectId, (u8, bool)>,
    /// Acts whose holder has let go, or that were taken back.
    gone: BTreeSet<EffectId>,
    questions: BTreeMap<EffectId, QuestionAudit>,
    /// Acts that a quota of the site refused.
    over_quota: BTreeSet<EffectId>,
    /// Who wants which of them to pass, and whether that was enough.
    lifts: BTreeMap<EffectId, (BTreeSet<Name>, bool)>,
    over: bool,
}

impl RunAudit {
    /// A run that begins.
    pub(super) fn begin(body: &Body) -> Self {
        match body {
            Body::Started(start) => Self { start: Some(start.clone()), ..Self::default() },
            Body::RollbackStarted { of, .. } => Self { rolls_back: Some(*of), ..Self::default() },
            _ => Self::default(),
        }
    }

    /// The bundle that it executes.
    pub(super) fn bundle(&self) -> Option<Digest> {
        self.start.as_ref().map(|start| start.bundle)
    }

    pub(super) fn check(&mut self, body: &Body) -> Verdict {
        holds(!self.over || !begins_something(body), "an effect begins after the run is over")?;
        match body {
            Body::Intent { effect, act, .. } => {
                holds(self.is_real(), "a real act of a run that only looks")?;
                self.approved(act)?;
                self.acts.insert(*effect, (1, false));
                // What was undone before a person let it be tried again is past.
                self.is_held_anew(*effect);
                Ok(())
            }
            Body::AlreadySo { effect, .. } => {
                self.is_held_anew(*effect);
                Ok(())
            }
            Body::Attempted { .. }
            | Body::Outcome { .. }
            | Body::Probed { .. }
            | Body::Settled { .. } => self.check_attempt(body),
            Body::LetGo { effect, .. } => {
                holds(self.gone.insert(*effect), "a holder lets go a second time")
            }
            Body::UndoIntent { effect, attempt, .. } => self.undo_begins(*effect, *attempt),
            Body::UndoOutcome { effect, attempt, result, .. } => {
                self.undo_ends(*effect, *attempt, *result)
            }
            Body::Requested { .. }
            | Body::Voted { .. }
            | Body::Escalated { .. }
            | Body::Decided { .. } => self.check_question(body),
            Body::Refused { effect, guardrail, .. } if guardrail.is_quota() => {
                self.over_quota.insert(*effect);
                Ok(())
            }
            Body::Lifted { effect, owner, enough, .. } => self.lift(*effect, owner, *enough),
            Body::Ended { .. } => {
                let twice = core::mem::replace(&mut self.over, true);
                holds(!twice, "the run ends a second time")
            }
            _ => Ok(()),
        }
    }

    /// Whether enough people let an act pass that a quota refused.
    pub(super) fn is_lifted(&self, effect: EffectId) -> bool {
        self.lifts.get(&effect).is_some_and(|(_, enough)| *enough)
    }

    fn lift(&mut self, effect: EffectId, owner: &Name, enough: bool) -> Verdict {
        let (owners, is_lifted) = self.lifts.entry(effect).or_default();
        *is_lifted |= enough;
        holds(self.over_quota.contains(&effect), "something is lifted that no quota refused")?;
        let is_starter = self.start.as_ref().is_some_and(|start| start.starter == *owner);
        let is_new = owners.insert(owner.clone());
        let wrong = "a quota is lifted by who started the run, or by one person twice";
        holds(is_new && !is_starter, wrong)
    }

    /// Whether what it does is real.
    fn is_real(&self) -> bool {
        self.start.as_ref().is_some_and(|start| start.mode == Mode::Enforce)
    }

    fn is_held_anew(&mut self, effect: EffectId) {
        self.undos.remove(&effect);
        self.gone.remove(&effect);
    }

    fn check_attempt(&mut self, body: &Body) -> Verdict {
        match body {
            Body::Attempted { effect, attempt } => {
                let act = self.acts.get_mut(effect).ok_or("an attempt without an intent")?;
                let is_next = act.1 && act.0.checked_add(1) == Some(*attempt);
                *act = (*attempt, false);
                holds(is_next, "an attempt begins before the outcome of the one before")
            }
            Body::Outcome { effect, attempt, .. } => {
                let act = self.acts.get_mut(effect).ok_or("an outcome without an intent")?;
                let is_under_way = *act == (*attempt, false);
                act.1 = true;
                holds(is_under_way, "an outcome of an attempt that was not under way")
            }
            Body::Probed { effect, .. } | Body::Settled { effect, .. } => {
                let is_known = self.acts.contains_key(effect);
                holds(is_known, "a verdict about an effect without an intent")
            }
            _ => Ok(()),
        }
    }

    fn undo_begins(&mut self, effect: EffectId, attempt: u8) -> Verdict {
        holds(!self.gone.contains(&effect), "what was taken back is taken back again")?;
        let (last, known) = self.undos.insert(effect, (attempt, false)).unwrap_or((0, true));
        // A crash may leave an attempt without an outcome; the next one counts on.
        let is_next = last.checked_add(1) == Some(attempt);
        holds(is_next || !known, "attempts at an undo are not counted one by one")
    }

    fn undo_ends(&mut self, effect: EffectId, attempt: u8, result: UndoResult) -> Verdict {
        let unannounced = "an outcome of an undo without an intent";
        let undo = self.undos.get_mut(&effect).ok_or(unannounced)?;
        holds(*undo == (attempt, false), unannounced)?;
        undo.1 = true;
        match result {
            UndoResult::Again => {}
            // If somebody tries it anew, he counts anew.
            UndoResult::Stuck => _ = self.undos.remove(&effect),
            UndoResult::Undone | UndoResult::StillShown | UndoResult::LeftAlone => {
                self.gone.insert(effect);
            }
        }
        Ok(())
    }

    fn check_question(&mut self, body: &Body) -> Verdict {
        match body {
            Body::Requested { effect, question, .. } => {
                let asked = QuestionAudit::new((**question).clone());
                let again = self.questions.insert(*effect, asked).is_some();
                holds(!again, "a question is asked a second time")
            }
            Body::Voted { effect, owner, vote, .. } => {
                let starter = self.start.as_ref().map(|start| &start.starter);
                holds(starter != Some(owner), "the starter of a run answers its question")?;
                let asked = self.questions.get_mut(effect);
                asked.ok_or("an answer to a question that was not asked")?.count(owner, vote);
                Ok(())
            }
            Body::Escalated { effect } => {
                let is_asked = self.questions.contains_key(effect);
                holds(is_asked, "others are asked what was not asked")
            }
            Body::Decided { effect, how, answer } => {
                let asked = self.questions.get_mut(effect);
                asked.ok_or("a decision about a question that was not asked")?.decide(*how, answer)
            }
            _ => Ok(()),
        }
    }

    /// Whether people, as far as they are needed, said yes to this act.
    fn approved(&self, act: &Act) -> Verdict {
        let Some(approval) = act.approval else {
            let is_reversible = act.undo != UndoPlan::Irreversible;
            let is_harmless = is_reversible && act.impact != Impact::Destructive;
            return holds(is_harmless, "an act that needs a person's yes has none");
        };
        let asked = self.questions.get(&approval.request);
        let asked = asked.ok_or("an act behind a question that was not asked")?;
        holds(asked.allows(approval.index, act), "an act that people did not say yes to")
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
            | Body::Requested { .. }
    )
}
