//! Benches: Rye beside what its users would pick instead, as one table.

use std::path::Path;

use crate::run::{cargo, root, step};

/// Builds the programs and the peers, then compares what the words name, or all.
///
/// # Errors
/// What can't be built or measured.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    step("programs", cargo().args(["build", "--release", "--locked", "--package", "ryec"]))?;
    let folder = root().join("target").join("peers");
    let mut compare = cargo();
    compare
        .args(["run", "--release", "--locked", "--quiet", "--manifest-path"])
        .arg(root().join(Path::new("benches/peers/Cargo.toml")))
        .arg("--")
        .args(words)
        .env("CARGO_TARGET_DIR", folder);
    step("comparison", &mut compare)
}
