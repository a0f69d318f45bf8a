//! An entry as it stands in the journal, together with its values.

use rye_core::digest::{Deriver, Digest, JOURNAL_COMMITMENT};

use crate::entry::{Entry, entry_hash};
use crate::fault::Fault;
#[cfg(feature = "index")]
use crate::group::frame_at;
use crate::group::{FrameKind, checked_frame_at};
use crate::value::Value;

/// An entry that is being read, borrowed from the buffer it was read into.
#[derive(Clone, Copy, Debug)]
pub struct StoredEntry<'a> {
    /// What it says.
    pub entry: Entry<'a>,
    /// Its bytes, which the hash covers.
    pub bytes: &'a [u8],
    /// Its hash.
    pub hash: Digest,
    /// The values that it commits to, in order of their tags.
    pub values: Values<'a>,
    /// All of it as it stands in its group: the entry's frame and those of its values.
    pub(crate) frames: &'a [u8],
}

impl StoredEntry<'_> {
    /// A copy that outlives the buffer.
    pub fn to_owned(&self) -> OwnedEntry {
        OwnedEntry { frames: self.frames.to_vec(), hash: self.hash }
    }

    /// Whether a value that the entry commits to was erased.
    pub fn is_erased(&self) -> bool {
        self.values.iter().any(|value| value.bytes().is_none())
    }

    /// What is wrong with the values: each that the entry commits to follows it,
    /// in order, and has been erased or, as far as there is a hasher of commitments to
    /// tell, is the one committed to.
    pub(crate) fn check_values(&self, mut hasher: Option<&mut Deriver>) -> Result<(), Fault> {
        let mut values = self.values.iter();
        for (tag, expected) in self.entry.commitments.iter() {
            let value = values.next().ok_or(Fault::ValueMissing { tag })?;
            if value.tag != tag || value.seq != self.entry.seq {
                return Err(Fault::ValueForeign { tag: value.tag });
            }
            if hasher.as_deref_mut().is_some_and(|hasher| !value.matches(expected, hasher)) {
                return Err(Fault::ValueChanged { tag });
            }
        }
        values.next().map_or(Ok(()), |value| Err(Fault::ValueForeign { tag: value.tag }))
    }
}

/// The values of one entry.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    /// Each value, in order of the tags.
    pub fn iter(self) -> impl Iterator<Item = Value<'a>> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let frame = checked_frame_at(self.0, at)?;
            at = frame.next;
            frame.value()
        })
    }

    /// The value `tag`.
    pub fn get(self, tag: u16) -> Option<Value<'a>> {
        self.iter().find(|value| value.tag == tag)
    }
}

/// An entry with its values, kept in memory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedEntry {
    frames: Vec<u8>,
    hash: Digest,
}

impl OwnedEntry {
    /// The entry to read. `None` doesn't occur: the bytes were an entry when they were copied.
    pub fn view(&self) -> Option<StoredEntry<'_>> {
        let Framed { frames, entry: bytes, values, .. } = entries(&self.frames).next()?;
        Some(StoredEntry {
            entry: Entry::decode(bytes).ok()?,
            bytes,
            hash: self.hash,
            values,
            frames,
        })
    }
}

/// The frames of one entry within a checked group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Framed<'a> {
    /// Where the entry's frame begins, from the first frame of the group.
    pub(crate) at: usize,
    /// The entry's frame and those of its values.
    pub(crate) frames: &'a [u8],
    pub(crate) entry: &'a [u8],
    pub(crate) values: Values<'a>,
}

impl<'a> Framed<'a> {
    /// The entry, if it has number `seq` and its values are those that it commits
    /// to. Its place in the chain is not checked.
    pub(crate) fn checked(&self, seq: u64) -> Result<StoredEntry<'a>, Fault> {
        let Self { frames, entry: bytes, values, .. } = *self;
        let entry = Entry::decode(bytes).map_err(Fault::Entry)?;
        if entry.seq != seq {
            return Err(Fault::Sequence { expected: seq, found: entry.seq });
        }
        let stored = StoredEntry { entry, bytes, hash: entry_hash(bytes), values, frames };
        stored.check_values(Some(&mut Deriver::new(JOURNAL_COMMITMENT))).map(|()| stored)
    }
}

/// The entries of a checked group, each with its values.
pub(crate) fn entries(frames: &[u8]) -> impl Iterator<Item = Framed<'_>> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let entry = checked_frame_at(frames, at)?;
        let values_at = entry.next;
        let framed_at = at;
        at = values_at;
        while let Some(frame) = checked_frame_at(frames, at) {
            if frame.kind == FrameKind::Entry {
                break;
            }
            at = frame.next;
        }
        let values = Values(frames.get(values_at..at).unwrap_or_default());
        let frames = frames.get(framed_at..at).unwrap_or_default();
        Some(Framed { at: framed_at, frames, entry: entry.body, values })
    })
}

/// The entry `seq` that `frames` are all of, checked to the last byte.
#[cfg(feature = "index")]
pub(crate) fn sole_entry(frames: &[u8], seq: u64) -> Result<StoredEntry<'_>, Fault> {
    let mut at = 0;
    while at < frames.len() {
        at = frame_at(frames, at).map_err(|fault| Fault::Corrupt(fault.what))?.next;
    }
    match entries(frames).next() {
        Some(sole) if sole.frames.len() == frames.len() => sole.checked(seq),
        _ => Err(Fault::Corrupt("it is not the frames of one entry")),
    }
}
