//! Queries, notices, and waiting.

use rye_compiler::hir::{Amount, Ask, Attempts, Expr, LocalId, Wait, Watch};
use rye_core::action::{ActionSignature, Audience, Retry};
use rye_core::adapter::Ending;
use rye_core::effect::{Call, Notice, Position, Query};
use rye_core::error::{Error, ErrorKind};
use rye_core::mode::Mode;
use rye_core::ty::fit::fits;
use rye_core::ty::{Type, TypeId};
use rye_core::value::{Duration, Name, Time, Value};

use super::raise::Raised;
use super::{Interpreter, Locals, Stop};
use crate::people::Word;
use crate::story::{self, Answer};

/// What a look of a watch is answered.
const OVER: i64 = 0;
const AGAIN: i64 = 1;
/// Nothing is real, so nothing can be checked.
const NOT_CHECKED: i64 = 2;
const HELD: i64 = 3;

impl<'p> Interpreter<'p, '_> {
    /// `ask`, with or without `else`.
    pub(super) fn ask(
        &mut self,
        locals: &mut Locals,
        (local, more): (Option<LocalId>, Option<LocalId>),
        ask: &'p Ask,
        fallback: Option<&'p Expr>,
    ) -> Result<(), Stop> {
        let query = self.query(locals, ask);
        self.pay_unless_stopped(&query, 10);
        let (at, query) = self.begun(query)?;
        let answer = loop {
            match self.answer(&at, &query, ask) {
                Ok(value) => break Some(value),
                Err(_) if fallback.is_some() => break None,
                Err(error) => match self.raise(&error, &at, true) {
                    Raised::Again => self.in_time()?,
                    Raised::Gone(stop) => return Err(stop),
                },
            }
        };
        if let Some(more) = more {
            let cut = matches!(&answer, Some((_, true)));
            locals.set(more, Value::Bool(cut));
        }
        let Some(local) = local else { return Ok(()) };
        match (answer, fallback) {
            (Some((value, _)), _) => locals.set(local, value),
            (None, Some(fallback)) => {
                let value = self.value(locals, fallback)?;
                locals.set(local, value);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// A query in a condition.
    pub(super) fn ask_in_condition(
        &mut self,
        locals: &mut Locals,
        ask: &'p Ask,
    ) -> Result<Value, Stop> {
        let query = self.query(locals, ask);
        self.pay_unless_stopped(&query, 10);
        let (at, query) = self.begun(query)?;
        self.answer(&at, &query, ask).map(|(value, _)| value).map_err(|_| Stop::Unanswered)
    }

    /// The place of an effect whose arguments are known. Where they can't leave the
    /// playbook, that is its error, and it takes a place all the same.
    pub(super) fn begun<T>(&mut self, wanted: Wanted<T>) -> Result<(Position, T), Stop> {
        match wanted {
            Ok(wanted) => Ok((self.next_effect()?, wanted)),
            Err(Unwanted::Stop(stop)) => Err(stop),
            Err(Unwanted::Error(error)) => {
                let at = self.frames.next_effect();
                Err(self.raise_for_good(&error, &at))
            }
        }
    }

    /// Pays for an effect, unless its arguments have no value.
    pub(super) fn pay_unless_stopped<T>(&mut self, wanted: &Wanted<T>, price: u64) {
        if !matches!(wanted, Err(Unwanted::Stop(_))) {
            self.pay(price);
        }
    }

    /// What a query is answered, after as many attempts as it takes, and whether it was cut.
    fn answer(&mut self, at: &Position, query: &Query, ask: &Ask) -> Result<(Value, bool), Error> {
        if let Some((answer, attempts)) = self.known_answer(&query.call) {
            self.tell_story(story::asked(at, &query.call, attempts, &answer));
            return answer.and_then(|value| self.fitting(value, self.signature(ask)));
        }
        let mut attempt = 1;
        let answer = loop {
            let ending = self.request("ask", at, &query.call, (attempt, query.timeout));
            let error = match ending {
                Ending::Done(value) | Ending::AlreadySo(value) => break Ok(value),
                Ending::Refused { error, .. } => break Err(error),
                Ending::NotSent(text) => Error::new(ErrorKind::Unavailable, text),
                Ending::Unknown(_) => Error::new(ErrorKind::Timeout, "nobody knows the answer"),
            };
            let Some(pause) = query.retry.after(attempt) else { break Err(error) };
            self.pass(pause);
            attempt += 1;
        };
        self.tell_story(story::asked(at, &query.call, attempt, &answer));
        let signature = self.signature(ask);
        answer.and_then(|value| self.fitting(value, signature))
    }

    /// What a query is answered without asking the world: in a dry mode the proof of what
    /// was simulated answers as if it stood; and the run itself knows what it holds.
    fn known_answer(&self, call: &Call) -> Option<(Answer, u8)> {
        // Of two that contradict each other, the later stands.
        let mut acts: Vec<_> = self.simulated.iter().collect();
        acts.sort_by(|(a, _), (b, _)| a.cmp(b));
        let proofs = acts.iter().flat_map(|(_, act)| act.proof.iter());
        let shown = proofs.rev().find(|proof| proof.query.call == *call);
        match shown {
            Some(proof) => Some((Ok(proof.expected.clone()), 0)),
            None => self.held_on(call).map(|held| (held, 1)),
        }
    }

    /// An answer that is of the declared type, cut if that says so, and whether it was.
    pub(super) fn fitting(
        &self,
        value: Value,
        signature: &ActionSignature,
    ) -> Result<(Value, bool), Error> {
        let (value, cut) = match (value, signature.first) {
            (Value::List(values), Some(first)) => {
                let first = usize::try_from(first).unwrap_or(usize::MAX);
                (Value::list(values.iter().take(first).cloned()), values.len() > first)
            }
            (value, _) => (value, false),
        };
        fits(&self.package.types, signature.result, &value).map_err(|misfit| {
            let text = format!("the answer does not fit: {misfit}");
            Error::new(ErrorKind::Rejected, text)
        })?;
        Ok((value, cut))
    }

    fn signature(&self, ask: &Ask) -> &'p ActionSignature {
        self.action(ask.action)
    }

    /// `tell`: written down now, delivered beside the run.
    pub(super) fn tell(&mut self, locals: &mut Locals, tell: &'p Ask) -> Result<(), Stop> {
        let query = self.query(locals, tell);
        self.pay_unless_stopped(&query, 10);
        let (at, Query { call, timeout, retry }) = self.begun(query)?;
        let audience = self.signature(tell).audience;
        let notice = Notice { call, audience, timeout, retry };
        let delivered = match (self.site.mode, notice.audience) {
            (Mode::Shadow, _) | (Mode::Monitor, Audience::Others) => false,
            (Mode::Monitor, Audience::Responders) | (Mode::Enforce, _) => true,
        };
        let notice = if self.site.mode == Mode::Monitor { marked(notice) } else { notice };
        self.tell_story(story::told(&at, &notice));
        if !delivered {
            return Ok(());
        }
        let now = self.now;
        let mut attempt = 1;
        loop {
            let ending = self.request("tell", &at, &notice.call, (attempt, timeout));
            let failed = matches!(ending, Ending::NotSent(_) | Ending::Unknown(_));
            let last = !failed || retry.after(attempt).is_none();
            self.story.deliveries.push(story::delivered(&at, attempt, &ending, last));
            if last {
                break;
            }
            attempt += 1;
        }
        self.now = now;
        Ok(())
    }

    /// A query or notice with the values of its arguments.
    pub(super) fn query(&mut self, locals: &mut Locals, ask: &'p Ask) -> Wanted<Query> {
        let arguments = self.values(locals, &ask.arguments).map_err(Unwanted::Stop)?;
        let call = self.called(ask.action, arguments).map_err(Unwanted::Error)?;
        let timeout = self.duration_of(ask.timeout);
        Ok(Query { call, timeout, retry: self.retry_of(ask.retry) })
    }

    /// A verb with its arguments; what is longer than its type says does not get out.
    pub(super) fn called(
        &self,
        action: rye_compiler::hir::ActionId,
        arguments: Vec<Value>,
    ) -> Result<Call, Error> {
        let signature = self.action(action);
        let mut named = Vec::with_capacity(arguments.len());
        for (parameter, value) in signature.parameters.iter().zip(arguments) {
            self.may_leave(parameter.ty, &value, &parameter.name)?;
            named.push((parameter.name.clone(), value));
        }
        Ok(Call { action: signature.name.clone(), arguments: named.into() })
    }

    /// Checks every text of a value that leaves the playbook as `ty`.
    pub(super) fn may_leave(&self, ty: TypeId, value: &Value, path: &str) -> Result<(), Error> {
        match (self.package.types.get(ty), value) {
            (Some(Type::Text { max }), Value::Text(text)) => {
                let found = text.len();
                if found <= usize::try_from(*max).unwrap_or(usize::MAX) {
                    return Ok(());
                }
                let text = format!("`{path}`: at most {max} bytes, found {found}");
                Err(Error::new(ErrorKind::Limit, text))
            }
            (Some(Type::Optional { inner }), value) => self.may_leave(*inner, value, path),
            (Some(Type::Asset { of, .. }), Value::Asset { value, .. }) => {
                self.may_leave(*of, value, &format!("{path}.value"))
            }
            (Some(Type::Record { fields, .. }), Value::Record { fields: values, .. }) => {
                fields.iter().zip(values.iter()).try_for_each(|(field, (name, value))| {
                    self.may_leave(field.ty, value, &format!("{path}.{name}"))
                })
            }
            (Some(Type::Enum { variants, .. }), Value::Variant { variant, payload, .. }) => {
                let known = variants.iter().find(|known| known.name == *variant);
                let types = known.map_or(&[][..], |known| &known.payload);
                (0_usize..).zip(types.iter().zip(payload.iter())).try_for_each(
                    |(at, (ty, value))| {
                        self.may_leave(*ty, value, &format!("{path}.{variant}[{at}]"))
                    },
                )
            }
            (Some(Type::List { element, .. }), Value::List(values)) => {
                (0_usize..).zip(values.iter()).try_for_each(|(at, value)| {
                    self.may_leave(*element, value, &format!("{path}[{at}]"))
                })
            }
            (Some(Type::Map { key, value: ty, .. }), Value::Map(entries)) => {
                let mut all = (0_usize..).zip(entries.iter());
                all.clone().try_for_each(|(at, (value, _))| {
                    self.may_leave(*key, value, &format!("{path}[{at}]"))
                })?;
                all.try_for_each(|(at, (_, value))| {
                    self.may_leave(*ty, value, &format!("{path}[{at}]"))
                })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn action(&self, action: rye_compiler::hir::ActionId) -> &'p ActionSignature {
        let at = usize::try_from(action.0).unwrap_or(usize::MAX);
        // An index of the tree lies inside its table.
        self.package.actions.get(at).unwrap_or_else(|| &self.package.actions[0])
    }

    pub(super) fn duration_of(&self, amount: Amount<Duration>) -> Duration {
        match amount {
            Amount::Fixed(duration) => duration,
            Amount::Setting { id, least, .. } => match self.setting(id) {
                Value::Duration(duration) => duration,
                _ => least,
            },
        }
    }

    pub(super) fn retry_of(&self, retry: Attempts) -> Retry {
        let attempts = match retry.attempts {
            Amount::Fixed(attempts) => attempts,
            Amount::Setting { id, least, .. } => match self.setting(id) {
                Value::Int(attempts) => u8::try_from(attempts).unwrap_or(least),
                _ => least,
            },
        };
        Retry { attempts, backoff: self.duration_of(retry.backoff) }
    }

    fn wait_of(&mut self, locals: &mut Locals, wait: &'p Wait) -> Result<Duration, Stop> {
        match self.value(locals, &wait.value)? {
            Value::Duration(duration) => Ok(duration),
            _ => Ok(Duration::ZERO),
        }
    }

    /// `wait`
    pub(super) fn wait(&mut self, locals: &mut Locals, wait: &'p Wait) -> Result<(), Stop> {
        let span = self.wait_of(locals, wait)?;
        self.pay(10);
        let at = self.next_effect()?;
        if !self.is_dry() {
            self.cancelled_at(&at)?;
            self.linger(Duration(span.0.max(0)));
        }
        self.tell_story(story::waited(&at, &Ok(Value::None)));
        Ok(())
    }

    /// A person may end the run while the effect at `at` waits.
    pub(super) fn cancelled_at(&mut self, at: &Position) -> Result<(), Stop> {
        let Some(undo) = self.people.cancels(self.effect(at)) else { return Ok(()) };
        self.reach("a person cancels a run that waits");
        let word = Word::Cancel { undo };
        self.tell_story(story::person(&format!("{word:?}")));
        Err(self.end_by_person(word))
    }

    /// Looks whether a condition holds until it does (for long enough), or the time is
    /// over. Whether it did.
    pub(super) fn watch(&mut self, locals: &mut Locals, watch: &'p Watch) -> Result<bool, Stop> {
        let within = self.wait_of(locals, &watch.within)?;
        let end = self.until(within)?;
        let every = self.wait_of(locals, &watch.every)?;
        let length = match &watch.held {
            Some(held) => Some(self.wait_of(locals, held)?),
            None => None,
        };
        let mut held_until = length.map(|length| self.until(length)).transpose()?;
        self.pay(1);
        loop {
            let arguments = watch.arguments.iter().map(|local| locals.get(*local)).collect();
            self.pay(2);
            let holds = match self.call(watch.condition, arguments) {
                Ok(value) => value == Value::Bool(true),
                Err(Stop::Unanswered) => false,
                Err(stop) => return Err(stop),
            };
            let look = match held_until.filter(|_| holds) {
                None if holds => return Ok(true),
                held => self.look(every, end, held)?,
            };
            self.pay(if look == OVER { 1 } else { 2 });
            match look {
                OVER => return Ok(false),
                HELD | NOT_CHECKED => return Ok(true),
                _ => {}
            }
            if let (false, Some(length)) = (holds, length) {
                // It holds from the next look on at best.
                held_until = Some(self.until(length)?);
            }
            self.pay(1);
        }
    }

    /// The moment so long after now.
    fn until(&mut self, span: Duration) -> Result<Time, Stop> {
        self.pay(10);
        let at = self.next_effect()?;
        let end = self.now.saturating_add(span);
        self.tell_story(story::waited(&at, &Ok(Value::Time(end))));
        Ok(end)
    }

    /// Pauses until the next look, if there is one.
    fn look(&mut self, every: Duration, end: Time, held: Option<Time>) -> Result<i64, Stop> {
        self.pay(10);
        let at = self.next_effect()?;
        let look = if self.is_dry() {
            NOT_CHECKED
        } else if held.is_some_and(|held| self.now >= held) {
            HELD
        } else if self.now >= end {
            OVER
        } else {
            self.cancelled_at(&at)?;
            let next = self.now.saturating_add(every).min(end);
            let next = held.map_or(next, |held| next.min(held));
            self.pass(next.saturating_since(self.now));
            AGAIN
        };
        self.tell_story(story::waited(&at, &Ok(Value::Int(look))));
        Ok(look)
    }
}

/// What is wanted of the world, or why it can't be.
pub(super) type Wanted<T> = Result<T, Unwanted>;

/// Why something is not wanted of the world after all.
#[derive(Debug)]
pub(super) enum Unwanted {
    /// An argument has no value.
    Stop(Stop),
    /// A value can't leave the playbook.
    Error(Error),
}

/// In monitor mode the mode is the first word that people read.
fn marked(notice: Notice) -> Notice {
    let mark = |(name, value): &(Name, Value)| match value {
        Value::Text(text) if **name == *"text" => {
            (name.clone(), Value::text(format!("monitor: {text}")))
        }
        other => (name.clone(), other.clone()),
    };
    let arguments = notice.call.arguments.iter().map(mark).collect();
    Notice { call: Call { arguments, ..notice.call }, ..notice }
}
