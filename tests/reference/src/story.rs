//! What both interpreters say of a run, as lines that can be compared and read.
//!
//! Nothing in it is a time, but for lengths that the playbook itself names: the two count
//! milliseconds differently. Effects are named by their places.

use rye_core::adapter::{Ending, Request};
use rye_core::effect::{Act, Call, Notice, Position};
use rye_core::error::Error;
use rye_core::question::Question;
use rye_core::value::Value;

/// What happened in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What the journal says of the run, in order, up to its end.
    pub events: Vec<String>,
    /// What adapters were handed for the run, in order, and what they answered; but for
    /// undos.
    pub requests: Vec<String>,
    /// What people were told, with every attempt at the delivery, by place.
    pub deliveries: Vec<String>,
    /// What was let go of beside the run, because a life ended, or after its end, and
    /// what adapters were handed for any undo, in the order of the words.
    pub beside: Vec<String>,
    /// How much was computed.
    pub fuel: u64,
    /// After how many events an effect begins to wait for a later one, if one does. From
    /// there on what takes it back goes on beside the run, and nobody says which of two is
    /// first: no more is compared.
    pub waits: Option<usize>,
    /// After how many events only chance says which of two is first.
    pub unsure: Option<usize>,
}

/// What an effect or a wait answered.
pub type Answer = Result<Value, Error>;

impl Story {
    /// The story, or its first events if no more can be compared.
    fn compared(&self, unsure: Option<usize>) -> Self {
        match [self.waits, unsure].into_iter().flatten().min() {
            None => self.clone(),
            Some(end) => {
                let events = self.events.iter().take(end).cloned().collect();
                Self { events, ..Self::default() }
            }
        }
    }

    /// The first line in which two stories differ, and where.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let unsure = self.unsure.or(other.unsure);
        self.compared(unsure).strict_difference(&other.compared(unsure))
    }

    /// From here on no more is compared, because an effect waits for a later one.
    pub fn wait_here(&mut self) {
        self.waits.get_or_insert(self.events.len());
    }

    fn strict_difference(&self, other: &Self) -> Option<String> {
        let parts = [
            ("event", &self.events, &other.events),
            ("request", &self.requests, &other.requests),
            ("delivery", &self.deliveries, &other.deliveries),
            ("beside", &self.beside, &other.beside),
        ];
        for (what, own, others) in parts {
            let length = own.len().max(others.len());
            let line = |lines: &[String], at: usize| {
                lines.get(at).cloned().unwrap_or_else(|| String::from("(nothing)"))
            };
            if let Some(at) = (0..length).find(|at| own.get(*at) != others.get(*at)) {
                let (own, others) = (line(own, at), line(others, at));
                return Some(format!("{what} {at}:\n  reference {own}\n  engine    {others}"));
            }
        }
        let (own, others) = (self.fuel, other.fuel);
        (own != others).then(|| format!("fuel: reference {own}, engine {others}"))
    }
}

/// For people.
impl std::fmt::Display for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            ("events", &self.events),
            ("requests", &self.requests),
            ("deliveries", &self.deliveries),
            ("beside", &self.beside),
        ];
        for (name, lines) in parts {
            writeln!(f, "{name}:")?;
            for line in lines {
                writeln!(f, "  {line}")?;
            }
        }
        writeln!(f, "fuel: {}", self.fuel)
    }
}

fn said(answer: &Answer) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("error {error}"),
    }
}

fn settled(answer: Option<&Answer>) -> String {
    answer.map_or_else(|| String::from("open"), said)
}

/// A query was answered.
pub fn asked(at: &Position, call: &Call, attempts: u8, answer: &Answer) -> String {
    let answer = match answer {
        // When that began is a time.
        Ok(Value::List(held)) if call.action.starts_with("std.effects") => {
            let shown = |held: &Value| {
                let parts = ["hold", "action", "on", "stuck"].map(|part| held.field(part).cloned());
                format!("{parts:?}")
            };
            held.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        other => said(other),
    };
    format!("{at} asked {call} {attempts} times: {answer}")
}

/// In a dry mode: what would have been done.
pub fn simulated(at: &Position, act: &Act, looked: Option<&str>, answer: &Answer) -> String {
    format!("{at} simulated {act:?}, looked {looked:?}: {}", said(answer))
}

/// A guardrail said no.
pub fn refused(at: &Position, call: &Call, answer: &Answer) -> String {
    format!("{at} refused {call}: {}", said(answer))
}

/// The world was so already.
pub fn already_so(at: &Position, act: &Act, joined: bool, answer: &Answer) -> String {
    format!("{at} already so {}, joined {joined}: {}", act.call, said(answer))
}

/// An act is about to be done.
pub fn intent(at: &Position, act: &Act) -> String {
    format!("{at} intent {act:?}")
}

/// It is about to be tried again.
pub fn attempted(at: &Position, attempt: u8) -> String {
    format!("{at} attempt {attempt}")
}

/// How an attempt ended.
pub fn outcome(
    at: &Position,
    attempt: u8,
    ending: &Ending,
    stands: bool,
    answer: Option<&Answer>,
) -> String {
    format!("{at} outcome {attempt} {ending:?} stands {stands}: {}", settled(answer))
}

/// What the world showed of an act.
pub fn probed(at: &Position, verdict: &str, stands: bool, answer: Option<&Answer>) -> String {
    format!("{at} probed {verdict} stands {stands}: {}", settled(answer))
}

/// People are told something.
pub fn told(at: &Position, notice: &Notice) -> String {
    format!("{at} told {notice:?}")
}

/// How an attempt at a delivery ended.
pub fn delivered(at: &Position, attempt: u8, ending: &Ending, last: bool) -> String {
    format!("{at} delivery {attempt} {ending:?} last {last}")
}

/// A wait, the beginning of a watch, or a look is over.
pub fn waited(at: &Position, answer: &Answer) -> String {
    match answer {
        Ok(Value::Time(_)) => format!("{at} watches"),
        Ok(Value::Int(look)) => format!("{at} looked: {look}"),
        other => format!("{at} waited: {}", said(other)),
    }
}

/// People are asked.
pub fn requested(at: &Position, question: &Question) -> String {
    format!("{at} asks people {question:?}")
}

/// A question is decided.
pub fn decided(at: &Position, how: &str, answer: &Answer) -> String {
    format!("{at} decided by {how}: {}", said(answer))
}

/// An error left the frames around it.
pub fn raised(error: &Error, at: &Position, undo: Option<&Position>, then: &str) -> String {
    let undo = undo.map_or_else(|| String::from("nothing"), ToString::to_string);
    format!("raised {error} at {at}, undo {undo}, then {then}")
}

/// The run waits for a person.
pub fn held(reason: &str) -> String {
    format!("held: {reason}")
}

/// A person said something.
pub fn person(what: &str) -> String {
    format!("a person says {what}")
}

/// Something is let go of, and nothing has to be done.
pub fn let_go(at: &Position, why: &str, how: &str) -> String {
    format!("{at} let go for {why}: {how}")
}

/// Something is let go of once a later effect on the same is gone.
pub fn waits(at: &Position, why: &str, later: &Position) -> String {
    format!("{at} let go for {why}, and waits for {later}")
}

/// An undo is about to be tried.
pub fn undo(at: &Position, why: &str, first: &Position, attempt: u8, call: &Call) -> String {
    format!("{at} undo for {why} of {first}, attempt {attempt}: {call}")
}

/// How an attempt at an undo ended.
pub fn undo_outcome(at: &Position, attempt: u8, ending: &Ending, result: &str) -> String {
    format!("{at} undo {attempt} ended {ending:?}: {result}")
}

/// The run is over.
pub fn ended(outcome: &str, text: &str) -> String {
    format!("ended {outcome}: {text:?}")
}

/// What an adapter was handed, and what it answered.
pub fn request(purpose: &str, request: &Request, ending: &Ending) -> String {
    let Request { call, key, undoes, attempt, timeout, .. } = request;
    let undoes = undoes.map_or_else(String::new, |key| format!(" undoes {key}"));
    format!("{purpose} {call} attempt {attempt} in {timeout} as {key}{undoes}: {ending:?}")
}
