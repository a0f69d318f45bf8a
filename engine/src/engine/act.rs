//! Acts: guardrails, the look before, intent, attempts, doubt, verification.

use rye_core::adapter::Ending;
use rye_core::effect::{Act, UndoPlan};
use rye_core::error::{Error, ErrorKind};
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Value};

use super::live::{ActStage, Pending};
use super::{Engine, Place};
use crate::command::{Purpose, Ticket};
use crate::effects;
use crate::entry::{Answer, Body, HoldReason, Verdict};
use crate::guardrail::{self, Measure, Refusal};
use crate::run::{ActState, ActStatus};

/// Between two looks of `verified within`, unless that is shorter, and while an act
/// and an undo of the same wait for each other.
pub(super) const LOOK_PAUSE: Duration = Duration::from_secs(1);

/// Whether an act is about to be dispatched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// It is.
    Now,
    /// Only if the world is not so already: until that is known it counts towards no
    /// quota.
    Perhaps,
}

impl Pending {
    /// Whether only an answer leads on.
    pub(super) fn awaits_answer(&self) -> bool {
        match self {
            Self::Ask { again, .. } => again.is_none(),
            Self::Act { stage, .. } => {
                matches!(stage, ActStage::Attempting(_) | ActStage::Probing(_))
            }
            Self::Question { .. } | Self::Clock { .. } => false,
        }
    }

    /// Whether nothing is under way that an answer is awaited of.
    pub(super) fn is_between_attempts(&self) -> bool {
        let Self::Act { stage, .. } = self else { return false };
        matches!(stage, ActStage::Retrying { .. } | ActStage::Yielding { .. })
    }
}

impl Engine {
    pub(super) fn want_act(&mut self, id: RunId, place: Place, act: Box<Act>) -> bool {
        let effect = place.position.effect_id(id);
        let known = self.runs.get(&id).and_then(|run| {
            run.effects.get(&effect).and_then(|state| state.act()).map(|act| act.status.clone())
        });
        if let Some(status) = known.filter(|status| *status != ActStatus::Reopened) {
            return self.go_on_with_act(id, effect, place, act, &status);
        }
        if self.refuse_act(id, effect, &place, &act, Begins::Perhaps) {
            return true;
        }
        if act.proof.is_empty() {
            self.looked_before(id, effect, place, act, Verdict::Gone);
        } else {
            self.probe_act(id, effect, place, act, Purpose::ProbeBefore);
        }
        true
    }

    /// Writes down which guardrail says no to an act, if one does.
    fn refuse_act(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: &Place,
        act: &Act,
        begins: Begins,
    ) -> bool {
        let Some(refusal) = self.guard(id, effect, act, begins) else { return false };
        let Refusal { guardrail, rule, error } = refusal;
        let (place, call, answer) = (place.clone(), act.call.clone(), Err(error));
        self.forget_pending(id);
        self.emit(id, Body::Refused { effect, place, call, guardrail, rule, answer });
        true
    }

    /// The world was asked what it shows before the act, which took its time.
    pub(super) fn looked_before(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        verdict: Verdict,
    ) {
        if self.is_halted(id) {
            // Nothing was begun: when it goes on, the world is asked again.
            self.forget_pending(id);
        } else if !self.is_dry(id) && self.is_yielding_to_undo(&act) {
            let stage = ActStage::Yielding { since: self.now, pause: LOOK_PAUSE };
            self.set_stage(id, effect, place, act, stage);
        } else if let Some(answer) =
            self.answer_of_first(id, &act, verdict).or_else(|| self.answer_of_gone(id, &act))
        {
            self.already_so(id, effect, place, act, answer);
        } else if self.past_deadline(id) {
            self.forget_pending(id);
            self.emit(id, Body::Held { reason: HoldReason::Deadline });
        } else if !self.refuse_act(id, effect, &place, &act, Begins::Now) {
            self.begin_act(id, effect, place, act, verdict);
        }
    }

    fn guard(&self, id: RunId, effect: EffectId, act: &Act, begins: Begins) -> Option<Refusal> {
        if let Some(refusal) = self.restriction(act) {
            return Some(refusal);
        }
        let run = self.runs.get(&id)?;
        let start = run.start()?;
        let program = &self.programs.get(&start.bundle)?.program;
        let playbook =
            program.module().playbooks.iter().find(|playbook| playbook.name == start.playbook)?;
        let measure = Measure {
            run,
            effect,
            limits: &playbook.limits,
            settings: &start.settings,
            protected: &self.site.protected,
            maintenance: &self.site.maintenance,
            books: Some(&self.books).filter(|_| begins == Begins::Now),
            now: self.now,
        };
        guardrail::check(act, &measure)
    }

    /// The world is not so yet: the intent, or what would have been one.
    fn begin_act(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        verdict: Verdict,
    ) {
        if self.is_dry(id) {
            let answer = Ok(act.simulated.clone());
            let looked = (!act.proof.is_empty()).then_some(verdict);
            self.forget_pending(id);
            self.emit(id, Body::Simulated { effect, place, act, looked, answer });
            return;
        }
        let counts = self.books.counts(Mode::Enforce, (id, effect), &act, self.now);
        let (at, begun) = (place.clone(), act.clone());
        self.emit(id, Body::Intent { effect, place: at, act: begun, counts });
        if effects::is_release(&act.call) {
            self.set_stage(id, effect, place, act, ActStage::Releasing);
        } else {
            self.attempt(id, effect, place, act, 1);
        }
    }

    fn attempt(&mut self, id: RunId, effect: EffectId, place: Place, act: Box<Act>, attempt: u8) {
        let ticket = Ticket { run: id, owner: id, effect, purpose: Purpose::Act, attempt };
        self.dispatch(ticket, act.call.clone(), act.timeout, None);
        self.set_stage(id, effect, place, act, ActStage::Attempting(attempt));
    }

    /// Goes on with an act that was begun, from what the journal says of it.
    fn go_on_with_act(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        status: &ActStatus,
    ) -> bool {
        match *status {
            ActStatus::Attempting { .. } if effects::is_release(&act.call) => {
                self.set_stage(id, effect, place, act, ActStage::Releasing);
            }
            ActStatus::Attempting { attempt } => {
                self.set_stage(id, effect, place, act, ActStage::Attempting(attempt));
                let ending = Ending::Unknown("the answer was lost with the process".into());
                let purpose = Purpose::Act;
                self.acted(Ticket { run: id, owner: id, effect, purpose, attempt }, ending);
            }
            ActStatus::Retrying { attempt, since } => {
                let pause = act.retry.after(attempt).unwrap_or_default();
                let stage = ActStage::Retrying { attempt, since, pause };
                self.set_stage(id, effect, place, act, stage);
            }
            ActStatus::InDoubt { .. } => self.doubt(id, effect, place, act),
            ActStatus::Verifying { .. } => {
                self.probe_act(id, effect, place, act, Purpose::ProbeVerify);
            }
            ActStatus::Simulated
            | ActStatus::AlreadySo
            | ActStatus::Done
            | ActStatus::Failed
            | ActStatus::Reopened => return false,
        }
        true
    }

    /// The answer of an attempt.
    pub(super) fn acted(&mut self, ticket: Ticket, ending: Ending) {
        let id = ticket.run;
        let Some((effect, place, act, ActStage::Attempting(attempt))) = self.pending_act(id) else {
            return;
        };
        if effect != ticket.effect || attempt != ticket.attempt {
            return;
        }
        let (stands, answer) = self.judge(id, effect, &act, attempt, &ending);
        self.forget_pending(id);
        self.emit(id, Body::Outcome { effect, attempt, ending, stands, answer });
        if let Some(status) = self.act_state(id, effect).map(|state| state.status.clone()) {
            self.go_on_with_act(id, effect, place, act, &status);
        }
    }

    /// Whether the record stays after an attempt, and what the machine is told, if
    /// that is settled.
    fn judge(
        &self,
        id: RunId,
        effect: EffectId,
        act: &Act,
        attempt: u8,
        ending: &Ending,
    ) -> (bool, Option<Answer>) {
        let is_reversible = matches!(act.undo, UndoPlan::Call { .. });
        // What an attempt before may have done is not settled by this one.
        let doubted = self.act_state(id, effect).is_some_and(|state| state.doubted);
        match ending {
            Ending::Done(value) => {
                (is_reversible, act.verified.is_none().then(|| Ok(value.clone())))
            }
            Ending::AlreadySo(value) => {
                let joined = self.holdings.is_of_others(act.holding(), (id, effect));
                (joined, Some(Ok(value.clone())))
            }
            _ if doubted => (true, None),
            Ending::Refused { error, perhaps: false } => (false, Some(Err(error.clone()))),
            Ending::NotSent(text) => {
                let error = Error::new(ErrorKind::Unavailable, text);
                (false, act.retry.after(attempt).is_none().then_some(Err(error)))
            }
            Ending::Unknown(_) | Ending::Refused { perhaps: true, .. } => (true, None),
        }
    }

    pub(super) fn retry(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        attempt: u8,
    ) {
        let pause = act.retry.after(attempt).unwrap_or_default();
        let stage = ActStage::Retrying { attempt, since: self.now, pause };
        self.set_stage(id, effect, place, act, stage);
    }

    /// What an act answers that need not be done, because the world is so already. The
    /// result of one that was done by others nobody knows: it is done, and the adapter
    /// says what it finds.
    fn answer_of_first(&self, id: RunId, act: &Act, verdict: Verdict) -> Option<Value> {
        if verdict != Verdict::Stands {
            return None;
        }
        if act.simulated == Value::None || self.is_dry(id) {
            return Some(act.simulated.clone());
        }
        let holding = self.holdings.get(act.holding()).filter(|holding| holding.done)?;
        let first = self.act_state(holding.first.0, holding.first.1)?;
        Some(first.result.clone()).filter(|result| *result != Value::None)
    }

    fn already_so(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        answer: Value,
    ) {
        let joined = !self.is_dry(id) && self.holdings.get(act.holding()).is_some();
        let answer = Ok(answer);
        self.forget_pending(id);
        self.emit(id, Body::AlreadySo { effect, place, act, joined, answer });
    }

    /// Goes on with an act whose pause is over. Whether it did.
    pub(super) fn pump_act(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        stage: &ActStage,
    ) -> bool {
        match *stage {
            ActStage::Retrying { attempt, since, pause } if self.now.has_passed(since, pause) => {
                if self.is_yielding_to_undo(&act) {
                    let (since, pause) = (self.now, LOOK_PAUSE);
                    let stage = ActStage::Retrying { attempt, since, pause };
                    self.set_stage(id, effect, place, act, stage);
                    return false;
                }
                // What was allowed before may be so no more.
                if self.refuse_act(id, effect, &place, &act, Begins::Now) {
                    return true;
                }
                let attempt = attempt.saturating_add(1);
                self.emit(id, Body::Attempted { effect, attempt });
                self.attempt(id, effect, place, act, attempt);
                false
            }
            ActStage::LookingAgain { since, pause } if self.now.has_passed(since, pause) => {
                self.probe_act(id, effect, place, act, Purpose::ProbeVerify);
                false
            }
            ActStage::Yielding { since, pause } if self.now.has_passed(since, pause) => {
                self.forget_pending(id);
                true
            }
            ActStage::Releasing => self.pump_release(id, effect, place, act),
            _ => false,
        }
    }

    pub(super) fn act_state(&self, id: RunId, effect: EffectId) -> Option<&ActState> {
        self.runs.get(&id)?.effects.get(&effect)?.act()
    }

    pub(super) fn pending_act(&self, id: RunId) -> Option<(EffectId, Place, Box<Act>, ActStage)> {
        match self.live.get(&id)?.pending.clone()? {
            Pending::Act { effect, place, act, stage } => Some((effect, place, act, stage)),
            _ => None,
        }
    }

    pub(super) fn set_stage(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        stage: ActStage,
    ) {
        let pending = Pending::Act { effect, place, act, stage };
        self.live.entry(id).or_default().pending = Some(pending);
    }

    pub(super) fn forget_pending(&mut self, id: RunId) {
        self.live.entry(id).or_default().pending = None;
    }
}
