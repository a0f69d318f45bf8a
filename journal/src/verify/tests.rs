//! Every way to tamper with a journal is found, with its place.

mod everywhere;
mod tamper;

use super::*;
use crate::bytes::{narrow, used, wide};
use crate::commit::{Geometry, Journal};
use crate::disk::simulated::SimulatedDisk;
use crate::entry::{Entry, entry_hash};
use crate::group::{BLOCK_BYTES, GROUP_HEADER_BYTES, GroupBuilder, GroupHeader, Place};
use crate::segment::SegmentHeader;
use crate::stored::entries;
use crate::testing::{SMALL, STORE, check, entry, genesis, journal_of, open, segment};
use crate::value::Content;

fn audit(disk: &SimulatedDisk, expectation: &Expectation) -> Report {
    crate::testing::audit(disk, expectation, &mut |_| None).unwrap()
}

/// The groups of segment 0: where each begins, and its header.
fn groups_in(bytes: &[u8]) -> Vec<(usize, GroupHeader)> {
    let first_prev = SegmentHeader::decode(bytes).unwrap().first_prev;
    (BLOCK_BYTES..bytes.len())
        .step_by(BLOCK_BYTES)
        .filter_map(|at| {
            let place = Place { first_prev, offset: u64::try_from(at).unwrap() };
            Some((at, GroupHeader::decode(&bytes[at..], &place)?))
        })
        .collect()
}

/// Entry bytes with their values, as a forger would hold them.
type Forged = Vec<(Vec<u8>, Vec<(u16, [u8; 32], Vec<u8>)>)>;

fn take_apart(bytes: &[u8]) -> Vec<Forged> {
    let apart = |(at, header): (usize, GroupHeader)| {
        let frames = &bytes[at + GROUP_HEADER_BYTES..][..header.body_bytes()];
        entries(frames)
            .map(|framed| {
                let values = framed.values.iter().map(|value| match value.content {
                    Content::Kept { salt, bytes } => (value.tag, salt.0, bytes.to_vec()),
                    Content::Erased { .. } => panic!("nothing was erased"),
                });
                (framed.entry.to_vec(), values.collect())
            })
            .collect()
    };
    groups_in(bytes).into_iter().map(apart).collect()
}

/// Writes groups anew with right checksums, as somebody with the files can.
fn put_together(bytes: &[u8], groups: &[Forged]) -> Vec<u8> {
    let first_prev = SegmentHeader::decode(bytes).unwrap().first_prev;
    let mut forged = bytes[..BLOCK_BYTES].to_vec();
    for group in groups {
        let mut builder = GroupBuilder::new();
        let mut first_seq = None;
        for (entry, values) in group {
            let seq = Entry::decode(entry).unwrap().seq;
            first_seq.get_or_insert(seq);
            builder.push_entry(entry);
            for (tag, salt, value) in values {
                builder.push_value(seq, *tag, salt, value);
            }
        }
        let place = Place { first_prev, offset: u64::try_from(forged.len()).unwrap() };
        forged.extend_from_slice(builder.finish(&place, first_seq.unwrap()));
    }
    forged.resize(bytes.len(), 0);
    forged
}

/// What verification says of a journal of one segment after `change`.
fn forge(change: impl FnOnce(&mut Vec<Forged>)) -> Report {
    let (disk, _) = journal_of(5);
    let bytes = disk.bytes(&segment(0));
    let mut groups = take_apart(&bytes);
    assert_eq!(put_together(&bytes, &groups), bytes, "forging nothing changes nothing");
    change(&mut groups);
    disk.set_bytes(&segment(0), &put_together(&bytes, &groups));
    check(&disk)
}

#[test]
fn a_good_journal_has_no_findings() {
    for count in [0, 1, 5, 24] {
        let (disk, size) = journal_of(count);
        let report = check(&disk);
        assert_eq!((report.entries, report.exit_code()), (size, 0));
        assert_eq!(report.head.unwrap().size, size);
    }
}

/// A journal of two segments whose groups have one small entry each, with a value.
fn smallest() -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    let small = Geometry { segment_bytes: 20 << 10, step_bytes: 16 << 10, ..SMALL };
    let mut journal = Journal::create_on(disk.clone(), Path::new(STORE), genesis(), small).unwrap();
    for n in [1, 8, 22, 29, 43] {
        let mut entry = entry(n);
        for value in &mut entry.values {
            value.bytes.truncate(20);
        }
        journal.append(vec![entry]).unwrap();
    }
    disk
}

/// Whether byte `at` of a segment belongs to a header, a frame or a seal.
fn is_written(bytes: &[u8], groups: &[(usize, GroupHeader)], at: usize) -> bool {
    let in_header = at < 128 || (BLOCK_BYTES - 4..BLOCK_BYTES).contains(&at);
    let in_group = groups.iter().any(|(start, header)| {
        (*start..start + GROUP_HEADER_BYTES + header.body_bytes()).contains(&at)
    });
    let end = groups.last().map_or(BLOCK_BYTES, |(start, header)| start + header.extent());
    in_header || in_group || (end..used(bytes)).contains(&at)
}

/// Any one flipped bit: every bit of what is written, and a bit of every
/// seventh byte of what must be zero.
#[test]
fn every_flipped_bit_is_found_and_named() {
    let disk = smallest();
    let mut flipped = 0;
    for number in 0..2 {
        let path = segment(number);
        let good = disk.bytes(&path);
        let groups = groups_in(&good);
        assert!(groups.len() > 1);
        for at in 0..good.len() {
            let bits = match is_written(&good, &groups, at) {
                true => 0..8,
                false if at % 7 == 0 => at % 8..at % 8 + 1,
                false => continue,
            };
            for bit in bits {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << bit;
                disk.set_bytes(&path, &bytes);
                assert_named(&check(&disk), number, at, &groups);
                flipped += 1;
            }
        }
        disk.set_bytes(&path, &good);
    }
    assert!(flipped > 10_000, "{flipped}");
}

/// The first finding is about the segment, and about the group that the byte is in.
fn assert_named(report: &Report, number: u64, at: usize, groups: &[(usize, GroupHeader)]) {
    let what = format!("segment {number}, byte {at}: {:?}", report.findings);
    assert_ne!(report.exit_code(), 0, "{what}");
    let first = &report.findings[0];
    assert!(first.at.segment == number, "{what}");
    let found = narrow(first.at.offset);
    let block = |offset: usize| offset / BLOCK_BYTES;
    match groups.iter().rev().find(|(start, _)| *start <= at) {
        Some((start, header)) if at < start + header.extent() => {
            assert!((*start..=at.max(start + 1)).contains(&found), "{what}");
            assert!((header.first_seq..header.next_seq()).contains(&first.at.seq), "{what}");
        }
        _ => assert!(block(found) == block(at), "{what}"),
    }
}

/// Also what stands in memory behind a bad group, and was examined already.
#[test]
fn damage_here_and_there_hides_only_itself() {
    let (disk, size) = journal_of(24);
    let mut bytes = disk.bytes(&segment(0));
    let groups = groups_in(&bytes);
    assert!(groups.len() > 3);
    let bad: Vec<_> = groups.into_iter().skip(1).step_by(2).collect();
    for (at, _) in &bad {
        bytes[at + GROUP_HEADER_BYTES + 40] ^= 1;
    }
    disk.set_bytes(&segment(0), &bytes);
    let report = check(&disk);
    let lost: u64 = bad.iter().map(|(_, header)| u64::from(header.entries)).sum();
    assert_eq!(report.entries, size - lost);
    let found: Vec<u64> = report.findings.iter().map(|finding| finding.at.seq).collect();
    assert_eq!(found, bad.iter().map(|(_, header)| header.first_seq).collect::<Vec<_>>());
}

#[test]
fn a_changed_entry_breaks_the_link_of_the_next() {
    let report = forge(|groups| {
        let entry = &mut groups[1][0].0;
        *entry.last_mut().unwrap() ^= 1;
        groups[1][0].1.clear();
        // The commitment was changed along with the value, so that fits.
        let decoded = Entry::decode(&groups[1][0].0).unwrap();
        assert_eq!(decoded.seq, 1);
    });
    assert_eq!(report.findings[0].fault.name(), "value");
    let report = forge(|groups| groups[1][0].0[2] ^= 1);
    assert_eq!(report.exit_code(), 11);
    assert_eq!(report.findings[0].at.seq, 2);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
}

#[test]
fn a_removed_entry_leaves_a_gap() {
    let report = forge(|groups| drop(groups[2].remove(1)));
    assert_eq!(report.exit_code(), 12);
    assert_eq!(report.findings[0].fault, Fault::Sequence { expected: 4, found: 5 });
}

#[test]
fn a_removed_group_leaves_a_gap() {
    let report = forge(|groups| drop(groups.remove(1)));
    assert_eq!(report.exit_code(), 12);
    assert_eq!(report.findings[0].fault, Fault::Sequence { expected: 1, found: 3 });
}

#[test]
fn swapped_and_doubled_entries_are_found() {
    let report = forge(|groups| groups[2].swap(0, 1));
    assert_eq!(report.exit_code(), 12);
    assert_eq!(report.findings[0].at.seq, 3);
    let report = forge(|groups| groups.swap(1, 2));
    assert_eq!(report.exit_code(), 12);
    let report = forge(|groups| {
        let doubled = groups[1][1].clone();
        groups[1].push(doubled);
    });
    assert_eq!(report.exit_code(), 12);
    assert_eq!(report.findings[0].fault, Fault::Sequence { expected: 3, found: 2 });
}

#[test]
fn values_that_are_changed_missing_or_foreign_are_found() {
    let changed = forge(|groups| groups[1][1].1[1].2[0] ^= 1);
    assert_eq!(changed.findings[0].fault, Fault::ValueChanged { tag: 1 });
    assert_eq!((changed.findings[0].at.seq, changed.exit_code()), (2, 10));
    let missing = forge(|groups| drop(groups[1][1].1.pop()));
    assert_eq!(missing.findings[0].fault, Fault::ValueMissing { tag: 1 });
    let swapped = forge(|groups| groups[1][1].1.swap(0, 1));
    assert_eq!(swapped.findings[0].fault, Fault::ValueForeign { tag: 1 });
    let foreign = forge(|groups| {
        let value = groups[1][1].1[0].clone();
        groups[2][0].1.push(value);
    });
    assert_eq!(foreign.findings[0].fault, Fault::ValueForeign { tag: 0 });
}

#[test]
fn an_erased_value_is_no_finding() {
    let (disk, size) = journal_of(5);
    assert!(open(&disk).unwrap().journal.erase(&[rye_core::id::RunId([1; 16])]).unwrap() > 2);
    let report = check(&disk);
    assert_eq!((report.findings, report.entries), (vec![], size));
}

#[test]
fn entries_of_another_journal_are_found() {
    let report = forge(|groups| {
        groups[1][0].0[3] ^= 1;
    });
    assert_eq!((report.exit_code(), report.findings[0].at.seq), (18, 1));
}

#[test]
fn a_clock_that_goes_back_is_found() {
    let report = forge(|groups| {
        let last = groups.last_mut().unwrap().last_mut().unwrap();
        last.0[51..59].copy_from_slice(&[0; 8]);
    });
    assert!(
        matches!(report.findings[0].fault, Fault::Clock { before, found: 0, .. } if before > 0)
    );
}

#[test]
fn a_shortened_journal_is_found_by_who_knows_its_head() {
    let (disk, size) = journal_of(5);
    let head = check(&disk).head.unwrap();
    let known = Expectation { heads: vec![head], ..Expectation::default() };
    assert_eq!(audit(&disk, &known).exit_code(), 0);
    let mut bytes = disk.bytes(&segment(0));
    let (last, header) = *groups_in(&bytes).last().unwrap();
    bytes[last..].fill(0);
    disk.set_bytes(&segment(0), &bytes);
    assert_eq!(check(&disk).exit_code(), 0, "nobody else can tell");
    let report = audit(&disk, &known);
    assert_eq!(report.exit_code(), 14);
    assert_eq!(
        report.findings[0].fault,
        Fault::Shorter { expected: head, size: size - u64::from(header.entries) }
    );
}

/// The file cut off at any block and at some odd places.
#[test]
fn a_truncated_file_never_verifies_as_whole() {
    let (disk, _) = journal_of(5);
    let known = Expectation { heads: Vec::from_iter(check(&disk).head), ..Expectation::default() };
    let good = disk.bytes(&segment(0));
    let end = used(&good);
    for len in (0..end).step_by(61) {
        disk.set_bytes(&segment(0), &good[..len]);
        assert_ne!(audit(&disk, &known).exit_code(), 0, "cut at {len}");
    }
}

#[test]
fn a_missing_segment_is_found() {
    for gone in [0, 1] {
        let (disk, _) = journal_of(24);
        disk.remove(Path::new(&segment(gone))).unwrap();
        let report = check(&disk);
        assert_eq!(report.findings[0].fault, Fault::SegmentMissing { number: gone });
        assert_eq!(report.exit_code(), 12);
        assert!(report.entries > 0, "what is left was still read");
    }
}

#[test]
fn swapped_segments_are_found() {
    let (disk, _) = journal_of(24);
    let (one, two) = (disk.bytes(&segment(1)), disk.bytes(&segment(2)));
    disk.set_bytes(&segment(1), &two);
    disk.set_bytes(&segment(2), &one);
    assert_eq!(check(&disk).exit_code(), 12);
}

#[test]
fn what_the_auditor_knows_is_compared() {
    let (disk, size) = journal_of(5);
    let head = check(&disk).head.unwrap();
    let journal = Some(genesis().journal);
    let key = Some(genesis().checkpoint_key);
    let heads = vec![head];
    let all = Expectation { heads, journal, checkpoint_key: key, ..Expectation::default() };
    assert_eq!(audit(&disk, &all).exit_code(), 0);
    let other = JournalId([1; 16]);
    assert_eq!(audit(&disk, &Expectation { journal: Some(other), ..all.clone() }).exit_code(), 18);
    assert_eq!(
        audit(&disk, &Expectation { checkpoint_key: Some([1; 32]), ..all.clone() }).exit_code(),
        18
    );
    let hash = entry_hash(b"another");
    for size in [0, 1, size] {
        let report = audit(&disk, &Expectation { heads: vec![Head { size, hash }], ..all.clone() });
        assert_eq!(report.exit_code(), 13);
    }
}

#[test]
fn the_caller_judges_the_meaning() {
    let (disk, _) = journal_of(5);
    let mut seen = 0;
    let mut meaning = |stored: &StoredEntry<'_>| {
        seen += 1;
        (stored.entry.seq == 3).then(|| "an \"outcome\" without intent\n".to_owned())
    };
    let report = crate::testing::audit(&disk, &Expectation::default(), &mut meaning).unwrap();
    assert_eq!(
        (report.exit_code(), seen),
        (17, 2 * report.entries),
        "with one thread and with several"
    );
    let at = report.findings[0].at;
    assert_eq!(
        report.findings[0].to_json(),
        format!(
            "{{\"code\":17,\"finding\":\"meaning\",\"segment\":0,\"offset\":{},\"seq\":3,\
             \"message\":\"an \\\"outcome\\\" without intent\\u000a\"}}",
            at.offset
        )
    );
}

#[test]
fn findings_are_bounded() {
    let (disk, _) = journal_of(60);
    let mut meaning = |_: &StoredEntry<'_>| Some(String::from("no"));
    let report = crate::testing::audit(&disk, &Expectation::default(), &mut meaning).unwrap();
    assert_eq!(report.entries, 120);
    let mut report = report;
    let finding = report.findings[0].clone();
    while report.findings.len() < FINDINGS_MAX {
        report.add(finding.at, finding.fault.clone());
    }
    report.add(finding.at, finding.fault);
    assert_eq!((report.findings.len(), report.more), (FINDINGS_MAX, 1));
}

mod noise {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any bytes as a segment, and any bytes written into a good one: an
        /// answer, no panic.
        #[test]
        fn any_bytes_get_an_answer(noise in prop::collection::vec(any::<u8>(), 0..9000), at in 0_usize..16384) {
            let (disk, _) = journal_of(4);
            let good = disk.bytes(&segment(0));
            let mut bytes = good.clone();
            let from = at.min(bytes.len());
            let to = (from + noise.len()).min(bytes.len());
            bytes[from..to].copy_from_slice(&noise[..to - from]);
            disk.set_bytes(&segment(0), &bytes);
            let report = crate::testing::audit(&disk, &Expectation::default(), &mut |_| None);
            let sound = report.is_ok_and(|report| report.exit_code() == 0);
            prop_assert_eq!(sound, bytes == good);
            disk.set_bytes(&segment(0), &noise);
            let report = check(&disk);
            prop_assert_ne!(report.exit_code(), 0);
        }
    }
}
