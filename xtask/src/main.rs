//! The tasks of this repository: `cargo xtask TASK`.

mod bench;
mod ci;
mod crash;
mod demo;
mod differential;
mod fuzz;
mod mutants;
mod packages;
mod run;
mod soak;
mod verifier;

use std::process::ExitCode;

/// What can be asked for: the word, what it does, how; it is handed the words behind.
type Task = (&'static str, &'static str, fn(&[String]) -> Result<(), String>);

const TASKS: &[Task] = &[
    (
        "bench",
        "Rye is measured beside others: [machine] [memory] [compiler] [loading] [journal] [runs]",
        bench::run,
    ),
    ("ci", "everything that CI runs: formatting, lints, tests, docs, licences", |_| ci::run()),
    (
        "differential",
        "random programs are run by the product and by a second interpreter: \
         [--programs N] [--seed S] [--minutes M] [--deaths]",
        differential::run,
    ),
    (
        "planted",
        "faults are planted, and differential has to find them: [NAME…]",
        differential::planted,
    ),
    (
        "crash",
        "the daemon is killed, its disk fails, the power goes, at any moment: [ROUNDS [SEED]]",
        crash::run,
    ),
    ("demo", "a real attacker on a real network is stopped, and let in again", |_| demo::run()),
    (
        "fuzz",
        "bytes for which a property doesn't hold are looked for: [keep] [TARGET [SECONDS]]",
        fuzz::run,
    ),
    (
        "mutants",
        "each change of the code that decides is noticed by a test: [PACKAGE [SHARD/SHARDS]]",
        mutants::run,
    ),
    (
        "soak",
        "what chance decides, one campaign after the other, for as long: [MINUTES [SEED]]",
        soak::run,
    ),
    (
        "verifier",
        "modules by chance: what is accepted runs without a fault: [MODULES [SEED]]",
        verifier::run,
    ),
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let word = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    let Some((_, _, task)) = TASKS.iter().find(|(name, ..)| *name == word) else {
        run::say("usage: cargo xtask TASK\n");
        for (name, purpose, _) in TASKS {
            run::say(&format!("  {name:12} {purpose}"));
        }
        return ExitCode::from(2);
    };
    match task(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            run::say(&format!("\nxtask {word}: {reason}"));
            ExitCode::FAILURE
        }
    }
}
