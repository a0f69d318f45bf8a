//! Reads and writes the files that people name. A file is opened once, never
//! waited for, never read beyond its limit; a file is written whole or not at
//! all; and what is secret is kept from others.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rye_bundle::archive::{CONTAINER_BYTES_MAX, MAGIC};
use rye_signer::file::{check_length, open, read_some};

use crate::failure::Failure;

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone.
    Owner,
    /// Everybody whom the user's habits (umask) let.
    Everybody,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everybody => 0o666,
        }
    }
}

/// The bytes of the file at `path`.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let bytes = read_some(path, &open(path)?, bytes_max)?;
    check_length(path, &bytes, bytes_max)?;
    Ok(bytes)
}

/// The bytes of a bundle or a trust root. One that is too long is cut behind the
/// limit: its reader then says so.
pub(crate) fn read_container(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(read_some(path, &open(path)?, CONTAINER_BYTES_MAX)?)
}

/// That nothing is there yet.
pub(crate) fn check_absent(path: &Path) -> Result<(), Failure> {
    not_a_folder(path)?;
    match path.symlink_metadata() {
        Ok(_) => Err(unwritable(path, &io::Error::from(ErrorKind::AlreadyExists))),
        Err(_) => Ok(()),
    }
}

/// Writes a file that must not exist yet.
pub(crate) fn create(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Failure> {
    not_a_folder(path)?;
    write(path, bytes, readers).map_err(|error| unwritable(path, &error))
}

/// Writes a file in the place of what is there, if anything: all of it or nothing.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Failure> {
    put(path, bytes, readers, |_| Ok(()))
}

/// Changes what a file holds, all of it or nothing. Who may use it stays as it is, and a
/// link goes on leading to it.
pub(crate) fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let real = path.canonicalize().map_err(|error| unwritable(path, &error))?;
    let metadata = fs::metadata(&real).map_err(|error| unwritable(path, &error))?;
    put(&real, bytes, Readers::Owner, |new| fs::set_permissions(new, metadata.permissions()))
}

/// Writes beside a path, lets `finish` have a look, and moves it there.
fn put(
    path: &Path,
    bytes: &[u8],
    readers: Readers,
    finish: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), Failure> {
    not_a_folder(path)?;
    let beside = beside(path)
        .ok_or_else(|| Failure::call(format!("{} names no file", path.display()), "name a file"))?;
    // Only a process of this number that died half-way can have left it there.
    remove(&beside);
    let moved = || finish(&beside).and_then(|()| fs::rename(&beside, path));
    write(&beside, bytes, readers)
        .and_then(|()| moved().inspect_err(|_| remove(&beside)))
        .map_err(|error| unwritable(path, &error))
}

/// Writes a file that isn't there, down to the disk; one that is half there would be
/// in the way of the next attempt.
fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(readers.mode()).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| remove(path))
}

/// Takes a file away that this program just made.
pub(crate) fn remove(path: &Path) {
    // Whatever stands in the way of that stands in the way of more, and is told there.
    let _ = fs::remove_file(path);
}

/// Writes a bundle or a trust root, in the place of another one if there is one
/// but never of anything else, and reads it back.
pub(crate) fn write_container(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    not_a_folder(path)?;
    if path.exists() && !begins_as_container(path)? {
        return Err(Failure::call(
            format!("{} exists, and is neither a bundle nor a trust root", path.display()),
            "name another file, or move that one away",
        ));
    }
    replace(path, bytes, Readers::Everybody)?;
    if read_container(path)? == bytes {
        return Ok(());
    }
    Err(Failure::input(
        format!("{} holds something else than was written", path.display()),
        "does another program write it? else check the disk, then try again",
    ))
}

/// A path as one word of a command that can be copied from a message.
pub(crate) fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%=:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with('-') {
        return text;
    }
    let dashed = if text.starts_with('-') { "./" } else { "" };
    format!("'{dashed}{}'", text.replace('\'', r"'\''"))
}

fn not_a_folder(path: &Path) -> Result<(), Failure> {
    if !path.is_dir() {
        return Ok(());
    }
    Err(Failure::call(format!("{} is a folder", path.display()), "name a file in it"))
}

/// Whether a file is a bundle or a trust root, by its first bytes.
pub(crate) fn begins_as_container(path: &Path) -> Result<bool, Failure> {
    Ok(read_some(path, &open(path)?, MAGIC.len())?.starts_with(&MAGIC))
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(".");
    name.push(path.file_name()?);
    name.push(format!(".{}.new", std::process::id()));
    Some(path.with_file_name(name))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        ErrorKind::AlreadyExists => Failure::call(
            format!("{shown} exists already"),
            "name another file, or replace it with `--force`",
        ),
        ErrorKind::NotFound => Failure::call(
            format!("{shown} can't be written: its folder doesn't exist"),
            format!("`mkdir -p {}`", word(path.parent().unwrap_or(path))),
        ),
        _ => Failure::input(
            format!("{shown} can't be written: {error}"),
            "let this user write in its folder, and see that the disk has room",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_command() {
        assert_eq!(word(Path::new("keys/alice.key")), "keys/alice.key");
        assert_eq!(word(Path::new("my keys/al'ice")), r"'my keys/al'\''ice'");
        assert_eq!(word(Path::new("-rf")), "'./-rf'");
        assert_eq!(word(Path::new("")), "''");
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"one", Readers::Owner).unwrap();
        assert!(create(&path, b"two", Readers::Owner).is_err());
        assert_eq!(read(&path, 3).unwrap(), b"one");
        replace(&path, b"two", Readers::Owner).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(read(&path, 3).unwrap(), b"two");
        assert!(read(&path, 2).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_a_container_is_overwritten_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        fs::write(&path, "rye-secret-key v1\n").unwrap();
        assert!(write_container(&path, b"RYEB one").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"rye-secret-key v1\n");
        let path = folder.path().join("bundle");
        write_container(&path, b"RYEB one").unwrap();
        write_container(&path, b"RYEB two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"RYEB two");
    }
}
