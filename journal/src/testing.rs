//! What the tests of several modules share: small journals on a disk in memory.

use std::path::Path;

use rye_core::id::{BootId, JournalId, RunId};

use crate::append::NewEntry;
use crate::commit::{Geometry, Journal};
use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;
use crate::entry::Genesis;
use crate::error::JournalError;
use crate::fields::Body;
use crate::recover::Opened;
use crate::scan::ScanMode;
use crate::value::{NewValue, Salt};
use crate::verify::{Expectation, MeaningCheck, Report, verify_on};

pub(crate) const STORE: &str = "/store";
pub(crate) const JOURNAL: &str = "/store/journal";

/// So small that a short history fills several segments.
pub(crate) const SMALL: Geometry =
    Geometry { segment_bytes: 32 << 10, step_bytes: 12 << 10, reserve_bytes: 64 << 10 };

pub(crate) fn genesis() -> Genesis {
    Genesis {
        journal: JournalId(*b"a small journal!"),
        created_unix_ns: 1_700_000_000_000_000_000,
        checkpoint_key: [0; 32],
    }
}

/// An entry of run `n % 4`, with a body and `n % 3` values, all told by `n`.
pub(crate) fn entry(n: u64) -> NewEntry {
    let values = (0..u16::try_from(n % 3).unwrap()).map(|tag| NewValue {
        tag,
        salt: Salt([u8::try_from(n % 251).unwrap(); 32]),
        bytes: vec![u8::try_from(n % 200).unwrap() + 1; usize::try_from(n % 7).unwrap() * 300],
    });
    NewEntry {
        kind: u8::try_from(n % 256).unwrap(),
        run: RunId([u8::try_from(n % 4).unwrap(); 16]),
        wall_unix_ns: genesis().created_unix_ns + n,
        boot: BootId([7; 16]),
        mono_ns: n,
        body: Body::new().with(1, &n.to_be_bytes()).unwrap().with(9, b"something").unwrap(),
        values: values.collect(),
    }
}

pub(crate) fn create(disk: &SimulatedDisk) -> Result<Journal<SimulatedDisk>, JournalError> {
    Journal::create_on(disk.clone(), Path::new(STORE), genesis(), SMALL)
}

pub(crate) fn open(disk: &SimulatedDisk) -> Result<Opened<Journal<SimulatedDisk>>, JournalError> {
    Journal::open_on(disk.clone(), Path::new(STORE), None, SMALL, &mut |_| ())
}

pub(crate) fn check<D: Disk>(disk: &D) -> Report {
    audit(disk, &Expectation::default(), &mut |_| None).unwrap()
}

/// Verifies with one thread and with several, which find the same.
pub(crate) fn audit<D: Disk>(
    disk: &D,
    expectation: &Expectation,
    meaning: &mut MeaningCheck<'_>,
) -> Result<Report, JournalError> {
    let mode = ScanMode { commitments: true, patience: 0, threads: 1 };
    let alone = verify_on(disk, Path::new(JOURNAL), mode, expectation, meaning);
    let mode = ScanMode { threads: 3, ..mode };
    let together = verify_on(disk, Path::new(JOURNAL), mode, expectation, meaning);
    assert_eq!(format!("{alone:?}"), format!("{together:?}"));
    together
}

/// The groups of a short history: 1 to 3 entries each.
pub(crate) fn groups(count: u64) -> Vec<Vec<NewEntry>> {
    let mut next = 0;
    let group = |size: u64| {
        let entries = (next..next + size).map(entry).collect();
        next += size;
        entries
    };
    (0..count).map(|index| index % 3 + 1).map(group).collect()
}

/// A disk with a journal of `count` groups, and how many entries that are.
pub(crate) fn journal_of(count: u64) -> (SimulatedDisk, u64) {
    let disk = SimulatedDisk::new();
    let mut journal = create(&disk).unwrap();
    for group in groups(count) {
        journal.append(group).unwrap();
    }
    (disk, journal.head().size)
}

/// The file of segment `number`.
pub(crate) fn segment(number: u64) -> String {
    format!("{JOURNAL}/{}", crate::segment::file_name(number))
}
