//! The errors that a playbook can see: one closed enum, each with a text.
//!
//! An error is canonical (kind and fixed text): no library's words, no time, no
//! stack trace, so that a replay sees the very same one.

use core::fmt;
use std::sync::Arc;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:literal;)*) => {
        /// What went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorKind {
            $($(#[$doc])* $name = $code,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word that names the kind in the language.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// The number that stands for the kind in formats.
            pub fn code(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

kinds! {
    /// The world refused: not permitted.
    Denied = 0, "denied";
    /// The world or the boundary refused: the request or the answer makes no sense.
    Rejected = 1, "rejected";
    /// No answer in time; whether there was an effect may be unknown.
    Timeout = 2, "timeout";
    /// The world could not be reached; there was no effect.
    Unavailable = 3, "unavailable";
    /// The world is in a state that does not allow it.
    Conflict = 4, "conflict";
    /// The thing does not exist.
    NotFound = 5, "not_found";
    /// More than was declared.
    Limit = 6, "limit";
    /// A standing no of the site.
    Guardrail = 7, "guardrail";
    /// What was waited for came too late.
    Expired = 8, "expired";
    /// A number without a result.
    Arithmetic = 9, "arithmetic";
    /// The world does not show the effect.
    Unverified = 10, "unverified";
    /// The playbook itself said `fail`.
    Failed = 11, "failed";
}

impl ErrorKind {
    /// The kind with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// Whether an error of this kind that nobody recovers holds the run, whatever
    /// `on failure` says: it is the playbook's own data or a refusal, and whoever
    /// can cause it must not thereby free what was contained.
    pub fn always_holds(self) -> bool {
        matches!(self, Self::Limit | Self::Arithmetic | Self::Guardrail)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An error with its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What people read; canonical, at most a few hundred bytes.
    pub text: Arc<str>,
}

impl Error {
    /// An error of `kind` with `text`.
    pub fn new(kind: ErrorKind, text: impl AsRef<str>) -> Self {
        Self { kind, text: Arc::from(text.as_ref()) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.is_empty() {
            self.kind.fmt(f)
        } else {
            write!(f, "{}: {}", self.kind, self.text)
        }
    }
}

impl core::error::Error for Error {}
