//! Typed questions to people.

use rye_core::ty::TypeId;

use super::{Block, Expr, LocalId, Wait};

/// What people are asked, who may answer, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// A `Text`.
    pub text: Expr,
    /// So many different people must say yes.
    pub count: u8,
    /// Who may answer: roles of the package, by index, ascending.
    pub roles: Vec<u16>,
    /// How long an answer is waited for.
    pub within: Wait,
    /// Who may answer as well, later.
    pub escalation: Option<Escalation>,
}

/// Who may answer as well, from when on.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Roles of the package, by index, ascending.
    pub roles: Vec<u16>,
    /// So long after the question was asked.
    pub after: Wait,
}

/// `approve` and `approve each`.
///
/// What happens, in this order: `before` is evaluated and written to its locals; the
/// question is asked; for its one box, or for each in its turn, `body` runs after a
/// yes, `otherwise` after anything else.
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// The question.
    pub question: Question,
    /// A `Bool`: whether the playbook itself says yes.
    pub auto: Option<Expr>,
    /// A box for each of these, if it is `approve each`.
    pub each: Option<ApproveEach>,
    /// What has to exist before the question is asked: all that the listed effects are
    /// done with.
    pub before: Vec<(LocalId, Expr)>,
    /// What a yes allows; a `do` in `body` says which of them it is.
    pub listed: Vec<Listed>,
    /// What runs after a yes.
    pub body: Block,
    /// What was decided instead, a `Decision`, in `otherwise`.
    pub decision: LocalId,
    /// What runs without a yes.
    pub otherwise: Block,
}

/// `each h in hosts max 20`
#[derive(Clone, Debug, PartialEq)]
pub struct ApproveEach {
    /// The item of the round.
    pub item: LocalId,
    /// Its place in the list, an `Int`.
    pub index: LocalId,
    /// The list; written in [`Approve::before`].
    pub list: LocalId,
    /// More items are the error `limit`, before anybody is asked.
    pub max: u32,
}

/// An effect that a yes allows. With boxes, a local may hold a list: for each box its
/// own.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What its arguments will be, in the order of the parameters.
    pub arguments: Vec<LocalId>,
    /// What the arguments of its undo will be; `None` for what is known only right
    /// before the act.
    pub undo: Vec<Option<LocalId>>,
    /// How long it will stand, if that is computed.
    pub life: Option<LocalId>,
}

/// `choose`
#[derive(Clone, Debug, PartialEq)]
pub struct Choose {
    /// Where the answer goes.
    pub local: LocalId,
    /// The question.
    pub question: Question,
    /// The enum, whose alternatives carry nothing.
    pub of: TypeId,
    /// The answer when nobody gives one, evaluated only then.
    pub fallback: Expr,
}
