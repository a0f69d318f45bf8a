//! The mutation campaign: the code that decides is changed, one place at a time, and the
//! tests of its own package must notice. What they need not notice goes into
//! `.cargo/mutants.toml`, with the reason.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{root, say, tool};

/// The version of the tool that changes the code.
const CARGO_MUTANTS: &str = "27.1.0";

/// After how many seconds the tests of a mutant count as failed.
const SECONDS: &str = "60";

/// How the tool ends when a mutant was not noticed, and when only tests did not end.
const MISSED: i32 = 2;
const TIMED_OUT: i32 = 3;

/// The packages, with the files in which one mistake could do harm.
const PARTS: &[(&str, &[&str])] = &[
    ("rye-bytecode", &["bytecode/src/verify.rs", "bytecode/src/verify/**/*.rs"]),
    ("rye-vm", &["vm/src/fuel.rs"]),
    (
        "rye-engine",
        &[
            "engine/src/run.rs",
            "engine/src/run/**/*.rs",
            "engine/src/engine/act.rs",
            "engine/src/engine/proof.rs",
            "engine/src/engine/undo.rs",
            "engine/src/guardrail.rs",
            "engine/src/guardrail/**/*.rs",
        ],
    ),
    ("rye-bundle", &["bundle/src/verify.rs"]),
];

/// Tries the mutants of the package that the first word names, or of all: of so many
/// shards the one that the second word says, as in `0/50`, or all.
///
/// # Errors
/// Names the packages with mutants that no test noticed.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let names: Vec<&str> = PARTS.iter().map(|(package, _)| *package).collect();
    let wanted = words.first().map(String::as_str);
    if let Some(name) = wanted.filter(|name| !names.contains(name)) {
        let all = names.join(", ");
        return Err(format!("there is no part `{name}`\n  help: one of {all}"));
    }
    let program = tool("cargo-mutants", CARGO_MUTANTS)?;
    let chosen = PARTS.iter().filter(|(package, _)| wanted.is_none_or(|name| name == *package));
    let mut survived = Vec::new();
    for (package, files) in chosen {
        say(&format!("\n== {package}"));
        if !are_noticed(&program, package, files, words.get(1))? {
            survived.push(*package);
        }
    }
    if survived.is_empty() {
        return Ok(());
    }
    Err(format!(
        "mutants that no test noticed: {}\n  help: target/mutants/PACKAGE/mutants.out/missed.txt \
         names them: write the test, or the reason into .cargo/mutants.toml",
        survived.join(", ")
    ))
}

/// Whether the tests of a package notice each mutant of the files, of all or of one shard.
fn are_noticed(
    program: &Path,
    package: &str,
    files: &[&str],
    shard: Option<&String>,
) -> Result<bool, String> {
    let folder = root().join("target").join("mutants");
    let output = folder.join(package);
    fs::create_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
    let mut mutants = Command::new(program);
    mutants.args(["mutants", "--package", package, "--timeout", SECONDS, "--output"]);
    mutants.arg(output);
    // The copies that are changed share what they don't change.
    mutants.env("CARGO_TARGET_DIR", folder.join("build"));
    mutants.args(files.iter().flat_map(|file| ["--file", file]));
    if let Some(shard) = shard {
        mutants.args(["--sharding", "round-robin", "--shard", shard]);
    }
    let status = mutants.current_dir(root()).status();
    let status = status.map_err(|error| format!("{}: {error}", program.display()))?;
    match status.code() {
        // A mutant whose tests don't end is noticed, too.
        Some(0 | TIMED_OUT) => Ok(true),
        Some(MISSED) => Ok(false),
        _ => Err(format!("{package}: the mutants could not be tried ({status})")),
    }
}
