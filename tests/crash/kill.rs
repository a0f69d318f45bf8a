//! `ryed` is killed at random moments of a run.

use std::fs;
use std::thread;
use std::time::Duration;

use rye_tests::campaign::{Chance, rounds};
use rye_tests::namespace::as_root;
use rye_tests::site::Site;

use crate::{ends_as_undisturbed, run_command};

/// The longest that a run is left alone, in milliseconds: longer than it takes.
const LATEST: u64 = 400;

#[test]
fn a_run_that_is_killed_anywhere_comes_to_its_end_with_one_effect() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        let mut chance = Chance::of("kill");
        for round in 0..rounds(50) {
            let moment = chance.below(LATEST);
            kill_and_resume(&site, round, moment);
        }
    });
}

fn kill_and_resume(site: &Site, round: u64, moment: u64) {
    // A store is left by the round before.
    let _ = fs::remove_dir_all(&site.store);
    let key = format!("round-{round}");
    let mut ryed = run_command(site, &key).spawn().expect("ryed can be started");
    thread::sleep(Duration::from_millis(moment));
    ryed.kill().expect("our own child");
    ryed.wait().expect("our own child");
    ends_as_undisturbed(site, &key, &format!("round {round}, killed after {moment} ms"));
}
