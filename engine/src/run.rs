//! One run: all that its entries say, folded together.
//!
//! [`Run::apply`] is the only thing that changes it, and it takes nothing but
//! entries: so a run that is rebuilt from the journal is the run that wrote it.

mod effect;
mod lift;
mod unwinding;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rye_core::effect::UndoPlan;
use rye_core::error::Error;
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Value};

pub use effect::{ActState, ActStatus, EffectState, LifeEnded, NoticeState, RecordState, What};
pub use lift::{LIFTERS, Lift};
pub use unwinding::{AfterUndo, Unwinding};

use crate::effects;
use crate::entry::{
    Answer, Body, Entry, HoldReason, LetGo, Release, RunOutcome, RunStart, Said, Then, UndoResult,
    Why,
};
use crate::question::{QuestionState, request_digest};
use crate::stamp::Stamp;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// What it executes.
    pub origin: Origin,
    /// When it began.
    pub began: Stamp,
    /// What the machine was told, in order: enough to rebuild it.
    pub turns: Vec<Turn>,
    /// Its effects. Boxed, because a map has room for more than are in it.
    pub effects: BTreeMap<EffectId, Box<EffectState>>,
    /// Where it stands.
    pub phase: Phase,
    /// When the last entry about it was written.
    pub updated: Stamp,
    /// The effect whose answer raised the error that holds the run, if nothing was
    /// undone for it: what `release … continue` tries again.
    pub failed: Option<EffectId>,
    /// The effects that people let pass the site's quotas, or want to.
    pub lifts: BTreeMap<EffectId, Lift>,
}

/// What a run executes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A playbook.
    Playbook(Box<RunStart>),
    /// The undoing of what another run holds.
    Rollback {
        /// Which run.
        of: RunId,
        /// Which of its effects; all where none is named.
        effects: Vec<EffectId>,
        /// Who wanted it.
        by: Said,
    },
}

/// Something that the machine was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The answer to an effect.
    Answered {
        /// Which.
        effect: EffectId,
        /// What.
        answer: Answer,
    },
    /// The records of the frame are undone: enter `recover`.
    Recover,
    /// A person says that the unwinding goes on outward.
    Unwind,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The machine computes or waits for an answer.
    Running,
    /// Records are being undone.
    Unwinding(Box<Unwinding>),
    /// It waits for a person.
    Held {
        /// Why.
        reason: HoldReason,
        /// Since when.
        since: Stamp,
    },
    /// It is over.
    Ended {
        /// How.
        outcome: RunOutcome,
        /// What was said of it.
        text: Arc<str>,
        /// When.
        at: Stamp,
    },
}

impl Run {
    /// The run that `entry` begins; `None` for any other entry.
    pub fn begin(entry: &Entry) -> Option<Self> {
        let (origin, phase) = match &entry.body {
            Body::Started(start) => (Origin::Playbook(start.clone()), Phase::Running),
            Body::RollbackStarted { of, effects, by } => {
                let then = AfterUndo::End(RunOutcome::Finished, Arc::from(""));
                let only = Some(effects.clone()).filter(|effects| !effects.is_empty());
                let unwinding = Unwinding { only, ..Unwinding::of_all(then) };
                let origin = Origin::Rollback { of: *of, effects: effects.clone(), by: *by };
                (origin, Phase::Unwinding(Box::new(unwinding)))
            }
            _ => return None,
        };
        Some(Self {
            id: entry.run,
            origin,
            began: entry.at,
            turns: Vec::new(),
            effects: BTreeMap::new(),
            phase,
            updated: entry.at,
            failed: None,
            lifts: BTreeMap::new(),
        })
    }

    /// How the run began, unless it is a rollback.
    pub fn start(&self) -> Option<&RunStart> {
        match &self.origin {
            Origin::Playbook(start) => Some(start),
            Origin::Rollback { .. } => None,
        }
    }

    /// How real the run is.
    pub fn mode(&self) -> Mode {
        self.start().map_or(Mode::Enforce, |start| start.mode)
    }

    /// How long the run may take.
    pub fn deadline(&self) -> Option<Duration> {
        self.start().map(|start| start.deadline)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ended { .. })
    }

    /// Whether something that it did still stands and can be taken back.
    pub fn holds_anything(&self) -> bool {
        self.each_act().any(|act| act.record.stands())
    }

    /// Effects that stand, in program order.
    pub fn records(&self) -> impl Iterator<Item = (EffectId, &EffectState, &ActState)> {
        self.acts().filter(|(_, _, act)| act.record.stands())
    }

    /// All acts, in no order that means anything.
    pub fn each_act(&self) -> impl Iterator<Item = &ActState> {
        self.effects.values().filter_map(|effect| effect.act())
    }

    /// All acts, in program order.
    pub fn acts(&self) -> impl Iterator<Item = (EffectId, &EffectState, &ActState)> {
        let mut acts: Vec<_> = self
            .effects
            .iter()
            .filter_map(|(id, effect)| effect.act().map(|act| (*id, &**effect, act)))
            .collect();
        acts.sort_by(|(_, a, _), (_, b, _)| a.place.position.cmp(&b.place.position));
        acts.into_iter()
    }

    /// The assets that its acts touched, by kind: what its limits count.
    pub fn touched(&self) -> BTreeMap<Name, BTreeSet<Value>> {
        let mut touched: BTreeMap<Name, BTreeSet<Value>> = BTreeMap::new();
        for asset in self.each_act().flat_map(|act| &act.act.affects) {
            if let Value::Asset { kind, value } = asset {
                touched.entry(kind.clone()).or_default().insert((**value).clone());
            }
        }
        touched
    }

    /// The records that an unwinding undoes, the last in program order first.
    pub fn to_undo(&self, unwinding: &Unwinding) -> Vec<EffectId> {
        let mut effects: Vec<_> = self
            .records()
            .filter(|(id, effect, _)| unwinding.covers(*id, &effect.place.position))
            .map(|(id, ..)| id)
            .collect();
        effects.reverse();
        effects
    }

    /// Folds one entry of this run, or one that lets go of an effect of it.
    pub fn apply(&mut self, entry: &Entry) {
        self.updated = entry.at;
        match &entry.body {
            Body::Asked { effect, place, call, answer, .. } => {
                self.insert(*effect, place, entry.at, What::Query(call.clone()));
                self.update(*effect, entry);
                self.answered(*effect, answer, entry.at);
            }
            Body::Refused { effect, place, call, guardrail, rule, answer } => {
                let what = What::Refused { call: call.clone(), rule: rule.clone() };
                match self.act_mut(*effect) {
                    Some(act) => act.refuse(),
                    None => self.insert(*effect, place, entry.at, what),
                }
                if let Some(state) = self.effects.get_mut(effect) {
                    state.refused = Some(*guardrail);
                }
                self.answered(*effect, answer, entry.at);
            }
            Body::Simulated { effect, place, act, answer, .. } => {
                let state = ActState::new((**act).clone(), ActStatus::Simulated);
                self.insert(*effect, place, entry.at, What::Act(Box::new(state)));
                self.answered(*effect, answer, entry.at);
            }
            Body::AlreadySo { effect, place, act, joined, answer } => {
                let mut state = ActState::new((**act).clone(), ActStatus::AlreadySo);
                // Whoever finds it so next is answered the same.
                state.result = answer.clone().unwrap_or(Value::None);
                if *joined {
                    let before = self.act_mut(*effect).map(|act| act.record.clone());
                    let before = before.filter(RecordState::stands).map(RecordState::renewed);
                    state.record = before.unwrap_or(RecordState::Held { since: entry.at });
                }
                self.insert(*effect, place, entry.at, What::Act(Box::new(state)));
                self.answered(*effect, answer, entry.at);
            }
            Body::Intent { effect, place, act, .. } => {
                let status = ActStatus::Attempting { attempt: 1 };
                let mut state = ActState::new((**act).clone(), status);
                if let Some(before) = self.act_mut(*effect) {
                    state.doubted = before.record.stands();
                    // If the world turns out to be so still, that is the answer.
                    state.result = before.result.clone();
                }
                // What a release does is an undo, on the record of what it releases.
                if !effects::is_release(&act.call) {
                    state.record = RecordState::Held { since: entry.at };
                }
                self.insert(*effect, place, entry.at, What::Act(Box::new(state)));
            }
            Body::Told { effect, place, notice, delivered } => {
                let state = NoticeState::new(notice.clone(), *delivered);
                self.insert(*effect, place, entry.at, What::Notice(Box::new(state)));
                self.answered(*effect, &Ok(Value::None), entry.at);
            }
            Body::Waiting { effect, place, until } => {
                self.insert(*effect, place, entry.at, What::Wait { until: Some(*until) });
                // It may be for long, and for very many.
                self.turns.shrink_to_fit();
            }
            Body::Waited { effect, place, answer } => {
                self.insert(*effect, place, entry.at, What::Wait { until: None });
                self.answered(*effect, answer, entry.at);
            }
            Body::Requested { effect, place, question } => {
                let Some(start) = self.start() else { return };
                let digest = request_digest(self.id, start, *effect, question, entry.at);
                let state = QuestionState::new((**question).clone(), digest, entry.at);
                self.insert(*effect, place, entry.at, What::Question(Box::new(state)));
            }
            Body::Decided { effect, answer, .. } => {
                self.update(*effect, entry);
                self.answered(*effect, answer, entry.at);
            }
            Body::Outcome { effect, answer, .. } | Body::Probed { effect, answer, .. } => {
                self.update(*effect, entry);
                if let Some(answer) = answer {
                    self.answered(*effect, answer, entry.at);
                }
            }
            Body::Settled { effect, answer, .. } => {
                self.update(*effect, entry);
                self.answered(*effect, answer, entry.at);
                self.phase = Phase::Running;
            }
            Body::Attempted { effect, .. }
            | Body::Voted { effect, .. }
            | Body::Escalated { effect }
            | Body::Delivered { effect, .. }
            | Body::LetGo { effect, .. }
            | Body::Covered { effect, .. }
            | Body::UndoIntent { effect, .. }
            | Body::UndoOutcome { effect, .. }
            | Body::Renewed { effect, .. }
            | Body::LifeEnded { effect, .. } => self.update(*effect, entry),
            _ => self.turn_phase(entry),
        }
    }

    /// The entries that move the run as a whole.
    fn turn_phase(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Raised { error, at, undo, then } => {
                self.failed = self
                    .last_answered()
                    .filter(|effect| undo.is_none() && at.effect_id(self.id) == *effect);
                let Some(frame) = undo else { return };
                let then = match then {
                    Then::Recover => AfterUndo::Recover,
                    Then::Hold(_) => AfterUndo::Hold(error.clone()),
                    Then::End => AfterUndo::End(RunOutcome::RolledBack, error.to_string().into()),
                };
                let (frame, at, why) = (frame.clone(), at.clone(), Why::Failure);
                self.unwind(Unwinding { frame, at, only: None, why, then });
            }
            Body::Benign { text } => {
                let then = AfterUndo::End(RunOutcome::Benign, text.clone());
                self.unwind(Unwinding { why: Why::Benign, ..Unwinding::of_all(then) });
            }
            Body::Unwound => {
                let Phase::Unwinding(unwinding) = &self.phase else { return };
                let unwinding = unwinding.clone();
                self.forget_simulated(&unwinding, entry.at);
                if unwinding.then == AfterUndo::Recover {
                    self.turns.push(Turn::Recover);
                    self.phase = Phase::Running;
                }
            }
            Body::Held { reason } => {
                self.phase = Phase::Held { reason: reason.clone(), since: entry.at };
            }
            Body::Lifted { effect, owner, enough, .. } => {
                self.lift(*effect, owner, *enough);
                if *enough {
                    self.forget_failure();
                }
            }
            Body::Released { how: Release::Continue, .. } => self.forget_failure(),
            Body::Released { how: Release::Undo, .. } => match &self.phase {
                Phase::Held { reason: HoldReason::Error(_), .. } => {
                    self.turns.push(Turn::Unwind);
                    self.phase = Phase::Running;
                }
                _ => self.unwind_all(RunOutcome::RolledBack),
            },
            Body::Released { how: Release::Keep, .. } => {
                self.keep_all(RunOutcome::Escalated, "a person kept what was done");
            }
            Body::Cancelled { undo: true, .. } => self.unwind_all(RunOutcome::Cancelled),
            Body::Cancelled { undo: false, .. } => self.keep_all(RunOutcome::Cancelled, ""),
            Body::Ended { outcome, text } => {
                self.phase = Phase::Ended { outcome: *outcome, text: text.clone(), at: entry.at };
            }
            _ => {}
        }
    }

    /// A person undoes the whole run: no `recover` is entered.
    fn unwind_all(&mut self, outcome: RunOutcome) {
        self.unwind(Unwinding::of_all(AfterUndo::End(outcome, Arc::from(""))));
    }

    /// A person ends the run and keeps what it did: there is nothing to undo.
    fn keep_all(&mut self, outcome: RunOutcome, text: &str) {
        let then = AfterUndo::End(outcome, Arc::from(text));
        self.unwind(Unwinding { only: Some(Vec::new()), ..Unwinding::of_all(then) });
    }

    fn unwind(&mut self, unwinding: Unwinding) {
        self.phase = Phase::Unwinding(Box::new(unwinding));
    }

    /// The failed effect is tried again: the run goes back to before its answer.
    fn forget_failure(&mut self) {
        if let Some(failed) = self.failed.take() {
            self.turns.pop();
            let is_act = self.effects.get_mut(&failed).is_some_and(|effect| effect.reopen());
            if !is_act {
                self.effects.remove(&failed);
            }
        }
        self.phase = Phase::Running;
    }

    /// The effect that failed with this error, if it was the last that was answered.
    pub(crate) fn failed_with(&self, error: &Error) -> Option<EffectId> {
        let is_it = |effect: &EffectId| {
            self.effects.get(effect).and_then(|state| state.error()) == Some(error)
        };
        self.last_answered().filter(is_it)
    }

    /// The effect whose answer the machine was told last.
    fn last_answered(&self) -> Option<EffectId> {
        match self.turns.last()? {
            Turn::Answered { effect, .. } => Some(*effect),
            Turn::Recover | Turn::Unwind => None,
        }
    }

    fn act_mut(&mut self, effect: EffectId) -> Option<&mut ActState> {
        match &mut self.effects.get_mut(&effect)?.what {
            What::Act(act) => Some(act),
            _ => None,
        }
    }

    /// What was only simulated needs no undo, and shows no more.
    fn forget_simulated(&mut self, unwinding: &Unwinding, at: Stamp) {
        for (effect, state) in &mut self.effects {
            let EffectState { place, what, .. } = &mut **state;
            if let What::Act(act) = what
                && act.status == ActStatus::Simulated
                && unwinding.covers(*effect, &place.position)
            {
                act.record = RecordState::LetGo { how: LetGo::NothingToUndo, at };
            }
        }
    }

    fn insert(&mut self, effect: EffectId, place: &crate::entry::Place, at: Stamp, what: What) {
        let begun = self.effects.get(&effect).map_or(at, |state| state.begun);
        let state = EffectState {
            place: place.clone(),
            begun,
            answered: None,
            refused: None,
            said: Vec::new(),
            what,
        };
        self.effects.insert(effect, Box::new(state));
    }

    fn answered(&mut self, effect: EffectId, answer: &Answer, at: Stamp) {
        if let Some(state) = self.effects.get_mut(&effect) {
            state.answered = Some((at, answer.clone()));
        }
        self.turns.push(Turn::Answered { effect, answer: answer.clone() });
    }

    fn update(&mut self, effect: EffectId, entry: &Entry) {
        if let Some(state) = self.effects.get_mut(&effect) {
            state.apply(entry);
        }
    }

    /// A playbook releases an effect. What can't be taken back, or stands no more, is not
    /// changed by that.
    pub(crate) fn release(&mut self, effect: EffectId, at: Stamp) {
        if let Some(act) = self.act_mut(effect)
            && act.record.stands()
            && matches!(act.act.undo, UndoPlan::Call { .. })
        {
            act.end_life(Why::Release, at);
        }
    }

    /// A rollback of these effects begins, or of all where none is named: undos
    /// that failed for good are tried once more.
    pub(crate) fn unstick(&mut self, effects: &[EffectId], at: Stamp) {
        for (id, effect) in &mut self.effects {
            if let What::Act(act) = &mut effect.what
                && (effects.is_empty() || effects.contains(id))
            {
                act.unstick(at);
            }
        }
    }
}

impl UndoResult {
    /// Whether the undo is over, one way or the other.
    pub fn is_last(self) -> bool {
        self != Self::Again
    }
}
