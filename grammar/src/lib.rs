//! Source text to tree and diagnostics.
//!
//! [`parse`] always returns a tree, and everything that it has to complain
//! about. It knows nothing about what names mean, about actions, bytecode or
//! files on disk. No type of the lexer or parser generator leaves this crate.

pub mod ast;
pub mod diagnostic;
pub mod format;
mod generated;
mod lexer;
mod parser;
pub mod span;
pub mod suggest;
mod token;

use crate::ast::File;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};

/// What was found in a source, and all that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The tree; broken parts are `Error` nodes.
    pub tree: File,
    /// In source order; at most `DIAGNOSTICS_MAX`.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a source. Never fails: what can't be read is an `Error` node and a diagnostic.
pub fn parse(file: FileId, source: &str) -> Parsed {
    parser::parse(file, source)
}

/// Where the tokens of a source are, in its order, and what is wrong with them. Between two
/// are blanks and comments, and what was complained of in that line.
pub fn tokens(file: FileId, source: &str) -> (Vec<Span>, Vec<Diagnostic>) {
    let lexed = lexer::lex(file, source);
    let spans = lexed.tokens.iter().map(|token| Span::new(file, token.start, token.end));
    (spans.collect(), lexed.diagnostics)
}
