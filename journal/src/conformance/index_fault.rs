//! Databases that fail while they are used. Appends go on, and look-ups are
//! answered, whatever an index does.

use super::*;
use crate::index::table::{Pair, Pairs, TableError};

/// A table that fails as a file in its folder says. Where the folder is set aside,
/// so is the fault.
struct Sick {
    table: SledTable,
    fault: String,
}

fn fault_file(folder: &Path) -> PathBuf {
    folder.join("fault")
}

impl Sick {
    fn suffer(&self, at: &str) -> Result<(), TableError> {
        let error = |full| Err(TableError { full, text: "as it was told".to_owned() });
        match self.fault.strip_prefix(at) {
            Some(" panics") => panic!("as it was told"),
            Some(" hangs") => hang(),
            Some(" fails") => error(false),
            Some(" is full") => error(true),
            _ => Ok(()),
        }
    }
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

impl Table for Sick {
    fn open(folder: &Path) -> Result<Self, TableError> {
        let fault = std::fs::read_to_string(fault_file(folder)).unwrap_or_default();
        let sick = Self { table: <SledTable as Table>::open(folder)?, fault };
        sick.suffer("open").map(|()| sick)
    }

    fn add(&mut self, pairs: &[Pair]) -> Result<(), TableError> {
        self.suffer("add")?;
        self.table.add(pairs)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
        self.suffer("get")?;
        self.table.get(key)
    }

    fn pairs(&self, key: &[u8]) -> Result<Pairs<'_>, TableError> {
        self.suffer("pairs")?;
        self.table.pairs(key)
    }

    fn last_before(&self, key: &[u8]) -> Result<Option<Pair>, TableError> {
        self.table.last_before(key)
    }
}

/// A store with five entries and a sick index, which has `fault` from now on.
fn sick(fault: &str) -> (Place, Result<Subject, JournalError>) {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = <Sick as Kind>::create(&at).unwrap();
    subject.append(0, 5).unwrap();
    subject.settle();
    drop(subject);
    let patience = Duration::from_millis(300);
    let at = Place { patience, ..at };
    std::fs::write(fault_file(&at.index()), fault).unwrap();
    let opened = <Sick as Kind>::open(&at);
    (at, opened)
}

/// Appends and looks up, until the index has noticed its fault.
fn use_it(at: &Place, subject: &mut Subject) {
    let mut size = 5;
    while at.complaints().is_empty() {
        subject.append(size, 1).unwrap();
        size += 1;
        subject.assert_holds(size, "in the middle of it");
    }
    subject.append(size, 1).unwrap();
    subject.assert_holds(size + 1, "after it");
}

#[test]
fn a_table_that_breaks_is_set_aside_and_made_afresh() {
    for (fault, reason) in [
        ("open panics", "its database panicked: as it was told"),
        ("open fails", "as it was told"),
        ("open hangs", "its database does not open"),
        ("add panics", "its database panicked: as it was told"),
        ("add fails", "as it was told"),
        ("get panics", "its database panicked: as it was told"),
        ("get fails", "as it was told"),
        ("pairs panics", "its database panicked: as it was told"),
        ("pairs fails", "as it was told"),
    ] {
        let (at, opened) = sick(fault);
        let mut subject = opened.unwrap();
        use_it(&at, &mut subject);
        let size = subject.store.head().size;
        subject.assert_settles(size, fault);
        damage::assert_set_aside(&at, reason);
    }
}

#[test]
fn a_table_that_hangs_while_it_is_used_is_given_up_and_nobody_waits_twice() {
    for fault in ["get hangs", "add hangs"] {
        let (at, opened) = sick(fault);
        let mut subject = opened.unwrap();
        use_it(&at, &mut subject);
        let aside = at.index().with_extension("set-aside");
        let moved =
            format!("its database does not answer, and it was moved to {}", aside.display());
        assert_eq!(at.complaints(), [IndexEvent::GivenUp { why: moved }], "{fault}");
    }
}

#[test]
fn a_table_without_space_is_given_up_and_kept() {
    let (at, opened) = sick("add is full");
    let mut subject = opened.unwrap();
    use_it(&at, &mut subject);
    let size = subject.store.head().size;
    drop(subject);
    assert_eq!(at.complaints(), [IndexEvent::GivenUp { why: "as it was told".to_owned() }]);
    std::fs::remove_file(fault_file(&at.index())).unwrap();
    <Sick as Kind>::open(&at).unwrap().assert_settles(size, "with space again");
    assert_eq!(at.complaints().len(), 1, "it was not set aside");
}

#[test]
fn an_index_that_can_not_keep_up_never_holds_up_the_committer() {
    let at = Place { tail_bytes_max: 2_000, ..Place::new(SimulatedDisk::new()) };
    let mut subject = <SledTable as Kind>::create(&at).unwrap();
    for size in 0..200 {
        subject.append(size, 1).unwrap();
        if size % 20 == 0 {
            subject.assert_holds(size + 1, "while it is behind");
        }
    }
    subject.assert_settles(200, "level again");
    let level = |event: &&IndexEvent| matches!(event, IndexEvent::Level { .. });
    let events = at.events.lock().unwrap();
    assert!(events.iter().filter(level).count() > 1, "it was behind: {events:?}");
}
