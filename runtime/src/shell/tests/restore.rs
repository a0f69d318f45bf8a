//! An old copy of a store in the place of the store: what is noticed at once, what only
//! somebody notices who kept the journal's end, and what does no harm all the same.

use std::fs;

use rye_journal::Head;
use rye_journal::verify::{Report, verify};

use super::*;

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// Puts a copy of a folder in its place.
fn restore(from: &Path, to: &Path) {
    fs::remove_dir_all(to).unwrap();
    copy(from, to);
}

impl Play {
    fn verified(&self, heads: Vec<Head>) -> Report {
        let known = Expectation { heads, ..Expectation::default() };
        verify(&self.store(), &known, &mut |_| None).unwrap()
    }

    /// Plays an alert for the address, under a key of its own.
    fn plays(&self, shell: &mut Shell, address: &str) -> RunSummary {
        self.folder.write("input.json", format!("{{\"address\": \"{address}\"}}").as_bytes());
        let wanted = Wanted { key: Some(address.to_owned()), ..self.wanted() };
        let started = shell.start(&wanted).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Reached);
        shell.summary(started.run).unwrap()
    }
}

/// Case 18.
#[test]
fn truncate_or_snapshot_restore() {
    let play = Play::new();
    let (store, snapshot) = (play.store(), play.folder.path("snapshot"));
    let mut shell = play.shell();
    assert!(play.plays(&mut shell, "203.0.113.1").is_well());
    drop(shell);
    copy(&store, &snapshot);
    let early = play.verified(Vec::new()).head.unwrap();
    let mut shell = play.shell();
    let run = play.plays(&mut shell, "203.0.113.2");
    drop(shell);
    let late = play.verified(vec![early]).head.unwrap();
    assert!(late.size > early.size);

    // The journal alone is old: the index knows better, and nothing begins.
    restore(&snapshot.join("journal"), &store.join("journal"));
    let error = Shell::open(&store, true, play.parts()).unwrap_err().to_string();
    assert!(error.contains(&early.size.to_string()), "{error}");
    assert_eq!(play.verified(vec![early, late]).exit_code(), 14);

    // All of it is old: who kept the end finds that, before it goes on and afterwards.
    restore(&snapshot, &store);
    let calls = play.world.count("block");
    let report = play.verified(vec![early, late]);
    assert_eq!((report.exit_code(), report.findings.len()), (14, 1), "{report:?}");
    // What was begun since is begun again under the same keys, and is there already.
    let mut shell = play.shell();
    let again = play.plays(&mut shell, "203.0.113.2");
    assert_eq!((again.run, again.is_well()), (run.run, true));
    assert_eq!(play.world.count("block"), calls, "it is not done twice: {}", play.lines());
    for host in 3..6 {
        assert!(play.plays(&mut shell, &format!("203.0.113.{host}")).is_well());
    }
    drop(shell);
    assert_eq!(play.verified(vec![early]).exit_code(), 0);
    assert_eq!(play.verified(vec![early, late]).exit_code(), 13, "another history");
    audit(&store);
}
