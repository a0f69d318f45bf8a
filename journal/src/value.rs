//! Values: what an entry commits to and the chain does not contain.
//!
//! An argument, answer, input or approval request may hold personal data. Its
//! entry keeps a salted commitment; the value itself stands in a frame of its
//! own, right behind the entry's, and can be erased without breaking the chain.
//! Salts come from the caller: this crate draws nothing at random.

use core::fmt;

use rye_core::digest::{Deriver, Digest, JOURNAL_COMMITMENT};

use crate::bytes::{Cursor, is_zero};

/// Sequence number, tag and salt before a value's bytes.
pub(crate) const VALUE_HEADER_BYTES: usize = 42;
/// What an erased value still says: sequence number and tag.
pub(crate) const ERASED_HEADER_BYTES: usize = 10;

/// 32 fresh random bytes for each value. Without them a commitment to a short
/// value could be guessed; with them gone it says nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rye_core::hex::write(f, &self.0)
    }
}

/// The commitment to `bytes` as the value `tag`.
pub fn commitment(salt: &Salt, tag: u16, bytes: &[u8]) -> Digest {
    commitment_with(&mut Deriver::new(JOURNAL_COMMITMENT), salt, tag, bytes)
}

/// [`commitment`], with a hasher of commitments that is used for many. Lengths over
/// 32 bits don't occur: a value is bounded long before.
pub(crate) fn commitment_with(hasher: &mut Deriver, salt: &Salt, tag: u16, bytes: &[u8]) -> Digest {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    // In one piece: to a hasher, each small piece costs as much as a block.
    let mut head = [0; 38];
    let (salted, lengths) = head.split_at_mut(32);
    let (tagged, counted) = lengths.split_at_mut(2);
    salted.copy_from_slice(&salt.0);
    tagged.copy_from_slice(&tag.to_be_bytes());
    counted.copy_from_slice(&len.to_be_bytes());
    hasher.digest(&[&head, bytes])
}

/// A value to be appended together with the entry that commits to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewValue {
    /// Which of the entry's values it is; ascending within the entry.
    pub tag: u16,
    /// Fresh from a random source.
    pub salt: Salt,
    /// The value itself.
    pub bytes: Vec<u8>,
}

/// A value as it stands in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// The entry that commits to it.
    pub seq: u64,
    /// Which of the entry's values it is.
    pub tag: u16,
    /// The value, unless it has been erased.
    pub content: Content<'a>,
}

/// What is left of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// All of it.
    Kept {
        /// The salt of its commitment.
        salt: Salt,
        /// The value itself.
        bytes: &'a [u8],
    },
    /// Nothing: salt and bytes have been overwritten.
    Erased {
        /// Whether all of them have: what was interrupted is to be done again.
        wholly: bool,
    },
}

impl<'a> Value<'a> {
    /// Reads the body of a value frame; `None` when it is too short.
    pub fn decode_kept(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let (seq, tag) = (cursor.u64()?, cursor.u16()?);
        let salt = Salt(*cursor.array()?);
        Some(Self { seq, tag, content: Content::Kept { salt, bytes: cursor.rest() } })
    }

    /// Reads the body of an erased value's frame; `None` when it is too short.
    pub fn decode_erased(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let (seq, tag) = (cursor.u64()?, cursor.u16()?);
        Some(Self { seq, tag, content: Content::Erased { wholly: is_zero(cursor.rest()) } })
    }

    /// Whether the value is the one committed to; an erased one has nothing to compare.
    pub(crate) fn matches(&self, expected: Digest, hasher: &mut Deriver) -> bool {
        match self.content {
            Content::Kept { salt, bytes } => {
                commitment_with(hasher, &salt, self.tag, bytes) == expected
            }
            Content::Erased { .. } => true,
        }
    }

    /// The value's bytes; `None` once erased.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match self.content {
            Content::Kept { bytes, .. } => Some(bytes),
            Content::Erased { .. } => None,
        }
    }
}
