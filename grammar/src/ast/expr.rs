//! Expressions, comprehensions, calls and texts with holes.

use std::net::Ipv4Addr;

use super::{Name, Path, Spanned};
use crate::span::Span;

/// An expression. Parentheses leave no trace but the shape of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its text, without parentheses around it.
    pub span: Span,
    /// Levels below and with this one.
    pub(crate) depth: usize,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `hosts`. The first name of a path is one too: `geo.Point(…)` is a call of a
    /// field of a name; [`Expr::as_path`] reads it back as a path.
    Name(Name),
    /// `5`, `15m`, `10.0.0.0/8`, `true`, `none`. A minus before a number is part of it.
    Literal(Literal),
    /// `"… {hole} …"`.
    Text(Text),
    /// `[a, b]`; `[]` is the empty list or map.
    List(Vec<Expr>),
    /// `["a": 1, "b": 2]`, in source order, never empty.
    Map(Vec<(Expr, Expr)>),
    /// `[h.name for h in hosts if h.severity >= 7]`.
    Comprehension(Box<Comprehension>),
    /// `base.name`.
    Field {
        /// What stands before the dot.
        base: Box<Expr>,
        /// What stands behind it: any word.
        name: Name,
    },
    /// `base[index]`.
    Index {
        /// The list or map.
        base: Box<Expr>,
        /// The position or key.
        index: Box<Expr>,
    },
    /// `value?`: turns nothing into the error `not_found`.
    Require(Box<Expr>),
    /// `callee(…)`: a function, a record, a checked constant, an aggregate.
    Call {
        /// A name or path, if the source is right.
        callee: Box<Expr>,
        /// What stands in the parentheses.
        args: Args,
    },
    /// `-x`, `not x`.
    Unary {
        /// The operator and where it stands.
        op: Spanned<UnaryOp>,
        /// What it is applied to.
        operand: Box<Expr>,
    },
    /// `left op right`.
    Binary {
        /// The left operand.
        left: Box<Expr>,
        /// The operator and where it stands.
        op: Spanned<BinaryOp>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `value else fallback`: the fallback stands in for nothing, or for a failed `ask`.
    Else {
        /// What may be nothing.
        value: Box<Expr>,
        /// What stands in for it.
        fallback: Box<Expr>,
    },
    /// `ask q(…)` inside an expression; see [`super::Form::Ask`] for one that stands
    /// alone or right of `let`.
    Ask(Box<Call>),
    /// `sorted h in hosts by h.risk desc then h.name`.
    Sorted {
        /// The name of the element in the keys.
        name: Name,
        /// What is sorted.
        list: Box<Expr>,
        /// The keys, never empty.
        keys: Vec<SortKey>,
    },
    /// Could not be read; already reported.
    Error,
}

impl Expr {
    /// The names of `a` and `a.b.c`, if the expression is nothing else.
    pub fn as_path(&self) -> Option<Path> {
        let mut names = Vec::new();
        let mut at = self;
        loop {
            match &at.kind {
                ExprKind::Field { base, name } => {
                    names.push(name.clone());
                    at = base;
                }
                ExprKind::Name(name) => {
                    names.push(name.clone());
                    names.reverse();
                    return Some(Path { names, span: self.span });
                }
                _ => return None,
            }
        }
    }
}

/// A decoded literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// `5`, `-5`.
    Int(i64),
    /// `1.5`; always finite.
    Float(f64),
    /// `15m`, in microseconds.
    Duration(i64),
    /// `2026-03-01T09:30:00Z`, in microseconds since 1970 in UTC.
    Time(i64),
    /// `203.0.113.7`.
    Ip(Ipv4Addr),
    /// `10.0.0.0/8`; no host bit is set.
    Cidr {
        /// The first address of the block.
        address: Ipv4Addr,
        /// The length of the prefix in bits, at most 32.
        prefix: u8,
    },
    /// `none`: the empty optional value.
    None,
}

/// Before one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// Between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

impl BinaryOp {
    /// How close it binds its operands, among the operators that may stand in a row.
    pub(crate) fn closeness(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual
            | Self::In
            | Self::NotIn => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide | Self::Remainder => 4,
        }
    }
}

/// A text on one line, with its escapes decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Literal parts and holes in order; no part is empty, so `""` has none.
    pub pieces: Vec<Piece>,
    /// With its quotes.
    pub span: Span,
}

impl Text {
    /// The text itself, if it has no holes.
    pub fn as_plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(part)] => Some(&part.node),
            _ => None,
        }
    }
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Characters that stand for themselves, escapes decoded.
    Literal(Spanned<String>),
    /// `{expression}`.
    Hole(Box<Expr>),
}

/// `path(name: value, …)`: what `do`, `ask`, `tell`, `undo`, `start` and the like are followed by.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Who is called.
    pub path: Path,
    /// With what, in source order.
    pub args: Vec<Arg>,
    /// From the path to the closing parenthesis.
    pub span: Span,
}

/// What stands in the parentheses of a call in an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Args {
    /// `(a, name: b)`, in source order.
    List(Vec<Arg>),
    /// `(h for h in hosts if …)`.
    Over(Box<Comprehension>),
}

/// One argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// Before the colon; by position when missing.
    pub name: Option<Name>,
    /// The value.
    pub value: Box<Expr>,
    /// The name and the value.
    pub span: Span,
}

/// `element for name in list if condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    /// What is made of each element.
    pub element: Expr,
    /// Over what.
    pub over: Over,
}

/// `for name in list if condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct Over {
    /// The name of the element.
    pub name: Name,
    /// Where the elements come from.
    pub list: Expr,
    /// Which of them count; all when missing.
    pub condition: Option<Expr>,
    /// From `for` to the end.
    pub span: Span,
}

/// One key of `sorted`.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// What is compared.
    pub value: Expr,
    /// Whether `desc` follows: the greatest comes first.
    pub descending: bool,
}
