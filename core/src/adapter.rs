//! What carries out calls in the world, and what a third party implements.
//!
//! An adapter gets typed values, never a text to interpolate. It is synchronous
//! and may block: whoever calls it gives it a thread and a time limit.

use core::fmt;
use std::sync::Arc;

use crate::effect::Call;
use crate::error::{Error, ErrorKind};
use crate::id::{IdempotencyKey, RunId};
use crate::value::{Duration, Value};

/// One attempt to carry out a call.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to do, ask or tell.
    pub call: Call,
    /// The same for every attempt at the same effect, in any process.
    pub key: IdempotencyKey,
    /// For an undo: the key under which the act was done.
    pub undoes: Option<IdempotencyKey>,
    /// On whose behalf, for logs and traces.
    pub run: RunId,
    /// Which attempt this is, from 1.
    pub attempt: u8,
    /// After which the answer is no longer waited for.
    pub timeout: Duration,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was done, or answered.
    Done(Value),
    /// The world was already so, and not by this key: nothing was done, and
    /// nothing is to be undone.
    AlreadySo(Value),
    /// The world said no.
    Refused {
        /// `denied`, `rejected`, `conflict` or `not_found`, with a fixed text.
        error: Error,
        /// Whether it may have had a part of its effect all the same.
        perhaps: bool,
    },
    /// It did not leave this machine: surely no effect.
    NotSent(Arc<str>),
    /// Nobody knows.
    Unknown(Arc<str>),
}

impl Ending {
    /// What was said of an attempt that failed.
    pub fn text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Done(_) | Self::AlreadySo(_) => None,
            Self::Refused { error, .. } => Some(&error.text),
            Self::NotSent(text) | Self::Unknown(text) => Some(text),
        }
    }

    /// A refusal without any effect.
    pub fn refused(kind: ErrorKind, text: impl AsRef<str>) -> Self {
        Self::Refused { error: Error::new(kind, text), perhaps: false }
    }
}

/// A refusal without any effect.
impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        Self::Refused { error, perhaps: false }
    }
}

/// For people.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(Value::None) => f.write_str("done"),
            Self::Done(value) => write!(f, "done: {value}"),
            Self::AlreadySo(_) => f.write_str("already so"),
            Self::Refused { error, perhaps: false } => error.fmt(f),
            Self::Refused { error, perhaps: true } => {
                write!(f, "{error}, perhaps with a part of its effect")
            }
            Self::NotSent(text) => write!(f, "not sent: {text}"),
            Self::Unknown(text) => write!(f, "nobody knows whether it was done: {text}"),
        }
    }
}

/// Carries out the calls of one interface, such as `std.firewall`.
pub trait Adapter: Send + Sync {
    /// Where the effects of its acts stand, for people: an act that was done in one
    /// place is not taken back in another. Empty where there is only one place.
    fn place(&self) -> String {
        String::new()
    }

    /// Carries out one call. It must be safe to be called twice with one key, an
    /// undo also when the act never took effect.
    fn invoke(&self, request: &Request) -> Ending;
}
