//! Items: what stands at the outermost level of a file.

use super::{Block, Call, Count, Expr, Interval, Literal, Name, Path, Rule, Spanned, Test, Type};
use crate::span::Span;

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its text, without the doc comments before it; see [`super::Docs::of`].
    pub span: Span,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `use std.firewall as fw`
    Use(Use),
    /// `asset Host = Name`
    Asset(Asset),
    /// `type Login { … }`
    Record(Record),
    /// `enum Verdict { clean, suspicious(Text), else }`
    Enum(Enum),
    /// `role soc_lead "leads the shift"`
    Role(Role),
    /// `const edge: Cidr = 10.0.0.0/8`
    Const(Const),
    /// `setting speed: Float = 900.0 in 300.0 .. 2000.0`
    Setting(Setting),
    /// `action …`, `query …`, `notice …`
    Signature(Signature),
    /// `fn …`
    Function(Function),
    /// `task …`
    Task(Task),
    /// `playbook …`
    Playbook(Playbook),
    /// `rule …`
    Rule(Rule),
    /// `test "…" { … }`
    Test(Test),
    /// Could not be read; already reported.
    Error(ErrorItem),
}

/// What is known of an item that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorItem {
    /// The name that it would have declared, so that its uses are not reported as well.
    /// `None` when not even that could be read: then any unknown name may be its.
    pub name: Option<Name>,
}

/// `use std.firewall as fw`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The module.
    pub path: Path,
    /// Behind `as`; otherwise the last name of the path is the module's name here.
    pub alias: Option<Name>,
}

/// `asset Host = Name`, `asset CloudKey = Text exact`, `asset Workload { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// The asset's name.
    pub name: Name,
    /// What identifies one.
    pub form: AssetForm,
}

/// What identifies an asset.
#[derive(Clone, Debug, PartialEq)]
pub enum AssetForm {
    /// `asset Name [= Type] [exact]`
    Scalar {
        /// Behind `=`.
        base: Option<Type>,
        /// Where `exact` stands: case counts.
        exact: Option<Span>,
    },
    /// `asset Name { … }`
    Record(Vec<Field>),
}

/// `type Login { user: Account … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The type's name.
    pub name: Name,
    /// Its fields in order; broken ones are left out.
    pub fields: Vec<Field>,
}

/// `name: Type` in a record or asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The field's name: any word but `true`, `false`, `none`.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Both.
    pub span: Span,
}

/// `enum Verdict { clean, suspicious(Text), else }`
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    /// The type's name.
    pub name: Name,
    /// Its variants in order.
    pub variants: Vec<Variant>,
}

/// One variant of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What it is.
    pub kind: VariantKind,
    /// Its text.
    pub span: Span,
}

/// What a variant is.
#[derive(Clone, Debug, PartialEq)]
pub enum VariantKind {
    /// `suspicious(Text)`
    Named {
        /// The variant's name.
        name: Name,
        /// The types of what it carries, in order.
        payload: Vec<Type>,
    },
    /// `else`: takes what is unknown.
    Else,
    /// Could not be read; already reported.
    Error,
}

/// `role soc_lead "leads the shift"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The role's name.
    pub name: Name,
    /// What it is for.
    pub purpose: Spanned<String>,
}

/// `const edge: Cidr = 10.0.0.0/8`
#[derive(Clone, Debug, PartialEq)]
pub struct Const {
    /// The constant's name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Expr,
}

/// `setting speed: Float = 900.0 in 300.0 .. 2000.0`
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The setting's name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// The value where a site sets none.
    pub default: Spanned<Constant>,
    /// The lowest and the highest value that a site may set.
    pub range: Option<(Spanned<Constant>, Spanned<Constant>)>,
}

/// A value that is written out: a literal with its sign, or a text without holes.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `-5`, `15m`, `true`
    Literal(Literal),
    /// `"text"`
    Text(String),
    /// A bad literal; already reported.
    Error,
}

/// `name: Type` in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The parameter's name: any word but `true`, `false`, `none`. One with a reserved
    /// name can be passed but never used bare.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Both.
    pub span: Span,
}

/// Which verb a signature declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `action`: changes the world; called with `do`.
    Action,
    /// `query`: reads it; called with `ask`.
    Query,
    /// `notice`: informs people; called with `tell`.
    Notice,
}

/// The declaration of one of the world's verbs. Which clauses go with which verb, and how
/// often, is for the checker.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Which verb.
    pub verb: Verb,
    /// Its name.
    pub name: Name,
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// Behind `->`; a query always has one, a notice never.
    pub result: Option<Type>,
    /// In source order.
    pub clauses: Vec<Spanned<SignatureClause>>,
}

/// A clause of a signature.
#[derive(Clone, Debug, PartialEq)]
pub enum SignatureClause {
    /// `affects address`: the parameters, or fields of them, that are the targets.
    Affects(Vec<Path>),
    /// `proof CONDITION`
    Proof(Expr),
    /// `capture was = replicas_of(…)`
    Capture(Capture),
    /// `undo …`
    Undo(Undo),
    /// `irreversible`
    Irreversible,
    /// `idempotent`
    Idempotent,
    /// `simulated EXPR`
    Simulated(Expr),
    /// `impact destructive`
    Impact(Name),
    /// `first 1000`
    First(Count),
    /// `to responders`
    To(Name),
    /// `timeout …`, `retry …`
    Call(CallClause),
}

/// `capture name = query(…)`
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// What the answer is called in `undo`.
    pub name: Name,
    /// The query.
    pub query: Call,
}

/// How an effect is taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// `undo unblock(…)`
    Action(Call),
    /// `undo none "why"`
    None(Spanned<String>),
}

/// How a call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallClause {
    /// `timeout 5s`: for each attempt.
    Timeout(Interval),
    /// `retry 4 backoff 1s`
    Retry {
        /// At most so many attempts.
        attempts: Count,
        /// Before the second attempt; doubled before each further one.
        backoff: Option<Interval>,
    },
}

/// `fn name(…) -> Type { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The function's name.
    pub name: Name,
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// The type of its result.
    pub result: Type,
    /// Its body.
    pub body: Block,
}

/// `task name(…) -> Type { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The task's name.
    pub name: Name,
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// The type of its result, if it has one.
    pub result: Option<Type>,
    /// Its body.
    pub body: Block,
}

/// `playbook name(…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// The playbook's name.
    pub name: Name,
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// Its body; `severity`, `deadline`, `limit`, `on failure` are statements of it.
    pub body: Block,
}
