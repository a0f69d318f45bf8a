//! Why the journal can't do what it was asked, and what to do about it.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rye_core::limit::{APPEND_BYTES_MAX, ENTRY_BYTES_MAX, GROUP_ENTRIES_MAX, VALUE_BYTES_MAX};

use crate::fault::{Fault, Position};
use crate::segment::FORMAT_VERSION;

/// Why the journal refuses. It can be copied, because everybody who waits for
/// the same flush is told the same.
#[derive(Clone, Debug)]
pub enum JournalError {
    /// Another process acts on the store.
    Locked {
        /// The store.
        path: PathBuf,
        /// The process, as it calls itself, if it could say.
        holder: Option<u32>,
    },
    /// There is no store.
    NotAStore {
        /// Where none is.
        path: PathBuf,
    },
    /// There is a store, or something else, already.
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// The journal was written in a format that this program doesn't know.
    Version {
        /// The file that says so.
        path: PathBuf,
        /// The format.
        found: u16,
    },
    /// Something in the journal is not as a writer leaves it.
    Damaged {
        /// Where.
        at: Position,
        /// What.
        fault: Fault,
    },
    /// The index holds entries that the segments don't: acknowledged ones were lost.
    TailLost {
        /// The folder of the index.
        index: PathBuf,
        /// How many entries there are.
        size: u64,
        /// How many there were.
        known: u64,
    },
    /// An append that can never succeed.
    Refused(AppendRefusal),
    /// No space is left. Nothing was written, and a later append may succeed.
    DiskFull,
    /// A file could not be read, written or made durable. After a failed write
    /// or flush every later append is answered with the same.
    Io {
        /// What was tried.
        operation: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The committer has ended; nothing more is taken.
    Stopped,
}

impl JournalError {
    pub(crate) fn damaged(at: Position, fault: Fault) -> Self {
        Self::Damaged { at, fault }
    }

    /// What to do about it, where that is known.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Locked { .. } => {
                "wait until it has ended; what it does not take, this one can do"
            }
            Self::NotAStore { .. } => {
                "name the folder that `ryed run` made with `--store`; if this is it, its journal is \
                 gone: restore it from a copy"
            }
            Self::Exists { .. } => "name a path where nothing is",
            Self::Version { found, .. } => {
                return Some(format!("use a release that knows format {found}"));
            }
            Self::Damaged { fault: Fault::Shorter { .. } | Fault::Fork { .. }, .. } => {
                "look for the store that was in use last"
            }
            Self::Damaged { .. } => {
                "restore it from a copy; `ryectl journal verify` says everything that is wrong"
            }
            Self::TailLost { index, .. } => {
                let index = index.display();
                return Some(format!(
                    "look for the store that was in use last; to go on without the lost entries, \
                     move {index} away"
                ));
            }
            Self::DiskFull => "free some space, then call it again",
            Self::Io { path, source, .. } => {
                return Some(io_help(self.is_full(), path, source));
            }
            Self::Refused(_) | Self::Stopped => return None,
        };
        Some(String::from(help))
    }

    /// Whether this says that the disk, or the quota, is full.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::DiskFull => true,
            Self::Io { source, .. } => is_full(source),
            _ => false,
        }
    }
}

/// Whether the system says that the disk, or the quota, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull)
}

/// What to do about what the system said of `path`.
fn io_help(is_full: bool, path: &Path, source: &io::Error) -> String {
    let help = match source.kind() {
        _ if is_full => "free some space, then call it again",
        io::ErrorKind::PermissionDenied => "let this user read and write the store",
        io::ErrorKind::ReadOnlyFilesystem => "keep the store on a disk that can be written",
        io::ErrorKind::NotADirectory => "name a folder, or a path where nothing is",
        io::ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or(path);
            return format!("is the folder {} there?", folder.display());
        }
        io::ErrorKind::InvalidInput => "restore the store from a copy, and see who changed it",
        _ => "see that the disk is sound, and that nobody else writes to the store",
    };
    String::from(help)
}

/// Makes a system's error one of the journal's.
pub(crate) fn io_error(
    operation: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io { operation, path: path.into(), source: Arc::new(source) }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { path, holder: Some(holder) } => {
                write!(f, "another process (number {holder}) acts on the store {}", path.display())
            }
            Self::Locked { path, holder: None } => {
                write!(f, "another process acts on the store {}", path.display())
            }
            Self::NotAStore { path } => {
                write!(f, "there is no store at {}", path.display())
            }
            Self::Exists { path } => write!(f, "{} exists already", path.display()),
            Self::Version { path, found } => write!(
                f,
                "{} has journal format {found}, and this program reads format {FORMAT_VERSION}",
                path.display()
            ),
            Self::Damaged {
                fault: fault @ (Fault::Shorter { .. } | Fault::Fork { .. }), ..
            } => {
                write!(f, "{fault}: its tail is lost or was replaced")
            }
            Self::Damaged { at, fault } => {
                write!(f, "the journal is damaged at {at}: {fault}; nothing was changed")
            }
            Self::TailLost { size, known, .. } => write!(
                f,
                "the journal has {size} entries, but its index knows {known}: its tail is lost or \
                 was replaced; nothing was changed"
            ),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::DiskFull => f.write_str("no space is left for the journal"),
            Self::Io { operation, path, source } => {
                write!(f, "could not {operation} {}: {source}", path.display())
            }
            Self::Stopped => f.write_str("the journal takes no more entries; it has been closed"),
        }
    }
}

impl core::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

/// Why an append can never succeed. Nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendRefusal {
    /// No entry at all.
    Empty,
    /// More entries than share one flush.
    Entries {
        /// How many.
        found: usize,
    },
    /// An entry is too long.
    EntryBytes {
        /// How long, in bytes.
        found: usize,
    },
    /// A value is too long.
    ValueBytes {
        /// Which value of its entry.
        tag: u16,
        /// How long, in bytes.
        found: usize,
    },
    /// All together is too long.
    AppendBytes {
        /// How long, in bytes with framing.
        found: usize,
    },
    /// The tags of an entry's values don't ascend.
    ValueOrder {
        /// The tag that is not greater than the one before.
        tag: u16,
    },
    /// All sequence numbers are used.
    Exhausted,
}

impl fmt::Display for AppendRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an append of no entries"),
            Self::Entries { found } => {
                write!(f, "an append of {found} entries; at most {GROUP_ENTRIES_MAX} are allowed")
            }
            Self::EntryBytes { found } => {
                write!(f, "an entry of {found} bytes; at most {ENTRY_BYTES_MAX} are allowed")
            }
            Self::ValueBytes { tag, found } => {
                write!(f, "value {tag} has {found} bytes; at most {VALUE_BYTES_MAX} are allowed")
            }
            Self::AppendBytes { found } => {
                write!(f, "an append of {found} bytes; at most {APPEND_BYTES_MAX} are allowed")
            }
            Self::ValueOrder { tag } => {
                write!(f, "the values of an entry must ascend by their tags; {tag} does not")
            }
            Self::Exhausted => f.write_str("the journal has used all its sequence numbers"),
        }
    }
}
