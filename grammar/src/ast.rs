//! The tree of one source file: what was written, not what it means.
//!
//! Every node has the span of its text. Literals are decoded, clauses stand in
//! the order of the source so that a checker can name the second of two. What
//! could not be read is an `Error` node, and its diagnostic has already been
//! reported: whoever meets one stays silent about it.
//!
//! INVARIANT: no tree is deeper than `NESTING_DEPTH_MAX`, so recursion over it
//! and dropping it are safe. [`Expr`], [`Block`] and [`Type`] can only be made
//! by the parser, which counts.

pub mod expr;
pub mod item;
pub mod pattern;
pub mod rule;
pub mod stmt;
pub mod test;
pub mod ty;
pub mod visit;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use expr::{
    Arg, Args, BinaryOp, Call, Comprehension, Expr, ExprKind, Literal, Over, Piece, SortKey, Text,
    UnaryOp,
};
pub use item::{
    Asset, AssetForm, CallClause, Capture, Const, Constant, Enum, ErrorItem, Field, Function, Item,
    ItemKind, Param, Playbook, Record, Role, Setting, Signature, SignatureClause, Task, Undo, Use,
    Variant, VariantKind, Verb,
};
pub use pattern::{Binding, Pattern, PatternKind};
pub use rule::{Newest, Rule, RuleClause};
pub use stmt::{
    Approve, ApproveEach, Arm, ArmHead, Ask, Attempt, Block, Branch, Choose, Condition, Do,
    DoClause, Each, EachOver, Ensure, Form, If, Init, Let, Match, Otherwise, PeopleClause, Stage,
    Stmt, StmtKind, WaitUntil,
};
pub use test::{
    CrashPoint, Expectation, Given, GivenAnswer, Seen, Target, Test, TestStmt, TestStmtKind,
};
pub use ty::{Type, TypeKind};

use crate::span::{FileId, Span};

/// One source file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Which file; all spans of the tree are in it.
    pub file: FileId,
    /// The items in source order, broken ones included.
    pub items: Vec<Item>,
    /// What the doc comments say.
    pub docs: Docs,
}

/// A small thing and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The thing.
    pub node: T,
    /// Its text.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `node`, which stands at `span`.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

/// One name, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The word. Never empty.
    pub text: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// Names with dots between them: `geo.Point`. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The names, in order.
    pub names: Vec<Name>,
    /// From the first name to the last.
    pub span: Span,
}

impl Path {
    /// The only name of a path without dots.
    pub fn as_name(&self) -> Option<&Name> {
        match self.names.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// The names with dots between them, as written but for blanks.
    pub fn dotted(&self) -> String {
        let words: Vec<&str> = self.names.iter().map(|name| name.text.as_str()).collect();
        words.join(".")
    }
}

/// The number of a clause: a literal, or a setting or constant in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount<T> {
    /// Written out.
    Literal(T),
    /// `(name)` of a setting or constant.
    Named(Name),
    /// A bad literal; already reported.
    Error,
}

/// How many, in a clause. Not negative, at most `i64::MAX`.
pub type Count = Spanned<Amount<u64>>;

/// How long, in a clause: microseconds. Not negative.
pub type Interval = Spanned<Amount<i64>>;

/// The doc comments of a file, found by what they stand before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs {
    file: String,
    before: BTreeMap<u32, String>,
}

impl Docs {
    pub(crate) fn new(file: String, before: BTreeMap<u32, String>) -> Self {
        Self { file, before }
    }

    /// The `//!` lines of the file, joined by line breaks; empty when there are none.
    pub fn of_file(&self) -> &str {
        &self.file
    }

    /// The `///` lines right before the node (item, field or variant) that begins
    /// at `span`, joined by line breaks; empty when there are none.
    pub fn of(&self, span: Span) -> &str {
        self.before.get(&span.start).map_or("", String::as_str)
    }
}
