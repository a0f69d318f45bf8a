use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn said(path: &Path, bytes_max: usize, writers: Writers) -> String {
    let folder = path.parent().unwrap().display().to_string();
    match read(path, bytes_max, writers) {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(error) => format!("{error}; {}", error.help()).replace(&folder, "F"),
    }
}

#[test]
fn a_plain_file_is_read_up_to_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, b"12345").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(said(&path, 5, Writers::Owner), "5 bytes");
    assert_eq!(said(&path, 4, Writers::Owner), "F/a has more than 4 bytes; name the right file");
}

#[test]
fn whoever_could_change_it_matters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, b"12345").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    assert_eq!(said(&path, 5, Writers::NotEverybody), "5 bytes");
    assert_eq!(
        said(&path, 5, Writers::Owner),
        "others may change F/a (mode 664); `chmod go-w F/a`"
    );
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(said(&path, 5, Writers::Anybody), "5 bytes");
    assert_eq!(
        said(&path, 5, Writers::NotEverybody),
        "others may change F/a (mode 666); `chmod o-w F/a`"
    );
}

#[test]
fn what_is_no_plain_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let [file, link, pipe, none] = ["file", "link", "pipe", "none"].map(|n| folder.path().join(n));
    fs::write(&file, b"1").unwrap();
    symlink(&file, &link).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let any = Writers::Anybody;
    assert_eq!(
        said(&link, 9, any),
        "F/link is a link, and links are not followed; name the file itself"
    );
    assert_eq!(said(&pipe, 9, any), "F/pipe is not a plain file; name a plain file");
    assert_eq!(said(&none, 9, any), "there is no file F/none; check the path");
    let folder = said(folder.path(), 9, any);
    assert!(folder.ends_with(" is a folder, and a file is wanted; name a file in it"), "{folder}");
}
