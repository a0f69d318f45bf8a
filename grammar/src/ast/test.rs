//! Tests: what is given, what runs, what is expected.

use super::{Arg, Call, Expr, Interval, Name, Path, Spanned, Text};
use crate::span::Span;

/// `test "name" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What it shows.
    pub name: Spanned<String>,
    /// The statements in order, broken ones included.
    pub statements: Vec<TestStmt>,
}

/// One statement of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStmt {
    /// What it is.
    pub kind: TestStmtKind,
    /// Its text.
    pub span: Span,
}

/// What a statement of a test is.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStmtKind {
    /// `let name = EXPR`
    Let {
        /// What the value is called.
        name: Name,
        /// The value.
        value: Expr,
    },
    /// `set setting = EXPR`
    Set {
        /// The setting.
        name: Name,
        /// Its value in this test.
        value: Expr,
    },
    /// `given q(…) returns X then Y after 30m`
    Given(Given),
    /// `given approval soc_lead grants after 2m`
    GivenApproval {
        /// Who answers.
        role: Name,
        /// `grants`, or else `denies`.
        grants: bool,
        /// When, counted from the question.
        after: Option<Interval>,
    },
    /// `given now 2026-03-01T09:30:00Z`: microseconds since 1970 in UTC.
    GivenNow(Spanned<i64>),
    /// `feed Login(…) after 5m`
    Feed {
        /// The event.
        event: Call,
        /// When, counted from the step before.
        after: Option<Interval>,
    },
    /// `run playbook(…)`
    Run(Call),
    /// `roll back`
    RollBack,
    /// `crash before a.b`
    Crash {
        /// On which side of the action.
        point: CrashPoint,
        /// The action.
        action: Path,
    },
    /// `expect …`
    Expect(Expectation),
    /// Could not be read; already reported.
    Error,
}

/// `given target returns …` or `given target fails …`
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Which action or query.
    pub target: Target,
    /// What it does.
    pub answer: GivenAnswer,
    /// When it answers.
    pub after: Option<Interval>,
}

/// What a simulated action or query does.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenAnswer {
    /// `returns X then Y`: one after the other, the last for good; never empty.
    Returns(Vec<Expr>),
    /// `fails timeout "text" with effect`
    Fails {
        /// The kind of error.
        error: Name,
        /// What it says.
        text: Option<Text>,
        /// `with effect`: the world changed all the same.
        with_effect: bool,
    },
}

/// An action, query, notice or playbook, possibly only with these arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Which.
    pub path: Path,
    /// With these arguments; with any when missing.
    pub args: Option<Vec<Arg>>,
    /// Both.
    pub span: Span,
}

/// On which side of an action the machine dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// `crash before`
    Before,
    /// `crash after`
    After,
}

/// What must be true at the end of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// `expect [not] done a.b(…) [before c.d(…)]`
    Seen {
        /// Whether `not` stands before it.
        negated: bool,
        /// What is looked for.
        seen: Seen,
        /// Of what.
        target: Target,
        /// Earlier than that.
        before: Option<Target>,
    },
    /// `expect waiting at stage`
    WaitingAt(Name),
    /// `expect outcome contained`
    Outcome(Name),
}

/// What a test can look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An effect that was done.
    Done,
    /// An effect that was taken back.
    Undone,
    /// A notice.
    Told,
    /// A query.
    Asked,
    /// A run that a rule started.
    Started,
}
