//! The gate: what CI runs is what contributors run.

use std::process::Command;

use crate::packages;
use crate::run::{cargo, root, step, tool};

/// The version of the tool that checks licences, bans and sources.
const CARGO_DENY: &str = "0.20.2";

/// The workspaces that stand apart: they aren't built here, but their campaigns must start.
const APART: &[&str] = &["benches/peers", "fuzz/libfuzzer"];

/// Runs everything.
///
/// # Errors
/// The first step that fails.
pub(crate) fn run() -> Result<(), String> {
    packages::ensure()?;
    step("formatting", cargo().args(["fmt", "--all", "--check"]))?;
    APART.iter().try_for_each(|folder| is_locked(folder))?;
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

/// Whether the workspace's `Cargo.lock` knows what our packages need by now.
fn is_locked(folder: &str) -> Result<(), String> {
    let mut update = cargo();
    update.args(["update", "--workspace", "--locked", "--quiet", "--manifest-path"]);
    step(folder, update.arg(root().join(folder).join("Cargo.toml"))).map_err(|reason| {
        format!(
            "{reason}\n  help: `cargo update --workspace` in {folder}, and commit its Cargo.lock"
        )
    })
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
