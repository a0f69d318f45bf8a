//! Damaged segments are refused, with the position; a damaged index is healed.

use std::fs;

use super::*;
use crate::group::BLOCK_BYTES;
use crate::index::table::Pair;
use crate::testing::segment;

held! {
    by all {
        damaged_segments_are_refused_with_the_position
    }
    by indexed {
        an_index_is_healed_whatever_happened_to_its_files
        an_index_of_other_entries_is_set_aside
        an_index_with_other_contents_is_set_aside
    }
}

/// A store with `size` entries, level and closed.
fn closed<K: Kind>(size: u64) -> Place {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    for seq in 0..size {
        subject.append(seq, 1).unwrap();
    }
    subject.settle();
    drop(subject);
    at
}

fn damaged_segments_are_refused_with_the_position<K: Kind>() {
    let at = closed::<K>(6);
    let bytes = at.disk.bytes(&segment(0));
    let mut damaged = bytes.clone();
    // Within the frame of entry 1.
    damaged[2 * BLOCK_BYTES + 60] ^= 1;
    at.disk.set_bytes(&segment(0), &damaged);
    match K::open(&at).map(|subject| subject.store.head()) {
        Err(JournalError::Damaged { at: position, .. }) => {
            assert_eq!((position.segment, position.seq), (0, 1), "{position}");
        }
        other => panic!("{other:?}"),
    }
    at.disk.set_bytes(&segment(0), &bytes);
    K::open(&at).unwrap().assert_settles(6, "with the right bytes again");
    assert_eq!(at.complaints(), []);
}

/// All files of an index.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// One way to damage a file.
type Damage = fn(&Path, &[u8]);

const DAMAGES: &[(&str, Damage)] = &[
    ("gone", |path, _| fs::remove_file(path).unwrap()),
    ("emptied", |path, _| fs::write(path, []).unwrap()),
    ("halved", |path, bytes| fs::write(path, &bytes[..bytes.len() / 2]).unwrap()),
    ("all zero", |path, bytes| fs::write(path, vec![0; bytes.len()]).unwrap()),
    ("all ones", |path, bytes| fs::write(path, vec![0xff; bytes.len()]).unwrap()),
    ("longer", |path, bytes| fs::write(path, [bytes, &[7; 5000]].concat()).unwrap()),
    ("a folder", |path, _| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
    ("first bytes", |path, bytes| flip(path, bytes, 0, 64)),
    ("a tenth", |path, bytes| flip(path, bytes, bytes.len() / 10, 64)),
    ("the middle", |path, bytes| flip(path, bytes, bytes.len() / 2, 600)),
    ("every 97th byte", |path, bytes| {
        let mut bytes = bytes.to_vec();
        bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x55);
        fs::write(path, bytes).unwrap();
    }),
];

fn flip(path: &Path, bytes: &[u8], from: usize, count: usize) {
    let mut bytes = bytes.to_vec();
    bytes.iter_mut().skip(from).take(count).for_each(|byte| *byte ^= 0xff);
    fs::write(path, bytes).unwrap();
}

fn an_index_is_healed_whatever_happened_to_its_files<K: Kind>() {
    let at = closed::<K>(24);
    for file in files(&at.index()) {
        for (what, damage) in DAMAGES {
            let name = file.strip_prefix(at.index()).unwrap().display().to_string();
            // It may have another name after it was made afresh.
            let Ok(bytes) = fs::read(&file) else { continue };
            damage(&file, &bytes);
            let subject = K::open(&at).unwrap();
            subject.assert_holds(24, what);
            subject.assert_settles(24, &format!("{name}: {what}"));
        }
    }
    assert!(at.complaints().len() > 5, "damage was noticed: {:?}", at.complaints());
    fs::remove_dir_all(at.index()).unwrap();
    K::open(&at).unwrap().assert_settles(24, "all of it gone");
    fs::remove_dir_all(at.index()).unwrap();
    fs::write(at.index(), "a file").unwrap();
    K::open(&at).unwrap().assert_settles(24, "a file in its place");
    fs::write(at.index().join("snap.7FFFFFFFFFFFFFFF.generating"), []).unwrap();
    let before = at.complaints();
    K::open(&at).unwrap().assert_settles(24, "half a snapshot");
    assert_eq!(at.complaints(), before, "half a snapshot is no reason to begin afresh");
}

fn an_index_of_other_entries_is_set_aside<K: Kind>() {
    let at = closed::<K>(4);
    let fork = at.disk.after_kill();
    let mut subject = K::open(&at).unwrap();
    subject.append(4, 2).unwrap();
    subject.settle();
    drop(subject);
    // The same journal, which went on otherwise.
    let mut other = open(&fork).unwrap().journal;
    other.append((0..4).map(entry).collect()).unwrap();
    drop(other);
    let at = at.on(fork);
    let subject = K::open(&at).unwrap();
    subject.settle();
    assert_eq!(subject.store.get(5).unwrap().unwrap().view().unwrap().entry.kind, 1);
    assert_set_aside(&at, "entry 4 is not the one in the segments");
}

/// Writes the index anew, with its pairs changed.
fn change<T: Table>(at: &Place, change: impl FnOnce(&mut Vec<Pair>)) {
    let table = <T as Table>::open(&at.index()).unwrap();
    let mut pairs: Vec<Pair> = table.pairs(&[]).unwrap().map(Result::unwrap).collect();
    drop(table);
    change(&mut pairs);
    fs::remove_dir_all(at.index()).unwrap();
    <T as Table>::open(&at.index()).unwrap().add(&pairs).unwrap();
}

fn an_index_with_other_contents_is_set_aside<K: Kind + Table>() {
    type Change = fn(&mut Vec<Pair>);
    // The pairs are those of entries 0 to 3, then those of four runs.
    let changes: &[(&str, Change)] = &[
        ("entry 2 is missing", |pairs| drop(pairs.remove(2))),
        ("entry 1 is not the one in the segments", |pairs| pairs[1].1.push(0)),
        ("entry 3: a frame is cut short", |pairs| pairs[3].1.push(0)),
        ("entry 3: entry 2 stands where entry 3 belongs", |pairs| {
            pairs[3].1 = pairs[2].1.clone();
        }),
        ("a key of an unknown form", |pairs| pairs[3].0.push(0)),
        ("it holds what the segments don't", |pairs| pairs.push((b"x".to_vec(), vec![]))),
        ("it holds what the segments don't", |pairs| pairs.push((b"a".to_vec(), vec![]))),
        ("it holds what the segments don't", |pairs| pairs[5].1.push(0)),
        ("it lists other entries of a run than the segments have", |pairs| {
            drop(pairs.remove(5));
        }),
        ("it lists other entries of a run than the segments have", |pairs| {
            let mut key = pairs[5].0.clone();
            key[24] = 9;
            pairs.push((key, vec![]));
        }),
    ];
    for (reason, alter) in changes {
        let at = closed::<K>(4);
        change::<K>(&at, alter);
        <K as Kind>::open(&at).unwrap().assert_settles(4, reason);
        assert_set_aside(&at, reason);
    }
    let at = closed::<K>(4);
    change::<K>(&at, |_| ());
    <K as Kind>::open(&at).unwrap().assert_settles(4, "the same pairs");
    assert_eq!(at.complaints(), []);
}

/// That the index was set aside once, for this reason, and can be looked at.
pub(super) fn assert_set_aside(at: &Place, reason: &str) {
    let complaints = at.complaints();
    let [IndexEvent::SetAside { why, to }] = complaints.as_slice() else {
        panic!("{complaints:?}");
    };
    assert_eq!(why, reason);
    assert!(to.exists() && at.index().exists());
}
