//! The campaign that compares the product with the second interpreter, and the faults
//! that are planted to see whether it would find them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{cargo, root, say, step};

/// So many programs each planted fault has to be found in.
const PROGRAMS: &str = "50000";

/// Runs a campaign; the words are its own.
///
/// # Errors
/// When the two differ.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    step("differential", campaign(&mut cargo()).args(words))
}

/// The command of a campaign, of the workspace in which it is started.
fn campaign(cargo: &mut Command) -> &mut Command {
    cargo
        .args(["run", "--release", "--locked", "--offline", "--package", "rye-reference", "--"])
        // What is built anew for each fault is not waited for longer than it runs.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
}

/// Plants one fault after the other into a copy of the workspace, and says which ones the
/// campaign finds. A word names those that are planted, by a part of their names.
///
/// # Errors
/// When one isn't found, or can't be planted any more.
pub(crate) fn planted(words: &[String]) -> Result<(), String> {
    let folder = root().join("target").join("planted");
    let tree = folder.join("tree");
    copy(&tree)?;
    let named = |patch: &PathBuf| {
        let name = patch.to_string_lossy();
        words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
    };
    let mut missed = Vec::new();
    for patch in patches()?.into_iter().filter(named) {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        apply(&tree, &patch, &[])?;
        let mut run = cargo();
        campaign(&mut run).args(["--programs", PROGRAMS, "--as-found"]);
        let output = run.current_dir(&tree).env("CARGO_TARGET_DIR", folder.join("build")).output();
        let output = output.map_err(|error| format!("{name}: {error}"))?;
        apply(&tree, &patch, &["--reverse"])?;
        let said = String::from_utf8_lossy(&output.stdout);
        match said.lines().find(|line| line.starts_with("program ") && line.ends_with("differs:")) {
            Some(line) => say(&format!("found   {name}: {line}")),
            None if said.contains("programs/s") => {
                say(&format!("MISSED  {name}"));
                missed.push(name);
            }
            None => return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(format!("not found: {}", missed.join(", "))) }
}

/// The faults, by their numbers.
fn patches() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("tests").join("planted");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut patches: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    patches.sort();
    Ok(patches)
}

/// The workspace as it stands, without what git ignores. Files that are equal already
/// keep their times, so that nothing is built twice.
fn copy(tree: &Path) -> Result<(), String> {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let output = list.output().map_err(|error| format!("git: {error}"))?;
    for file in String::from_utf8_lossy(&output.stdout).lines() {
        let (from, to) = (root().join(file), tree.join(file));
        let Ok(bytes) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        let parent = to.parent().unwrap_or(tree);
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        fs::write(&to, bytes).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    Ok(())
}

fn apply(tree: &Path, patch: &Path, options: &[&str]) -> Result<(), String> {
    let mut apply = Command::new("git");
    // The copy is no part of the repository around it.
    let ceiling = tree.parent().unwrap_or(tree);
    apply.arg("apply").args(options).arg(patch).current_dir(tree);
    apply.env("GIT_CEILING_DIRECTORIES", ceiling);
    let output = apply.output().map_err(|error| format!("git: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}", patch.display(), String::from_utf8_lossy(&output.stderr)))
}
