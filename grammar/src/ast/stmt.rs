//! Statements: `let`, `do`, `stage`, `approve`, `wait`, `finish` and the rest.

use super::{Call, CallClause, Count, Expr, Interval, Name, Path, Pattern, Spanned, Text, Undo};
use crate::span::Span;

/// `{ … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The statements in order, broken ones included.
    pub statements: Vec<Stmt>,
    /// With the braces.
    pub span: Span,
    /// Levels below and with this one.
    pub(crate) depth: usize,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: Box<StmtKind>,
    /// Its text.
    pub span: Span,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `severity high`; where it may stand is for the checker, as for the next three.
    Severity(Name),
    /// `deadline 45m`
    Deadline(Interval),
    /// `limit Account 1`
    Limit {
        /// The kind of asset.
        asset: Path,
        /// How many different ones at most.
        count: Count,
    },
    /// `on failure hold`
    OnFailure(Name),
    /// `let name = …`
    Let(Let),
    /// `return …`; without a value it is the last statement of its block.
    Return(Option<Init>),
    /// `give …`: the value of the block that it stands in.
    Give(Init),
    /// `var name = EXPR`, in a function.
    Var {
        /// The variable's name.
        name: Name,
        /// Its first value.
        value: Box<Expr>,
    },
    /// `set name = EXPR`, in a function.
    Set {
        /// The variable's name.
        name: Name,
        /// Its next value.
        value: Box<Expr>,
    },
    /// One of the forms that may also stand right of `let`. Never `choose`.
    Form(Box<Form>),
    /// `tell notice(…)`
    Tell(Call),
    /// `finish contained "text"`
    Finish {
        /// How the run ends.
        outcome: Name,
        /// What is said about it.
        text: Option<Text>,
    },
    /// `fail "text"`
    Fail(Text),
    /// `stage name for D { … }`
    Stage(Stage),
    /// `keep { … }`
    Keep(Block),
    /// `parallel { … }`: each statement is a branch.
    Parallel(Block),
    /// `wait D`
    Wait(Interval),
    /// `wait until …`
    WaitUntil(WaitUntil),
    /// `ensure …`
    Ensure(Ensure),
    /// Could not be read; already reported.
    Error {
        /// The block of a statement whose head could not be read.
        block: Option<Block>,
    },
}

/// `let name = …`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// What the value is called.
    pub name: Name,
    /// Where it comes from.
    pub init: Init,
}

/// What may stand right of `let`, `return` and `give`.
#[derive(Clone, Debug, PartialEq)]
pub enum Init {
    /// An expression that is not just an `ask`.
    Expr(Box<Expr>),
    /// A form with a value. `ask q(…)` and `ask q(…) else v` are always this one.
    Form(Box<Spanned<Form>>),
}

impl Init {
    /// Its text.
    pub fn span(&self) -> Span {
        match self {
            Self::Expr(expr) => expr.span,
            Self::Form(form) => form.span,
        }
    }
}

/// What may stand alone as a statement, and right of `let`, `return` and `give`.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// `if …`
    If(If),
    /// `each …`
    Each(Each),
    /// `match …`
    Match(Match),
    /// `attempt …`
    Attempt(Attempt),
    /// `approve …`
    Approve(Approve),
    /// `do …`
    Do(Do),
    /// `ask …`
    Ask(Ask),
    /// `choose …`, only right of `let`, `return` and `give`.
    Choose(Choose),
}

/// `if … { } else if … { } else { }`: a flat list of branches.
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// The `if` and every `else if`, in order; never empty.
    pub branches: Vec<Branch>,
    /// The last `else`.
    pub otherwise: Option<Block>,
}

/// A condition with its block.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// When the block runs.
    pub condition: Condition,
    /// What runs.
    pub body: Block,
}

/// What `if` asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// `if EXPR`
    Holds(Box<Expr>),
    /// `if let name = EXPR`: is there something?
    Let {
        /// What it is called in the block.
        name: Name,
        /// What may be nothing.
        value: Box<Expr>,
    },
}

/// `each h in hosts max 50 parallel 8 { }`
#[derive(Clone, Debug, PartialEq)]
pub struct Each {
    /// The name of the element or number.
    pub name: Name,
    /// Over what.
    pub over: EachOver,
    /// Behind `max`: the most rounds.
    pub max: Option<Count>,
    /// Behind `parallel`: so many rounds at once.
    pub parallel: Option<Count>,
    /// One round.
    pub body: Block,
}

/// What `each` goes over.
#[derive(Clone, Debug, PartialEq)]
pub enum EachOver {
    /// `in hosts`
    List(Box<Expr>),
    /// `in low .. high`: `low` is counted, `high` is not.
    Range {
        /// The first number.
        low: Box<Expr>,
        /// Behind the last number.
        high: Box<Expr>,
    },
}

/// `match v { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What is looked at.
    pub value: Box<Expr>,
    /// The arms in order; broken ones have the head [`ArmHead::Error`].
    pub arms: Vec<Arm>,
}

/// One arm of a `match`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// When it is taken.
    pub head: ArmHead,
    /// What runs.
    pub body: Block,
    /// Both.
    pub span: Span,
}

/// When an arm is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum ArmHead {
    /// `a or b`; never empty.
    Patterns(Vec<Pattern>),
    /// `else`
    Else,
    /// Could not be read; already reported.
    Error,
}

/// `attempt { } recover e { }`
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What is tried.
    pub body: Block,
    /// What the error is called in `recover`.
    pub error: Name,
    /// What runs after a failure.
    pub recover: Block,
}

/// `approve "…" by … within … { } otherwise decision { }`
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// `each h in hosts max 20`: one box per item.
    pub each: Option<ApproveEach>,
    /// What people are asked.
    pub question: Text,
    /// In source order.
    pub clauses: Vec<Spanned<PeopleClause>>,
    /// What the yes allows.
    pub body: Block,
    /// What runs without a yes.
    pub otherwise: Option<Otherwise>,
}

/// `each h in hosts max 20`
#[derive(Clone, Debug, PartialEq)]
pub struct ApproveEach {
    /// The name of the item.
    pub name: Name,
    /// The items.
    pub list: Expr,
    /// The most items.
    pub max: Option<Count>,
}

/// `otherwise decision { }`
#[derive(Clone, Debug, PartialEq)]
pub struct Otherwise {
    /// What the decision is called in the block.
    pub decision: Name,
    /// What runs.
    pub body: Block,
}

/// Who is asked, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub enum PeopleClause {
    /// `by 2 of [soc_lead, ciso]`
    By {
        /// So many different people.
        count: Count,
        /// Of these roles.
        roles: Vec<Name>,
    },
    /// `within 15m`
    Within(Interval),
    /// `escalate to [ciso] after 5m`
    Escalate {
        /// These roles are asked as well.
        roles: Vec<Name>,
        /// From then on.
        after: Interval,
    },
    /// `auto if CONDITION`; never in a `choose`.
    AutoIf(Expr),
}

/// `choose Verdict "…" by … within … else VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Choose {
    /// The enum whose values are the answers.
    pub choices: Path,
    /// What people are asked.
    pub question: Text,
    /// In source order.
    pub clauses: Vec<Spanned<PeopleClause>>,
    /// When nobody answers.
    pub fallback: Box<Expr>,
}

/// `do action(…) for 24h verified within 10s`
#[derive(Clone, Debug, PartialEq)]
pub struct Do {
    /// The action or task.
    pub call: Call,
    /// In source order.
    pub clauses: Vec<Spanned<DoClause>>,
}

/// A clause of `do`.
#[derive(Clone, Debug, PartialEq)]
pub enum DoClause {
    /// `for 24h`: the effect's life, possibly computed.
    For(Expr),
    /// `until released`
    UntilReleased,
    /// `verified within 10s`
    VerifiedWithin(Interval),
    /// `as block`: a name for the effect.
    As(Name),
    /// `undo …` instead of the declared one.
    Undo(Undo),
    /// `timeout …`, `retry …` instead of the declared ones.
    Call(CallClause),
}

/// `ask query(…) timeout 5s else VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The query.
    pub call: Call,
    /// In source order.
    pub clauses: Vec<Spanned<CallClause>>,
    /// When the query fails.
    pub fallback: Option<Expr>,
}

/// `stage name for D { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The stage's name.
    pub name: Name,
    /// One life for all its effects.
    pub life: Option<Interval>,
    /// Its body.
    pub body: Block,
}

/// `wait until COND every D for D within D otherwise { }`
#[derive(Clone, Debug, PartialEq)]
pub struct WaitUntil {
    /// What is waited for.
    pub condition: Box<Expr>,
    /// Time between two looks.
    pub every: Interval,
    /// It must be true at every look for that long.
    pub steady: Option<Interval>,
    /// The end of the wait.
    pub within: Interval,
    /// What runs at the end; otherwise the error `timeout` rises.
    pub otherwise: Option<Block>,
}

/// `ensure COND every D within D`
#[derive(Clone, Debug, PartialEq)]
pub struct Ensure {
    /// What must be true at one look.
    pub condition: Box<Expr>,
    /// Time between two looks.
    pub every: Option<Interval>,
    /// The last look.
    pub within: Interval,
}
