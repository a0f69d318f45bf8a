//! A store: one directory with a journal, an inbox and the bundles of its runs.
//!
//! ```text
//! STORE/
//! ├── lock        held by the process that acts; its id, for whoever is refused
//! ├── journal/    NUMBER.segment …, and the reserve for a full disk
//! ├── index/      the same entries in a database; made again when it is not there
//! ├── inbox/      messages of people, one file each
//! └── bundles/    the bundles that runs were started with, by digest
//! ```
//!
//! The version of the format stands in the first block of every segment.

use core::ops::{ControlFlow, RangeInclusive};
use std::path::{Path, PathBuf};

use rye_core::id::RunId;

use crate::append::{Durable, NewEntry};
use crate::commit::Journal;
use crate::disk::Disk;
use crate::error::JournalError;
use crate::examine::threads;
use crate::head::Head;
use crate::read::Reader;
use crate::scan::ScanMode;
use crate::stored::{OwnedEntry, StoredEntry};
use crate::verify::{Expectation, Report, verify_on};

/// The file whose lock the acting process holds.
pub fn lock_file(store: &Path) -> PathBuf {
    store.join("lock")
}

/// The folder of the segments.
pub fn journal_folder(store: &Path) -> PathBuf {
    store.join("journal")
}

/// The folder of the index.
pub fn index_folder(store: &Path) -> PathBuf {
    store.join("index")
}

/// The folder of people's messages.
pub fn inbox_folder(store: &Path) -> PathBuf {
    store.join("inbox")
}

/// The folder of the bundles that runs were started with.
pub fn bundles_folder(store: &Path) -> PathBuf {
    store.join("bundles")
}

/// The folder of the trust roots and revocation lists that were believed.
pub fn trust_folder(store: &Path) -> PathBuf {
    store.join("trust")
}

/// What the runtime needs of a journal, wherever it is kept. An index for
/// look-up, or a database in place of segments, comes in behind it.
pub trait JournalStore {
    /// Appends `group` as a whole; when this returns, it can't be lost.
    ///
    /// # Errors
    /// When the entries don't fit, or could not be made durable.
    fn append(&mut self, group: Vec<NewEntry>) -> Result<Durable, JournalError>;

    /// The entry `seq`, with its values; `None` when there is none.
    ///
    /// # Errors
    /// When reading fails, or the entry is damaged.
    fn get(&self, seq: u64) -> Result<Option<OwnedEntry>, JournalError>;

    /// Shows `visit` the entries of `run` from sequence number `from` on, in
    /// order, until it breaks.
    ///
    /// # Errors
    /// When reading fails, or the journal is damaged.
    fn by_run(&self, run: RunId, from: u64, visit: &mut Visit<'_>) -> Result<(), JournalError>;

    /// The end of the chain.
    fn head(&self) -> Head;

    /// Verifies the chain as a whole, and reports what is wrong in `range`.
    ///
    /// # Errors
    /// When reading fails.
    fn verify(&self, range: RangeInclusive<u64>) -> Result<Report, JournalError>;

    /// Overwrites all values of the entries of `runs`, wherever they stand, and says how
    /// many values of the chain those were. What was erased before is left alone.
    ///
    /// # Errors
    /// When reading or writing fails: it may be done again.
    fn erase(&mut self, runs: &[RunId]) -> Result<u64, JournalError>;

    /// Makes afresh whatever can be derived from the chain. A store without
    /// such things has nothing to do.
    ///
    /// # Errors
    /// When reading or writing fails.
    fn rebuild_index(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}

/// Who is shown entries, and may break.
pub type Visit<'a> = dyn FnMut(&StoredEntry<'_>) -> ControlFlow<()> + 'a;

/// Segments alone: look-ups read the files.
impl<D: Disk> JournalStore for Journal<D> {
    fn append(&mut self, group: Vec<NewEntry>) -> Result<Durable, JournalError> {
        Self::append(self, group)
    }

    fn get(&self, seq: u64) -> Result<Option<OwnedEntry>, JournalError> {
        self.reader().get(seq)
    }

    fn by_run(&self, run: RunId, from: u64, visit: &mut Visit<'_>) -> Result<(), JournalError> {
        self.reader().by_run(run, from, visit)
    }

    fn erase(&mut self, runs: &[RunId]) -> Result<u64, JournalError> {
        Self::erase(self, runs)
    }

    fn head(&self) -> Head {
        Self::head(self)
    }

    fn verify(&self, range: RangeInclusive<u64>) -> Result<Report, JournalError> {
        let expectation = Expectation { heads: vec![Self::head(self)], ..Expectation::default() };
        let mode = ScanMode { commitments: true, patience: 0, threads: threads() };
        let mut report =
            verify_on(&self.disk, self.directory(), mode, &expectation, &mut |_| None)?;
        report.findings.retain(|finding| range.contains(&finding.at.seq));
        Ok(report)
    }
}

impl<D: Disk> Journal<D> {
    /// A reader of the same segments.
    pub fn reader(&self) -> Reader<D> {
        Reader::on(self.disk.clone(), self.directory().to_owned())
    }
}
