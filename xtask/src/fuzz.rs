//! Fuzzing: one target or all of them, each for so many seconds, with libFuzzer
//! and its address sanitizer on the stable toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rye_tests::toolchain::platform;

use crate::run::{cargo, root, step};

/// Without a word, each target gets a minute.
const SECONDS: &str = "60";

/// The longest input, in bytes: enough for a whole source, bundle or module.
const INPUT_BYTES_MAX: usize = 64 << 10;

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
/// second says.
///
/// # Errors
/// The first target whose property doesn't hold.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
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
    chosen.iter().try_for_each(|target| fuzz(&program, &folder, target, seconds))
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
    let mut fuzz = Command::new(program);
    fuzz.arg(corpus(folder).join(target))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-artifact_prefix={}/{target}-", broken.display()))
        .args(["-rss_limit_mb=4096", "-timeout=20", "-print_final_stats=1", "-verbosity=0"])
        .env("RYE_FUZZ_TARGET", target);
    step(target, &mut fuzz)
}
