//! What every store promises, written once and held by each: segments alone,
//! segments with sled, segments with redb. The segments stand on a disk in
//! memory, which can be cut off at any call; an index stands in a real folder.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rye_core::id::RunId;
use tempfile::TempDir;

use crate::append::Durable;
use crate::disk::simulated::SimulatedDisk;
use crate::error::JournalError;
use crate::index::redb::RedbTable;
use crate::index::sled::SledTable;
use crate::index::table::Table;
use crate::index::{Index, IndexEvent, Indexed, Keeping};
use crate::recover::Opened;
use crate::store::JournalStore;
use crate::stored::StoredEntry;
use crate::testing::{SMALL, STORE, create, entry, open};

mod crash;
mod damage;
mod index_fault;
mod look_up;
mod tail_lost;

/// A store that was opened.
pub(crate) struct Subject {
    pub(crate) store: Box<dyn JournalStore>,
    /// The way to ask its index alone.
    pub(crate) index: Option<Index<SimulatedDisk>>,
}

/// How a store is made and opened.
pub(crate) trait Kind {
    fn create(at: &Place) -> Result<Subject, JournalError>;
    fn open(at: &Place) -> Result<Subject, JournalError>;
}

/// Where a store is.
pub(crate) struct Place {
    pub(crate) disk: SimulatedDisk,
    /// The folder that the index is in; it may be moved, damaged, removed.
    pub(crate) folder: TempDir,
    pub(crate) events: Arc<Mutex<Vec<IndexEvent>>>,
    pub(crate) patience: Duration,
    pub(crate) tail_bytes_max: usize,
}

impl Place {
    pub(crate) fn new(disk: SimulatedDisk) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (events, patience) = (Arc::default(), Duration::from_mins(1));
        Self { disk, folder, events, patience, tail_bytes_max: 1 << 20 }
    }

    /// The same index beside another disk; what was reported before is forgotten.
    pub(crate) fn on(self, disk: SimulatedDisk) -> Self {
        Self { disk, events: Arc::default(), ..self }
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    pub(crate) fn keeping(&self) -> Keeping {
        let events = Arc::clone(&self.events);
        Keeping {
            folder: self.index(),
            report: Arc::new(move |event| events.lock().unwrap().push(event.clone())),
            patience: self.patience,
            tail_bytes_max: self.tail_bytes_max,
        }
    }

    /// What was reported so far, but for being level.
    pub(crate) fn complaints(&self) -> Vec<IndexEvent> {
        let mut events = self.events.lock().unwrap().clone();
        events.retain(|event| !matches!(event, IndexEvent::Level { .. }));
        events
    }
}

/// Segments alone.
pub(crate) struct Segments;

impl Kind for Segments {
    fn create(at: &Place) -> Result<Subject, JournalError> {
        create(&at.disk).map(|journal| Subject { store: Box::new(journal), index: None })
    }

    fn open(at: &Place) -> Result<Subject, JournalError> {
        let Opened { journal, .. } = open(&at.disk)?;
        Ok(Subject { store: Box::new(journal), index: None })
    }
}

/// Segments with an index in this table.
impl<T: Table> Kind for T {
    fn create(at: &Place) -> Result<Subject, JournalError> {
        Indexed::beside::<T>(create(&at.disk)?, at.keeping()).map(subject)
    }

    fn open(at: &Place) -> Result<Subject, JournalError> {
        let (disk, store) = (at.disk.clone(), Path::new(STORE));
        let opened = Indexed::open_on::<T>(disk, store, None, SMALL, at.keeping(), &mut |_| ())?;
        Ok(subject(opened.journal))
    }
}

fn subject(indexed: Indexed<SimulatedDisk>) -> Subject {
    let index = Some(indexed.index.clone());
    Subject { store: Box::new(indexed), index }
}

impl Subject {
    pub(crate) fn append(&mut self, from: u64, count: u64) -> Result<Durable, JournalError> {
        self.store.append((from..from + count).map(entry).collect())
    }

    /// Waits until the index has everything, if there is one. Every test that
    /// calls this fails by hanging when it never has.
    pub(crate) fn settle(&self) {
        while self.index.as_ref().is_some_and(|index| !index.is_level()) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// That the store holds the entries `0..size`, found by number and by run, and
    /// verifies; and that its index, when it is level, answers for itself.
    pub(crate) fn assert_holds(&self, size: u64, what: &str) {
        assert_eq!(self.store.head().size, size, "{what}");
        for seq in 0..size {
            let found = self.store.get(seq).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_is_entry(&found.expect(what).view().unwrap(), seq, what);
        }
        assert!(self.store.get(size).unwrap().is_none(), "{what}");
        for run in 0..5_u8 {
            for from in [0, 1, size / 2, size] {
                let expected: Vec<u64> =
                    (from..size).filter(|seq| *seq % 4 == u64::from(run)).collect();
                assert_eq!(self.run(run, from), expected, "{what}: run {run} from {from}");
            }
        }
        let report = self.store.verify(0..=u64::MAX).unwrap();
        assert_eq!((report.findings, report.entries), (vec![], size), "{what}");
    }

    /// Settles, holds, and answers from the index alone.
    pub(crate) fn assert_settles(&self, size: u64, what: &str) {
        self.settle();
        let Some(index) = &self.index else { return self.assert_holds(size, what) };
        let before = index.answered();
        self.assert_holds(size, what);
        assert!(index.answered() > before + size, "{what}: the segments answered");
    }

    /// The numbers of the entries of `run`.
    fn run(&self, run: u8, from: u64) -> Vec<u64> {
        let mut found = Vec::new();
        let visit = &mut |stored: &StoredEntry<'_>| {
            assert_is_entry(stored, stored.entry.seq, "by run");
            found.push(stored.entry.seq);
            ControlFlow::Continue(())
        };
        self.store.by_run(RunId([run; 16]), from, visit).unwrap();
        found
    }
}

/// That `stored` is what was appended as number `seq`.
fn assert_is_entry(stored: &StoredEntry<'_>, seq: u64, what: &str) {
    let new = entry(seq);
    let found = &stored.entry;
    assert_eq!((found.seq, found.kind, found.run), (seq, new.kind, new.run), "{what}");
    assert_eq!(found.body, new.body.fields(), "{what}");
    let values: Vec<_> = stored.values.iter().map(|value| (value.tag, value.bytes())).collect();
    let expected: Vec<_> =
        new.values.iter().map(|value| (value.tag, Some(value.bytes.as_slice()))).collect();
    assert_eq!(values, expected, "{what}: entry {seq}");
}

/// Runs the tests of the first list for each store, and those of the second for
/// each that has an index.
macro_rules! held {
    (by all { $($all:ident)* } by indexed { $($indexed:ident)* }) => {
        mod segments { $(#[test] fn $all() { super::$all::<super::Segments>(); })* }
        held!(@indexed sled SledTable $($all)* $($indexed)*);
        held!(@indexed redb RedbTable $($all)* $($indexed)*);
    };
    (@indexed $name:ident $table:ident $($test:ident)*) => {
        mod $name { $(#[test] fn $test() { super::$test::<super::$table>(); })* }
    };
}

use held;
