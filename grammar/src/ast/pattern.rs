//! The patterns of `match` arms.

use super::{Constant, Name, Path};
use crate::span::Span;

/// One alternative of an arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// What it is.
    pub kind: PatternKind,
    /// Its text.
    pub span: Span,
}

/// What a pattern is.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// `_`: anything.
    Any,
    /// `clean`, `suspicious(why)`, `Kind.user`.
    Variant {
        /// The variant's name, possibly with its enum's before it.
        path: Path,
        /// The parentheses' content; `None` without parentheses.
        bindings: Option<Vec<Binding>>,
    },
    /// `5`, `-1h`, `"text"`.
    Constant(Constant),
    /// Could not be read; already reported.
    Error,
}

/// What a payload is called in the arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// By this name.
    Name(Name),
    /// `_`: not at all.
    Ignored(Span),
}
