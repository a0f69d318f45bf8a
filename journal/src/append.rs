//! What is handed to the journal, checked and measured before it waits for its
//! turn, and what comes back.

use rye_core::digest::{Deriver, JOURNAL_COMMITMENT};
use rye_core::id::{BootId, RunId};
use rye_core::limit::{APPEND_BYTES_MAX, ENTRY_BYTES_MAX, GROUP_ENTRIES_MAX, VALUE_BYTES_MAX};

use crate::entry::{COMMITMENT_BYTES, ENTRY_BYTES_MIN};
use crate::error::AppendRefusal;
use crate::fields::Body;
use crate::group::framed;
use crate::head::Head;
use crate::value::{NewValue, VALUE_HEADER_BYTES, commitment_with};

/// An entry that has no place in the chain yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// What happened; the engine's number for it.
    pub kind: u8,
    /// The run that it belongs to; all zero for none.
    pub run: RunId,
    /// Wall clock, nanoseconds of Unix time.
    pub wall_unix_ns: u64,
    /// The start of the machine that `mono_ns` counts from.
    pub boot: BootId,
    /// Nanoseconds since that start. An entry that comes to its turn after one
    /// with a later reading of the same boot takes over that reading.
    pub mono_ns: u64,
    /// What is known about it.
    pub body: Body,
    /// What the entry commits to without containing it, in order of the tags.
    pub values: Vec<NewValue>,
}

/// The answer to an append whose entries can no longer be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durable {
    /// The sequence number of its first entry; the others follow.
    pub first_seq: u64,
    /// The journal after its last entry.
    pub head: Head,
    /// Whether the disk is full and the reserve is being used up. Nothing may be
    /// enforced then.
    pub on_reserve: bool,
}

/// Entries that fit, with their commitments computed. Making one costs hashing
/// and is done by whoever appends, not by the committer.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) entries: Vec<NewEntry>,
    /// The encoded commitments of all entries, one after the other.
    pub(crate) commitments: Vec<u8>,
    /// What all frames will measure, in bytes.
    pub(crate) framed_bytes: usize,
}

impl Prepared {
    pub(crate) fn new(entries: Vec<NewEntry>) -> Result<Self, AppendRefusal> {
        let framed_bytes = measure(&entries)?;
        let mut hasher = Deriver::new(JOURNAL_COMMITMENT);
        let mut commitments = Vec::new();
        for value in entries.iter().flat_map(|entry| &entry.values) {
            let digest = commitment_with(&mut hasher, &value.salt, value.tag, &value.bytes);
            commitments.extend_from_slice(&value.tag.to_be_bytes());
            commitments.extend_from_slice(&digest.0);
        }
        Ok(Self { entries, commitments, framed_bytes })
    }
}

/// How long the frames of `entries` will be, if they can be appended at all.
fn measure(entries: &[NewEntry]) -> Result<usize, AppendRefusal> {
    if entries.is_empty() {
        return Err(AppendRefusal::Empty);
    }
    if entries.len() > GROUP_ENTRIES_MAX {
        return Err(AppendRefusal::Entries { found: entries.len() });
    }
    let mut whole = 0_usize;
    for entry in entries {
        let body = entry.body.fields().as_bytes().len();
        let commitments = entry.values.len().saturating_mul(COMMITMENT_BYTES);
        let len = ENTRY_BYTES_MIN.saturating_add(body).saturating_add(commitments);
        if len > ENTRY_BYTES_MAX {
            return Err(AppendRefusal::EntryBytes { found: len });
        }
        whole = whole.saturating_add(framed(len));
        let mut last = None;
        for value in &entry.values {
            let (tag, found) = (value.tag, value.bytes.len());
            if last.is_some_and(|last| tag <= last) {
                return Err(AppendRefusal::ValueOrder { tag });
            }
            if found > VALUE_BYTES_MAX {
                return Err(AppendRefusal::ValueBytes { tag, found });
            }
            last = Some(tag);
            whole = whole.saturating_add(framed(VALUE_HEADER_BYTES.saturating_add(found)));
        }
    }
    if whole > APPEND_BYTES_MAX {
        return Err(AppendRefusal::AppendBytes { found: whole });
    }
    Ok(whole)
}
