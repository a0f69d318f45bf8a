//! What can be wrong with a journal, where, and the exit code that says so.

use core::fmt;

use rye_core::digest::Digest;
use rye_core::id::{BootId, JournalId};

use crate::entry::EntryError;
use crate::head::Head;
use crate::segment::FORMAT_VERSION;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The number of the segment, which is also in its file's name.
    pub segment: u64,
    /// The byte in that file.
    pub offset: u64,
    /// The entry that stands there, or that would.
    pub seq: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {}, byte {}, entry {}", self.segment, self.offset, self.seq)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Bytes that no writer leaves: a checksum, a length, a space that is not free.
    Corrupt(&'static str),
    /// A frame that is whole but holds no entry.
    Entry(EntryError),
    /// An entry that, encoded again, gives other bytes.
    Reencoded,
    /// A segment of a format that this program doesn't know.
    Version {
        /// The version that stands there.
        found: u16,
    },
    /// An entry or segment of another journal.
    Journal {
        /// The journal that this is.
        expected: JournalId,
        /// The one that stands there.
        found: JournalId,
    },
    /// A segment that says otherwise than the first when and with which
    /// checkpoint key the journal was created.
    Genesis,
    /// An entry is missing, doubled or out of order.
    Sequence {
        /// The number that comes next.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// A segment file is not there, though a later one is.
    SegmentMissing {
        /// Its number.
        number: u64,
    },
    /// The link to the entry before is not its hash.
    Chain {
        /// The hash of the entry before.
        expected: Digest,
        /// The link.
        found: Digest,
    },
    /// The seal of a segment is not about the entries in it.
    Seal,
    /// The clock that never goes back within one boot did.
    Clock {
        /// The boot that both entries name.
        boot: BootId,
        /// The reading of the entry before, in nanoseconds.
        before: u64,
        /// The reading of this one.
        found: u64,
    },
    /// An entry commits to a value that does not follow it.
    ValueMissing {
        /// Which value.
        tag: u16,
    },
    /// A value that its entry does not commit to.
    ValueForeign {
        /// Which value.
        tag: u16,
    },
    /// A value that is not the one committed to.
    ValueChanged {
        /// Which value.
        tag: u16,
    },
    /// The remains of a write that was cut short, after the last whole group.
    /// Nothing in it was acknowledged; opening the store for writing clears it.
    Torn {
        /// How many bytes there are.
        bytes: u64,
    },
    /// The journal ends before an entry that is known to have been in it.
    Shorter {
        /// What is known.
        expected: Head,
        /// How many entries there are.
        size: u64,
    },
    /// The entry at a known place is another one.
    Fork {
        /// What is known.
        expected: Head,
        /// The hash of the entry that stands there.
        found: Digest,
    },
    /// The entries contradict each other, says whoever knows what they mean.
    Meaning(String),
}

impl Fault {
    /// The exit code of a verification that finds this first. 15, 16 and 20 are
    /// kept for checkpoints and witnesses.
    pub fn code(&self) -> u8 {
        match self {
            Self::Corrupt(_)
            | Self::Entry(_)
            | Self::Reencoded
            | Self::Version { .. }
            | Self::Clock { .. }
            | Self::ValueMissing { .. }
            | Self::ValueForeign { .. }
            | Self::ValueChanged { .. } => 10,
            Self::Chain { .. } | Self::Seal => 11,
            Self::Sequence { .. } | Self::SegmentMissing { .. } => 12,
            Self::Fork { .. } => 13,
            Self::Shorter { .. } => 14,
            Self::Meaning(_) => 17,
            Self::Journal { .. } | Self::Genesis => 18,
            Self::Torn { .. } => 19,
        }
    }

    /// The word for it in machine output.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Corrupt(_) | Self::Entry(_) | Self::Reencoded => "corrupt",
            Self::Version { .. } => "version",
            Self::Journal { .. } | Self::Genesis => "journal",
            Self::Sequence { .. } | Self::SegmentMissing { .. } => "sequence",
            Self::Chain { .. } | Self::Seal => "chain",
            Self::Clock { .. } => "clock",
            Self::ValueMissing { .. } | Self::ValueForeign { .. } | Self::ValueChanged { .. } => {
                "value"
            }
            Self::Torn { .. } => "torn",
            Self::Shorter { .. } => "shorter",
            Self::Fork { .. } => "fork",
            Self::Meaning(_) => "meaning",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(what) => f.write_str(what),
            Self::Entry(error) => error.fmt(f),
            Self::Reencoded => f.write_str("the entry is not in its canonical form"),
            Self::Version { found } => write!(
                f,
                "the journal has format {found}, and this program reads format {FORMAT_VERSION}"
            ),
            Self::Journal { expected, found } => {
                write!(f, "belongs to journal {found}, not to {expected}")
            }
            Self::Genesis => f.write_str("the segment names another genesis than the first"),
            Self::Sequence { expected, found } => {
                write!(f, "entry {found} stands where entry {expected} belongs")
            }
            Self::SegmentMissing { number } => write!(f, "segment {number} is missing"),
            Self::Chain { expected, found } => {
                write!(f, "links to {found}, but the entry before has the hash {expected}")
            }
            Self::Seal => f.write_str("the seal does not fit the entries before it"),
            Self::Clock { boot, before, found } => {
                write!(f, "the clock of boot {boot} went back from {before} ns to {found} ns")
            }
            Self::ValueMissing { tag } => {
                write!(f, "value {tag}, which the entry commits to, is missing")
            }
            Self::ValueForeign { tag } => {
                write!(f, "value {tag} follows an entry that does not commit to it")
            }
            Self::ValueChanged { tag } => {
                write!(f, "value {tag} is not the one that the entry commits to")
            }
            Self::Torn { bytes } => {
                write!(f, "{bytes} bytes of a write that was cut short, never acknowledged")
            }
            Self::Shorter { expected, size } => {
                write!(f, "the journal has {size} entries, but had {} before", expected.size)
            }
            Self::Fork { expected, found } => {
                write!(
                    f,
                    "after {} entries the hash is {found}, not {}",
                    expected.size, expected.hash
                )
            }
            Self::Meaning(text) => f.write_str(text),
        }
    }
}
