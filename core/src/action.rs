//! The typed declaration of a verb: all that a compiler, the machine, an
//! adapter and a reader must know of an action, a query or a notice.

use crate::digest::{ACTION_SCHEMA, Digest};
use crate::impact::Impact;
use crate::ty::{TypeId, TypeTable};
use crate::value::{Duration, Name};
use crate::wire::Writer;

/// How a verb meets the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reads it (`ask`).
    Query,
    /// Changes it (`do`).
    Action,
    /// Informs people (`tell`).
    Notice,
}

impl Verb {
    /// The number that stands for the verb in formats.
    pub fn code(self) -> u8 {
        match self {
            Self::Query => 0,
            Self::Action => 1,
            Self::Notice => 2,
        }
    }

    /// The verb with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Query, Self::Action, Self::Notice].get(usize::from(code)).copied()
    }

    /// The word that declares it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Action => "action",
            Self::Notice => "notice",
        }
    }
}

/// How often an attempt is made, and how long is waited in between: `backoff`
/// before the second, twice that before the third, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// At most so many attempts, at least one.
    pub attempts: u8,
    /// Before the second attempt.
    pub backoff: Duration,
}

impl Retry {
    /// One attempt.
    pub const ONCE: Self = Self { attempts: 1, backoff: Duration::ZERO };

    /// How long is waited after `attempt` (from 1) failed; `None` when it was the last.
    pub fn after(self, attempt: u8) -> Option<Duration> {
        if attempt == 0 || attempt >= self.attempts {
            return None;
        }
        let doublings = u32::from(attempt.saturating_sub(1));
        let factor = 1_i64.checked_shl(doublings.min(40)).unwrap_or(i64::MAX);
        Some(Duration(self.backoff.0.saturating_mul(factor)))
    }

    /// The longest that all attempts together can take, waits in between included.
    pub fn worst_case(self, timeout: Duration) -> Duration {
        let trying = timeout.0.saturating_mul(i64::from(self.attempts.max(1)));
        let waiting = (1..self.attempts)
            .filter_map(|attempt| self.after(attempt))
            .fold(0_i64, |sum, wait| sum.saturating_add(wait.0));
        Duration(trying.saturating_add(waiting))
    }
}

/// How an action is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// By another action.
    Action(Name),
    /// Not at all, because nothing has to be; the reason for people.
    None(Name),
    /// It can't be.
    Irreversible,
}

/// Whom a notice informs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those who respond to incidents: told in monitor mode too.
    Responders,
    /// Anybody else.
    Others,
}

/// A named, typed input of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name at the call.
    pub name: Name,
    /// What is wanted.
    pub ty: TypeId,
}

/// The declaration of one verb. Types are indices of the table beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSignature {
    /// The full name, such as `std.firewall.block`.
    pub name: Name,
    /// How it meets the world.
    pub verb: Verb,
    /// In the order of the declaration.
    pub parameters: Vec<Parameter>,
    /// What is answered; `Unit` when nothing is.
    pub result: TypeId,
    /// Which parameters name what is changed, by index, ascending.
    pub affects: Vec<u8>,
    /// How it is taken back; for queries and notices `Undo::None`.
    pub undo: Undo,
    /// Whether the world can be asked if the effect stands.
    pub proved: bool,
    /// Whether the adapter may be handed the same key again.
    pub idempotent: bool,
    /// Per attempt.
    pub timeout: Duration,
    /// How often it is attempted.
    pub retry: Retry,
    /// How much it may hurt.
    pub impact: Impact,
    /// A list that is answered is cut to so many elements instead of refused.
    pub first: Option<u32>,
    /// Whom a notice informs.
    pub audience: Audience,
}

impl ActionSignature {
    /// The digest of all that a caller and an adapter must agree on.
    pub fn schema_digest(&self, types: &TypeTable) -> Digest {
        let mut writer = Writer::new();
        writer.text(&self.name);
        writer.u8(self.verb.code());
        writer.count(self.parameters.len());
        for parameter in &self.parameters {
            writer.text(&parameter.name);
            types.describe(&mut writer, parameter.ty);
        }
        types.describe(&mut writer, self.result);
        writer.bytes(&self.affects);
        match &self.undo {
            Undo::Action(name) => {
                writer.u8(0);
                writer.text(name);
            }
            Undo::None(reason) => {
                writer.u8(1);
                writer.text(reason);
            }
            Undo::Irreversible => writer.u8(2),
        }
        writer.bool(self.proved);
        writer.bool(self.idempotent);
        writer.i64(self.timeout.0);
        writer.u8(self.retry.attempts);
        writer.i64(self.retry.backoff.0);
        writer.u8(self.impact.code());
        writer.u32(self.first.unwrap_or(0));
        writer.u8(match self.audience {
            Audience::Responders => 0,
            Audience::Others => 1,
        });
        Digest::derive(ACTION_SCHEMA, &[&writer.into_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_with_the_attempts() {
        let retry = Retry { attempts: 4, backoff: Duration::from_secs(1) };
        let waits: Vec<_> = (0..6).map(|attempt| retry.after(attempt).map(|wait| wait.0)).collect();
        assert_eq!(waits, [None, Some(1_000_000), Some(2_000_000), Some(4_000_000), None, None]);
        assert_eq!(retry.worst_case(Duration::from_secs(10)), Duration::from_secs(47));
        assert_eq!(Retry::ONCE.worst_case(Duration::from_secs(10)), Duration::from_secs(10));
    }
}
