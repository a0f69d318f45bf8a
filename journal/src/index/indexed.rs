//! Segments with an index beside them, as one journal.

use core::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use rye_core::id::RunId;

use super::sled::SledTable;
use super::table::Table;
use super::{Index, Indexer, Keeping, Report};
use crate::append::{Durable, NewEntry};
use crate::commit::{Geometry, Journal};
use crate::disk::{Disk, RealDisk};
use crate::entry::Genesis;
use crate::error::JournalError;
use crate::head::Head;
use crate::read::Reader;
use crate::recover::{Opened, lock_store};
use crate::store::{JournalStore, Visit, index_folder, journal_folder};
use crate::stored::{OwnedEntry, StoredEntry};
use crate::verify::Report as Verified;

/// A store's journal, opened for writing, with an index for look-ups.
#[derive(Debug)]
pub struct Indexed<D: Disk = RealDisk> {
    journal: Journal<D>,
    pub(crate) index: Index<D>,
}

impl Indexed<RealDisk> {
    /// Makes a store as [`Journal::create`] does. `report` is told of the index.
    ///
    /// # Errors
    /// Those of [`Journal::create`].
    pub fn create(store: &Path, genesis: Genesis, report: Report) -> Result<Self, JournalError> {
        let keeping = Keeping::new(index_folder(store), report);
        let journal = Journal::create(store, genesis)?;
        Self::beside::<SledTable>(journal, keeping)
    }

    /// Opens a store as [`Journal::open`] does. The index is compared with the
    /// segments and brought level behind this call; `report` is told of it.
    ///
    /// # Errors
    /// Those of [`Journal::open`], and when the index holds entries that the
    /// segments don't.
    pub fn open(
        store: &Path,
        known: Option<Head>,
        report: Report,
        visit: &mut dyn FnMut(&StoredEntry<'_>),
    ) -> Result<Opened<Self>, JournalError> {
        let keeping = Keeping::new(index_folder(store), report);
        Self::open_on::<SledTable>(RealDisk, store, known, Geometry::default(), keeping, visit)
    }
}

impl<D: Disk> Indexed<D> {
    /// Sets an index beside a journal that was just made.
    pub(crate) fn beside<T: Table>(
        journal: Journal<D>,
        keeping: Keeping,
    ) -> Result<Self, JournalError> {
        let indexer = Indexer::start::<T, D>(&journal.reader(), keeping)?;
        Ok(Self::joined(journal, indexer))
    }

    /// The index is opened while the segments are walked: both take their time.
    pub(crate) fn open_on<T: Table>(
        disk: D,
        store: &Path,
        known: Option<Head>,
        geometry: Geometry,
        keeping: Keeping,
        visit: &mut dyn FnMut(&StoredEntry<'_>),
    ) -> Result<Opened<Self>, JournalError> {
        let lock = lock_store(&disk, store)?;
        let reader = Reader::on(disk.clone(), journal_folder(store));
        let indexer = Indexer::start::<T, D>(&reader, keeping)?;
        let opened = Journal::open_locked(disk, store, lock, known, geometry, visit)?;
        let Opened { journal, recovered } = opened;
        let (indexer, last) = indexer.last::<T, D>(&reader)?;
        let size = journal.head().size;
        if let Some(last) = last.filter(|last| last.journal == journal.genesis().journal)
            && last.head.size > size
        {
            let (index, known) = (indexer.shared.keeping.folder.clone(), last.head.size);
            return Err(JournalError::TailLost { index, size, known });
        }
        Ok(Opened { journal: Self::joined(journal, indexer), recovered })
    }

    fn joined(mut journal: Journal<D>, indexer: Indexer) -> Self {
        let index = Index { shared: Arc::clone(&indexer.shared), reader: journal.reader() };
        indexer.shared.begin(journal.genesis().journal, journal.head().size);
        journal.follow(Box::new(indexer));
        Self { journal, index }
    }

    /// Its genesis, which does not change.
    pub fn genesis(&self) -> &Genesis {
        self.journal.genesis()
    }

    /// The journal, to be given to a committer, and look-ups in it. The index
    /// follows the journal until that is dropped.
    pub fn into_parts(self) -> (Journal<D>, Index<D>) {
        (self.journal, self.index)
    }
}

impl<D: Disk> JournalStore for Indexed<D> {
    fn append(&mut self, group: Vec<NewEntry>) -> Result<Durable, JournalError> {
        self.journal.append(group)
    }

    fn get(&self, seq: u64) -> Result<Option<OwnedEntry>, JournalError> {
        self.index.get(seq)
    }

    fn by_run(&self, run: RunId, from: u64, visit: &mut Visit<'_>) -> Result<(), JournalError> {
        self.index.by_run(run, from, visit)
    }

    fn erase(&mut self, runs: &[RunId]) -> Result<u64, JournalError> {
        let count = self.journal.erase(runs)?;
        // Also where none was left: it may have been interrupted before this.
        self.index.rebuild()?;
        Ok(count)
    }

    fn head(&self) -> Head {
        self.journal.head()
    }

    fn verify(&self, range: RangeInclusive<u64>) -> Result<Verified, JournalError> {
        JournalStore::verify(&self.journal, range)
    }

    fn rebuild_index(&mut self) -> Result<(), JournalError> {
        self.index.rebuild()
    }
}
