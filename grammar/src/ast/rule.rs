//! Rules: which events start which playbook.

use super::{Call, Count, Expr, Interval, Name, Path, Spanned};

/// `rule name on Type as x … start playbook(…)`
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The rule's name.
    pub name: Name,
    /// The type of the events.
    pub event: Path,
    /// What the event is called in the clauses.
    pub binding: Name,
    /// In source order.
    pub clauses: Vec<Spanned<RuleClause>>,
    /// The playbook with its arguments.
    pub start: Call,
}

/// A clause of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleClause {
    /// `where CONDITION`, on each event.
    Where(Expr),
    /// `group by KEY, … within D newest N of M`
    GroupBy {
        /// What the events of one group share; never empty.
        keys: Vec<Expr>,
        /// How far back the window reaches.
        within: Interval,
        /// How much is kept.
        newest: Option<Newest>,
    },
    /// `when CONDITION`, on the window.
    When(Expr),
    /// `once per KEY, … within D`
    OncePer {
        /// What the triggers share; never empty.
        keys: Vec<Expr>,
        /// For how long one run stands for all of them.
        within: Interval,
    },
}

/// `newest 64 of 50_000`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Events of each group.
    pub events: Count,
    /// Groups.
    pub groups: Count,
}
