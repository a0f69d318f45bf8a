//! The gate: what CI runs is what contributors run.

use std::path::PathBuf;
use std::process::Command;

use crate::packages;
use crate::run::{cargo, root, step};

/// The version of the tool that checks licences, bans and sources.
const CARGO_DENY: &str = "0.20.2";

/// Runs everything.
///
/// # Errors
/// The first step that fails.
pub(crate) fn run() -> Result<(), String> {
    packages::ensure()?;
    step("formatting", cargo().args(["fmt", "--all", "--check"]))?;
    step(
        "lints",
        cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    step("tests", cargo().args(["test", "--workspace", "--locked"]))?;
    step(
        "documentation",
        cargo()
            .args(["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    deny()
}

/// Licences, bans and sources of all dependencies, without a network.
fn deny() -> Result<(), String> {
    let tool = tool("cargo-deny", CARGO_DENY)?;
    // The check looks at the packages of every platform.
    step("packages of all platforms", cargo().args(["fetch", "--locked"]))?;
    step(
        "licences, bans, sources",
        Command::new(tool).args(["--offline", "check", "licenses", "bans", "sources"]),
    )
}

/// A tool of this version, built beside the workspace's own programs if it
/// isn't there.
fn tool(name: &str, version: &str) -> Result<PathBuf, String> {
    let folder = root().join("target").join("tools");
    let program = folder.join("bin").join(name);
    let is_there = Command::new(&program)
        .arg("--version")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(version));
    if !is_there {
        let version = format!("={version}");
        let mut install = cargo();
        install.args(["install", name, "--locked", "--version", &version, "--root"]).arg(&folder);
        step(name, &mut install)?;
    }
    Ok(program)
}
