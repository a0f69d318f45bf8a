//! Typed statements.

use rye_bytecode::instruction::operand::{OnFailure, Outcome};
use rye_core::value::{Duration, Name, Value};
use rye_grammar::span::Span;

use super::{ActionId, Amount, Approve, Ask, Attempts, Choose, Expr, FunctionId, LocalId};

/// Statements in order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Block {
    /// The statements.
    pub statements: Vec<Stmt>,
    /// Whether control never comes to the end: the last statement, or every path
    /// through it, returns, gives, fails or finishes.
    pub diverges: bool,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Its text.
    pub span: Span,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// Gives a local its value: `let`, `var` and `set` alike.
    Let {
        /// What is written.
        local: LocalId,
        /// The value, of the local's type.
        value: Expr,
    },
    /// A form in value position: its paths give the local its value.
    Value(Valued),
    /// The value of the [`StmtKind::Value`] around, or of this round of the
    /// [`Each::list`] around, which ever is nearer; goes on behind it.
    Give(Expr),
    /// Ends a function or task with a value of its result's type; of `Unit`, the
    /// constant `none`.
    Return(Expr),
    /// The first branch whose condition holds, else `otherwise`.
    If {
        /// In order, never empty.
        branches: Vec<Branch>,
        /// When no condition holds.
        otherwise: Option<Block>,
    },
    /// `match`
    Match(Match),
    /// `each`
    Each(Box<Each>),
    /// Asks a query; its error is raised unless there is a fallback.
    Ask {
        /// Where the answer goes.
        local: Option<LocalId>,
        /// Where it goes whether the answer was cut; only of a query that is declared
        /// with `first`, and false where the query fails.
        more: Option<LocalId>,
        /// The query.
        ask: Ask,
        /// The local's value when the query fails, evaluated only then. Without a
        /// local nobody reads it: it says only that a failure is ignored.
        fallback: Option<Expr>,
    },
    /// Performs an action; its error is raised.
    Do(Box<Do>),
    /// Does a task, in a frame of its own; its error is raised.
    Task(TaskCall),
    /// Informs people and goes on at once. The arguments are in the order of the
    /// parameters.
    Tell(Ask),
    /// `approve`, `approve each`
    Approve(Box<Approve>),
    /// `choose`
    Choose(Box<Choose>),
    /// `stage`
    Stage(Stage),
    /// `attempt`
    Attempt(Attempt),
    /// `keep`: what it did stays when a later step fails.
    Keep(Block),
    /// `ensure`: if it isn't true in time, the error `unverified`.
    Ensure(Watch),
    /// `wait until`
    WaitUntil(Box<WaitUntil>),
    /// `wait`
    Wait(Wait),
    /// Ends the run.
    Finish {
        /// How.
        outcome: Outcome,
        /// What is said about it; empty when nothing is.
        text: Expr,
    },
    /// Raises the error `failed` with a text.
    Fail(Expr),
}

/// A form in value position.
#[derive(Clone, Debug, PartialEq)]
pub struct Valued {
    /// What gets the value.
    pub local: LocalId,
    /// The form: each way through it gives, or ends the run.
    pub body: Block,
}

/// A condition with what runs when it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// When.
    pub condition: Condition,
    /// What.
    pub body: Block,
}

/// What `if` asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// `if e`: a `Bool`.
    Holds(Expr),
    /// `if let x = e`: a `T?`; `local` is its `T` in the branch's body.
    Some {
        /// What is unpacked.
        local: LocalId,
        /// What may be nothing.
        value: Expr,
    },
}

/// `match`: the first arm that fits, and one always does or `otherwise` is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What is looked at, once.
    pub value: Expr,
    /// In order.
    pub arms: Vec<Arm>,
    /// When no arm fits; missing only when the arms cover everything.
    pub otherwise: Option<Block>,
}

/// One arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Any of these, never empty. One that binds is alone.
    pub patterns: Vec<Pattern>,
    /// What runs.
    pub body: Block,
}

/// What fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// This alternative of the enum.
    Variant {
        /// Its index in the declaration.
        variant: u8,
        /// Where what it carries goes, in order; `None` for what isn't wanted. As
        /// long as the payload.
        bindings: Vec<Option<LocalId>>,
    },
    /// A value equal to this one.
    Constant(Value),
}

/// `each`, one round after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Each {
    /// The element or number of the round.
    pub local: LocalId,
    /// Over what.
    pub over: EachOver,
    /// More rounds are the error `limit` before the first one.
    pub max: Amount<u64>,
    /// One round.
    pub body: Block,
    /// Whether a round acts on the world (`do`): then it has a frame of its own.
    pub has_effects: bool,
    /// Where the list of what the rounds give goes; then each round gives a value.
    pub list: Option<LocalId>,
}

/// What `each` goes over.
#[derive(Clone, Debug, PartialEq)]
pub enum EachOver {
    /// A list's elements.
    List(Expr),
    /// `low .. high`, without `high`.
    Range {
        /// The first number, an `Int`.
        low: Expr,
        /// Behind the last number, an `Int`.
        high: Expr,
    },
}

/// An action with all that its declaration and the call say.
///
/// What happens, in this order: the arguments are bound to their locals; the
/// captures are asked; the arguments of `undo` (when they are the declaration's,
/// they refer to those locals alone) and of `proof`, the expected answers,
/// `simulated` and `life` are evaluated; then the action is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Do {
    /// Where the result goes.
    pub local: Option<LocalId>,
    /// Where what stands for the effect goes.
    pub hold: Option<LocalId>,
    /// What is done.
    pub action: ActionId,
    /// In the order of the parameters.
    pub arguments: Vec<Argument>,
    /// Asked right before, in order. Their errors are raised.
    pub captures: Vec<Capture>,
    /// How it is taken back.
    pub undo: Undo,
    /// How the world shows it: all of these.
    pub proof: Vec<Proof>,
    /// What is answered when nothing is really done; of the result's type (the
    /// constant `none` of type `Unit` without a result).
    pub simulated: Expr,
    /// How long it stands.
    pub life: Life,
    /// Within which time after its outcome the world must show it; only with a proof.
    pub verified: Option<Amount<Duration>>,
    /// Per attempt.
    pub timeout: Amount<Duration>,
    /// How often.
    pub retry: Attempts,
    /// Which of the effects that an `approve` around it lists this is.
    pub listed: Option<usize>,
}

/// `do TASK(…)`
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCall {
    /// Where what it returns goes.
    pub local: Option<LocalId>,
    /// A function of kind `Task`.
    pub task: FunctionId,
    /// In the order of its parameters.
    pub arguments: Vec<Expr>,
}

/// An argument and the local that the declaration's clauses know it by.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Of the parameter's type.
    pub local: LocalId,
    /// The value.
    pub value: Expr,
}

/// `capture NAME = QUERY(…)`
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Where the answer goes.
    pub local: LocalId,
    /// The query.
    pub ask: Ask,
}

/// How an action is taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// By another action.
    Call {
        /// The action.
        action: ActionId,
        /// In the order of its parameters.
        arguments: Vec<Expr>,
    },
    /// Nothing has to be taken back.
    None,
    /// It can't be.
    Irreversible,
}

/// A query and the answer that shows an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// What is asked.
    pub ask: Ask,
    /// What is answered if the effect stands; of the query's result type.
    pub expected: Expr,
}

/// How long an effect stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Life {
    /// Until somebody takes it back.
    Open,
    /// For so long, a `Duration`.
    For(Expr),
    /// Until a person releases it.
    UntilReleased,
}

/// `stage`
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: Name,
    /// What a failure does; `Inherit` without a clause of its own. The life of a stage
    /// stands at its effects.
    pub on_failure: OnFailure,
    /// What it does.
    pub body: Block,
}

/// `attempt … recover`
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What is tried.
    pub body: Block,
    /// The error in `recover`.
    pub error: LocalId,
    /// What runs after a failure, when the body's effects are undone.
    pub recover: Block,
}

/// A condition that is looked at until it holds or a time is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// A function of kind `Condition` that gives a `Bool`.
    pub condition: FunctionId,
    /// Its arguments: the locals that the condition reads.
    pub arguments: Vec<LocalId>,
    /// Between two looks; positive.
    pub every: Wait,
    /// It must be true at every look for that long; at one look if this is missing.
    pub held: Option<Wait>,
    /// Until the last look.
    pub within: Wait,
}

/// `wait until`
#[derive(Clone, Debug, PartialEq)]
pub struct WaitUntil {
    /// What is waited for.
    pub watch: Watch,
    /// What runs when the time is over; the error `timeout` if there is nothing.
    pub otherwise: Option<Block>,
}

/// A time that may come from a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// A `Duration`.
    pub value: Expr,
    /// The least that it can be, for numbers of looks.
    pub min: Duration,
    /// The most that it can be: what the worst case counts.
    pub max: Duration,
}

impl Watch {
    /// How often it looks at most: once at the start, then after every pause that the
    /// time has room for; and once more wherever it may have held long enough.
    pub fn looks(&self) -> u64 {
        let times = |length: Duration| {
            let (within, length) = (self.within.max.0.max(0), length.0.max(1));
            within.saturating_add(length.saturating_sub(1)) / length
        };
        let held = self.held.as_ref().map_or(0, |held| times(held.min));
        let pauses = times(self.every.min).saturating_add(held);
        u64::try_from(pauses).unwrap_or(0).saturating_add(1)
    }
}
