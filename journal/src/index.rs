//! The index: the same entries in a database, for look-ups by number and by run.
//!
//! It is never what makes an entry durable, and nothing is true because it says
//! so. A thread of its own ([`keeper`]) compares it with the segments whenever
//! a store is opened, adds what is committed, and sets it aside when it is
//! broken. While it is not level, look-ups read the segments. One thing it does
//! decide: when it holds entries that the segments don't, acknowledged entries
//! were lost, and the store is not opened.

mod content;
mod indexed;
mod keeper;
#[cfg(test)]
pub(crate) mod redb;
mod shared;
pub(crate) mod sled;
pub(crate) mod table;

use core::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::Duration;

use rye_core::id::RunId;
use rye_core::limit::{INDEX_TAIL_BYTES_MAX, INDEX_WAIT_SECONDS_MAX};

use self::content::Last;
use self::keeper::{Keeper, remove_all};
use self::shared::{Answer, Opened, Question, Shared};
use self::table::Table;
use crate::commit::Follower;
use crate::disk::{Disk, RealDisk};
use crate::error::{JournalError, io_error};
use crate::head::Head;
use crate::read::Reader;
use crate::store::Visit;
use crate::stored::OwnedEntry;

pub use self::indexed::Indexed;

/// What became of an index, for whoever looks after the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexEvent {
    /// It has all entries, and look-ups use it.
    Level {
        /// How many there are.
        entries: u64,
    },
    /// It could not be used. It was moved away, and is made afresh.
    SetAside {
        /// Why.
        why: String,
        /// Where it is now.
        to: PathBuf,
    },
    /// It is not used until the store is opened again; look-ups read the segments.
    GivenUp {
        /// Why.
        why: String,
    },
}

impl fmt::Display for IndexEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level { entries } => write!(f, "the index has all {entries} entries"),
            Self::SetAside { why, to } => write!(
                f,
                "the index could not be used: {why}; it was moved to {} and is made afresh",
                to.display()
            ),
            Self::GivenUp { why } => write!(
                f,
                "the index is not used until the store is opened again: {why}; look-ups read the \
                 segments"
            ),
        }
    }
}

/// Who is told of an index, from any thread.
pub type Report = Arc<dyn Fn(&IndexEvent) + Send + Sync>;

/// How an index is kept.
#[derive(Clone)]
pub(crate) struct Keeping {
    pub(crate) folder: PathBuf,
    pub(crate) report: Report,
    /// How long anybody waits for its thread.
    pub(crate) patience: Duration,
    /// How many bytes of groups may wait for it.
    pub(crate) tail_bytes_max: usize,
}

impl Keeping {
    pub(crate) fn new(folder: PathBuf, report: Report) -> Self {
        let patience = Duration::from_secs(INDEX_WAIT_SECONDS_MAX);
        Self { folder, report, patience, tail_bytes_max: INDEX_TAIL_BYTES_MAX }
    }
}

/// Look-ups in a journal, from any thread.
pub struct Index<D: Disk = RealDisk> {
    shared: Arc<Shared>,
    reader: Reader<D>,
}

impl<D: Disk> Clone for Index<D> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), reader: self.reader.clone() }
    }
}

impl<D: Disk> fmt::Debug for Index<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("folder", &self.shared.keeping.folder).finish_non_exhaustive()
    }
}

impl<D: Disk> Index<D> {
    /// The entry `seq`, with its values; `None` when there is none.
    ///
    /// # Errors
    /// When the segments are read, and that fails.
    pub fn get(&self, seq: u64) -> Result<Option<OwnedEntry>, JournalError> {
        match self.ask(Question::Get(seq)) {
            Some(Answer::Entry(entry)) => Ok(entry),
            _ => self.reader.get(seq),
        }
    }

    /// Shows `visit` the entries of `run` from sequence number `from` on, in
    /// order, until it breaks.
    ///
    /// # Errors
    /// When the segments are read, and that fails.
    pub fn by_run(
        &self,
        run: RunId,
        mut from: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), JournalError> {
        loop {
            let Some(Answer::Page(page)) = self.ask(Question::Run { run, from }) else {
                return self.reader.by_run(run, from, visit);
            };
            for stored in page.entries.iter().filter_map(OwnedEntry::view) {
                if visit(&stored).is_break() {
                    return Ok(());
                }
            }
            let Some(next) = page.next else { return Ok(()) };
            from = next;
        }
    }

    /// Removes the index with all that was set aside, and has it made afresh. When
    /// this returns, the segments alone hold what they hold.
    ///
    /// # Errors
    /// When the files can't be removed, or the index does not answer.
    pub fn rebuild(&self) -> Result<(), JournalError> {
        let Keeping { folder, patience, .. } = &self.shared.keeping;
        let removed = self.shared.rebuild().map(|removed| removed.recv_timeout(*patience));
        let removed = match removed {
            Some(Ok(removed)) => removed,
            Some(Err(RecvTimeoutError::Timeout)) => {
                self.shared.give_up();
                remove_all(folder)
            }
            Some(Err(RecvTimeoutError::Disconnected)) | None => remove_all(folder),
        };
        removed.map_err(io_error("remove", folder))
    }

    /// Whether the table alone has every entry.
    #[cfg(test)]
    pub(crate) fn is_level(&self) -> bool {
        self.shared.is_level()
    }

    /// How many questions the index has answered, so that a test can tell that it
    /// was not the segments.
    #[cfg(test)]
    pub(crate) fn answered(&self) -> u64 {
        self.shared.answered()
    }

    /// The answer of the index; `None` when it is not level. An index that gives
    /// none in time is not asked again.
    fn ask(&self, question: Question) -> Option<Answer> {
        let answer = self.shared.ask(question)?;
        let answer = answer.recv_timeout(self.shared.keeping.patience);
        if let Err(RecvTimeoutError::Timeout) = answer {
            self.shared.give_up();
        }
        answer.ok()
    }
}

/// An index's thread, as the journal that it follows holds it.
struct Indexer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Indexer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Indexer").finish_non_exhaustive()
    }
}

impl Follower for Indexer {
    fn committed(&self, frames: &[u8], first_seq: u64, head: Head) {
        self.shared.committed(frames, first_seq, head.size);
    }
}

impl Drop for Indexer {
    /// Waits until the database is closed, so that whoever takes the lock next can
    /// open it. A thread that hangs is left behind.
    fn drop(&mut self) {
        self.shared.stop();
        if self.shared.wait_until_ended()
            && let Some(thread) = self.thread.take()
        {
            // A panic in there has been reported.
            let _ = thread.join();
        }
    }
}

impl Indexer {
    fn start<T: Table, D: Disk>(
        reader: &Reader<D>,
        keeping: Keeping,
    ) -> Result<Self, JournalError> {
        let shared = Arc::new(Shared::new(keeping));
        let keeper = Keeper { reader: reader.clone(), shared: Arc::clone(&shared) };
        let failed = |error| io_error("start a thread for", &shared.keeping.folder)(error);
        let thread = keeper.start::<T>().map_err(failed)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What the index ends with, once it is open; one that does not open in time
    /// is set aside, and another thread makes it afresh.
    fn last<T: Table, D: Disk>(
        self,
        reader: &Reader<D>,
    ) -> Result<(Self, Option<Last>), JournalError> {
        if let Some(Opened(last)) = self.shared.wait_until_open() {
            return Ok((self, last));
        }
        self.shared.abandon();
        match self.shared.set_aside("its database does not open") {
            Ok(()) => Ok((Self::start::<T, D>(reader, self.shared.keeping.clone())?, None)),
            Err(why) => {
                self.shared.report(&IndexEvent::GivenUp { why });
                Ok((self, None))
            }
        }
    }
}
