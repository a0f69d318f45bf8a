//! Fuzzing: one target or all of them, each for so many seconds, with libFuzzer
//! and its address sanitizer on the stable toolchain; and what is kept of what it learnt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rye_tests::toolchain::platform;

use crate::run::{cargo, root, step};

/// Without a word, each target gets a minute.
const SECONDS: &str = "60";

/// The longest input, in bytes: enough for a whole source, bundle or module.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// So much of what a target has learnt is committed, of inputs that each reach what no
/// smaller one does: some of every size, as far as there is room.
const KEPT_BYTES_MAX: u64 = 32 << 10;
const KEPT_MAX: usize = 40;

/// What makes a program that libFuzzer can steer.
const RUSTFLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Zsanitizer=address",
    "-Ccodegen-units=1",
];

/// Runs the target that the first word names, or all, each for as many seconds as the
/// second says; behind the word `keep` it makes anew what is committed of what was learnt.
///
/// # Errors
/// The first target whose property doesn't hold.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let (keeps, words) = match words.split_first() {
        Some((first, rest)) if first == "keep" => (true, rest),
        _ => (false, words),
    };
    let seconds = words.get(1).map_or(SECONDS, String::as_str);
    let folder = root().join("target").join("fuzz");
    let all = seeds(&folder)?;
    let chosen = match words.first() {
        Some(name) if !all.contains(name) => {
            let all = all.join(", ");
            return Err(format!("there is no target `{name}`\n  help: one of {all}"));
        }
        Some(name) => vec![name.clone()],
        None => all,
    };
    let program = build(&folder)?;
    chosen.iter().try_for_each(|target| {
        if keeps {
            keep(&program, &folder, target)
        } else {
            fuzz(&program, &folder, target, seconds)
        }
    })
}

/// The inputs that are committed.
fn committed(target: &str) -> PathBuf {
    root().join("fuzz").join("corpus").join(target)
}

fn corpus(folder: &Path) -> PathBuf {
    folder.join("corpus")
}

/// Writes the seeds of all targets, and says which targets there are.
fn seeds(folder: &Path) -> Result<Vec<String>, String> {
    let mut seeds = cargo();
    seeds.args(["run", "--quiet", "--locked", "--package", "rye-fuzz", "--"]);
    let output = seeds.arg(corpus(folder)).current_dir(root()).output();
    let output = output.map_err(|error| format!("seeds: {error}"))?;
    if !output.status.success() {
        return Err(format!("seeds: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn build(folder: &Path) -> Result<PathBuf, String> {
    let platform = platform();
    let mut build = cargo();
    build
        .args(["build", "--release", "--locked", "--target", &platform, "--manifest-path"])
        .arg(root().join("fuzz").join("libfuzzer").join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", folder)
        .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\u{1f}"))
        // Sanitizers are there, but not yet stable.
        .env("RUSTC_BOOTSTRAP", "1");
    step("the program", &mut build)?;
    Ok(folder.join(platform).join("release").join("property"))
}

fn fuzz(program: &Path, folder: &Path, target: &str, seconds: &str) -> Result<(), String> {
    let broken = folder.join("broken");
    fs::create_dir_all(&broken).map_err(|error| format!("{}: {error}", broken.display()))?;
    let mut fuzz = property(program, target);
    // What is found goes into the first folder.
    fuzz.arg(corpus(folder).join(target))
        .arg(committed(target))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/{target}-", broken.display()))
        .arg("-print_final_stats=1");
    step(target, &mut fuzz)
}

fn property(program: &Path, target: &str) -> Command {
    let mut command = Command::new(program);
    command
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .args(["-rss_limit_mb=4096", "-timeout=20", "-verbosity=0"])
        .env("RYE_FUZZ_TARGET", target);
    command
}

/// Chooses the inputs that are committed from them and from what was learnt since.
fn keep(program: &Path, folder: &Path, target: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{target}: {error}");
    let (merged, committed) = (folder.join("merged").join(target), committed(target));
    // Neither needs to be there before.
    let _ = fs::remove_dir_all(&merged);
    fs::create_dir_all(&merged).map_err(failed)?;
    fs::create_dir_all(&committed).map_err(failed)?;
    let mut merge = property(program, target);
    merge.arg("-merge=1").args([&merged, &committed, &corpus(folder).join(target)]);
    step(target, &mut merge)?;
    let mut inputs = Vec::new();
    for entry in fs::read_dir(&merged).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        inputs.push((entry.metadata().map_err(failed)?.len(), entry.file_name()));
    }
    inputs.sort();
    fs::remove_dir_all(&committed).map_err(failed)?;
    fs::create_dir_all(&committed).map_err(failed)?;
    let mut room = KEPT_BYTES_MAX;
    let step = inputs.len().div_ceil(KEPT_MAX).max(1);
    for (bytes, name) in inputs.into_iter().step_by(step) {
        let Some(left) = room.checked_sub(bytes) else { break };
        fs::copy(merged.join(&name), committed.join(&name)).map_err(failed)?;
        room = left;
    }
    Ok(())
}
