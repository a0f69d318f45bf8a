//! One journal entry: its bytes (version 1), its hash, and the genesis that the
//! first one links to.
//!
//! The encoding is canonical: fixed order, big-endian, nothing optional, so that
//! decoding and encoding again gives the same bytes. The kind and the tags are
//! opaque here; what they mean is the engine's business.

use core::fmt;

use rye_core::digest::{Digest, JOURNAL_ENTRY, JOURNAL_GENESIS};
use rye_core::id::{BootId, JournalId, RunId};
use rye_core::limit::ENTRY_BYTES_MAX;

use crate::bytes::{Cursor, narrow32};
use crate::fields::{FieldError, Fields};

#[cfg(test)]
mod tests;

/// The version of the encoding, in the first two bytes of every entry.
pub const ENTRY_VERSION: u16 = 1;
/// The length of an entry without body and commitments, in bytes.
pub const ENTRY_BYTES_MIN: usize = 113;
/// One commitment: its tag and the digest.
pub(crate) const COMMITMENT_BYTES: usize = 34;

/// What a journal is born with. Its digest is what entry 0 links to, so a
/// journal can't be presented as another, nor its checkpoint key exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The journal's name, drawn at random by whoever creates it.
    pub journal: JournalId,
    /// When it was created, in nanoseconds of Unix time.
    pub created_unix_ns: u64,
    /// The public key that will sign its checkpoints; all zero when there is none.
    pub checkpoint_key: [u8; 32],
}

impl Genesis {
    /// The digest that stands as `prev` in entry 0.
    pub fn digest(&self) -> Digest {
        Digest::derive(
            JOURNAL_GENESIS,
            &[&self.journal.0, &self.created_unix_ns.to_be_bytes(), &self.checkpoint_key],
        )
    }
}

/// A decoded entry that borrows its variable parts from the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What happened; the numbers are assigned by the engine.
    pub kind: u8,
    /// The journal that the entry belongs to.
    pub journal: JournalId,
    /// Its number: 0, 1, 2, … without gaps.
    pub seq: u64,
    /// Wall clock, nanoseconds of Unix time. Informative: clocks are set.
    pub wall_unix_ns: u64,
    /// The start of the machine that `mono_ns` counts from.
    pub boot: BootId,
    /// Nanoseconds since that start; never decreases within one boot.
    pub mono_ns: u64,
    /// The hash of the entry before; in entry 0 the genesis digest.
    pub prev: Digest,
    /// The run that the entry belongs to; all zero for none.
    pub run: RunId,
    /// What is known about it, in tagged fields.
    pub body: Fields<'a>,
    /// What stands in for the values that are kept beside the chain.
    pub commitments: Commitments<'a>,
}

impl<'a> Entry<'a> {
    /// Reads one entry that fills `bytes` exactly.
    ///
    /// # Errors
    /// What is wrong, and at which byte. No input makes it panic, and nothing is allocated.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong { len: bytes.len() });
        }
        let cursor = &mut Cursor::new(bytes);
        let cut = EntryError::Cut { len: bytes.len() };
        let version = cursor.u16().ok_or(cut)?;
        if version != ENTRY_VERSION {
            return Err(EntryError::Version { found: version });
        }
        let kind = cursor.u8().ok_or(cut)?;
        let journal = JournalId(*cursor.array().ok_or(cut)?);
        let seq = cursor.u64().ok_or(cut)?;
        let wall_unix_ns = cursor.u64().ok_or(cut)?;
        let boot = BootId(*cursor.array().ok_or(cut)?);
        let mono_ns = cursor.u64().ok_or(cut)?;
        let prev = Digest(*cursor.array().ok_or(cut)?);
        let run = RunId(*cursor.array().ok_or(cut)?);
        let body_len = cursor.u32().ok_or(cut)?;
        let body = cursor.slice(narrow32(body_len)).ok_or(cut)?;
        let body = Fields::parse(body).map_err(EntryError::Field)?;
        let count = cursor.u16().ok_or(cut)?;
        let at = cursor.at();
        let commitments = cursor.slice(usize::from(count) * COMMITMENT_BYTES).ok_or(cut)?;
        let commitments = Commitments::parse(commitments, at)?;
        if !cursor.rest().is_empty() {
            return Err(EntryError::Trailing { at: cursor.at() });
        }
        Ok(Self { kind, journal, seq, wall_unix_ns, boot, mono_ns, prev, run, body, commitments })
    }

    /// Appends the entry's bytes to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        self.encode(|piece| out.extend_from_slice(piece));
    }

    /// Whether encoding gives `bytes`, without writing them anywhere.
    pub(crate) fn encodes_to(&self, bytes: &[u8]) -> bool {
        let mut rest = Some(bytes);
        self.encode(|piece| rest = rest.and_then(|rest| rest.strip_prefix(piece)));
        rest.is_some_and(<[u8]>::is_empty)
    }

    /// Hands on the entry's bytes, piece by piece.
    #[inline]
    fn encode(&self, mut put: impl FnMut(&[u8])) {
        put(&ENTRY_VERSION.to_be_bytes());
        put(&[self.kind]);
        put(&self.journal.0);
        put(&self.seq.to_be_bytes());
        put(&self.wall_unix_ns.to_be_bytes());
        put(&self.boot.0);
        put(&self.mono_ns.to_be_bytes());
        put(&self.prev.0);
        put(&self.run.0);
        let body = self.body.as_bytes();
        // Fields are only made within ENTRY_BYTES_MAX, so neither length saturates.
        let body_len = u32::try_from(body.len()).unwrap_or(u32::MAX);
        put(&body_len.to_be_bytes());
        put(body);
        let count = u16::try_from(self.commitments.len()).unwrap_or(u16::MAX);
        put(&count.to_be_bytes());
        put(self.commitments.as_bytes());
    }
}

/// The hash of an entry's bytes: what the next entry links to.
pub fn entry_hash(bytes: &[u8]) -> Digest {
    Digest::derive(JOURNAL_ENTRY, &[bytes])
}

/// The commitments of an entry, in strictly ascending order of their tags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Commitments<'a>(&'a [u8]);

impl<'a> Commitments<'a> {
    /// No commitment at all.
    pub const NONE: Self = Self(&[]);

    /// Checks the order of the tags; `at` is where `bytes` stand in the entry.
    fn parse(bytes: &'a [u8], at: usize) -> Result<Self, EntryError> {
        let parsed = Self(bytes);
        let mut last = None;
        for (index, (tag, _)) in parsed.iter().enumerate() {
            if last.is_some_and(|last| tag <= last) {
                let at = at.saturating_add(index.saturating_mul(COMMITMENT_BYTES));
                return Err(EntryError::CommitmentOrder { at, tag });
            }
            last = Some(tag);
        }
        Ok(parsed)
    }

    /// Bytes that were made in the right form by this crate.
    pub(crate) fn trusted(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The encoded commitments, 34 bytes each.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.0.len() / COMMITMENT_BYTES
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Tag and digest of each, in order.
    pub fn iter(self) -> impl Iterator<Item = (u16, Digest)> {
        let mut cursor = Cursor::new(self.0);
        core::iter::from_fn(move || Some((cursor.u16()?, Digest(*cursor.array()?))))
    }

    /// The commitment to the value `tag`.
    pub fn get(self, tag: u16) -> Option<Digest> {
        self.iter().find(|(found, _)| *found == tag).map(|(_, digest)| digest)
    }
}

impl fmt::Debug for Commitments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Why some bytes are not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// The entry says more than its bytes hold.
    Cut {
        /// How many bytes there are.
        len: usize,
    },
    /// More bytes than an entry may have.
    TooLong {
        /// How many bytes there are.
        len: usize,
    },
    /// An encoding that this program doesn't know.
    Version {
        /// The version that stands there.
        found: u16,
    },
    /// The body is not a list of fields.
    Field(FieldError),
    /// A commitment's tag is not greater than the one before.
    CommitmentOrder {
        /// Where in the entry the commitment begins.
        at: usize,
        /// The tag that stands there.
        tag: u16,
    },
    /// Bytes after the end.
    Trailing {
        /// Where the entry ends.
        at: usize,
    },
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { len } => write!(f, "an entry of {len} bytes is cut short"),
            Self::TooLong { len } => {
                write!(f, "an entry of {len} bytes; at most {ENTRY_BYTES_MAX} are allowed")
            }
            Self::Version { found } => {
                write!(f, "entry encoding {found}, where this program knows {ENTRY_VERSION} only")
            }
            Self::Field(error) => error.fmt(f),
            Self::CommitmentOrder { at, tag } => {
                write!(f, "the commitment at byte {at} has tag {tag}, which must ascend")
            }
            Self::Trailing { at } => write!(f, "bytes after the entry's end at byte {at}"),
        }
    }
}

impl core::error::Error for EntryError {}
