//! The compiled form of a package: tables that refer to each other by index,
//! and the functions' code.
//!
//! A module says nothing about who may run it, when, or in which mode: that is
//! the manifest's. Whatever it claims, the verifier proves again.

pub mod question;

use rye_core::action::{ActionSignature, Retry};
use rye_core::ty::{TypeId, TypeTable};
use rye_core::value::{Duration, Name, Value};

use crate::instruction::Instruction;
use crate::instruction::operand::{self, OnFailure, Register};
use question::Question;

/// All that a bundle's code sections hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// Every type that anything below refers to.
    pub types: TypeTable,
    /// Values that code loads.
    pub constants: Vec<Constant>,
    /// Values that a site may set within a range.
    pub settings: Vec<Setting>,
    /// Who can be asked.
    pub roles: Vec<Role>,
    /// The actions, queries and notices that the code can call, ascending by
    /// name: the capabilities that a signer must hold.
    pub actions: Vec<ActionSignature>,
    /// Calls of those, with all that was fixed at the call.
    pub sites: Vec<Site>,
    /// What people are asked.
    pub questions: Vec<Question>,
    /// Code.
    pub functions: Vec<Function>,
    /// What can be run.
    pub playbooks: Vec<Playbook>,
    /// Where the code came from; never trusted, and without effect on a run.
    pub debug: Debug,
}

/// A value that code loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its type.
    pub ty: TypeId,
    /// Its value, which fits the type.
    pub value: Value,
}

/// A value that a site may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the site's configuration, with the module's in front.
    pub name: Name,
    /// A scalar.
    pub ty: TypeId,
    /// Where the site sets none.
    pub default: Value,
    /// The smallest and the largest value, both allowed; any if there is none.
    pub range: Option<(Value, Value)>,
}

/// Who can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name in the trust root.
    pub name: Name,
    /// What it is, for people.
    pub description: Name,
}

/// A call of an action, query or notice. The registers are those of the
/// function whose instruction names the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// Of a query.
    Ask(AskSite),
    /// Of an action.
    Do(Box<DoSite>),
    /// Of a notice.
    Tell(AskSite),
}

/// A call with its arguments and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskSite {
    /// What is called.
    pub action: operand::Action,
    /// In the order of the parameters.
    pub arguments: Box<[Register]>,
    /// Per attempt.
    pub timeout: Amount<Duration>,
    /// How often.
    pub retry: Attempts,
}

/// A number or a length of time: written out, or what a site chooses within a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount<T> {
    /// This.
    Fixed(T),
    /// The value of a setting that has a range.
    Setting(operand::Setting),
}

/// How often a call is attempted, and the pause before the second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// At most so often.
    pub attempts: Amount<u8>,
    /// Doubled before each further one.
    pub backoff: Amount<Duration>,
}

/// A call of an action, with everything that proves it and takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoSite {
    /// What is done, with its time and its attempts.
    pub call: AskSite,
    /// How it is taken back.
    pub undo: UndoSite,
    /// How the world shows it: all of these.
    pub proof: Vec<ProofSite>,
    /// What is answered when nothing is really done; of the result's type.
    pub simulated: Register,
    /// How long it stands.
    pub life: LifeSite,
    /// Within which time after its outcome the world must show it.
    pub verified: Option<Amount<Duration>>,
}

/// How an action is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoSite {
    /// By another action, with these arguments.
    Call {
        /// The action.
        action: operand::Action,
        /// In the order of its parameters.
        arguments: Box<[Register]>,
    },
    /// Nothing has to be taken back.
    None,
    /// It can't be.
    Irreversible,
}

/// A query and the answer that shows an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofSite {
    /// What is asked.
    pub query: AskSite,
    /// What is answered if the effect stands.
    pub expected: Register,
}

/// How long an effect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeSite {
    /// Until somebody takes it back.
    Open,
    /// For the `Duration` in this register.
    For(Register),
    /// Until a person releases it.
    UntilReleased,
}

/// What a function may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// Compute.
    Pure,
    /// Compute and ask: the condition of a wait.
    Condition,
    /// Everything: the body of a playbook.
    Playbook,
    /// Everything but to end the run: a part of playbooks, in a frame of its own.
    Task,
}

/// Code with its registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// For people.
    pub name: Name,
    /// What it may do.
    pub kind: FunctionKind,
    /// How many of the registers, from the first, are its parameters.
    pub parameters: u8,
    /// What it gives.
    pub result: TypeId,
    /// The one type that each register has for the whole body.
    pub registers: Vec<TypeId>,
    /// The body.
    pub code: Vec<Instruction>,
}

/// What can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// Its name.
    pub name: Name,
    /// Its body, of kind [`FunctionKind::Playbook`]; the result is `Unit`.
    pub function: operand::Function,
    /// The names of the parameters, in order.
    pub parameters: Vec<Name>,
    /// How bad it is when it is needed.
    pub severity: Severity,
    /// After which it holds.
    pub deadline: Amount<Duration>,
    /// What a failure that nobody recovers does; `Inherit` only where the body has
    /// no effects.
    pub on_failure: OnFailure,
    /// How many different assets of each kind it may touch, ascending by kind.
    pub limits: Vec<(Name, Amount<u64>)>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody should look at it some day.
    Low,
    /// Somebody should look at it today.
    Medium,
    /// Somebody should look at it now.
    High,
    /// Everybody should.
    Critical,
}

/// Where the code came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debug {
    /// The paths of the sources, as their author named them.
    pub files: Vec<Name>,
    /// Per function: the instructions at which another line begins, ascending.
    pub lines: Vec<Vec<Line>>,
}

/// From this instruction on, the code is of this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The instruction.
    pub instruction: u16,
    /// The file, by index.
    pub file: u16,
    /// The line, from 1.
    pub line: u32,
}

impl Module {
    /// The least and the most that an amount can be; `None` for a setting that is of
    /// another type, or has no range.
    pub fn range<T: Choosable>(&self, amount: Amount<T>) -> Option<(T, T)> {
        match amount {
            Amount::Fixed(fixed) => Some((fixed, fixed)),
            Amount::Setting(setting) => {
                let setting = self.settings.get(usize::from(setting.0))?;
                let (least, most) = setting.range.as_ref()?;
                Some((T::from_value(least)?, T::from_value(most)?))
            }
        }
    }

    /// The least and the most time and attempts of a call.
    pub fn attempts(&self, call: &AskSite) -> Option<[(Duration, Retry); 2]> {
        let (timeout, most_timeout) = self.range(call.timeout)?;
        let (attempts, most_attempts) = self.range(call.retry.attempts)?;
        let (backoff, most_backoff) = self.range(call.retry.backoff)?;
        let least = Retry { attempts, backoff };
        let most = Retry { attempts: most_attempts, backoff: most_backoff };
        Some([(timeout, least), (most_timeout, most)])
    }
}

impl<T: Choosable> Amount<T> {
    /// What it is where the settings are these, one per setting of the module; `None` if
    /// they are not.
    pub fn chosen(self, settings: &[Value]) -> Option<T> {
        match self {
            Self::Fixed(fixed) => Some(fixed),
            Self::Setting(setting) => T::from_value(settings.get(usize::from(setting.0))?),
        }
    }
}

/// An amount that a site can choose.
pub trait Choosable: Copy {
    /// The amount that a setting's value is; `None` if it is of another type, or out of
    /// range.
    fn from_value(value: &Value) -> Option<Self>;

    /// The amount that a setting of the right type is, by its number; `None` if that is
    /// out of range.
    fn from_number(number: i64) -> Option<Self>;
}

impl Choosable for Duration {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Duration(length) = value { Some(*length) } else { None }
    }

    fn from_number(number: i64) -> Option<Self> {
        Some(Self(number))
    }
}

macro_rules! choosable_counts {
    ($($count:ty),*) => {$(
        impl Choosable for $count {
            fn from_value(value: &Value) -> Option<Self> {
                if let Value::Int(count) = value { Self::from_number(*count) } else { None }
            }

            fn from_number(number: i64) -> Option<Self> {
                Self::try_from(number).ok()
            }
        }
    )*};
}

choosable_counts!(u8, u64);

impl From<Retry> for Attempts {
    fn from(Retry { attempts, backoff }: Retry) -> Self {
        Self { attempts: Amount::Fixed(attempts), backoff: Amount::Fixed(backoff) }
    }
}

impl Site {
    /// What is called, with its arguments.
    pub fn call(&self) -> &AskSite {
        match self {
            Self::Ask(call) | Self::Tell(call) => call,
            Self::Do(site) => &site.call,
        }
    }

    /// Hands every register that the call reads to `visit`.
    pub fn registers(&self, mut visit: impl FnMut(Register)) {
        self.call().arguments.iter().copied().for_each(&mut visit);
        let Self::Do(site) = self else { return };
        if let UndoSite::Call { arguments, .. } = &site.undo {
            arguments.iter().copied().for_each(&mut visit);
        }
        for proof in &site.proof {
            proof.query.arguments.iter().copied().for_each(&mut visit);
            visit(proof.expected);
        }
        visit(site.simulated);
        if let LifeSite::For(life) = site.life {
            visit(life);
        }
    }
}

impl FunctionKind {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Pure, Self::Condition, Self::Playbook, Self::Task];

    /// The number that stands for it in formats.
    pub fn code(self) -> u8 {
        match self {
            Self::Pure => 0,
            Self::Condition => 1,
            Self::Playbook => 2,
            Self::Task => 3,
        }
    }

    /// The one with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether it may change the world.
    pub fn acts(self) -> bool {
        matches!(self, Self::Playbook | Self::Task)
    }

    /// Its word in assembler.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Condition => "condition",
            Self::Playbook => "playbook",
            Self::Task => "task",
        }
    }

    /// The one with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Severity {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The number that stands for it in formats.
    pub fn code(self) -> u8 {
        match self {
            Self::Low => 0,
            Self::Medium => 1,
            Self::High => 2,
            Self::Critical => 3,
        }
    }

    /// The one with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Its word in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The one with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.word() == word)
    }
}
