//! Death, damage and full disks. Each history is run once for every call that
//! it makes to the disk.

use super::*;
use crate::disk::simulated::{Mishap, SimulatedDisk};
use crate::testing::{
    JOURNAL, SMALL, STORE, check, create, entry, genesis, groups, journal_of, open, segment,
};

const GROUPS: u64 = 24;

/// Makes a store and appends to it until something fails. Returns the heads
/// that were acknowledged, the empty journal's first.
fn history(disk: &SimulatedDisk) -> Vec<Head> {
    let mut acknowledged = Vec::new();
    let Ok(mut journal) = create(disk) else {
        return acknowledged;
    };
    acknowledged.push(journal.head());
    for group in groups(GROUPS) {
        match journal.append(group) {
            Ok(durable) => acknowledged.push(durable.head),
            Err(_) => break,
        }
    }
    acknowledged
}

/// All that was acknowledged is there, the chain is whole, and it goes on.
fn assert_recovers(disk: &SimulatedDisk, acknowledged: &[Head], what: &str) {
    let Some(last) = acknowledged.last().copied() else {
        // Making it again works, whatever is left of the first attempt.
        match create(disk) {
            Ok(_) | Err(JournalError::Exists { .. }) => return,
            Err(error) => panic!("{what}: {error}"),
        }
    };
    let opened = Journal::open_on(disk.clone(), Path::new(STORE), Some(last), SMALL, &mut |_| ());
    let mut journal = opened.unwrap_or_else(|error| panic!("{what}: {error}")).journal;
    assert!(journal.head().size >= last.size, "{what}");
    let report = check(disk);
    assert_eq!(report.findings, [], "{what}");
    assert_eq!(report.head, Some(journal.head()), "{what}");
    let next = journal.append(vec![entry(1000)]).unwrap();
    drop(journal);
    let again = open(disk).unwrap();
    assert_eq!(again.journal.head(), next.head, "{what}");
    assert_eq!(again.recovered, None, "{what}");
}

fn calls_of_a_whole_history() -> u64 {
    let disk = SimulatedDisk::new();
    assert_eq!(history(&disk).len(), usize::try_from(GROUPS).unwrap() + 1);
    assert!(disk.list(Path::new(JOURNAL)).unwrap().len() > 4, "several segments");
    disk.calls()
}

#[test]
fn a_power_cut_at_any_call_loses_nothing_acknowledged() {
    let mut cut = 0;
    for call in 0..calls_of_a_whole_history() {
        let disk = SimulatedDisk::new();
        disk.plan(call, Mishap::PowerCut);
        let acknowledged = history(&disk);
        for seed in 0..6 {
            let after = disk.after_power_cut(seed);
            if !acknowledged.is_empty() {
                let probe = after.after_kill();
                cut += usize::from(open(&probe).unwrap().recovered.is_some());
            }
            assert_recovers(&after, &acknowledged, &format!("call {call}, seed {seed}"));
        }
    }
    assert!(cut > 10, "torn groups were among the histories: {cut}");
}

#[test]
fn a_kill_at_any_call_loses_nothing_acknowledged() {
    for call in 0..calls_of_a_whole_history() {
        let disk = SimulatedDisk::new();
        disk.plan(call, Mishap::PowerCut);
        let acknowledged = history(&disk);
        assert_recovers(&disk.after_kill(), &acknowledged, &format!("call {call}"));
    }
}

#[test]
fn a_power_cut_during_recovery_can_be_recovered_from() {
    let (disk, size) = journal_of(3);
    let torn = tear_last_group(&disk);
    let calls = {
        let disk = disk.after_kill();
        let opened = open(&disk).unwrap();
        assert_eq!(opened.recovered.unwrap().dropped_bytes, torn);
        disk.calls()
    };
    for call in 0..calls {
        for seed in 0..8 {
            let disk = disk.after_kill();
            disk.plan(call, Mishap::PowerCut);
            let _ = open(&disk);
            let opened = open(&disk.after_power_cut(seed)).unwrap();
            assert_eq!(opened.journal.head().size, size);
        }
    }
}

/// Leaves of a group of two sectors only the second; returns how much that is.
fn tear_last_group(disk: &SimulatedDisk) -> u64 {
    let opened = open(disk).unwrap();
    let mut journal = opened.journal;
    let at = usize::try_from(journal.active.at).unwrap();
    journal.append((50..53).map(entry).collect()).unwrap();
    let path = segment(journal.active.number);
    let mut bytes = disk.bytes(&path);
    bytes[at..at + 512].fill(0);
    disk.set_bytes(&path, &bytes);
    wide(crate::bytes::used(&bytes[at..]))
}

#[test]
fn a_broken_disk_at_any_call_ends_the_journal_for_good() {
    for call in 0..calls_of_a_whole_history() {
        let disk = SimulatedDisk::new();
        disk.plan(call, Mishap::Broken);
        let acknowledged = history(&disk);
        for seed in 0..4 {
            let after = disk.after_power_cut(seed);
            assert_recovers(&after, &acknowledged, &format!("call {call}, seed {seed}"));
        }
        // A process that starts again sees what the failed flush left in memory.
        let restarted = disk.after_kill();
        assert_recovers(&restarted, &acknowledged, &format!("call {call}"));
        // And what it then hands out survives a power cut.
        if let Ok(opened) = open(&disk.after_kill()) {
            let head = opened.journal.head();
            for seed in 0..4 {
                let after = opened.journal.disk.after_power_cut(seed);
                assert_eq!(open(&after).unwrap().journal.head(), head, "call {call}");
            }
        }
    }
}

#[test]
fn after_a_failed_write_or_flush_every_append_fails_with_its_cause() {
    for call in 0..2 {
        let disk = SimulatedDisk::new();
        let mut journal = create(&disk).unwrap();
        journal.append(vec![entry(0)]).unwrap();
        let head = journal.head();
        disk.plan(disk.calls() + call, Mishap::Broken);
        let first = journal.append(vec![entry(1)]).unwrap_err().to_string();
        let calls = disk.calls();
        for n in 2..5 {
            assert_eq!(journal.append(vec![entry(n)]).unwrap_err().to_string(), first);
        }
        assert!(journal.renew_reserve().is_err());
        assert_eq!(disk.calls(), calls, "the disk is left alone");
        assert_eq!(journal.head(), head);
    }
}

#[test]
fn a_full_disk_leaves_the_reserve_for_small_entries() {
    let disk = SimulatedDisk::new();
    let mut journal = create(&disk).unwrap();
    assert!(!journal.append(vec![entry(0)]).unwrap().on_reserve);
    disk.set_capacity(Some(disk.used()));
    let mut n = 1;
    let mut large = entry(1);
    large.values[0].bytes = vec![5; 20 << 10];
    // What was filled ahead is used up first.
    while !journal.append(vec![entry(n)]).unwrap().on_reserve {
        n += 1;
        assert!(n < 100, "the disk never fills");
    }
    assert!(journal.on_reserve());
    let refused = journal.append(vec![large.clone()]);
    assert!(matches!(refused, Err(JournalError::DiskFull)), "{refused:?}");
    let mut on_reserve = 0;
    while let Ok(durable) = journal.append(vec![entry(0)]) {
        assert!(durable.on_reserve);
        on_reserve += 1;
    }
    assert!(on_reserve >= 10, "{on_reserve} small entries on the reserve");
    assert!(matches!(journal.append(vec![entry(0)]), Err(JournalError::DiskFull)));
    assert!(!journal.renew_reserve().unwrap());
    let head = journal.head();
    assert_eq!(check(&disk).findings, []);
    drop(journal);

    // Whoever opens a store on a full disk is on the reserve too.
    let mut journal = open(&disk).unwrap().journal;
    assert_eq!(journal.head(), head);
    assert!(journal.on_reserve());
    disk.set_capacity(None);
    assert!(journal.renew_reserve().unwrap());
    assert!(!journal.append(vec![large]).unwrap().on_reserve);
    assert_eq!(check(&disk).findings, []);
}

#[test]
fn a_store_has_one_writer() {
    let (disk, _) = journal_of(2);
    let first = open(&disk).unwrap();
    assert!(matches!(open(&disk), Err(JournalError::Locked { .. })));
    drop(first);
    open(&disk).unwrap();
}

#[test]
fn nothing_is_made_where_something_is() {
    let (disk, _) = journal_of(2);
    assert!(matches!(create(&disk), Err(JournalError::Exists { .. })));
    let nowhere = Journal::open_on(disk, Path::new("/other"), None, SMALL, &mut |_| ());
    assert!(matches!(nowhere, Err(JournalError::NotAStore { .. })));
}

#[test]
fn a_journal_must_begin_with_what_is_known() {
    let (disk, size) = journal_of(4);
    let open_knowing = |known| {
        let visit = &mut |_: &StoredEntry<'_>| ();
        Journal::open_on(disk.clone(), Path::new(STORE), Some(known), SMALL, visit).map(|_| ())
    };
    let fault = |result| match result {
        Err(JournalError::Damaged { fault, .. }) => fault,
        other => panic!("{other:?}"),
    };
    let head = check(&disk).head.unwrap();
    open_knowing(head).unwrap();
    open_knowing(Head { size: 0, hash: genesis().digest() }).unwrap();
    let longer = Head { size: size + 1, ..head };
    assert_eq!(fault(open_knowing(longer)), Fault::Shorter { expected: longer, size });
    for size in [0, 2, size] {
        let other = Head { size, hash: rye_core::digest::Digest([9; 32]) };
        assert!(matches!(fault(open_knowing(other)), Fault::Fork { .. }));
    }
}

#[test]
fn a_later_version_is_refused_and_left_alone() {
    let (disk, _) = journal_of(2);
    let mut bytes = disk.bytes(&segment(0));
    bytes[9] = 2;
    let crc = crc32c::crc32c(&bytes[..4092]);
    bytes[4092..4096].copy_from_slice(&crc.to_be_bytes());
    disk.set_bytes(&segment(0), &bytes);
    let error = open(&disk).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} has journal format 2, and this program reads format 1", segment(0))
    );
    assert_eq!(error.help().as_deref(), Some("use a release that knows format 2"));
    assert_eq!(disk.bytes(&segment(0)), bytes);
}

#[test]
fn damage_to_what_was_whole_is_never_cut() {
    // The last group included: none of its sectors is missing.
    let (disk, _) = journal_of(5);
    let path = segment(0);
    let good = disk.bytes(&path);
    let last = crate::bytes::used(&good) - 1;
    for at in [4096 + 40, 8192 + 3, 8192 + 60, last] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        disk.set_bytes(&path, &bytes);
        let error = open(&disk).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { .. }), "byte {at}: {error}");
        assert_eq!(disk.bytes(&path), bytes, "nothing was changed");
    }
}

#[test]
fn a_file_longer_than_any_segment_is_not_walked() {
    use rye_core::limit::SEGMENT_BYTES_MAX;
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    drop(Journal::create(&store, genesis()).unwrap());
    let file = disk_file(&store);
    file.set_len(SEGMENT_BYTES_MAX).unwrap();
    drop(Journal::open(&store, None, &mut |_| ()).unwrap());
    file.set_len(1 << 40).unwrap();
    let error = Journal::open(&store, None, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("longer than any segment"), "{error}");
}

fn disk_file(store: &Path) -> std::fs::File {
    let path = segment_path(&journal_folder(store), 0);
    std::fs::OpenOptions::new().write(true).open(path).unwrap()
}

#[test]
fn a_group_that_is_gone_from_the_middle_is_damage() {
    let (disk, _) = journal_of(5);
    let mut bytes = disk.bytes(&segment(0));
    bytes[8192..12288].fill(0);
    disk.set_bytes(&segment(0), &bytes);
    let Err(JournalError::Damaged { at, .. }) = open(&disk) else { panic!("accepted") };
    assert_eq!((at.segment, at.seq), (0, 1));
}

#[test]
fn the_clock_never_goes_back_within_a_boot() {
    let disk = SimulatedDisk::new();
    let mut journal = create(&disk).unwrap();
    journal.append(vec![entry(5), entry(3)]).unwrap();
    drop(journal);
    let mut journal = open(&disk).unwrap().journal;
    journal.append(vec![entry(2)]).unwrap();
    assert_eq!(check(&disk).findings, []);
    let third = journal.reader().get(2).unwrap().unwrap();
    assert_eq!(third.view().unwrap().entry.mono_ns, 5);
}

#[test]
fn what_fits_no_group_is_refused_and_changes_nothing() {
    use crate::error::AppendRefusal as Refusal;
    use rye_core::limit::{APPEND_BYTES_MAX, GROUP_ENTRIES_MAX, VALUE_BYTES_MAX};
    let disk = SimulatedDisk::new();
    let mut journal = create(&disk).unwrap();
    let calls = disk.calls();
    let mut refused = |entries: Vec<crate::NewEntry>| match journal.append(entries) {
        Err(JournalError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(vec![]), Refusal::Empty);
    let many = vec![entry(0); GROUP_ENTRIES_MAX + 1];
    assert_eq!(refused(many), Refusal::Entries { found: GROUP_ENTRIES_MAX + 1 });
    let mut long = entry(1);
    long.values[0].bytes = vec![0; VALUE_BYTES_MAX + 1];
    assert_eq!(
        refused(vec![long.clone()]),
        Refusal::ValueBytes { tag: 0, found: VALUE_BYTES_MAX + 1 }
    );
    long.values[0].bytes.pop();
    let all = vec![long.clone(); APPEND_BYTES_MAX / VALUE_BYTES_MAX + 1];
    assert!(matches!(refused(all), Refusal::AppendBytes { .. }));
    let mut twice = entry(2);
    twice.values[1].tag = 0;
    assert_eq!(refused(vec![entry(0), twice]), Refusal::ValueOrder { tag: 0 });
    let body = crate::Body::new().with(1, &vec![0; rye_core::limit::ENTRY_BYTES_MAX - 10]).unwrap();
    let wide = crate::NewEntry { body, ..entry(0) };
    assert!(matches!(refused(vec![wide]), Refusal::EntryBytes { .. }));
    assert_eq!(disk.calls(), calls);
    journal.append(vec![long]).unwrap();
    assert_eq!(check(&disk).findings, []);
}
