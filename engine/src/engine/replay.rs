//! A run done again from its entries: its machine is rebuilt as recovery does it, and
//! what it wants at each entry is compared with what the entry says that it wanted.
//!
//! No rule is applied a second time and nothing is dispatched; whether the answers
//! themselves may stand there is the audit's question.

use std::sync::Arc;

use rye_bytecode::instruction::operand::Outcome;
use rye_core::digest::Digest;
use rye_core::effect::{Act, Effect, Life, Notice, Position, UndoPlan};
use rye_core::id::RunId;
use rye_core::mode::Mode;
use rye_vm::{AfterUnwind, Program, Yield};

use super::outbox::marked;
use super::{Budget, Engine, Site};
use crate::entry::{Body, Entry, HoldReason, RunOutcome, Then};
use crate::run::{Phase, Run};
use crate::words;

/// A run that is done again.
#[derive(Debug)]
pub struct Replay {
    engine: Engine,
    run: RunId,
    compared: usize,
}

/// Where a run goes another way than its entries say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What the entry says.
    pub journal: String,
    /// What the machine wants there.
    pub machine: String,
}

impl Replay {
    /// A run of a program, of which no entry was read yet.
    pub fn new(run: RunId, bundle: Digest, program: Arc<Program>, budget: Budget) -> Self {
        let mut engine = Engine::new(Site::default());
        engine.add_program(bundle, program, budget);
        Self { engine, run, compared: 0 }
    }

    /// Takes the next entry of the journal, of whichever run.
    ///
    /// # Errors
    /// The first difference; nothing that comes after it can be compared.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Difference> {
        let is_own = entry.run == self.run;
        if is_own {
            self.compare(entry)?;
        }
        self.engine.apply(entry);
        if is_own {
            self.engine.level(self.run).map_err(|reason| Difference {
                journal: words::of(&self.engine, entry),
                machine: match reason {
                    HoldReason::Fault(text) | HoldReason::Bundle(text) => text.to_string(),
                    _ => self.wanted(),
                },
            })?;
        }
        Ok(())
    }

    /// How many entries told what the machine wanted, and were compared with it.
    pub fn compared(&self) -> usize {
        self.compared
    }

    /// The run as its entries make it.
    pub fn run(&self) -> Option<&Run> {
        self.engine.runs().get(&self.run)
    }

    fn compare(&mut self, entry: &Entry) -> Result<(), Difference> {
        let fits = match self.current() {
            Some(wanted) => self.fits(entry, wanted),
            None => None,
        };
        if fits == Some(false) {
            let machine = self.wanted();
            return Err(Difference { journal: words::of(&self.engine, entry), machine });
        }
        self.compared = self.compared.saturating_add(usize::from(fits.is_some()));
        Ok(())
    }

    /// What the machine wants.
    fn current(&self) -> Option<&Yield> {
        self.engine.live.get(&self.run)?.current.as_deref()
    }

    fn wanted(&self) -> String {
        self.current().map_or_else(|| String::from("nothing"), shown)
    }

    /// Whether an entry says what the machine wants; nothing if it doesn't say.
    fn fits(&self, entry: &Entry, wanted: &Yield) -> Option<bool> {
        let is_running = self.run().is_some_and(|run| run.phase == Phase::Running);
        match &entry.body {
            Body::Raised { error, at, undo, then } => Some(matches!(
                wanted,
                Yield::Raised { error: raised, at: place, undo: frame, then: next }
                    if (raised, place, frame) == (error, at, undo) && is_same(next, then)
            )),
            Body::Benign { text } => Some(ends(wanted, Outcome::Benign, text)),
            // Other ends are those of people, or of an unwinding.
            Body::Ended { outcome, text } if is_running => {
                let outcome = match outcome {
                    RunOutcome::Finished => Outcome::Finished,
                    RunOutcome::Contained => Outcome::Contained,
                    RunOutcome::Escalated => Outcome::Escalated,
                    _ => return Some(false),
                };
                Some(ends(wanted, outcome, text))
            }
            Body::Held { reason: HoldReason::Fault(text) } => {
                Some(matches!(wanted, Yield::Fault(fault) if *fault.to_string() == **text))
            }
            body => {
                let place = &body.place()?.position;
                let mode = self.run().map_or(Mode::Shadow, Run::mode);
                Some(wants(wanted, place, body, mode))
            }
        }
    }
}

/// Whether the machine wants the effect at `place` that an entry is about.
fn wants(wanted: &Yield, place: &Position, body: &Body, mode: Mode) -> bool {
    let Yield::Effect { position, effect } = wanted else { return false };
    let same = match (effect, body) {
        (Effect::Ask(query), Body::Asked { call, .. }) => query.call == *call,
        (Effect::Do(act), Body::Refused { call, .. }) => act.call == *call,
        (Effect::Do(act), body) => body.act().is_some_and(|written| **act == *written),
        (Effect::Tell(told), Body::Told { notice, .. }) => as_written(told, mode) == *notice,
        (Effect::Question(asked), Body::Requested { question, .. }) => asked == question,
        (Effect::Wait(_) | Effect::Look { .. }, Body::Waiting { .. } | Body::Waited { .. })
        | (Effect::Watch(_), Body::Waited { .. }) => true,
        _ => false,
    };
    same && position == place
}

/// A notice as the mode has it written down.
fn as_written(notice: &Notice, mode: Mode) -> Notice {
    if mode == Mode::Monitor { marked(notice.clone()) } else { notice.clone() }
}

fn is_same(next: &AfterUnwind, then: &Then) -> bool {
    match (next, then) {
        (AfterUnwind::Recover, Then::Recover) | (AfterUnwind::End, Then::End) => true,
        (AfterUnwind::Hold(frame), Then::Hold(written)) => frame == written,
        _ => false,
    }
}

fn ends(wanted: &Yield, outcome: Outcome, text: &str) -> bool {
    matches!(wanted, Yield::Ended { outcome: ends, text: says } if *ends == outcome && **says == *text)
}

/// What the machine wants, for people.
fn shown(wanted: &Yield) -> String {
    match wanted {
        Yield::Effect { position, effect } => format!("{} (at {position})", effect_words(effect)),
        Yield::Raised { error, at, .. } => format!("fails with {error} (at {at})"),
        Yield::Ended { outcome, text } if text.is_empty() => format!("ends {}", outcome.word()),
        Yield::Ended { outcome, text } => format!("ends {}: {text}", outcome.word()),
        Yield::Fault(fault) => format!("faults: {fault}"),
    }
}

fn effect_words(effect: &Effect) -> String {
    match effect {
        Effect::Ask(query) => format!("asks {}", query.call),
        Effect::Do(act) => format!("does {}{}", act.call, beside(act)),
        Effect::Tell(notice) => format!("tells {}", notice.call),
        Effect::Question(question) => format!("asks people: {}", question.text),
        Effect::Wait(span) => format!("waits for {span}"),
        Effect::Watch(span) => format!("watches for {span}"),
        Effect::Look { every, .. } => format!("looks again after {every}"),
    }
}

/// What belongs to an act beside its call, as far as people must see it.
fn beside(act: &Act) -> String {
    let life = match act.life {
        Life::Open => String::new(),
        Life::For(span) => format!(" for {span}"),
        Life::UntilReleased => String::from(" until it is released"),
    };
    match &act.undo {
        UndoPlan::Call { call, .. } => format!("{life}, undone by {call}"),
        UndoPlan::None | UndoPlan::Irreversible => life,
    }
}
