//! What is wrong with a source, as plain data that every pass can make.
//!
//! Messages are lower case without a full stop, with the user's words in
//! backticks. The span is where the fix goes. Only [`render`] knows how any of
//! it looks.

pub mod code;
pub mod render;

pub use code::{Code, Severity};

use crate::span::Span;

/// One complaint about a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which mistake; it also says how bad it is.
    pub code: Code,
    /// Where the fix goes.
    pub span: Span,
    /// What was found and what was expected, in one line.
    pub message: String,
    /// What stands at `span`, if a word there helps; other places, in this file or another.
    pub labels: Vec<Label>,
    /// What to do about it, the likeliest first.
    pub help: Vec<String>,
    /// What one needs to know to understand it.
    pub notes: Vec<String>,
}

/// A word or two at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there.
    pub message: String,
}

impl Diagnostic {
    /// A complaint without labels, help and notes.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// With one more label.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// With one more help line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// With one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether it keeps the source from being compiled.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

/// The page about a code (`E0101`), in Markdown; `None` for what is no code.
pub fn explain(code: &str) -> Option<&'static str> {
    Code::from_number(code).map(Code::page)
}
