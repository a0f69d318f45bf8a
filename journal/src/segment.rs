//! Segment files: their names, the block each begins with, and the block that
//! seals it.
//!
//! The magic, the version and the place of the checksum of the first block are
//! the same in every version of the format, past and future; so any program
//! can tell damage from a version that it doesn't know.

use rye_core::digest::Digest;
use rye_core::id::JournalId;

use crate::bytes::{Cursor, is_zero};
use crate::entry::Genesis;
use crate::group::{BLOCK_BYTES, Place};

#[cfg(test)]
mod tests;

/// The version of the journal's files that this program writes.
pub const FORMAT_VERSION: u16 = 1;

const SEGMENT_MAGIC: [u8; 8] = *b"RYEJRNL\0";
const SEAL_MAGIC: [u8; 4] = *b"RYES";
/// A header's checksum stands in the last four bytes of its block.
const CHECKED_BYTES: usize = BLOCK_BYTES - 4;
/// A seal's checksum stands right behind its fields.
const SEAL_CHECKED_BYTES: usize = 64;

/// The first block of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// What the whole journal was born with; the same in all its segments.
    pub(crate) genesis: Genesis,
    /// 0, 1, 2, …; also in the file's name.
    pub(crate) number: u64,
    /// The sequence number of the first entry.
    pub(crate) first_seq: u64,
    /// What the first entry links to.
    pub(crate) first_prev: Digest,
}

/// Why the first block of a segment can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    NotASegment,
    /// The file is longer than any segment.
    TooLong,
    Damaged,
    Version {
        found: u16,
    },
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOCK_BYTES);
        bytes.extend_from_slice(&SEGMENT_MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        bytes.extend_from_slice(&[0; 6]);
        bytes.extend_from_slice(&self.genesis.journal.0);
        bytes.extend_from_slice(&self.genesis.created_unix_ns.to_be_bytes());
        bytes.extend_from_slice(&self.genesis.checkpoint_key);
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(&self.first_seq.to_be_bytes());
        bytes.extend_from_slice(&self.first_prev.0);
        bytes.resize(CHECKED_BYTES, 0);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
        bytes
    }

    pub(crate) fn decode(block: &[u8]) -> Result<Self, HeaderFault> {
        let magic = block.first_chunk::<8>().ok_or(HeaderFault::NotASegment)?;
        if *magic != SEGMENT_MAGIC {
            return Err(HeaderFault::NotASegment);
        }
        let (checked, checksum) =
            block.split_first_chunk::<CHECKED_BYTES>().ok_or(HeaderFault::Damaged)?;
        if Cursor::new(checksum).u32() != Some(crc32c::crc32c(checked)) {
            return Err(HeaderFault::Damaged);
        }
        let cursor = &mut Cursor::new(checked);
        cursor.array::<8>().ok_or(HeaderFault::Damaged)?;
        let version = cursor.u16().ok_or(HeaderFault::Damaged)?;
        if version != FORMAT_VERSION {
            return Err(HeaderFault::Version { found: version });
        }
        let header = Self::decode_fields(cursor).ok_or(HeaderFault::Damaged)?;
        is_zero(cursor.rest()).then_some(header).ok_or(HeaderFault::Damaged)
    }

    fn decode_fields(cursor: &mut Cursor<'_>) -> Option<Self> {
        let reserved = cursor.array::<6>()?;
        let genesis = Genesis {
            journal: JournalId(*cursor.array()?),
            created_unix_ns: cursor.u64()?,
            checkpoint_key: *cursor.array()?,
        };
        let header = Self {
            genesis,
            number: cursor.u64()?,
            first_seq: cursor.u64()?,
            first_prev: Digest(*cursor.array()?),
        };
        (*reserved == [0; 6]).then_some(header)
    }
}

/// The last block of a segment to which nothing will be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    /// How many entries the segment holds.
    pub(crate) entries: u64,
    /// The sequence number of the first one.
    pub(crate) first_seq: u64,
    /// The sequence number of the last one.
    pub(crate) last_seq: u64,
    /// The hash of the last one.
    pub(crate) head: Digest,
}

impl Seal {
    pub(crate) fn encode(&self, place: &Place) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOCK_BYTES);
        bytes.extend_from_slice(&SEAL_MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.entries.to_be_bytes());
        bytes.extend_from_slice(&self.first_seq.to_be_bytes());
        bytes.extend_from_slice(&self.last_seq.to_be_bytes());
        bytes.extend_from_slice(&self.head.0);
        bytes.extend_from_slice(&place.checksum(&bytes).to_be_bytes());
        bytes.resize(BLOCK_BYTES, 0);
        bytes
    }

    /// The seal at the start of `block`, if there is a good one. All of it lies
    /// in one sector, so a seal is there or it isn't.
    pub(crate) fn decode(block: &[u8], place: &Place) -> Option<Self> {
        let (block, _) = block.split_first_chunk::<BLOCK_BYTES>()?;
        let (checked, _) = block.split_first_chunk::<SEAL_CHECKED_BYTES>()?;
        let cursor = &mut Cursor::new(block);
        let magic = cursor.array::<4>()?;
        let reserved = cursor.u32()?;
        let seal = Self {
            entries: cursor.u64()?,
            first_seq: cursor.u64()?,
            last_seq: cursor.u64()?,
            head: Digest(*cursor.array()?),
        };
        let good = *magic == SEAL_MAGIC
            && reserved == 0
            && cursor.u32()? == place.checksum(checked)
            && is_zero(cursor.rest());
        good.then_some(seal)
    }
}

/// The file name of segment `number`; names sort as numbers do.
pub(crate) fn file_name(number: u64) -> String {
    format!("{number:020}.segment")
}

/// The number in a file name; `None` for a file that is not a segment.
pub(crate) fn file_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment")?;
    let well_formed = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
    well_formed.then(|| digits.parse().ok()).flatten()
}
