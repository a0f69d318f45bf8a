//! How an act goes: guardrails, the look before, the intent, attempts, doubt, and the
//! look after. The reference calls it *How an act goes*.

use rye_compiler::hir::{Do, Life as LifeOf, Undo};
use rye_core::adapter::Ending;
use rye_core::effect::{Act, Life, Position, Proof, UndoPlan};
use rye_core::error::{Error, ErrorKind};
use rye_core::value::{Duration, Value};

use super::clock::{Unwanted, Wanted};
use super::holding::State;
use super::raise::Raised;
use super::{Interpreter, Locals, Stop, release};
use crate::people::Word;
use crate::story::{self, Answer};

/// Between two looks of `verified within`.
const LOOK_PAUSE: Duration = Duration::from_secs(1);

/// What the world shows of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Stands,
    Gone,
    /// It gave no answer that says anything.
    Unclear,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Stands => "Stands",
            Self::Gone => "Gone",
            Self::Unclear => "Unclear",
        }
    }
}

/// Why an act has no answer.
pub(super) enum Failed {
    Error(Error),
    /// A person ended the run.
    Ended(Stop),
}

impl<'p> Interpreter<'p, '_> {
    /// `do`
    pub(super) fn act(&mut self, locals: &mut Locals, wanted: &'p Do) -> Result<(), Stop> {
        for argument in &wanted.arguments {
            let value = self.value(locals, &argument.value)?;
            locals.set(argument.local, value);
        }
        for capture in &wanted.captures {
            self.ask(locals, (Some(capture.local), None), &capture.ask, None)?;
        }
        let act = self.act_of(locals, wanted);
        self.pay_unless_stopped(&act, 10);
        let (at, mut act) = self.begun(act)?;
        act.approval = self.frames.approval();
        let value = loop {
            let answer = self.perform(&at, &act);
            let answer = answer.and_then(|value| {
                let fitting = self.fitting(value, self.action(wanted.action));
                fitting.map(|(value, _)| value).map_err(Failed::Error)
            });
            match answer {
                Ok(value) => break value,
                Err(Failed::Ended(stop)) => return Err(stop),
                Err(Failed::Error(error)) => match self.raise(&error, &at, true) {
                    Raised::Again => self.in_time()?,
                    Raised::Gone(stop) => return Err(stop),
                },
            }
        };
        if let Some(local) = wanted.local {
            locals.set(local, value);
        }
        if let Some(hold) = wanted.hold {
            self.pay(10);
            let id = Value::text(self.effect(&at).to_string());
            locals.set(hold, Value::asset(rye_core::ty::HOLD_TYPE_NAME, id));
        }
        Ok(())
    }

    /// All that an act, its proof and its undo need, computed before it.
    fn act_of(&mut self, locals: &mut Locals, wanted: &'p Do) -> Wanted<Act> {
        let stop = Unwanted::Stop;
        let undo_arguments = match &wanted.undo {
            Undo::Call { arguments, .. } => self.values(locals, arguments).map_err(stop)?,
            Undo::None | Undo::Irreversible => Vec::new(),
        };
        let mut proofs = Vec::new();
        for part in &wanted.proof {
            let arguments = self.values(locals, &part.ask.arguments).map_err(stop)?;
            proofs.push((part, arguments, self.value(locals, &part.expected).map_err(stop)?));
        }
        let simulated = self.value(locals, &wanted.simulated).map_err(stop)?;
        let life = match &wanted.life {
            LifeOf::Open => Life::Open,
            LifeOf::UntilReleased => Life::UntilReleased,
            LifeOf::For(life) => match self.value(locals, life).map_err(stop)? {
                Value::Duration(life) => Life::For(life),
                _ => Life::Open,
            },
        };
        let error = Unwanted::Error;
        let arguments = wanted.arguments.iter().map(|argument| locals.get(argument.local));
        let call = self.called(wanted.action, arguments.collect()).map_err(error)?;
        let signature = self.action(wanted.action);
        let affected = |at: &u8| call.arguments.get(usize::from(*at)).map(|(_, value)| value);
        let affects = signature.affects.iter().filter_map(affected).cloned().collect();
        let undo = match &wanted.undo {
            Undo::Call { action, .. } => UndoPlan::Call {
                call: self.called(*action, undo_arguments).map_err(error)?,
                timeout: self.action(*action).timeout,
            },
            Undo::None => UndoPlan::None,
            Undo::Irreversible => UndoPlan::Irreversible,
        };
        let mut proof = Vec::with_capacity(proofs.len());
        for (part, arguments, expected) in proofs {
            let result = self.action(part.ask.action).result;
            self.may_leave(result, &expected, "expected").map_err(error)?;
            let call = self.called(part.ask.action, arguments).map_err(error)?;
            let (timeout, retry) =
                (self.duration_of(part.ask.timeout), self.retry_of(part.ask.retry));
            let query = rye_core::effect::Query { call, timeout, retry };
            proof.push(Proof { query, expected });
        }
        self.may_leave(signature.result, &simulated, "simulated").map_err(error)?;
        Ok(Act {
            call,
            affects,
            undo,
            proof,
            life,
            simulated,
            verified: wanted.verified.map(|within| self.duration_of(within)),
            timeout: self.duration_of(wanted.timeout),
            retry: self.retry_of(wanted.retry),
            idempotent: signature.idempotent,
            impact: signature.impact,
            approval: None,
        })
    }

    /// Does it, from the guardrails to the answer.
    fn perform(&mut self, at: &Position, act: &Act) -> Result<Value, Failed> {
        self.guard(at, act)?;
        let shown =
            if act.proof.is_empty() { Verdict::Gone } else { self.probe("before", at, act) };
        if let Some(value) = self.already(act, shown) {
            let joined = !self.is_dry() && self.holdings.holders(act).next().is_some();
            self.reach(if joined { "already so, held by others" } else { "already so" });
            self.touch(act);
            let answer = Ok(value.clone());
            self.tell_story(story::already_so(at, act, joined, &answer));
            let now = self.now;
            let record = self.holdings.record(at, act, now);
            record.result = value;
            match (joined, record.stands()) {
                (false, _) => record.state = State::Nothing,
                (true, true) if record.state == State::Waiting => record.state = State::Held,
                (true, true) => {}
                (true, false) => (record.state, record.since) = (State::Held, now),
            }
            if joined {
                self.holdings.hold(act, at, false);
            }
            self.holdings.tidy();
            return answer.map_err(Failed::Error);
        }
        self.guard(at, act)?;
        self.touch(act);
        if self.is_dry() {
            self.reach("simulated");
            let looked = (!act.proof.is_empty()).then(|| shown.word());
            let answer = Ok(act.simulated.clone());
            self.tell_story(story::simulated(at, act, looked, &answer));
            self.simulated.push((at.clone(), act.clone()));
            return answer.map_err(Failed::Error);
        }
        self.tell_story(story::intent(at, act));
        if release::is_release(act) {
            return self.release(at, act);
        }
        let now = self.now;
        let record = self.holdings.record(at, act, now);
        record.doubted = record.stands();
        (record.state, record.since, record.act) = (State::Held, now, act.clone());
        self.attempts(at, act)
    }

    /// What an act answers that need not be done: the world is so already.
    fn already(&self, act: &Act, shown: Verdict) -> Option<Value> {
        if let Some(value) = self.already_released(act) {
            return Some(value);
        }
        if shown != Verdict::Stands {
            return None;
        }
        if act.simulated == Value::None || self.is_dry() {
            return Some(act.simulated.clone());
        }
        // What it answered others, if they are still there to be asked.
        self.holdings.result(act).filter(|result| **result != Value::None).cloned()
    }

    /// Attempts until one settles it.
    fn attempts(&mut self, at: &Position, act: &Act) -> Result<Value, Failed> {
        let mut attempt = 1;
        loop {
            self.holdings.announce(act, at);
            let ending = self.request("act", at, &act.call, (attempt, act.timeout));
            if let Some(answer) = self.judged(at, act, attempt, &ending)? {
                return answer.map_err(Failed::Error);
            }
            let pause = act.retry.after(attempt).unwrap_or_default();
            self.pass(pause);
            self.guard(at, act)?;
            attempt += 1;
            self.reach("act tried again");
            self.tell_story(story::attempted(at, attempt));
            let now = self.now;
            let record = self.holdings.record(at, act, now);
            if !record.stands() {
                (record.state, record.since) = (State::Held, now);
            }
        }
    }

    /// What follows from an attempt: an answer, or another attempt.
    fn judged(
        &mut self,
        at: &Position,
        act: &Act,
        attempt: u8,
        ending: &Ending,
    ) -> Result<Option<Answer>, Failed> {
        let more = act.retry.after(attempt).is_some();
        let of_others = self.holdings.may_be_of_others(act, at);
        let now = self.now;
        let record = self.holdings.record(at, act, now);
        let reversible = record.is_reversible();
        let (stands, answer, doubt) = match ending {
            Ending::Done(value) => {
                (record.result, record.doubted, record.since) = (value.clone(), false, now);
                let answer = act.verified.is_none().then(|| Ok(value.clone()));
                (reversible, answer, false)
            }
            Ending::AlreadySo(value) => {
                (record.result, record.doubted, record.since) = (value.clone(), false, now);
                (of_others, Some(Ok(value.clone())), false)
            }
            Ending::NotSent(_) if record.doubted => (true, None, !more),
            _ if record.doubted => (true, None, true),
            Ending::Refused { error, perhaps: false } => (false, Some(Err(error.clone())), false),
            Ending::NotSent(_) if more => (false, None, false),
            Ending::NotSent(text) => {
                (false, Some(Err(Error::new(ErrorKind::Unavailable, text))), false)
            }
            Ending::Unknown(_) | Ending::Refused { perhaps: true, .. } => {
                record.doubted = true;
                (true, None, true)
            }
        };
        self.stand(at, act, stands, matches!(ending, Ending::Done(_) | Ending::AlreadySo(_)));
        match ending {
            Ending::Done(_) => self.holdings.did(at),
            Ending::AlreadySo(_) => self.holdings.did_not(at),
            _ if !stands => self.holdings.did_not(at),
            _ => {}
        }
        self.holdings.tidy();
        self.tell_story(story::outcome(at, attempt, ending, stands, answer.as_ref()));
        match (answer, ending) {
            (Some(answer), _) => Ok(Some(answer)),
            (None, Ending::Done(value)) => Ok(Some(self.verified(at, act, value))),
            (None, _) if doubt => self.doubted(at, act, attempt),
            (None, _) => Ok(None),
        }
    }

    /// Whether the record stays; an outcome begins its life anew.
    fn stand(&mut self, at: &Position, act: &Act, stands: bool, outcome: bool) {
        let now = self.now;
        let record = self.holdings.record(at, act, now);
        if !stands {
            record.state = State::Nothing;
        } else if outcome || !record.stands() {
            (record.state, record.since) = (State::Held, now);
        }
    }

    /// Nobody knows how the last attempt ended.
    fn doubted(&mut self, at: &Position, act: &Act, attempt: u8) -> Result<Option<Answer>, Failed> {
        let shown =
            if act.proof.is_empty() { Verdict::Unclear } else { self.probe("doubt", at, act) };
        self.reach(match shown {
            Verdict::Stands => "in doubt, shown",
            Verdict::Gone => "in doubt, not shown",
            Verdict::Unclear => "in doubt, unclear",
        });
        let again = act.retry.after(attempt).is_some();
        let reversible = matches!(act.undo, UndoPlan::Call { .. });
        let error = |kind, text| Some(Err(Error::new(kind, text)));
        let (stands, answer) = match shown {
            Verdict::Stands if act.simulated == Value::None => (reversible, Some(Ok(Value::None))),
            Verdict::Stands | Verdict::Unclear if again && act.idempotent => (true, None),
            Verdict::Stands | Verdict::Unclear if reversible => {
                (true, error(ErrorKind::Timeout, "it is not known whether it took effect"))
            }
            Verdict::Stands | Verdict::Unclear => return self.settled(at, act).map(Some),
            Verdict::Gone if again => (false, None),
            Verdict::Gone => (false, error(ErrorKind::Unavailable, "it did not take effect")),
        };
        self.stand(at, act, stands, false);
        let now = self.now;
        if shown == Verdict::Gone {
            self.holdings.record(at, act, now).doubted = false;
        }
        if !stands {
            self.holdings.did_not(at);
        }
        self.holdings.tidy();
        self.tell_story(story::probed(at, shown.word(), stands, answer.as_ref()));
        Ok(answer)
    }

    /// Only a person can say whether it took place.
    fn settled(&mut self, at: &Position, act: &Act) -> Result<Answer, Failed> {
        self.tell_story(story::held(&format!("in doubt {at}")));
        match self.word(false, true) {
            Word::Settle { done } => {
                let answer = if done {
                    Ok(act.simulated.clone())
                } else {
                    let text = "a person said that it did not take effect";
                    Err(Error::new(ErrorKind::Unavailable, text))
                };
                let reversible = matches!(act.undo, UndoPlan::Call { .. });
                let now = self.now;
                self.stand(at, act, done && reversible, false);
                self.holdings.record(at, act, now).doubted = false;
                self.holdings.did_not(at);
                self.holdings.tidy();
                self.tell_story(format!("{at} settled {done}"));
                Ok(answer)
            }
            other => Err(Failed::Ended(self.end_by_person(other))),
        }
    }

    /// It was done: the world has to show it in time.
    fn verified(&mut self, at: &Position, act: &Act, result: &Value) -> Answer {
        let (since, within) = (self.now, act.verified.unwrap_or_default());
        let (shown, answer) = loop {
            let shown = self.probe("verify", at, act);
            if shown == Verdict::Stands {
                break (shown, Ok(result.clone()));
            }
            if self.now.saturating_since(since) >= within {
                let text = "the world does not show the effect";
                break (shown, Err(Error::new(ErrorKind::Unverified, text)));
            }
            self.pass(LOOK_PAUSE.min(within));
        };
        let stands = matches!(act.undo, UndoPlan::Call { .. });
        self.stand(at, act, stands, false);
        self.tell_story(story::probed(at, shown.word(), stands, Some(&answer)));
        answer
    }

    /// What the proofs of an act show, asked for the effect at `of`.
    pub(super) fn probe(&mut self, purpose: &str, of: &Position, act: &Act) -> Verdict {
        let mut verdict = Verdict::Stands;
        for (index, proof) in (0_u8..).zip(act.proof.iter()) {
            let mut attempt = 1;
            loop {
                let number = index.saturating_mul(16).saturating_add(attempt);
                let query = &proof.query;
                let ending = self.request(purpose, of, &query.call, (number, query.timeout));
                match ending {
                    Ending::Done(value) | Ending::AlreadySo(value) if value == proof.expected => {}
                    Ending::Done(value) | Ending::AlreadySo(value) => {
                        if is_of_kind(&value, &proof.expected) {
                            return Verdict::Gone;
                        }
                        verdict = Verdict::Unclear;
                    }
                    _ if attempt < query.retry.attempts => {
                        attempt += 1;
                        continue;
                    }
                    _ => verdict = Verdict::Unclear,
                }
                break;
            }
        }
        verdict
    }
}

/// Whether an answer can be of the type of what is expected.
fn is_of_kind(answer: &Value, expected: &Value) -> bool {
    let kind = |value: &Value| std::mem::discriminant(value.bare());
    let nothing = *answer == Value::None || *expected == Value::None;
    nothing || kind(answer) == kind(expected)
}
