//! Questions to people: asked once, durable before anybody sees them, decided by
//! those who may, by the end of their time, by the playbook's own condition, or by
//! the mode.

use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::question::{Decision, Question};

use super::live::Pending;
use super::{Engine, Message, Phase, Place};
use crate::entry::{Body, HoldReason};
use crate::question::{DecidedBy, QuestionState, Vote, Voter};
use crate::run::Run;

impl Engine {
    pub(super) fn want_decision(
        &mut self,
        id: RunId,
        place: Place,
        question: Box<Question>,
    ) -> bool {
        let effect = place.position.effect_id(id);
        if self.question(id, effect).is_none() {
            self.emit(id, Body::Requested { effect, place, question });
        }
        self.live.entry(id).or_default().pending = Some(Pending::Question { effect });
        true
    }

    pub(super) fn question(&self, id: RunId, effect: EffectId) -> Option<&QuestionState> {
        self.runs.get(&id)?.effects.get(&effect)?.question()
    }

    /// Goes on with a question that is decided, or whose time has come. Whether it did.
    pub(super) fn pump_question(&mut self, id: RunId, effect: EffectId) -> bool {
        let Some(state) = self.question(id, effect) else { return false };
        let mode = self.runs.get(&id).map_or(Mode::Enforce, Run::mode);
        let (how, answer) = if mode != Mode::Enforce {
            (DecidedBy::Mode, state.answer_else(&Decision::Granted))
        } else if state.question.is_automatic() {
            (DecidedBy::Condition, state.answer_else(&Decision::Granted))
        } else if let Some(answer) = state.answer() {
            (DecidedBy::People, answer)
        } else if self.now.has_passed(state.asked, state.question.within) {
            (DecidedBy::Time, state.answer_else(&Decision::Expired))
        } else {
            let escalation = state.question.escalation.as_ref();
            let due = escalation.is_some_and(|escalation| {
                state.escalated.is_none() && self.now.has_passed(state.asked, escalation.after)
            });
            if due {
                self.emit(id, Body::Escalated { effect });
            }
            return false;
        };
        self.emit(id, Body::Decided { effect, how, answer });
        true
    }

    /// Takes the answer of a person to a question.
    pub(super) fn vote(
        &mut self,
        message: &Message,
        request: Digest,
        vote: &Vote,
        voter: &Voter,
        phase: &Phase,
    ) -> Result<(), String> {
        let unknown = || format!("the run asked no question {request}");
        let run = self.runs.get(&message.run).ok_or_else(unknown)?;
        let found = run.effects.iter().find_map(|(effect, state)| {
            state.question().filter(|state| state.digest == request).map(|state| (*effect, state))
        });
        let (effect, state) = found.ok_or_else(unknown)?;
        may_be_answered(state, run.mode(), phase)?;
        if self.now.has_passed(state.asked, state.question.within) {
            return Err(format!("the time to answer is over: it was {}", state.question.within));
        }
        if run.start().is_some_and(|start| start.starter == voter.owner) {
            return Err(format!("{} started the run, and nobody approves that", voter.owner));
        }
        let asked = state.roles(self.now);
        if asked.is_disjoint(&voter.roles) {
            let roles = asked.iter().map(|role| &**role).collect::<Vec<_>>().join(", ");
            return Err(format!("{} has none of the roles that are asked: {roles}", voter.owner));
        }
        state.fits(vote, voter)?;
        let (owner, vote) = (voter.owner.clone(), vote.clone());
        self.emit(message.run, Body::Voted { effect, by: message.by, owner, vote });
        Ok(())
    }

    /// The questions of all runs that people may answer now.
    pub fn open_questions(&self) -> impl Iterator<Item = (&Run, EffectId, &QuestionState)> {
        let open = |run| questions_of(run).map(move |(effect, state)| (run, effect, state));
        self.runs.values().flat_map(open)
    }

    /// The questions of one run that people may answer now.
    pub fn open_questions_of(&self, id: RunId) -> impl Iterator<Item = (EffectId, &QuestionState)> {
        self.runs.get(&id).into_iter().flat_map(questions_of)
    }
}

fn questions_of(run: &Run) -> impl Iterator<Item = (EffectId, &QuestionState)> {
    run.effects.iter().filter_map(|(effect, state)| {
        let state = state.question()?;
        may_be_answered(state, run.mode(), &run.phase).ok().map(|()| (*effect, state))
    })
}

/// Whether an answer can still matter: while the run waits for it, and in monitor
/// mode, where nobody waits, as long as the run is not over.
fn may_be_answered(state: &QuestionState, mode: Mode, phase: &Phase) -> Result<(), String> {
    let gone = match phase {
        _ if mode == Mode::Shadow => Some("the run is in shadow mode, and asks nobody"),
        Phase::Ended { .. } => Some("the run is over"),
        Phase::Unwinding(_) => Some("the run is unwinding"),
        Phase::Held { reason: HoldReason::Deadline, .. } => Some("the run's deadline has passed"),
        Phase::Held { reason: HoldReason::Fault(_) | HoldReason::Bundle(_), .. } => {
            Some("the run can't go on")
        }
        Phase::Held { .. } | Phase::Running => None,
    };
    match (gone, state.decided) {
        (Some(gone), _) => Err(String::from(gone)),
        (None, Some((_, DecidedBy::People))) => Err(String::from("people have decided it")),
        (None, Some((_, DecidedBy::Time))) => Err(String::from("the time to answer is over")),
        (None, Some((_, DecidedBy::Condition))) => {
            Err(String::from("the playbook's own condition has decided it"))
        }
        (None, Some((_, DecidedBy::Mode)) | None) => Ok(()),
    }
}
