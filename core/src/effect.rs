//! The boundary between the machine and the world, as plain data: what the
//! machine asks for ([`Effect`]), and where in the program it stands
//! ([`Position`]).
//!
//! Everything that is needed to carry out, prove and take back an act is
//! computed before it and stands in the effect, so that no bytecode has to run
//! afterwards.

use core::fmt;
use std::sync::Arc;

use crate::action::{Audience, Retry};
use crate::canonical;
use crate::digest::{Digest, HOLDING, SUBJECT};
use crate::id::{EffectId, RunId};
use crate::impact::Impact;
use crate::question::{Approval, Question};
use crate::value::{Duration, Name, Value};
use crate::wire::{Reader, WireError, Writer};

/// What a step of a position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// A `stage`.
    Stage,
    /// An `attempt`.
    Attempt,
    /// The `recover` of an attempt.
    Recover,
    /// A `keep`.
    Keep,
    /// The call of a task.
    Task,
    /// A branch of `parallel`.
    Branch,
    /// A round of an `each` with effects.
    Round,
    /// An `approve`.
    Approval,
    /// Not a frame: the effect itself, always the last step.
    Effect,
}

impl StepKind {
    const ALL: [Self; 9] = [
        Self::Stage,
        Self::Attempt,
        Self::Recover,
        Self::Keep,
        Self::Task,
        Self::Branch,
        Self::Round,
        Self::Approval,
        Self::Effect,
    ];

    /// The number that stands for the kind in formats.
    pub fn code(self) -> u8 {
        match self {
            Self::Stage => 0,
            Self::Attempt => 1,
            Self::Recover => 2,
            Self::Keep => 3,
            Self::Task => 4,
            Self::Branch => 5,
            Self::Round => 6,
            Self::Approval => 7,
            Self::Effect => 8,
        }
    }

    /// The kind with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Attempt => "attempt",
            Self::Recover => "recover",
            Self::Keep => "keep",
            Self::Task => "task",
            Self::Branch => "branch",
            Self::Round => "round",
            Self::Approval => "approve",
            Self::Effect => "effect",
        }
    }
}

/// One step from a frame into what it contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the step leads into.
    pub kind: StepKind,
    /// The how-manieth frame or effect of the surrounding frame it is, from 0.
    pub ordinal: u32,
}

/// The place of a frame or an effect in one run: the steps from the playbook's
/// own frame down. The playbook's frame is the empty position.
///
/// The order of positions is program order: of two effects, the one that the
/// program reached later is the greater.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Position(pub Vec<Step>);

impl Position {
    /// Whether this place lies in `frame`, or is it.
    pub fn is_within(&self, frame: &Self) -> bool {
        self.0.starts_with(&frame.0)
    }

    /// The frame around this place; `None` for the playbook's own.
    pub fn parent(&self) -> Option<Self> {
        let (_, steps) = self.0.split_last()?;
        Some(Self(steps.to_vec()))
    }

    /// The canonical bytes: per step its kind and its ordinal.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        for step in &self.0 {
            writer.u8(step.kind.code());
            writer.u32(step.ordinal);
        }
        writer.into_bytes()
    }

    /// The place with these canonical bytes.
    ///
    /// # Errors
    /// When they are not whole steps of known kinds.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let mut steps = Vec::new();
        while !reader.is_empty() {
            let unknown = reader.error("a step is of an unknown kind");
            let kind = StepKind::from_code(reader.u8()?).ok_or(unknown)?;
            steps.push(Step { kind, ordinal: reader.u32()? });
        }
        Ok(Self(steps))
    }

    /// The id of the effect at this place of `run`.
    pub fn effect_id(&self, run: RunId) -> EffectId {
        EffectId::derive(run, &self.encode())
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        let ordinals =
            |position: &Self| position.0.iter().map(|step| step.ordinal).collect::<Vec<_>>();
        ordinals(self).cmp(&ordinals(other)).then_with(|| self.encode().cmp(&other.encode()))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("playbook");
        }
        for (index, step) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "/" };
            write!(f, "{separator}{}.{}", step.kind.word(), step.ordinal)?;
        }
        Ok(())
    }
}

/// A verb with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The full name of the action, query or notice.
    pub action: Name,
    /// In the order of the declaration.
    pub arguments: Arc<[(Name, Value)]>,
}

impl Call {
    /// The argument called `name`.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find_map(|(key, value)| (**key == *name).then_some(value))
    }

    /// Appends the canonical bytes.
    pub fn write(&self, writer: &mut Writer) {
        writer.text(&self.action);
        writer.count(self.arguments.len());
        for (name, value) in self.arguments.iter() {
            writer.text(name);
            canonical::write(writer, value);
        }
    }

    /// Reads what [`Call::write`] wrote.
    ///
    /// # Errors
    /// When the bytes are nothing that it writes.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let action = Name::from(reader.text(256)?);
        let mut arguments = Vec::new();
        for _ in 0..reader.u32()? {
            let name = Name::from(reader.text(256)?);
            arguments.push((name, canonical::read(reader)?));
        }
        Ok(Self { action, arguments: arguments.into() })
    }
}

/// `name(argument: value, …)`, texts in quotes, for people.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.action)?;
        for (index, (name, value)) in self.arguments.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            match value {
                Value::Text(text) => write!(f, "{separator}{name}: {text:?}")?,
                other => write!(f, "{separator}{name}: {other}")?,
            }
        }
        f.write_str(")")
    }
}

/// A look at the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What is asked.
    pub call: Call,
    /// Per attempt.
    pub timeout: Duration,
    /// How often.
    pub retry: Retry,
}

/// How the world shows an effect: a query, and the answer that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What is asked.
    pub query: Query,
    /// What is answered if the effect stands.
    pub expected: Value,
}

/// How an act is taken back, computed before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoPlan {
    /// By this call.
    Call {
        /// The undo's action and arguments.
        call: Call,
        /// Per attempt.
        timeout: Duration,
    },
    /// Nothing has to be taken back.
    None,
    /// It can't be taken back.
    Irreversible,
}

/// How long an effect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Until somebody takes it back.
    Open,
    /// Until so long after its outcome.
    For(Duration),
    /// Until a person releases it; no clock may end it.
    UntilReleased,
}

/// A change of the world, with everything that is needed to prove it and to
/// take it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What is done.
    pub call: Call,
    /// The assets that it changes, in the order of `affects`.
    pub affects: Vec<Value>,
    /// How it is taken back.
    pub undo: UndoPlan,
    /// How the world shows it: all of these.
    pub proof: Vec<Proof>,
    /// What is answered when nothing is really done.
    pub simulated: Value,
    /// How long it stands.
    pub life: Life,
    /// Within which time after its outcome the world must show it.
    pub verified: Option<Duration>,
    /// Per attempt.
    pub timeout: Duration,
    /// How often.
    pub retry: Retry,
    /// Whether an attempt of unknown end may be repeated under the same key.
    pub idempotent: bool,
    /// How much it may hurt.
    pub impact: Impact,
    /// Which yes stands behind it, where it needs one.
    pub approval: Option<Approval>,
}

impl Act {
    /// What is held when this was done: equal for every act that does the same to the
    /// same things, so that the world shows both in the same way.
    pub fn holding(&self) -> Digest {
        let mut writer = self.on_its_assets();
        for proof in &self.proof {
            proof.query.call.write(&mut writer);
            canonical::write(&mut writer, &proof.expected);
        }
        Digest::derive(HOLDING, &[&writer.into_bytes()])
    }

    /// What is changed when this was done: equal for every act of this kind on the same
    /// things, also where the world shows something else after it.
    pub fn subject(&self) -> Digest {
        Digest::derive(SUBJECT, &[&self.on_its_assets().into_bytes()])
    }

    /// The action and the assets, as bytes to go on with.
    fn on_its_assets(&self) -> Writer {
        let mut writer = Writer::new();
        writer.text(&self.call.action);
        for value in &self.affects {
            canonical::write(&mut writer, value);
        }
        writer
    }
}

/// The notice by which the engine itself tells a site's operators something. No
/// interface declares it, so no playbook can.
pub const OPERATORS: &str = "std.notify.operators";

/// Words to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is told.
    pub call: Call,
    /// Whom.
    pub audience: Audience,
    /// Per attempt.
    pub timeout: Duration,
    /// How often.
    pub retry: Retry,
}

/// What the machine wants of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To read it.
    Ask(Query),
    /// To change it.
    Do(Box<Act>),
    /// To inform people; it doesn't wait for the delivery.
    Tell(Notice),
    /// To be told what people decide. An approval is answered with a list, for each box
    /// in its order what [`Decision::value`](crate::question::Decision::value) says; a
    /// choice with the value, or the error `expired`.
    Question(Box<Question>),
    /// To go on after a while.
    Wait(Duration),
    /// To know when a watch that lasts so long will end; answered at once.
    Watch(Duration),
    /// To look again after a pause; answered with whether there is time left.
    Look {
        /// How long to pause.
        every: Duration,
        /// When the watch ends, as [`Effect::Watch`] answered.
        until: crate::value::Time,
        /// Until when what is looked at has to hold, if only that ends the wait.
        held: Option<crate::value::Time>,
    },
}
