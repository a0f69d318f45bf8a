//! An index that holds more than the segments: acknowledged entries were lost, and
//! that is neither hidden nor repaired.

use super::damage::assert_set_aside;
use super::*;
use crate::commit::Journal;
use crate::testing::segment;

held! {
    by all {}
    by indexed {
        a_store_whose_segments_lost_entries_is_not_opened
        an_index_of_another_journal_is_set_aside
    }
}

fn a_store_whose_segments_lost_entries_is_not_opened<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    subject.append(0, 3).unwrap();
    let earlier = at.disk.after_kill();
    subject.append(3, 2).unwrap();
    subject.settle();
    drop(subject);
    let at = at.on(earlier);
    let bytes = at.disk.bytes(&segment(0));
    for _ in 0..2 {
        match K::open(&at).map(|subject| subject.store.head()) {
            Err(error @ JournalError::TailLost { size: 3, known: 5, .. }) => {
                assert!(error.to_string().contains("3 entries, but its index knows 5"), "{error}");
                assert!(error.help().unwrap().contains("/index away"), "{:?}", error.help());
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(at.disk.bytes(&segment(0)), bytes);
    assert_eq!(at.complaints(), []);
    // A person has moved it away, as the help says.
    std::fs::rename(at.index(), at.folder.path().join("kept")).unwrap();
    let mut subject = K::open(&at).unwrap();
    subject.append(3, 1).unwrap();
    subject.assert_settles(4, "without the lost entries");
}

fn an_index_of_another_journal_is_set_aside<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    subject.append(0, 5).unwrap();
    subject.settle();
    drop(subject);
    let genesis = crate::entry::Genesis {
        journal: rye_core::id::JournalId::default(),
        ..crate::testing::genesis()
    };
    let disk = SimulatedDisk::new();
    let journal = Journal::create_on(disk.clone(), Path::new(STORE), genesis, SMALL).unwrap();
    drop(journal);
    let at = at.on(disk);
    let mut subject = K::open(&at).unwrap();
    subject.append(0, 2).unwrap();
    subject.assert_settles(2, "beside another journal");
    assert_set_aside(&at, "it is the index of another journal");
}
