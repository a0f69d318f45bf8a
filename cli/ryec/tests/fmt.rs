//! `ryec fmt`, with the program itself: what it writes, what it leaves alone, what it says.

#![expect(clippy::unwrap_used, reason = "a broken expectation fails the test")]

#[path = "support/program.rs"]
mod program;

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use program::{ryec, well};

const ODD: &str = "use   std.notify // words\nconst a:Int=1\n";
const STYLED: &str = "use std.notify // words\n\nconst a: Int = 1\n";

/// Two files that are not in the style, one that is, one that is hidden.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("net/.git")).unwrap();
    for (name, text) in
        [("one.rye", ODD), ("net/two.rye", ODD), ("fine.rye", STYLED), ("net/.git/three.rye", ODD)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn piped(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ryec"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_folder_is_written_in_the_style_and_nothing_else_of_it_changes() {
    let folder = folder();
    let one = folder.path().join("one.rye");
    fs::set_permissions(&one, Permissions::from_mode(0o640)).unwrap();
    symlink("one.rye", folder.path().join("link.rye")).unwrap();
    let said = well(folder.path(), &["fmt"]);
    assert_eq!(said, "formatted  net/two.rye\nformatted  one.rye\n2 of 3 files changed\n");
    assert_eq!(text(folder.path(), "one.rye"), STYLED);
    assert_eq!(text(folder.path(), "net/two.rye"), STYLED);
    assert_eq!(text(folder.path(), "net/.git/three.rye"), ODD);
    assert_eq!(fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(well(folder.path(), &["fmt", "."]), "0 of 3 files changed\n");
    // A link that is named goes on leading to the file.
    fs::write(&one, ODD).unwrap();
    well(folder.path(), &["fmt", "link.rye"]);
    assert_eq!(text(folder.path(), "one.rye"), STYLED);
    assert!(fs::symlink_metadata(folder.path().join("link.rye")).unwrap().is_symlink());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left beside them");
}

#[test]
fn a_check_writes_nothing_and_shows_where_files_differ() {
    let folder = folder();
    let output = ryec(folder.path(), &["fmt", "--check", "one.rye", "fine.rye"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let lines = ["one.rye:1", "- use   std.notify // words", "- const a:Int=1"];
    assert_eq!(said.lines().take(3).collect::<Vec<_>>(), lines, "{said}");
    assert!(said.contains("\n+ use std.notify // words\n+ \n+ const a: Int = 1\n"), "{said}");
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.starts_with("error: 1 of 2 files is not in the style\n"), "{complaint}");
    assert_eq!(text(folder.path(), "one.rye"), ODD);
    assert_eq!(well(folder.path(), &["fmt", "--check", "fine.rye"]), "");
}

#[test]
fn a_file_with_mistakes_is_left_alone_and_the_others_are_written() {
    let folder = folder();
    fs::write(folder.path().join("broken.rye"), "playbook p( {\n").unwrap();
    let output = ryec(folder.path(), &["fmt"]);
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("--> broken.rye:1:"), "{complaint}");
    assert_eq!(text(folder.path(), "broken.rye"), "playbook p( {\n");
    assert_eq!(text(folder.path(), "one.rye"), STYLED);
    let output = ryec(folder.path(), &["fmt", "--json", "."]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["ok"], &said["files"]), (&Value::Bool(false), &Value::from(4)));
    assert_eq!(said["diagnostics"][0]["code"], "E0102", "{said}");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let output = piped(&["fmt", "-"], ODD);
    assert_eq!((output.status.code(), &*output.stdout), (Some(0), STYLED.as_bytes()));
    let output = piped(&["fmt", "-"], "playbook p( {\n");
    assert_eq!((output.status.code(), &*output.stdout), (Some(1), b"".as_slice()));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("--> standard input:1:"), "{complaint}");
    assert_eq!(piped(&["fmt", "--check", "-"], ODD).status.code(), Some(1));
}

#[test]
fn what_can_not_be_formatted_is_said() {
    let folder = folder();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    for (path, problem) in [
        ("nowhere.rye", "there is no file `nowhere.rye`"),
        ("notes.txt", "`notes.txt` is no `.rye` file"),
        ("empty", "`empty` holds no `.rye` file"),
    ] {
        let complaint = program::complaint(folder.path(), &["fmt", path], 2);
        assert!(complaint.contains(problem), "{complaint}");
    }
}
