//! The tasks of this repository: `cargo xtask TASK`.

mod ci;
mod demo;
mod packages;
mod run;

use std::process::ExitCode;

/// What can be asked for: the word, what it does, how.
type Task = (&'static str, &'static str, fn() -> Result<(), String>);

const TASKS: &[Task] = &[
    ("ci", "everything that CI runs: formatting, lints, tests, docs, licences", ci::run),
    ("demo", "a real attacker on a real network is stopped, and let in again", demo::run),
];

fn main() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_default();
    let Some((_, _, task)) = TASKS.iter().find(|(name, ..)| *name == word) else {
        run::say("usage: cargo xtask TASK\n");
        for (name, purpose, _) in TASKS {
            run::say(&format!("  {name:8} {purpose}"));
        }
        return ExitCode::from(2);
    };
    match task() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            run::say(&format!("\nxtask {word}: {reason}"));
            ExitCode::FAILURE
        }
    }
}
