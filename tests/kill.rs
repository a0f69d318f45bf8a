//! A real run on a real network is killed at random moments, fifty times: the
//! effect is there exactly once or not at all, the run comes to its end, and the
//! journal verifies.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use rye_tests::namespace::as_root;
use rye_tests::site::{Filter, Site};

/// How often it is killed.
const ROUNDS: u64 = 50;

/// The longest that a run is left alone, in milliseconds: longer than it takes.
const LATEST: u64 = 400;

#[test]
fn a_run_that_is_killed_anywhere_comes_to_its_end_with_one_effect() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        for round in 0..ROUNDS {
            // Other rounds, other moments; the same ones every time.
            let moment = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            kill_and_resume(&site, round, moment % LATEST);
        }
    });
}

fn kill_and_resume(site: &Site, round: u64, moment: u64) {
    let what = format!("round {round}, killed after {moment} ms");
    let _ = fs::remove_dir_all(&site.store);
    let key = format!("round-{round}");
    let mut command = site.run_command(&site.bundle("contain"), "enforce", Filter::Quick);
    command.args(["--key", &key, "--json"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut ryed = command.spawn().expect("ryed can be started");
    thread::sleep(Duration::from_millis(moment));
    ryed.kill().expect("our own child");
    ryed.wait().expect("our own child");
    assert!(site.blocks() <= 1, "{what}: {} blocks", site.blocks());
    if site.store.exists() {
        site.resume();
    }
    // The caller was not answered, so it says it again: the key makes it one run.
    let output = site.seen(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert!(output.status.success(), "{what}: {output:?}");
    assert_eq!(site.blocks(), 1, "{what}");
    assert!(site.attacker_is_cut_off(), "{what}");
    let runs = site.ask(&["--json", "runs"]);
    assert_eq!(runs.matches("\"run\":").count(), 1, "{what}: {runs}");
    assert!(runs.contains("\"state\":\"contained\""), "{what}: {runs}");
    let verified = site.ask_of(&site.store, &["journal", "verify"]);
    assert!(verified.status.success(), "{what}: {verified:?}");
    let run = runs.split("\"run\":\"").nth(1).and_then(|rest| rest.split('"').next());
    site.say(&["rollback", run.expect("an id")]);
    assert_eq!(site.blocks(), 0, "{what}: after the rollback");
}
