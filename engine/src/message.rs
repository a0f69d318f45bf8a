//! What a person says to the process that acts, as bytes: who writes a message
//! and who reads it share this one form.
//!
//! ```text
//! message    "RYEM"  u16 version = 1  key id [32]  signature [64]  statement
//! statement  u16 version = 1  run [16]  u8 verb …  i64 microseconds since 1970
//! verb       0 cancel: bool undo    1 rollback: u32 count, effects [16] each
//!            2 settle: effect [16], bool done    3 release: u8 how
//!            4 halt: u32 length, reason    5 resume
//!            6 renew: effect [16], i64 microseconds    7 let go: effect [16]
//!            24 lift: effect [16]
//!            25 erase: u32 length, reason
//!            16 vote: digest of the question [32], u8 kind:
//!               0 yes: boxes    1 no: boxes, text reason    2 choice: text value
//! boxes      u32 count, u32 place each, ascending
//! ```
//!
//! A halt and a resume with the run that stands for none are said to the store.
//!
//! The signature covers the statement. Whether it holds, and whether the key may
//! say so, is for those who know keys.

use core::fmt;

use rye_core::digest::{Digest, MESSAGE_STATEMENT};
use rye_core::id::{EffectId, JournalId, KeyId, RunId};
use rye_core::limit::{REASON_BYTES_MAX, ROLLBACK_EFFECTS_MAX};
use rye_core::value::{Duration, Name, Time};
use rye_core::wire::{Reader, WireError, Writer};

use crate::engine::{Message, Verb};
use crate::entry::{Claim, Release, Said, read_vote, write_vote};
use crate::question::{Vote, Voter};

#[cfg(test)]
mod tests;

const MAGIC: [u8; 4] = *b"RYEM";
const VERSION: u16 = 1;

/// A statement with its signature, which nobody has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whose signature it is said to be.
    pub key: KeyId,
    /// Over the statement.
    pub signature: [u8; 64],
    /// The bytes of a [`Statement`].
    pub statement: Vec<u8>,
}

/// What a person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// To which run.
    pub run: RunId,
    /// What.
    pub order: Order,
    /// When.
    pub created_at: Time,
}

/// What can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The run ends; what it did is undone or kept.
    Cancel {
        /// Whether it is undone.
        undo: bool,
    },
    /// What the run still holds is undone.
    Rollback {
        /// These effects; all where none is named.
        effects: Vec<EffectId>,
    },
    /// An effect in doubt took place, or not.
    Settle {
        /// Which.
        effect: EffectId,
        /// Whether it did.
        done: bool,
    },
    /// A held run goes on.
    Release(Release),
    /// An answer to a question.
    Vote {
        /// Which question: the digest of all that was shown.
        request: Digest,
        /// What is answered.
        vote: Vote,
    },
    /// Nothing is done and nothing undone any more.
    Halt {
        /// Why.
        reason: Name,
    },
    /// What was halted goes on, once enough people say so.
    Resume,
    /// An effect stands so long from now on.
    Renew {
        /// Which.
        effect: EffectId,
        /// How long.
        span: Duration,
    },
    /// The life of an effect ends now.
    LetGo {
        /// Which.
        effect: EffectId,
    },
    /// An effect that a quota refused is done all the same, once enough people say so.
    Lift {
        /// Which.
        effect: EffectId,
    },
    /// What is known of the run is erased.
    Erase {
        /// Why.
        reason: Name,
    },
}

impl Signed {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&MAGIC);
        writer.u16(VERSION);
        writer.raw(&self.key.0);
        writer.raw(&self.signature);
        writer.raw(&self.statement);
        writer.into_bytes()
    }

    /// The message that `bytes` are.
    ///
    /// # Errors
    /// When they are none.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let other = reader.error("this is no message");
        if reader.array()? != MAGIC {
            return Err(other);
        }
        check_version(&mut reader)?;
        let key = KeyId(reader.array()?);
        let signature = reader.array()?;
        let statement = reader.take(reader.remaining())?.to_vec();
        Ok(Self { key, signature, statement })
    }

    /// What the message is known by: the statement and who made it, so that one
    /// statement with two signatures of one key is one.
    pub fn digest(&self) -> Digest {
        Digest::derive(MESSAGE_STATEMENT, &[&self.key.0, &self.statement])
    }

    /// What it says of itself.
    pub fn claim(&self) -> Claim {
        let statement = Statement::decode(&self.statement).ok();
        Claim {
            key: Some(self.key),
            run: statement.as_ref().map(|statement| statement.run),
            verb: statement.map(|statement| statement.order.word().into()),
        }
    }
}

impl Statement {
    /// The bytes that are signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u16(VERSION);
        writer.raw(&self.run.0);
        match &self.order {
            Order::Cancel { undo } => {
                writer.u8(0);
                writer.bool(*undo);
            }
            Order::Rollback { effects } => {
                writer.u8(1);
                writer.count(effects.len());
                for effect in effects {
                    writer.raw(&effect.0);
                }
            }
            Order::Settle { effect, done } => {
                writer.u8(2);
                writer.raw(&effect.0);
                writer.bool(*done);
            }
            Order::Release(how) => {
                writer.u8(3);
                writer.u8(code(*how));
            }
            Order::Vote { request, vote } => {
                writer.u8(16);
                writer.raw(&request.0);
                write_vote(&mut writer, vote);
            }
            Order::Halt { reason } => {
                writer.u8(4);
                writer.text(reason);
            }
            Order::Resume => writer.u8(5),
            Order::Renew { effect, span } => {
                writer.u8(6);
                writer.raw(&effect.0);
                writer.i64(span.0);
            }
            Order::LetGo { effect } => {
                writer.u8(7);
                writer.raw(&effect.0);
            }
            Order::Lift { effect } => {
                writer.u8(24);
                writer.raw(&effect.0);
            }
            Order::Erase { reason } => {
                writer.u8(25);
                writer.text(reason);
            }
        }
        writer.i64(self.created_at.0);
        writer.into_bytes()
    }

    /// The statement that `bytes` are.
    ///
    /// # Errors
    /// When they are none, or more than one.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        check_version(&mut reader)?;
        let run = RunId(reader.array()?);
        let unknown = reader.error("the verb is not known");
        let order = match reader.u8()? {
            0 => Order::Cancel { undo: reader.bool()? },
            1 => Order::Rollback { effects: read_effects(&mut reader)? },
            2 => Order::Settle { effect: EffectId(reader.array()?), done: reader.bool()? },
            3 => {
                let unknown = reader.error("the way to release is not known");
                Order::Release(from_code(reader.u8()?).ok_or(unknown)?)
            }
            4 => Order::Halt { reason: Name::from(reader.text(REASON_BYTES_MAX)?) },
            5 => Order::Resume,
            6 => Order::Renew { effect: EffectId(reader.array()?), span: Duration(reader.i64()?) },
            7 => Order::LetGo { effect: EffectId(reader.array()?) },
            24 => Order::Lift { effect: EffectId(reader.array()?) },
            25 => Order::Erase { reason: Name::from(reader.text(REASON_BYTES_MAX)?) },
            16 => Order::Vote { request: Digest(reader.array()?), vote: read_vote(&mut reader)? },
            _ => return Err(unknown),
        };
        let created_at = Time(reader.i64()?);
        if !reader.is_empty() {
            return Err(reader.error("bytes follow the end"));
        }
        Ok(Self { run, order, created_at })
    }

    /// The same for the engine of `journal`, said by `by`, who is `voter`. The run that a rollback
    /// becomes is derived from the message, so that the message twice is one run.
    pub fn message(&self, journal: JournalId, by: Said, voter: Voter) -> Message {
        let owner = voter.owner.clone();
        let verb = match self.order.clone() {
            Order::Vote { request, vote } => Verb::Vote { request, vote, voter },
            Order::Cancel { undo } => Verb::Cancel { undo },
            Order::Rollback { effects } => {
                Verb::Rollback { as_run: RunId::derive(journal, &by.message.0), effects }
            }
            Order::Settle { effect, done } => Verb::Settle { effect, done },
            Order::Release(how) => Verb::Release(how),
            Order::Halt { reason } => Verb::Halt { reason },
            Order::Resume => Verb::Resume,
            Order::Renew { effect, span } => Verb::Renew { effect, span },
            Order::LetGo { effect } => Verb::LetGo { effect },
            Order::Lift { effect } => Verb::Lift { effect },
            Order::Erase { reason } => Verb::Erase { reason },
        };
        Message { run: self.run, verb, by, owner }
    }
}

impl Order {
    /// Whether it is said with a key for approvals; everything else with one of operators.
    pub fn is_of_approvers(&self) -> bool {
        matches!(self, Self::Vote { .. } | Self::Lift { .. })
    }

    /// The command of `ryectl` that says it; a vote is one word for three of them.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Cancel { .. } => "cancel",
            Self::Rollback { .. } => "rollback",
            Self::Settle { .. } => "settle",
            Self::Release(_) => "release",
            Self::Vote { .. } => "vote",
            Self::Halt { .. } => "halt",
            Self::Resume => "resume",
            Self::Renew { .. } => "renew",
            Self::LetGo { .. } => "let-go",
            Self::Lift { .. } => "lift",
            Self::Erase { .. } => "erase",
        }
    }
}

/// As a person says it: `release continue`.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancel { undo: true } => f.write_str("cancel --undo"),
            Self::Cancel { undo: false } => f.write_str("cancel --keep"),
            Self::Rollback { effects } => {
                f.write_str("rollback")?;
                effects.iter().try_for_each(|effect| write!(f, " --effect {effect}"))
            }
            Self::Settle { effect, done: true } => write!(f, "settle {effect} done"),
            Self::Settle { effect, done: false } => write!(f, "settle {effect} not-done"),
            Self::Release(how) => write!(f, "release {}", how.word()),
            Self::Halt { reason } => write!(f, "halt, because: {reason}"),
            Self::Resume => f.write_str("resume"),
            Self::Renew { effect, span } => write!(f, "renew {effect} --for {span}"),
            Self::LetGo { effect } => write!(f, "let-go {effect}"),
            Self::Lift { effect } => write!(f, "lift the quota for effect {effect}"),
            Self::Erase { reason } => write!(f, "erase all that is known of it, because: {reason}"),
            Self::Vote { request, vote } => write!(f, "{vote}, about request {request}"),
        }
    }
}

fn check_version(reader: &mut Reader<'_>) -> Result<(), WireError> {
    let other = reader.error("another version of messages");
    if reader.u16()? == VERSION { Ok(()) } else { Err(other) }
}

fn read_effects(reader: &mut Reader<'_>) -> Result<Vec<EffectId>, WireError> {
    let many = reader.error("more effects than one rollback may name");
    let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    if count > ROLLBACK_EFFECTS_MAX {
        return Err(many);
    }
    (0..count).map(|_| Ok(EffectId(reader.array()?))).collect()
}

fn code(how: Release) -> u8 {
    match how {
        Release::Continue => 0,
        Release::Undo => 1,
        Release::Keep => 2,
    }
}

fn from_code(code: u8) -> Option<Release> {
    [Release::Continue, Release::Undo, Release::Keep].get(usize::from(code)).copied()
}
