//! Types as written.

use super::{Count, Path};
use crate::span::Span;

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Its text.
    pub span: Span,
    /// Levels below and with this one.
    pub(crate) depth: usize,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `Path<Type, …> max 5000 ?`.
    Named {
        /// The type's name.
        path: Path,
        /// Between the angle brackets, in order; empty without them.
        args: Vec<Type>,
        /// Behind `max`: elements or bytes. Never [`super::Amount::Named`].
        max: Option<Count>,
        /// Where the `?` of an optional type stands.
        optional: Option<Span>,
    },
    /// Could not be read; already reported.
    Error,
}
