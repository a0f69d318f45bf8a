//! The journal beside a bare file and other stores: one durable append, 64 writers,
//! opening a million entries, verifying them offline.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rye_core::id::{BootId, JournalId, RunId};
use rye_journal::verify::{Expectation, verify};
use rye_journal::{Body, Committer, Genesis, Journal, NewEntry, NewValue, Salt};

use crate::bare::{BARE, Kind, Store, appends_per_second, grouped};
use crate::table::{Comparison, Goal, RYE, Unit};
use crate::timing::{Contender, Figure, median, waits_in_turns};

/// What an entry takes, framed, in bytes; about.
const ENTRY_BYTES: usize = 300;
const APPENDS: usize = 2_000;
const WRITERS: usize = 64;
const GROUPED_FOR: Duration = Duration::from_secs(3);
const MILLION: usize = 1_000_000;

/// All of it, with these stores beside.
pub fn compare(peers: &[Kind]) -> Vec<Comparison> {
    let kinds: Vec<Kind> = core::iter::once(BARE).chain(peers.iter().copied()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("million");
    let filled = fill(&path);
    vec![one_append(&kinds), writers(&kinds), opening(&path), verifying(&path, filled)]
}

/// An entry of about 300 bytes.
///
/// # Panics
/// Never: its one field fits.
pub fn entry(number: usize) -> NewEntry {
    let value = NewValue { tag: 1, salt: Salt([7; 32]), bytes: vec![0x5a; 60] };
    NewEntry {
        kind: 1,
        run: RunId([1; 16]),
        wall_unix_ns: number as u64,
        boot: BootId::default(),
        mono_ns: number as u64,
        body: Body::new().with(1, &(number as u64).to_be_bytes()).expect("a field"),
        values: vec![value],
    }
}

/// A fresh journal, without an index.
///
/// # Panics
/// When it can't be made.
pub fn journal(path: &Path) -> Journal {
    let genesis =
        Genesis { journal: JournalId([9; 16]), created_unix_ns: 0, checkpoint_key: [0; 32] };
    Journal::create(path, genesis).expect("a journal")
}

fn one_append(kinds: &[Kind]) -> Comparison {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ours = journal(&folder.path().join("rye"));
    let mut number = 0;
    let mut contenders = vec![Contender::new(RYE, move || {
        number += 1;
        ours.append(vec![entry(number)]).expect("a disk")
    })];
    for kind in kinds {
        let mut store = opened(folder.path(), kind);
        let entries = [vec![0x5a; ENTRY_BYTES]];
        contenders.push(Contender::new(kind.name, move || store.append(&entries)));
    }
    Comparison {
        what: String::from("one durable append"),
        unit: Unit::Nanoseconds,
        figures: waits_in_turns(APPENDS, contenders),
        goals: vec![Goal::Times(1.3, BARE.name)],
    }
}

fn opened(folder: &Path, kind: &Kind) -> Box<dyn Store> {
    let folder = folder.join(kind.name);
    fs::create_dir_all(&folder).expect("a folder");
    (kind.open)(&folder)
}

fn writers(kinds: &[Kind]) -> Comparison {
    let folder = tempfile::tempdir().expect("a folder");
    let mut samples: Vec<(&str, Vec<f64>)> = vec![(RYE, vec![])];
    samples.extend(kinds.iter().map(|kind| (kind.name, vec![])));
    for round in 0..3 {
        let folder = folder.path().join(round.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        for (name, samples) in &mut samples {
            samples.push(match kinds.iter().find(|kind| kind.name == *name) {
                Some(kind) => {
                    let entry = vec![0x5a; ENTRY_BYTES];
                    grouped(&mut *opened(&folder, kind), WRITERS, &entry, GROUPED_FOR)
                }
                None => ours_grouped(&folder.join("rye")),
            });
        }
    }
    let figure = |(name, samples): (&str, Vec<f64>)| Figure::new(name, median(samples));
    Comparison {
        what: format!("{WRITERS} writers, entries"),
        unit: Unit::PerSecond,
        figures: samples.into_iter().map(figure).collect(),
        goals: vec![Goal::Times(1.0 / 1.5, BARE.name)],
    }
}

fn ours_grouped(path: &Path) -> f64 {
    let committer = Committer::start(journal(path)).expect("a thread");
    appends_per_second(WRITERS, GROUPED_FOR, || {
        let (appender, mut number) = (committer.appender(), 0);
        move || {
            appender.append(vec![entry(number)]).expect("a disk");
            number += 1;
        }
    })
}

/// A journal of a million entries; how many bytes they take on the disk.
fn fill(path: &Path) -> usize {
    let mut journal = journal(path);
    for group in 0..MILLION / 1_000 {
        let entries = (0..1_000).map(|number| entry(group * 1_000 + number)).collect();
        journal.append(entries).expect("a disk");
    }
    drop(journal);
    segments(path).iter().map(|file| fs::metadata(file).expect("a file").len() as usize).sum()
}

fn segments(path: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(path.join("journal")).expect("the segments");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

fn opening(path: &Path) -> Comparison {
    let open = || {
        let mut seen = 0_usize;
        let opened = Journal::open(path, None, &mut |_| seen += 1).expect("a journal");
        assert_eq!(seen, MILLION, "every entry is seen");
        opened
    };
    Comparison {
        what: String::from("opening a million entries, all verified"),
        unit: Unit::Nanoseconds,
        figures: waits_in_turns(5, vec![Contender::new(RYE, open), hashing(path)]),
        goals: vec![Goal::Value(2e9)],
    }
}

/// The same bytes, read and hashed.
fn hashing(path: &Path) -> Contender<'_> {
    Contender::new("reading and hashing the files", || {
        let mut hasher = blake3::Hasher::new();
        for file in segments(path) {
            hasher.update(&fs::read(file).expect("a file"));
        }
        hasher.finalize()
    })
}

fn verifying(path: &Path, bytes: usize) -> Comparison {
    let ours = Contender::new(RYE, || {
        let report = verify(path, &Expectation::default(), &mut |_| None).expect("a journal");
        assert!(report.findings.is_empty(), "{report:?}");
    });
    let throughput = |figure: Figure| Figure::new(figure.name, bytes as f64 * 1e9 / figure.value);
    Comparison {
        what: String::from("offline verification"),
        unit: Unit::BytesPerSecond,
        figures: waits_in_turns(5, vec![ours, hashing(path)]).into_iter().map(throughput).collect(),
        goals: vec![Goal::Times(0.6, "reading and hashing the files")],
    }
}
