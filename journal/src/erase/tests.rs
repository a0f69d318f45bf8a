//! What is erased is gone, nothing else is, and whatever interrupts it, doing it again
//! finishes it.

use rye_core::id::RunId;

use crate::disk::simulated::{Mishap, SimulatedDisk};
use crate::fault::Fault;
use crate::read::Reader;
use crate::testing::{JOURNAL, STORE, check, entry, journal_of, open, segment};
use crate::value::Content;

/// The run of the entries 1, 5, 9, … and the values that entry 5 has: two, of 1,500 bytes.
const RUN: RunId = RunId([1; 16]);

fn erase(disk: &SimulatedDisk) -> Result<u64, crate::JournalError> {
    open(disk)?.journal.erase(&[RUN])
}

/// How many values of the run are kept, and how many of others.
fn kept(disk: &SimulatedDisk) -> (usize, usize) {
    let (mut own, mut others) = (0, 0);
    let reader = Reader::on(disk.clone(), JOURNAL.into());
    let visit = &mut |stored: &crate::StoredEntry<'_>| {
        let kept = stored.values.iter().filter(|value| value.bytes().is_some()).count();
        *(if stored.entry.run == RUN { &mut own } else { &mut others }) += kept;
        std::ops::ControlFlow::Continue(())
    };
    reader.entries(0, visit).unwrap();
    (own, others)
}

/// Whether any segment contains what the values of entry 5 are made of.
fn stands(disk: &SimulatedDisk) -> bool {
    let value = &entry(5).values[0].bytes[..64];
    disk.bytes(&segment(0)).windows(value.len()).any(|found| found == value)
}

#[test]
fn the_values_of_a_run_go_and_nothing_else() {
    let (disk, size) = journal_of(40);
    let (head, (own, others)) = (check(&disk).head, kept(&disk));
    assert!(own > 10 && others > 10 && stands(&disk));
    assert_eq!(erase(&disk).unwrap(), u64::try_from(own).unwrap());
    assert_eq!(kept(&disk), (0, others));
    assert!(!stands(&disk));
    let report = check(&disk);
    assert_eq!((report.findings, report.head, report.entries), (vec![], head, size));
    assert_eq!(erase(&disk).unwrap(), 0, "what is gone is gone");
    let appended = open(&disk).unwrap().journal.append(vec![entry(size)]);
    assert!(appended.is_ok(), "{STORE} goes on");
}

#[test]
fn what_is_interrupted_can_be_read_and_is_finished_by_doing_it_again() {
    let (whole, _) = journal_of(12);
    let (_, others) = kept(&whole);
    let before = whole.calls();
    erase(&whole).unwrap();
    let mut half_done = 0;
    for call in before..whole.calls() {
        let (disk, _) = journal_of(12);
        assert_eq!(disk.calls(), before);
        disk.plan(call, Mishap::PowerCut);
        assert!(erase(&disk).is_err(), "call {call}");
        for seed in 0..6 {
            let disk = disk.after_power_cut(seed);
            let leftover = Fault::Corrupt("an erased value still has bytes");
            let report = check(&disk);
            half_done += usize::from(!report.findings.is_empty());
            assert!(report.findings.iter().all(|found| found.fault == leftover), "{report:?}");
            erase(&disk).unwrap();
            assert_eq!((check(&disk).findings, kept(&disk)), (vec![], (0, others)));
            assert!(!stands(&disk), "call {call}, seed {seed}");
        }
    }
    assert!(half_done > 10, "some were cut in the middle: {half_done}");
}

#[test]
fn a_value_that_is_half_erased_says_so() {
    let body = [[0; 10].as_slice(), &[0, 0, 7]].concat();
    let value = crate::Value::decode_erased(&body).unwrap();
    assert_eq!(value.content, Content::Erased { wholly: false });
}
