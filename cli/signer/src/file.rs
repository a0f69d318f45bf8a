//! Reads the files of keys and passphrases: opened once, never waited for, never
//! read beyond their limit, and kept from others.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rye_core::limit::KEY_FILE_BYTES_MAX;
use zeroize::Zeroizing;

use crate::KeyError;

/// The bytes of a file that may be secret, and its mode, for [`check_private`].
pub(crate) fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, u32), KeyError> {
    let file = open(path)?;
    let mode = file.metadata().map_err(|error| unreadable(path, &error))?.mode();
    let most = KEY_FILE_BYTES_MAX.saturating_add(1);
    // All of it at once: a buffer that grows leaves copies of secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    file.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() > KEY_FILE_BYTES_MAX {
        let what = format!("{} has more than {KEY_FILE_BYTES_MAX} bytes", path.display());
        return Err(KeyError::input(what, "no such file is that long: name the right one"));
    }
    Ok((bytes, mode))
}

/// That only the owner of a file with this mode can use it: a `noun`, such as
/// "secret key".
pub(crate) fn check_private(path: &Path, mode: u32, noun: &str) -> Result<(), KeyError> {
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(KeyError::refused(
        format!("others may use the {noun} {shown} (mode {:o})", mode & 0o7777),
        format!(
            "`chmod 600 {shown}`; if somebody may have copied it, make another with `ryec keygen`"
        ),
    ))
}

/// Opens a plain file; a pipe is not waited for.
fn open(path: &Path) -> Result<File, KeyError> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if metadata.is_file() {
        return Ok(file);
    }
    let kind = if metadata.is_dir() { "a folder" } else { "no plain file" };
    Err(KeyError::call(format!("{} is {kind}", path.display()), "name the file itself"))
}

fn unreadable(path: &Path, error: &io::Error) -> KeyError {
    let shown = path.display();
    match error.kind() {
        ErrorKind::NotFound => {
            KeyError::call(format!("there is no file {shown}"), "check the path")
        }
        _ => KeyError::input(
            format!("{shown} can't be read: {error}"),
            "let this user read the file, and its folders too",
        ),
    }
}
