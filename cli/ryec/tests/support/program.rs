//! The program itself, called in a folder.

use std::path::Path;
use std::process::{Command, Output};

/// How it ends.
pub(crate) fn ryec(folder: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ryec");
    Command::new(program).args(arguments).current_dir(folder).output().unwrap()
}

/// What it prints when all is well, and nothing is to be complained of.
pub(crate) fn well(folder: &Path, arguments: &[&str]) -> String {
    let output = ryec(folder, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*complaint), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it complains when it ends with this code; nothing else is printed.
pub(crate) fn complaint(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = ryec(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}
