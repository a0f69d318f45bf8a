//! Queries, and waiting for a clock.

use rye_core::adapter::Ending;
use rye_core::effect::Query;
use rye_core::error::{Error, ErrorKind};
use rye_core::id::RunId;
use rye_core::mode::Mode;
use rye_core::value::{Duration, Time, Value};

use super::live::Pending;
use super::{Engine, Place, What};
use crate::command::{Purpose, Ticket};
use crate::entry::{Answer, Body, LOOK_AGAIN, LOOK_HELD, LOOK_NOT_CHECKED, LOOK_OVER};
use crate::run::{ActStatus, RecordState};

impl Engine {
    pub(super) fn want_answer(&mut self, id: RunId, place: Place, query: Query) -> bool {
        let effect = place.position.effect_id(id);
        if let Some(value) = self.simulated_answer(id, &query) {
            let (call, said) = (query.call, None);
            let answer = Ok(value);
            self.emit(id, Body::Asked { effect, place, call, attempts: 0, said, answer });
            return true;
        }
        if let Some(answer) = self.answer_of_effects(&query) {
            let (call, said) = (query.call, None);
            self.emit(id, Body::Asked { effect, place, call, attempts: 1, said, answer });
            return true;
        }
        self.ask(id, Pending::Ask { effect, place, query, attempt: 1, again: None });
        false
    }

    /// In a dry mode, the proof of what was simulated answers as if it stood.
    fn simulated_answer(&self, id: RunId, query: &Query) -> Option<Value> {
        let run = self.runs.get(&id).filter(|run| run.mode() != Mode::Enforce)?;
        run.acts()
            .filter(|(_, _, act)| act.status == ActStatus::Simulated)
            .filter(|(_, _, act)| act.record == RecordState::None)
            .flat_map(|(_, _, act)| act.act.proof.iter())
            .filter(|proof| proof.query.call == query.call)
            // Of two that contradict each other, the later stands.
            .last()
            .map(|proof| proof.expected.clone())
    }

    fn ask(&mut self, id: RunId, pending: Pending) {
        if let Pending::Ask { effect, query, attempt, .. } = &pending {
            let ticket = Ticket {
                run: id,
                owner: id,
                effect: *effect,
                purpose: Purpose::Ask,
                attempt: *attempt,
            };
            self.dispatch(ticket, query.call.clone(), query.timeout, None);
        }
        self.live.entry(id).or_default().pending = Some(pending);
    }

    /// The answer of an attempt at a query.
    pub(super) fn asked(&mut self, ticket: Ticket, ending: Ending) {
        let Some(live) = self.live.get_mut(&ticket.run) else { return };
        let Some(Pending::Ask { effect, place, query, attempt, again: again @ None }) =
            &mut live.pending
        else {
            return;
        };
        if *effect != ticket.effect || *attempt != ticket.attempt {
            return;
        }
        let said = ending.text().cloned();
        let error = match ending {
            Ending::Done(value) | Ending::AlreadySo(value) => Ok(value),
            Ending::Refused { error, .. } => Err((error, false)),
            Ending::NotSent(text) => Err((Error::new(ErrorKind::Unavailable, text), true)),
            // What is said of it is for people: it may be whatever a program printed.
            Ending::Unknown(_) => {
                Err((Error::new(ErrorKind::Timeout, "nobody knows the answer"), true))
            }
        };
        let answer: Answer = match error {
            Ok(value) => Ok(value),
            Err((error, true)) => match query.retry.after(*attempt) {
                Some(pause) => {
                    *again = Some((self.now, pause));
                    return;
                }
                None => Err(error),
            },
            Err((error, false)) => Err(error),
        };
        let body = Body::Asked {
            effect: *effect,
            place: place.clone(),
            call: query.call.clone(),
            attempts: *attempt,
            said,
            answer,
        };
        live.pending = None;
        self.emit(ticket.run, body);
    }

    pub(super) fn want_wait(&mut self, id: RunId, place: Place, span: Duration) -> bool {
        let effect = place.position.effect_id(id);
        if self.is_dry(id) {
            self.emit(id, Body::Waited { effect, place, answer: Ok(Value::None) });
            return true;
        }
        let until = self.now.wall.saturating_add(span);
        self.await_clock(id, place, until, false)
    }

    pub(super) fn want_look(
        &mut self,
        id: RunId,
        place: Place,
        every: Duration,
        end: Time,
        held: Option<Time>,
    ) -> bool {
        let effect = place.position.effect_id(id);
        let now = self.now.wall;
        let verdict = if self.is_dry(id) {
            Some(LOOK_NOT_CHECKED)
        } else if held.is_some_and(|held| now >= held) {
            Some(LOOK_HELD)
        } else {
            (now >= end).then_some(LOOK_OVER)
        };
        // A look whose pause began before a crash is waited for, not judged again.
        let began = self.runs.get(&id).is_some_and(|run| run.effects.contains_key(&effect));
        if let Some(verdict) = verdict.filter(|_| !began) {
            self.emit(id, Body::Waited { effect, place, answer: Ok(Value::Int(verdict)) });
            return true;
        }
        let until = now.saturating_add(every).min(end).min(held.unwrap_or(end));
        self.await_clock(id, place, until, true)
    }

    /// Waits until `until`, or until the time that the journal knows already.
    fn await_clock(&mut self, id: RunId, place: Place, until: Time, looks: bool) -> bool {
        let effect = place.position.effect_id(id);
        let known = self.runs.get(&id).and_then(|run| match run.effects.get(&effect)?.what {
            What::Wait { until } => until,
            _ => None,
        });
        if known.is_none() {
            self.emit(id, Body::Waiting { effect, place: place.clone(), until });
        }
        let until = known.unwrap_or(until);
        self.live.entry(id).or_default().pending =
            Some(Pending::Clock { effect, place, until, looks });
        true
    }

    /// Whether a run waits for a clock that is far off, and nothing else. Its machine
    /// is dropped meanwhile, and rebuilt when the time has come.
    pub(super) fn is_parked(&mut self, id: RunId) -> bool {
        let (now, past_deadline) = (self.now.wall, self.past_deadline(id));
        let Some(live) = self.live.get_mut(&id) else { return false };
        let Some(Pending::Clock { until, .. }) = &live.pending else { return false };
        let is_parked = until.saturating_since(now) >= FAR && !past_deadline;
        if is_parked {
            live.park();
        }
        is_parked
    }

    /// Goes on where an attempt, a pause or a deadline is due. Whether it did.
    pub(super) fn pump_pending(&mut self, id: RunId) -> bool {
        let Some(pending) = self.live.get(&id).and_then(|live| live.pending.as_ref()) else {
            return false;
        };
        if pending.awaits_answer() {
            return false;
        }
        let pending = pending.clone();
        let waits = matches!(
            &pending,
            Pending::Clock { .. } | Pending::Question { .. } | Pending::Ask { again: Some(_), .. }
        ) || pending.is_between_attempts();
        if waits && self.past_deadline(id) {
            self.live.entry(id).or_default().pending = None;
            self.emit(id, Body::Held { reason: crate::entry::HoldReason::Deadline });
            return true;
        }
        match pending {
            Pending::Question { effect } => self.pump_question(id, effect),
            Pending::Clock { effect, place, until, looks } if self.now.wall >= until => {
                let answer = if looks { Value::Int(LOOK_AGAIN) } else { Value::None };
                self.emit(id, Body::Waited { effect, place, answer: Ok(answer) });
                true
            }
            Pending::Ask { effect, place, query, attempt, again: Some((since, pause)) }
                if self.now.has_passed(since, pause) =>
            {
                let attempt = attempt.saturating_add(1);
                self.ask(id, Pending::Ask { effect, place, query, attempt, again: None });
                false
            }
            Pending::Act { effect, place, act, stage } => {
                self.pump_act(id, effect, place, act, &stage)
            }
            _ => false,
        }
    }

    pub(super) fn is_dry(&self, id: RunId) -> bool {
        self.runs.get(&id).is_some_and(|run| run.mode() != Mode::Enforce)
    }
}

/// A clock that is further off than this is waited for without a machine: nearer,
/// rebuilding it would cost more than it saves.
const FAR: Duration = Duration::from_secs(60);
