//! The world that both interpreters act on: what is blocked, suspended, opened and
//! counted, and what it answers instead of the truth.
//!
//! What it answers follows from its seed, from the key and the attempt of the request, and
//! from what was done in it: not from the order in which different effects ask.

use std::collections::BTreeMap;

use rye_core::adapter::{Ending, Request};
use rye_core::effect::Call;
use rye_core::error::ErrorKind;
use rye_core::id::IdempotencyKey;
use rye_core::value::{Name, Time, Value};

use crate::chance::Chance;
use crate::people::People;

/// A world.
#[derive(Clone, Debug)]
pub struct World {
    seed: u64,
    /// Of so many answers one is odd; of none if it is 0.
    one_in: u64,
    /// Whether the same question is always answered in the same way as long as nothing is
    /// done: then a death that asks it once more changes nothing.
    steady: bool,
    /// What is so, by the noun and what it is about, and under which key it was done.
    facts: BTreeMap<(&'static str, String), Fact>,
    /// How often each question was asked.
    asked: BTreeMap<(IdempotencyKey, u8, Name), u64>,
    loss: Option<Loss>,
}

/// What is known of an answer that nobody lived to hear.
pub const LOST: &str = "the answer was lost with the process";

/// An attempt whose answer nobody lives to hear.
#[derive(Clone, Debug)]
pub struct Loss {
    key: IdempotencyKey,
    attempt: u8,
    action: Name,
    /// How many equal attempts there are before it: people let an act be tried again.
    before: usize,
    /// Whether the world was asked before.
    done: bool,
}

impl Loss {
    /// The attempt that this request is.
    pub fn of(request: &Request, before: usize, done: bool) -> Self {
        let Request { call, key, attempt, .. } = request;
        Self { key: *key, attempt: *attempt, action: call.action.clone(), before, done }
    }

    fn is(&mut self, request: &Request) -> bool {
        let equal = (self.key, self.attempt) == (request.key, request.attempt)
            && self.action == request.call.action;
        let is_it = equal && self.before == 0;
        self.before = self.before.saturating_sub(usize::from(equal));
        is_it
    }
}

#[derive(Clone, Debug)]
struct Fact {
    key: IdempotencyKey,
    value: Value,
}

/// What an odd answer is.
enum Odd {
    Refused(ErrorKind, bool),
    NotSent,
    Lost,
    Nonsense,
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed, &[b"world"]);
        let one_in = match chance.below(6) {
            0 => 0,
            1 => 20,
            2 => 8,
            3 => 4,
            4 => 3,
            _ => 2,
        };
        let steady = chance.below(2) == 0;
        Self { seed, one_in, steady, facts: BTreeMap::new(), asked: BTreeMap::new(), loss: None }
    }

    /// Those who live in it.
    pub fn people(&self) -> People {
        People { seed: self.seed }
    }

    /// Whether it always answers the truth.
    pub fn is_calm(&self) -> bool {
        self.one_in == 0
    }

    /// The answer to this attempt is lost with the process.
    pub fn loses(&mut self, loss: Option<Loss>) {
        self.loss = loss;
    }

    /// Whether the same question is always answered in the same way.
    pub fn is_steady(&self) -> bool {
        self.steady
    }

    /// Carries out a request.
    pub fn answer(&mut self, request: &Request) -> Ending {
        match self.loss.take_if(|loss| loss.is(request)) {
            None => self.said(request),
            Some(loss) => {
                if loss.done {
                    self.said(request);
                }
                Ending::Unknown(LOST.into())
            }
        }
    }

    /// What it says, true or odd.
    fn said(&mut self, request: &Request) -> Ending {
        let mut chance = self.chance(request);
        let is_odd = self.one_in > 0 && chance.below(self.one_in) == 0;
        if !is_odd {
            return self.deed(request);
        }
        let takes_effect = chance.below(2) == 0;
        let kinds =
            [ErrorKind::Denied, ErrorKind::Rejected, ErrorKind::Conflict, ErrorKind::NotFound];
        let kind = usize::try_from(chance.below(4)).ok().and_then(|at| kinds.get(at).copied());
        let odd = match chance.below(10) {
            0..=2 => Odd::Refused(kind.unwrap_or(ErrorKind::Denied), false),
            3 => Odd::Refused(kind.unwrap_or(ErrorKind::Denied), true),
            4..=6 => Odd::NotSent,
            7 | 8 => Odd::Lost,
            _ => Odd::Nonsense,
        };
        let text = format!("odd {}", chance.below(3));
        match odd {
            Odd::NotSent => return Ending::NotSent(text.into()),
            Odd::Refused(kind, false) => return Ending::refused(kind, text),
            Odd::Refused(_, true) | Odd::Lost | Odd::Nonsense => {}
        }
        if takes_effect {
            let truth = self.deed(request);
            // What others did before is no lie about who did it.
            if matches!(truth, Ending::AlreadySo(_)) && matches!(odd, Odd::Nonsense) {
                return truth;
            }
        }
        match odd {
            Odd::Refused(kind, _) => {
                Ending::Refused { error: rye_core::error::Error::new(kind, text), perhaps: true }
            }
            Odd::Nonsense if takes_effect => Ending::Done(Value::Bytes([1, 2].into())),
            _ => Ending::Unknown(text.into()),
        }
    }

    fn chance(&mut self, request: &Request) -> Chance {
        let place = (request.key, request.attempt, request.call.action.clone());
        let times = self.asked.entry(place).or_default();
        let times_now = if self.steady { 0 } else { *times };
        *times += 1;
        let words: [&[u8]; 4] = [
            &request.key.0,
            &[request.attempt],
            request.call.action.as_bytes(),
            &times_now.to_be_bytes(),
        ];
        Chance::new(self.seed, &words)
    }

    /// What the request brings about.
    fn deed(&mut self, request: &Request) -> Ending {
        let Request { call, key, undoes, .. } = request;
        let verb = call.action.rsplit('.').next().unwrap_or_default();
        let target = call.arguments.first().map_or_else(String::new, |(_, of)| of.to_string());
        match verb {
            "block" => self.make("blocked", target, *key, Value::Bool(true), Value::None),
            "isolate" => {
                let name = Value::text(format!("port of {target}"));
                self.make("isolated", target, *key, name.clone(), name)
            }
            "suspend" => self.make("suspended", target, *key, Value::Bool(true), Value::None),
            "open_case" => {
                let number = Value::Int(i64::try_from(target.len()).unwrap_or(0) + 40);
                self.make("case", target, *key, number.clone(), number)
            }
            "scale" => {
                let count = call.argument("count").cloned().unwrap_or(Value::Int(0));
                self.facts.insert(("scale", target), Fact { key: *key, value: count });
                Ending::Done(Value::None)
            }
            "unblock" => self.unmake("blocked", &target, undoes.as_ref()),
            "join" => self.unmake("isolated", &target, undoes.as_ref()),
            "restore" => self.unmake("suspended", &target, undoes.as_ref()),
            "close_case" => self.unmake("case", &target, undoes.as_ref()),
            "watch" => {
                let how = ["server", "else"][target.len() % 2];
                self.make("watched", target, *key, use_of(how), use_of(how))
            }
            "unwatch" => self.unmake("watched", &target, undoes.as_ref()),
            "revoke" => Ending::Done(Value::Int(3)),
            "is_blocked" => Ending::Done(Value::Bool(self.is_so("blocked", &target))),
            "is_isolated" => Ending::Done(Value::Bool(self.is_so("isolated", &target))),
            "scale_of" => {
                let known = self.facts.get(&("scale", target)).map(|fact| fact.value.clone());
                Ending::Done(known.unwrap_or(Value::Int(2)))
            }
            _ => Ending::Done(self.look_up(verb, call, *key)),
        }
    }

    /// What a query that only reads is answered.
    fn look_up(&mut self, verb: &str, call: &Call, key: IdempotencyKey) -> Value {
        let times = *self.asked.get(&(key, 1, call.action.clone())).unwrap_or(&0);
        let times = if self.steady { 0 } else { times };
        let words: [&[u8]; 3] = [call.action.as_bytes(), &key.0, &times.to_be_bytes()];
        let mut chance = Chance::new(self.seed, &words);
        let small = |chance: &mut Chance| i64::try_from(chance.below(6)).unwrap_or(0);
        match verb {
            "flows" => Value::Int(small(&mut chance) / 2),
            "now" => Value::Time(Time(1_767_225_600_000_000 + small(&mut chance) * 1_000_000)),
            "name_of" if chance.below(3) == 0 => Value::None,
            "name_of" => Value::text(["ann", "bob", "Grüße"][usize::from(small(&mut chance) > 2)]),
            "packet" => {
                let how =
                    ["server", "desktop", "else"][usize::try_from(chance.below(3)).unwrap_or(0)];
                let length = if chance.below(2) == 0 { 0 } else { 20 };
                let raw = chance.bytes(length);
                packet(u16::try_from(chance.below(0x1_0000)).unwrap_or(0), &raw, how)
            }
            "secret_of" => Value::Secret(Name::from(format!("secret {}", chance.below(3)))),
            "items" => {
                let count = chance.below(6);
                Value::list((0..count).map(|_| item(&mut chance)))
            }
            _ => Value::None,
        }
    }

    fn make(
        &mut self,
        noun: &'static str,
        target: String,
        key: IdempotencyKey,
        value: Value,
        answer: Value,
    ) -> Ending {
        match self.facts.get(&(noun, target.clone())) {
            Some(fact) if fact.key != key => Ending::AlreadySo(fact_answer(fact, &answer)),
            _ => {
                self.facts.insert((noun, target), Fact { key, value });
                Ending::Done(answer)
            }
        }
    }

    /// What was done under another key is left alone.
    fn unmake(
        &mut self,
        noun: &'static str,
        target: &str,
        undoes: Option<&IdempotencyKey>,
    ) -> Ending {
        let place = (noun, String::from(target));
        match self.facts.get(&place) {
            Some(fact) if undoes.is_some_and(|key| *key != fact.key) => {
                Ending::AlreadySo(Value::None)
            }
            _ => {
                self.facts.remove(&place);
                Ending::Done(Value::None)
            }
        }
    }

    fn is_so(&self, noun: &'static str, target: &str) -> bool {
        self.facts.contains_key(&(noun, String::from(target)))
    }
}

/// What is answered where others did it: what they were answered, if that is anything.
fn fact_answer(fact: &Fact, answer: &Value) -> Value {
    if *answer == Value::None { Value::None } else { fact.value.clone() }
}

fn use_of(how: &str) -> Value {
    Value::Variant { name: Name::from("Use"), variant: Name::from(how), payload: [].into() }
}

/// A `Packet` of the generated programs.
pub(crate) fn packet(port: u16, raw: &[u8], how: &str) -> Value {
    let fields = [
        (Name::from("port"), Value::Port(port)),
        (Name::from("raw"), Value::Bytes(raw.into())),
        (Name::from("how"), use_of(how)),
    ];
    Value::Record { name: Name::from("Packet"), fields: fields.into() }
}

/// An `Item` of the generated programs.
fn item(chance: &mut Chance) -> Value {
    let text = |name: &str, value: Value| (Name::from(name), value);
    let size = i64::try_from(chance.below(9)).unwrap_or(0);
    let kind = match chance.below(3) {
        0 => ("plain", Vec::new()),
        1 => ("counted", vec![Value::Int(size)]),
        _ => ("named", vec![Value::text("bob"), Value::Int(size)]),
    };
    let variant = Value::Variant {
        name: Name::from("Kind"),
        variant: Name::from(kind.0),
        payload: kind.1.into(),
    };
    let ip = std::net::Ipv4Addr::new(10, 0, 0, u8::try_from(size).unwrap_or(0));
    let fields = [
        text("name", Value::text(format!("item {size}"))),
        text("size", Value::Int(size)),
        text("at", Value::Ip(ip.into())),
        text("tags", Value::list((0..size % 3).map(|tag| Value::text(format!("t{tag}"))))),
        text("mark", if size > 4 { Value::Int(-size) } else { Value::None }),
        text("kind", variant),
    ];
    Value::Record { name: Name::from("Item"), fields: fields.into() }
}
