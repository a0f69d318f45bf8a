//! Somebody who has the files and this program writes a long journal anew, with every
//! hash, checksum and segment as it should be. Only who knows from elsewhere how it once
//! ended can tell, and is told between which two ends that he knows it was changed.

use rye_core::digest::Digest;
use rye_core::id::{BootId, RunId};

use super::*;
use crate::append::NewEntry;
use crate::fields::Body;
use crate::testing;
use crate::value::{NewValue, Salt};

const ENTRIES: u64 = 10_000;
/// How far apart the ends are that somebody keeps.
const APART: u64 = 1_000;
/// How often a journal is changed, if the environment does not say otherwise.
const ROUNDS: u64 = 12;

/// So small that the journal fills several segments.
const GEOMETRY: Geometry =
    Geometry { segment_bytes: 512 << 10, step_bytes: 128 << 10, reserve_bytes: 64 << 10 };

fn told(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |word| word.parse().unwrap())
}

/// A small entry, unlike every other.
fn small(n: u64) -> NewEntry {
    let value =
        NewValue { tag: 1, salt: Salt([7; 32]), bytes: n.to_be_bytes().repeat(narrow(n % 9)) };
    NewEntry {
        kind: u8::try_from(n % 50).unwrap(),
        run: RunId([u8::try_from(n % 4).unwrap(); 16]),
        wall_unix_ns: genesis().created_unix_ns,
        boot: BootId([7; 16]),
        mono_ns: 0,
        body: Body::new().with(1, &n.to_be_bytes()).unwrap(),
        values: Vec::from_iter(n.is_multiple_of(3).then_some(value)),
    }
}

/// A journal of these entries, written by the program itself.
fn written(entries: &[NewEntry]) -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    let store = Path::new(STORE);
    let mut journal = Journal::create_on(disk.clone(), store, genesis(), GEOMETRY).unwrap();
    for group in entries.chunks(250) {
        journal.append(group.to_vec()).unwrap();
    }
    disk
}

/// The true journal: its entries, and the hash of each.
struct Truth {
    entries: Vec<NewEntry>,
    hashes: Vec<Digest>,
}

impl Truth {
    fn new() -> Self {
        let entries: Vec<NewEntry> = (0..ENTRIES).map(small).collect();
        let disk = written(&entries);
        assert!(!disk.bytes(&segment(3)).is_empty(), "several segments");
        let mut hashes = Vec::new();
        let mut meaning = |stored: &StoredEntry<'_>| {
            hashes.push(stored.hash);
            None
        };
        let all = Expectation::default();
        let report = testing::audit(&disk, &all, &mut meaning).unwrap();
        // One thread has seen each of them, and then several.
        hashes.truncate(narrow(ENTRIES));
        assert_eq!((report.entries, report.exit_code()), (ENTRIES, 0));
        Self { entries, hashes }
    }

    /// How the journal ended when it had so many entries.
    fn head(&self, size: u64) -> Head {
        let last = size.checked_sub(1).map(|last| self.hashes[narrow(last)]);
        Head { size, hash: last.unwrap_or_else(|| genesis().digest()) }
    }

    /// What somebody knows who kept these ends.
    fn known(&self, sizes: impl IntoIterator<Item = u64>) -> Expectation {
        let heads = sizes.into_iter().map(|size| self.head(size)).collect();
        Expectation { heads, ..Expectation::default() }
    }
}

/// Changes the entries in one way at one place: what was done, and the first that is
/// another now.
fn tamper(entries: &mut Vec<NewEntry>, chance: &mut impl FnMut(u64) -> u64) -> (String, u64) {
    let at = chance(ENTRIES);
    let other = chance(ENTRIES);
    let (index, second) = (narrow(at), narrow(other));
    match chance(8) {
        0 => {
            entries[index].run = RunId([9; 16]);
            (format!("the run of entry {at}"), at)
        }
        1 => {
            entries[index].wall_unix_ns += 1;
            (format!("the time of entry {at}"), at)
        }
        2 => {
            entries[index].body = Body::new().with(1, b"nothing happened").unwrap();
            (format!("the body of entry {at}"), at)
        }
        3 => {
            let value = NewValue { tag: 2, salt: Salt([8; 32]), bytes: b"benign".to_vec() };
            entries[index].values.push(value);
            (format!("a value of entry {at}"), at)
        }
        4 => {
            entries.remove(index);
            (format!("entry {at} removed"), at)
        }
        5 => {
            let second = if index == second { (second + 1) % narrow(ENTRIES) } else { second };
            entries.swap(index, second);
            (format!("entries {at} and {second} exchanged"), at.min(wide(second)))
        }
        6 => {
            let copy = entries[index].clone();
            entries.insert(index + 1, copy);
            (format!("entry {at} twice"), at + 1)
        }
        _ => {
            entries.insert(index, small(ENTRIES + other));
            (format!("an entry before {at}"), at)
        }
    }
}

/// Abuse case 17.
#[test]
fn journal_tamper() {
    let seed = told("RYE_SEED", 1);
    eprintln!("journal_tamper: RYE_SEED={seed}");
    let mut state = seed;
    let mut chance = |limit: u64| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) % limit
    };
    let truth = Truth::new();
    let kept: Vec<u64> = (APART..=ENTRIES).step_by(narrow(APART)).collect();
    for _ in 0..told("RYE_ROUNDS", ROUNDS) {
        let mut entries = truth.entries.clone();
        let (what, first) = tamper(&mut entries, &mut chance);
        let disk = written(&entries);
        let size = wide(entries.len());

        // Who knows nothing is told that it is whole, and where it ends now.
        let report = check(&disk);
        assert_eq!((report.entries, report.exit_code()), (size, 0), "{what}");
        assert_ne!(report.head.map(|head| head.hash), Some(truth.head(ENTRIES).hash), "{what}");

        // Who kept its ends is told the first that it does not have any more.
        let report = audit(&disk, &truth.known(kept.clone()));
        let wrong: Vec<u64> = kept.iter().copied().filter(|kept| *kept > first).collect();
        let found: Vec<u64> = report.findings.iter().map(size_of).collect();
        assert_eq!(found, wrong, "{what}: {:?}", report.findings);

        // Who kept all of them is told the very entry.
        let around = [first, first + 1].into_iter().filter(|size| *size <= ENTRIES);
        let report = audit(&disk, &truth.known(around));
        let finding = report.findings.first().filter(|_| first < ENTRIES);
        assert_eq!(finding.map(|finding| finding.at.seq), (first < ENTRIES).then_some(first));
    }
}

/// The size of the known end that a finding is about.
fn size_of(finding: &Finding) -> u64 {
    match &finding.fault {
        Fault::Fork { expected, .. } | Fault::Shorter { expected, .. } => expected.size,
        other => panic!("{other}"),
    }
}

/// Abuse case 18: cut at any entry, at the end of a group or within, and written anew; or
/// an old copy that goes on.
#[test]
fn truncate_or_snapshot_restore() {
    let truth = Truth::new();
    let known = truth.known([9_000]);
    for left in [0, 1, 4_321, 8_500, 8_999] {
        let mut entries = truth.entries[..narrow(left)].to_vec();
        let disk = written(&entries);
        assert_eq!((check(&disk).entries, check(&disk).exit_code()), (left, 0));
        let report = audit(&disk, &known);
        let fault = &report.findings[0].fault;
        assert_eq!(*fault, Fault::Shorter { expected: truth.head(9_000), size: left });
        assert_eq!(report.exit_code(), 14);
        // It goes on, and grows beyond what is known.
        entries.extend((0..ENTRIES - left).map(|n| small(ENTRIES + n)));
        let report = audit(&written(&entries), &known);
        assert_eq!((report.exit_code(), report.findings[0].at.seq), (13, 8_999));
    }
    let whole = audit(&written(&truth.entries), &known);
    assert_eq!(whole.exit_code(), 0, "{:?}", whole.findings);
}

/// Abuse case 29: a segment in a form that is not known, with a right checksum, is
/// neither read as if it were known nor changed.
#[test]
fn downgrade_isa() {
    for (number, version) in [0, 1].into_iter().flat_map(|number| [(number, 0), (number, 2)]) {
        let (disk, _) = journal_of(24);
        let mut bytes = disk.bytes(&segment(number));
        bytes[8..10].copy_from_slice(&u16::to_be_bytes(version));
        let checksum = crc32c::crc32c(&bytes[..BLOCK_BYTES - 4]);
        bytes[BLOCK_BYTES - 4..BLOCK_BYTES].copy_from_slice(&checksum.to_be_bytes());
        disk.set_bytes(&segment(number), &bytes);
        let error = open(&disk).unwrap_err().to_string();
        assert!(error.contains(&format!("format {version}")), "{error}");
        let all = Expectation::default();
        let judged = testing::audit(&disk, &all, &mut |_| None);
        let refused = judged.map_or_else(
            |error| error.to_string(),
            |report| report.findings.first().map(ToString::to_string).unwrap_or_default(),
        );
        assert!(refused.contains(&format!("format {version}")), "segment {number}: {refused}");
        assert_eq!(disk.bytes(&segment(number)), bytes);
    }
}
