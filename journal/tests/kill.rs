//! A process that writes through segments and sled is killed, whatever it is at.
//! Nothing that it acknowledged is lost, and the index is level again, each time.

#![expect(clippy::unwrap_used, reason = "a test that can't go on must fail, and say why")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rye_core::id::{BootId, JournalId, RunId};
use rye_journal::index::{IndexEvent, Indexed, Report};
use rye_journal::verify::{Expectation, verify};
use rye_journal::{
    Body, Genesis, JournalStore, NewEntry, NewValue, OwnedEntry, Reader, Salt, StoredEntry,
};

/// Names the store to the process that this test starts of itself.
const STORE: &str = "RYE_JOURNAL_KILL_STORE";
/// How often a process is killed, if the environment does not say otherwise.
const ROUNDS: usize = 20;
/// So often one store is killed: all of it is read after each death.
const STORE_ROUNDS: usize = 20;
/// Where a campaign says how often.
const ROUNDS_SAID: &str = "RYE_ROUNDS";
const RUNS: u8 = 3;

fn entry(seq: u64) -> NewEntry {
    let value = NewValue {
        tag: 1,
        salt: Salt([7; 32]),
        bytes: vec![u8::try_from(seq % 251).unwrap(); usize::try_from(seq % 300).unwrap()],
    };
    NewEntry {
        kind: 1,
        run: RunId([u8::try_from(seq % u64::from(RUNS)).unwrap(); 16]),
        wall_unix_ns: seq,
        boot: BootId::default(),
        mono_ns: seq,
        body: Body::new().with(1, &seq.to_be_bytes()).unwrap(),
        values: vec![value],
    }
}

/// Not a test of its own: what the other process does. Without the variable
/// nobody started it, and there is nothing to do.
#[test]
fn the_other_process() {
    let Some(store) = std::env::var_os(STORE) else { return };
    let opened = Indexed::open(Path::new(&store), None, Arc::new(|_| ()), &mut |_| ());
    let mut journal = opened.unwrap().journal;
    loop {
        let size = journal.head().size;
        let group = (size..=size + size % 7).map(entry).collect();
        let durable = journal.append(group).unwrap();
        println!("\nacknowledged {}", durable.head.size);
        let found = journal.get(size).unwrap().unwrap();
        assert_eq!(found.view().unwrap().entry.wall_unix_ns, size);
    }
}

/// Lets a process write, kills it after `lines` acknowledgements, and returns how
/// many entries it acknowledged.
fn write_and_be_killed(store: &Path, lines: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_other_process", "--nocapture"])
        .env(STORE, store)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut sizes = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
    let before = sizes.by_ref().take(lines).last();
    child.kill().unwrap();
    child.wait().unwrap();
    sizes.last().or(before).unwrap_or_default()
}

fn reporting() -> (Report, Receiver<IndexEvent>) {
    let (sender, events) = channel();
    (Arc::new(move |event| drop(sender.send(event.clone()))), events)
}

/// Every entry and every run, by look-up and by reading the segments.
fn compare(journal: &Indexed, store: &Path) {
    let reader = Reader::open(store).unwrap();
    let mut by_run: BTreeMap<RunId, Vec<OwnedEntry>> = BTreeMap::new();
    let visit = &mut |stored: &StoredEntry<'_>| {
        assert_eq!(journal.get(stored.entry.seq).unwrap().unwrap(), stored.to_owned());
        by_run.entry(stored.entry.run).or_default().push(stored.to_owned());
        ControlFlow::Continue(())
    };
    reader.entries(0, visit).unwrap();
    for (run, expected) in by_run {
        let mut found = Vec::new();
        let visit = &mut |stored: &StoredEntry<'_>| {
            found.push(stored.to_owned());
            ControlFlow::Continue(())
        };
        journal.by_run(run, 0, visit).unwrap();
        assert!(found == expected, "{run}: {} of {}", found.len(), expected.len());
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_the_index_is_level_again() {
    let rounds = std::env::var(ROUNDS_SAID).map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    for first in (0..rounds).step_by(STORE_ROUNDS) {
        let rounds = first..rounds.min(first + STORE_ROUNDS);
        let (folder, count) = (tempfile::tempdir().unwrap(), rounds.len());
        let size = kill_and_open(&folder.path().join("store"), rounds);
        assert!(size > 50 * u64::try_from(count).unwrap(), "it wrote: {size}");
    }
}

/// Kills a process that writes a fresh store, over and over; how many entries there
/// are in the end.
fn kill_and_open(store: &Path, rounds: Range<usize>) -> u64 {
    let genesis =
        Genesis { journal: JournalId([1; 16]), created_unix_ns: 1, checkpoint_key: [0; 32] };
    drop(Indexed::create(store, genesis, Arc::new(|_| ())).unwrap());
    let mut size = 0;
    for round in rounds {
        // With no line to wait for, it dies while it opens.
        let acknowledged = write_and_be_killed(store, round * round % 83);
        let (report, events) = reporting();
        let opened = Indexed::open(store, None, report, &mut |_| ()).unwrap();
        let found = opened.journal.head().size;
        assert!(found >= acknowledged.max(size), "{found} of {acknowledged} and {size}");
        size = found;
        let event = events.recv().unwrap();
        assert_eq!(event, IndexEvent::Level { entries: size }, "round {round}");
        compare(&opened.journal, store);
        assert_eq!(verify(store, &Expectation::default(), &mut |_| None).unwrap().findings, []);
    }
    size
}
