//! Running other programs, and saying what happens.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// Prints a line for the person who started the task.
#[expect(clippy::print_stdout, reason = "a task talks to the person who started it")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// The `cargo` that runs this task.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs `command` in the workspace's folder and says how long it took.
///
/// # Errors
/// When it can't be started or does not end well.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<(), String> {
    say(&format!("\n== {name}"));
    let began = Instant::now();
    let status = command
        .current_dir(root())
        .status()
        .map_err(|error| format!("{name}: {} can't be started: {error}", show(command)))?;
    if !status.success() {
        return Err(format!("{name}: {} failed ({status})", show(command)));
    }
    say(&format!("== {name}: ok, {:.0} s", began.elapsed().as_secs_f32()));
    Ok(())
}

/// A tool of this version, built beside the workspace's own programs if it
/// isn't there.
///
/// # Errors
/// When it can't be built.
pub(crate) fn tool(name: &str, version: &str) -> Result<PathBuf, String> {
    let folder = root().join("target").join("tools");
    let program = folder.join("bin").join(name);
    // What cargo itself wrote down there of what it installed.
    let installed = fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
    let is_there = program.exists() && installed.contains(&format!("\"{name} {version} "));
    if !is_there {
        let version = format!("={version}");
        let mut install = cargo();
        install.args(["install", name, "--locked", "--version", &version, "--root"]).arg(&folder);
        step(name, &mut install)?;
    }
    Ok(program)
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
