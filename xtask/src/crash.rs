//! The crash campaign: the real daemon is killed, its disk fails at each call in turn,
//! the power goes, and another process that writes a journal is killed, too. In the
//! simulated site shipped and generated playbooks die at every point and at pairs of them.

use rye_tests::campaign::{ROUNDS, SEED};

use crate::run::{cargo, step};
use crate::{differential, packages};

/// Rounds of each kind, without a word. Faults of the disk end when all were tried.
const USUAL: &str = "500";

/// Plays as many rounds of each kind as the first word says, by the seed that the second
/// word is.
///
/// # Errors
/// The first round that doesn't end as one without a mishap.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    packages::ensure()?;
    let rounds = words.first().map_or(USUAL, String::as_str);
    let seed = words.get(1).map_or("1", String::as_str);
    for (package, suite) in [("rye-journal", "kill"), ("rye-tests", "crash")] {
        let mut test = cargo();
        test.args(["test", "--locked", "--all-features", "--package", package, "--test", suite]);
        test.args(["--", "--nocapture", "--test-threads=1"]);
        step(suite, test.env(ROUNDS, rounds).env(SEED, seed))?;
    }
    deaths(rounds, seed)
}

/// Each story of a playbook that ships with deaths at so many pairs of points, and so many
/// generated programs with deaths at every second pair.
///
/// # Errors
/// The first death that changes what becomes of a run.
pub(crate) fn deaths(rounds: &str, seed: &str) -> Result<(), String> {
    let mut test = cargo();
    test.args(["test", "--release", "--locked", "--package", "rye-tests", "--test", "playbooks"]);
    step("playbooks", test.arg("proofs").env(ROUNDS, rounds).env(SEED, seed))?;
    differential::run(&["--deaths", "--programs", rounds, "--seed", seed].map(String::from))
}
