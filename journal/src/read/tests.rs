use core::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use rye_core::id::RunId;

use super::*;
use crate::commit::Journal;
use crate::disk::simulated::SimulatedDisk;
use crate::store::JournalStore;
use crate::testing::{JOURNAL, entry, genesis, journal_of, segment};
use crate::verify::{Expectation, verify};

fn reader(disk: &SimulatedDisk) -> Reader<SimulatedDisk> {
    Reader::on(disk.clone(), PathBuf::from(JOURNAL))
}

fn seqs(reader: &Reader<SimulatedDisk>, from: u64) -> Vec<u64> {
    let mut seqs = Vec::new();
    let visit = &mut |stored: &StoredEntry<'_>| {
        seqs.push(stored.entry.seq);
        ControlFlow::Continue(())
    };
    reader.entries(from, visit).unwrap();
    seqs
}

#[test]
fn reading_gives_back_what_was_appended() {
    let (disk, size) = journal_of(24);
    let reader = reader(&disk);
    for seq in 0..size {
        let found = reader.get(seq).unwrap().unwrap();
        let stored = found.view().unwrap();
        let appended = entry(seq);
        assert_eq!(stored.entry.seq, seq);
        assert_eq!(stored.entry.kind, appended.kind);
        assert_eq!(stored.entry.run, appended.run);
        assert_eq!(stored.entry.body, appended.body.fields());
        let values: Vec<_> = stored.values.iter().map(|value| value.bytes().unwrap()).collect();
        let expected: Vec<_> = appended.values.iter().map(|value| &value.bytes[..]).collect();
        assert_eq!(values, expected);
        assert_eq!(stored.values.get(0).is_some(), !appended.values.is_empty());
    }
    assert_eq!(reader.get(size).unwrap(), None);
    assert_eq!(reader.get(u64::MAX).unwrap(), None);
    assert_eq!(reader.genesis().unwrap(), genesis());
    assert_eq!(reader.head().unwrap().size, size);
}

#[test]
fn reading_begins_and_ends_where_it_is_told() {
    let (disk, size) = journal_of(24);
    let reader = reader(&disk);
    for from in 0..=size {
        assert_eq!(seqs(&reader, from), (from..size).collect::<Vec<_>>());
    }
    let mut shown = 0;
    let visit = &mut |_: &StoredEntry<'_>| {
        shown += 1;
        if shown == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    reader.entries(3, visit).unwrap();
    assert_eq!(shown, 5);
}

#[test]
fn a_run_is_read_alone() {
    let (disk, size) = journal_of(10);
    let mut seqs = Vec::new();
    let visit = &mut |stored: &StoredEntry<'_>| {
        seqs.push(stored.entry.seq);
        ControlFlow::Continue(())
    };
    reader(&disk).by_run(RunId([2; 16]), 4, visit).unwrap();
    assert_eq!(seqs, (4..size).filter(|seq| seq % 4 == 2).collect::<Vec<_>>());
}

#[test]
fn a_torn_end_is_not_shown_and_damage_is_refused() {
    let (disk, size) = journal_of(4);
    let good = disk.bytes(&segment(0));
    let end = crate::bytes::used(&good);
    let reader = reader(&disk);

    let mut torn = good.clone();
    torn[end.next_multiple_of(4096) + 600] = 1;
    disk.set_bytes(&segment(0), &torn);
    assert_eq!(seqs(&reader, 0).len(), usize::try_from(size).unwrap());
    assert_eq!(reader.get(size).unwrap(), None);

    let mut damaged = good;
    damaged[4096 + 60] ^= 1;
    disk.set_bytes(&segment(0), &damaged);
    let damage = reader.entries(0, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(damage, JournalError::Damaged { at, .. } if at.seq == 0), "{damage}");
    assert!(reader.get(0).is_err());
    assert!(reader.get(1).is_ok(), "what stands apart can still be read");
}

#[test]
fn a_folder_without_segments_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Reader::open(folder.path()), Err(JournalError::NotAStore { .. })));
    let nowhere = folder.path().join("nowhere");
    assert!(matches!(Reader::open(&nowhere), Err(JournalError::NotAStore { .. })));
}

#[test]
fn readers_see_whole_groups_while_a_writer_appends() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut journal = Journal::create(&store, genesis()).unwrap();
    let reader = Reader::open(&store).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut last, mut looks) = (0, 0);
                    while !done.load(Ordering::Relaxed) || looks == 0 {
                        let head = reader.head().unwrap();
                        assert_eq!(head.size % 8, 0, "groups are seen as a whole");
                        assert!(head.size >= last);
                        last = head.size;
                        looks += 1;
                    }
                })
            })
            .collect();
        for round in 0..40 {
            journal.append((round * 8..round * 8 + 8).map(entry).collect()).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(reader.head().unwrap(), journal.head());
    let known = Expectation { heads: vec![journal.head()], ..Expectation::default() };
    assert_eq!(verify(&store, &known, &mut |_| None).unwrap().findings, []);
}

#[test]
fn a_journal_is_a_store_for_the_runtime() {
    fn use_as_store(store: &mut impl JournalStore) {
        let size = store.head().size;
        let durable = store.append(vec![entry(1), entry(2)]).unwrap();
        assert_eq!((durable.first_seq, durable.head), (size, store.head()));
        assert!(store.get(size + 1).unwrap().is_some());
        store.rebuild_index().unwrap();
        assert_eq!(store.verify(0..=u64::MAX).unwrap().findings, []);
        let mut seen = 0;
        let visit = &mut |_: &StoredEntry<'_>| {
            seen += 1;
            ControlFlow::Continue(())
        };
        store.by_run(RunId([1; 16]), size, visit).unwrap();
        assert_eq!(seen, 1);
    }
    let (disk, _) = journal_of(3);
    use_as_store(&mut crate::testing::open(&disk).unwrap().journal);
}
