//! What the world shows of an act, asked by its proofs: before it, when its end is
//! in doubt, to verify it, and around its undo.

use std::sync::Arc;

use rye_core::adapter::Ending;
use rye_core::effect::{Act, Call, UndoPlan};
use rye_core::error::{Error, ErrorKind};
use rye_core::id::{EffectId, RunId};
use rye_core::limit::ADAPTER_TEXT_BYTES_MAX;
use rye_core::value::Value;

use super::act::LOOK_PAUSE;
use super::live::{ActStage, Probe, Shown};
use super::{Engine, Place};
use crate::command::{Purpose, Ticket};
use crate::entry::{Body, HoldReason, Verdict};
use crate::run::{ActState, ActStatus};

impl Engine {
    /// Nobody knows how the last attempt ended: the world is asked.
    pub(super) fn doubt(&mut self, id: RunId, effect: EffectId, place: Place, act: Box<Act>) {
        if act.proof.is_empty() {
            self.settle_doubt(id, effect, place, act, Verdict::Unclear.into());
        } else {
            self.probe_act(id, effect, place, act, Purpose::ProbeDoubt);
        }
    }

    fn settle_doubt(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        shown: Shown,
    ) {
        let Shown { verdict, said } = shown;
        let attempt = self.act_state(id, effect).map_or(1, ActState::attempt);
        let again = act.retry.after(attempt).is_some();
        let is_reversible = matches!(act.undo, UndoPlan::Call { .. });
        let late = || Err(Error::new(ErrorKind::Timeout, "it is not known whether it took effect"));
        let (stands, answer) = match verdict {
            // A result can't be had from the world's state.
            Verdict::Stands if act.simulated == Value::None => {
                (is_reversible, Some(Ok(Value::None)))
            }
            Verdict::Stands | Verdict::Unclear if again && act.idempotent => (true, None),
            Verdict::Stands | Verdict::Unclear if is_reversible => (true, Some(late())),
            Verdict::Stands | Verdict::Unclear => {
                self.set_stage(id, effect, place, act, ActStage::Unknown);
                self.emit(id, Body::Held { reason: HoldReason::InDoubt(effect) });
                return;
            }
            Verdict::Gone if again => (false, None),
            Verdict::Gone => {
                let error = Error::new(ErrorKind::Unavailable, "it did not take effect");
                (false, Some(Err(error)))
            }
        };
        let is_settled = answer.is_some();
        self.emit(id, Body::Probed { effect, verdict, said, stands, answer });
        if is_settled {
            self.forget_pending(id);
        } else {
            self.retry(id, effect, place, act, attempt);
        }
    }

    fn verified(&mut self, id: RunId, effect: EffectId, place: Place, act: Box<Act>, shown: Shown) {
        let Shown { verdict, said } = shown;
        let Some(known) = self.act_state(id, effect) else { return };
        let ActStatus::Verifying { since } = known.status else { return };
        let within = act.verified.unwrap_or_default();
        let answer = match verdict {
            Verdict::Stands => Ok(known.result.clone()),
            Verdict::Gone | Verdict::Unclear if !self.now.has_passed(since, within) => {
                let pause = LOOK_PAUSE.min(within);
                let stage = ActStage::LookingAgain { since: self.now, pause };
                self.set_stage(id, effect, place, act, stage);
                return;
            }
            Verdict::Gone | Verdict::Unclear => {
                Err(Error::new(ErrorKind::Unverified, "the world does not show the effect"))
            }
        };
        let stands = matches!(act.undo, UndoPlan::Call { .. });
        self.forget_pending(id);
        self.emit(id, Body::Probed { effect, verdict, said, stands, answer: Some(answer) });
    }

    /// Begins a walk through the proofs of an act.
    pub(super) fn probe_act(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
        purpose: Purpose,
    ) {
        let probe = Probe::begin(purpose);
        self.look(id, id, effect, &act, &probe);
        self.set_stage(id, effect, place, act, ActStage::Probing(probe));
    }

    /// Asks the query that a walk stands at. Whether there was one left.
    pub(super) fn look(
        &mut self,
        id: RunId,
        owner: RunId,
        effect: EffectId,
        act: &Act,
        probe: &Probe,
    ) -> bool {
        let Some(proof) = act.proof.get(probe.index) else { return false };
        let (purpose, attempt) = (probe.purpose, probe.number());
        let ticket = Ticket { run: id, owner, effect, purpose, attempt };
        if let Some(answer) = self.answer_of_effects(&proof.query) {
            self.answers.push_back((ticket, answer.map_or_else(Ending::from, Ending::Done)));
            return true;
        }
        self.dispatch(ticket, proof.query.call.clone(), proof.query.timeout, None);
        true
    }

    /// What one answer means for a walk: the next step of it, or its verdict.
    pub(super) fn walk(act: &Act, mut probe: Probe, ending: &Ending) -> Result<Probe, Shown> {
        let Some(proof) = act.proof.get(probe.index) else { return Err(probe.shown) };
        match ending {
            Ending::Done(value) | Ending::AlreadySo(value) if *value == proof.expected => {}
            Ending::Done(value) | Ending::AlreadySo(value) if !fits(value, &proof.expected) => {
                let said = misfit(&proof.query.call, value, &proof.expected);
                probe.shown = Shown { verdict: Verdict::Unclear, said: Some(said) };
            }
            // One proof that fails decides: the effect is not there as a whole.
            Ending::Done(_) | Ending::AlreadySo(_) => return Err(Verdict::Gone.into()),
            _ if probe.attempt < proof.query.retry.attempts => {
                probe.attempt = probe.attempt.saturating_add(1);
                return Ok(probe);
            }
            _ => {
                let said = ending.text().map(|text| format!("{}: {text}", proof.query.call));
                probe.shown = Shown { verdict: Verdict::Unclear, said: said.map(Arc::from) };
            }
        }
        probe.index = probe.index.saturating_add(1);
        probe.attempt = 1;
        if probe.index < act.proof.len() { Ok(probe) } else { Err(probe.shown) }
    }

    /// The answer to a query of a walk through an act's proofs.
    pub(super) fn probed(&mut self, ticket: Ticket, ending: &Ending) {
        let id = ticket.run;
        let Some((effect, place, act, ActStage::Probing(probe))) = self.pending_act(id) else {
            return;
        };
        if effect != ticket.effect
            || (probe.purpose, probe.number()) != (ticket.purpose, ticket.attempt)
        {
            return;
        }
        let purpose = probe.purpose;
        match (Self::walk(&act, probe, ending), purpose) {
            (Ok(next), _) => {
                self.look(id, id, effect, &act, &next);
                self.set_stage(id, effect, place, act, ActStage::Probing(next));
            }
            (Err(shown), Purpose::ProbeBefore) => {
                self.looked_before(id, effect, place, act, shown.verdict);
            }
            (Err(shown), Purpose::ProbeVerify) => self.verified(id, effect, place, act, shown),
            (Err(shown), _) => self.settle_doubt(id, effect, place, act, shown),
        }
    }
}

/// That an answer was refused, because it can't be of the type that is expected.
fn misfit(call: &Call, answer: &Value, expected: &Value) -> Arc<str> {
    let answer = answer.to_string();
    let end = answer.floor_char_boundary(ADAPTER_TEXT_BYTES_MAX);
    let answer = answer.get(..end).unwrap_or_default();
    format!("{call}: the answer {answer} was refused: it is not of the type of {expected}").into()
}

/// Whether an answer can be of the type that is expected: one that is not says
/// nothing of the world.
fn fits(answer: &Value, expected: &Value) -> bool {
    let kind = |value: &Value| core::mem::discriminant(value.bare());
    let is_empty = *answer == Value::None || *expected == Value::None;
    is_empty || kind(answer) == kind(expected)
}
