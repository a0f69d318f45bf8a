//! A store has one writer, between processes too: a second is refused while the
//! first lives, and admitted when it is dead, however it died.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rye_core::id::{BootId, JournalId, RunId};
use rye_journal::{Body, Genesis, Journal, JournalError, NewEntry};

/// Names the store to the process that this test starts of itself.
const STORE: &str = "RYE_JOURNAL_TEST_STORE";

fn entry() -> NewEntry {
    NewEntry {
        kind: 1,
        run: RunId::default(),
        wall_unix_ns: 1,
        boot: BootId::default(),
        mono_ns: 1,
        body: Body::new(),
        values: Vec::new(),
    }
}

/// Not a test of its own: what the other process does. Without the variable
/// nobody started it, and there is nothing to do.
#[test]
fn the_other_process() {
    let Some(store) = std::env::var_os(STORE) else { return };
    let mut journal = Journal::open(Path::new(&store), None, &mut |_| ()).unwrap().journal;
    loop {
        let durable = journal.append(vec![entry()]).unwrap();
        println!("\nacknowledged {}", durable.head.size);
    }
}

/// Starts a process that appends as fast as it can, and waits until it does.
/// Returns it with the lines that it goes on to print.
fn start(store: &Path) -> io::Result<(Child, impl Iterator<Item = u64>)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "the_other_process", "--nocapture"])
        .env(STORE, store)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut sizes = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("acknowledged ").and_then(|size| size.parse().ok()));
    sizes.next().ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok((child, sizes))
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_dead() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let genesis =
        Genesis { journal: JournalId([1; 16]), created_unix_ns: 1, checkpoint_key: [0; 32] };
    drop(Journal::create(&store, genesis).unwrap());
    let mut size = 0;
    for _ in 0..10 {
        let (mut child, sizes) = start(&store).unwrap();
        match Journal::open(&store, None, &mut |_| ()) {
            Err(JournalError::Locked { holder, .. }) => assert_eq!(holder, Some(child.id())),
            other => panic!("not refused: {other:?}"),
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = sizes.last().unwrap_or_default();
        let mut seen = 0;
        let opened = Journal::open(&store, None, &mut |_| seen += 1).unwrap();
        let found = opened.journal.head().size;
        assert_eq!(found, seen);
        assert!(found > size && found >= acknowledged, "{found} of {acknowledged}");
        size = found;
    }
}
