//! What was appended is found, wherever it is at that moment.

use super::*;

held! {
    by all {
        what_is_appended_is_found
        what_was_appended_is_found_after_opening_again
        an_index_that_was_made_afresh_answers_the_same
        a_visit_ends_when_it_breaks
    }
    by indexed {
        an_erased_value_is_nowhere_any_more
    }
}

fn what_is_appended_is_found<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    let mut size = 0;
    for count in [1, 3, 2, 1, 5, 2] {
        let durable = subject.append(size, count).unwrap();
        assert_eq!((durable.first_seq, durable.head), (size, subject.store.head()));
        size += count;
        subject.assert_holds(size, "while it is being added");
    }
    subject.assert_settles(size, "when it is level");
    subject.append(size, 4).unwrap();
    subject.assert_holds(size + 4, "right behind an append");
    assert_eq!(at.complaints(), []);
}

fn what_was_appended_is_found_after_opening_again<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    subject.append(0, 7).unwrap();
    drop(subject);
    let mut size = 7;
    for _ in 0..4 {
        let mut subject = K::open(&at).unwrap();
        subject.assert_holds(size, "just opened");
        subject.append(size, 3).unwrap();
        size += 3;
        subject.assert_settles(size, "opened again");
        subject.append(size, 2).unwrap();
        size += 2;
    }
    assert_eq!(at.complaints(), []);
}

fn an_index_that_was_made_afresh_answers_the_same<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    subject.append(0, 30).unwrap();
    for size in [30, 31, 32] {
        subject.store.rebuild_index().unwrap();
        subject.assert_holds(size, "while it is made");
        subject.append(size, 1).unwrap();
        subject.assert_settles(size + 1, "made afresh");
    }
    assert_eq!(at.complaints(), []);
}

fn a_visit_ends_when_it_breaks<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    subject.append(0, 30).unwrap();
    subject.settle();
    let mut seen = Vec::new();
    let visit = &mut |stored: &StoredEntry<'_>| {
        seen.push(stored.entry.seq);
        if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    subject.store.by_run(RunId([1; 16]), 2, visit).unwrap();
    assert_eq!(seen, [5, 9]);
}

/// Whether any file of an index holds `bytes`.
fn stands_in(folder: &Path, bytes: &[u8]) -> bool {
    let Ok(names) = std::fs::read_dir(folder) else { return false };
    names.map(|name| name.unwrap().path()).any(|path| {
        if path.is_dir() {
            return stands_in(&path, bytes);
        }
        std::fs::read(path).unwrap().windows(bytes.len()).any(|found| found == bytes)
    })
}

fn an_erased_value_is_nowhere_any_more<K: Kind>() {
    for while_open in [true, false] {
        let at = Place::new(SimulatedDisk::new());
        let mut subject = K::create(&at).unwrap();
        subject.append(0, 3).unwrap();
        // The value of entry 1, which is 300 times 2.
        let (run, value) = ([RunId([1; 16])], [2; 300]);
        subject.settle();
        drop(subject);
        assert!(stands_in(at.folder.path(), &value));
        let mut subject = if while_open {
            let mut subject = K::open(&at).unwrap();
            subject.settle();
            assert!(subject.store.erase(&run).unwrap() > 0);
            subject
        } else {
            assert!(open(&at.disk).unwrap().journal.erase(&run).unwrap() > 0);
            K::open(&at).unwrap()
        };
        subject.settle();
        let found = subject.store.get(1).unwrap().unwrap();
        assert_eq!(found.view().unwrap().values.get(0).unwrap().bytes(), None);
        subject.append(3, 1).unwrap();
        drop(subject);
        assert!(!stands_in(at.folder.path(), &value), "while open: {while_open}");
        assert_eq!(at.complaints(), []);
    }
}
