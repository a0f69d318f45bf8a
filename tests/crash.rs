//! The real `ryed` on a real network, when something goes wrong below it: it is killed,
//! its disk fails, the power goes, another process wants its store. What must hold each
//! time stands here once: [`ends_as_undisturbed`].
//!
//! The gate plays a few rounds of each; `cargo xtask crash` plays as many as it is told.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on must fail, and say why"
)]

#[path = "crash/disk.rs"]
mod disk;
#[path = "crash/full.rs"]
mod full;
#[path = "crash/kill.rs"]
mod kill;
#[path = "crash/lock.rs"]
mod lock;
#[path = "crash/power.rs"]
mod power;

use std::process::{Command, Stdio};

use rye_tests::site::{Filter, Site};
use serde_json::Value as Json;

/// What a caller starts, under a key of his own, with nothing to read from.
fn run_command(site: &Site, key: &str) -> Command {
    let mut command = site.run_command(&site.bundle("contain"), "enforce", Filter::Quick);
    command.args(["--key", key, "--json"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Goes on after a mishap, and sees that all ends as if there had been none: one run
/// under the key, contained; one effect, which holds and can be taken back; a store that
/// verifies, and a run that can be done again from it.
fn ends_as_undisturbed(site: &Site, key: &str, what: &str) {
    assert!(site.blocks() <= 1, "{what}: {} blocks", site.blocks());
    if site.store.exists() {
        site.resume();
    } else {
        assert_eq!(site.blocks(), 0, "{what}: an effect that no journal knows of");
    }
    // The caller was not answered, so it says it again: the key makes it one run.
    let output = site.seen(run_command(site, key).stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert!(output.status.success(), "{what}: {output:?}");
    assert_eq!(site.blocks(), 1, "{what}");
    assert!(site.attacker_is_cut_off(), "{what}");
    let run = only_run(site, what);
    let verified = site.ask_of(&site.store, &["journal", "verify"]);
    assert!(verified.status.success(), "{what}: {verified:?}");
    let replayed = site.ask_of(&site.store, &["replay", &run]);
    assert!(replayed.status.success(), "{what}: {replayed:?}");
    site.say(&["rollback", &run]);
    assert_eq!(site.blocks(), 0, "{what}: after the rollback");
}

/// The id of the only run, which ended as the playbook says.
fn only_run(site: &Site, what: &str) -> String {
    let told = site.ask(&["--json", "runs"]);
    let runs: Json = serde_json::from_str(&told).expect("`--json` prints JSON");
    let runs = runs.get("runs").and_then(Json::as_array).cloned().unwrap_or_default();
    let [run] = runs.as_slice() else { panic!("{what}: not one run: {told}") };
    let text = |name: &str| run.get(name).and_then(Json::as_str).map(str::to_owned);
    assert_eq!(text("state").as_deref(), Some("contained"), "{what}: {told}");
    text("run").expect("a run has an id")
}

/// Runs a program of the system, which must be content.
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; apt-get install e2fsprogs mount perl-base coreutils")
    });
    assert!(output.status.success(), "{command:?}: {output:?}");
}
