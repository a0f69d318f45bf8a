//! Reads the files that people name: opened once, never waited for, never read beyond
//! their limit; and those of keys and passphrases are kept from others.

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
    let bytes = Zeroizing::new(read_some(path, &file, KEY_FILE_BYTES_MAX)?);
    check_length(path, &bytes, KEY_FILE_BYTES_MAX)?;
    Ok((bytes, mode))
}

/// That the bytes of the file at `path` are not more than they may be.
///
/// # Errors
/// When they are.
pub fn check_length(path: &Path, bytes: &[u8], bytes_max: usize) -> Result<(), KeyError> {
    if bytes.len() <= bytes_max {
        return Ok(());
    }
    let what = format!("{} has more than {bytes_max} bytes", path.display());
    Err(KeyError::input(what, "no such file is that long: name the right one"))
}

/// At most `bytes_max` bytes of the file at `path`, and one more if there are more.
///
/// # Errors
/// When it can't be read.
pub fn read_some(path: &Path, file: &File, bytes_max: usize) -> Result<Vec<u8>, KeyError> {
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    // All of it at once: a buffer that grows leaves copies of secrets behind.
    let mut bytes = Vec::with_capacity(bytes_max.saturating_add(1).min(64 << 10));
    file.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
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
///
/// # Errors
/// When there is no such file, it is no plain one, or it can't be read.
pub fn open(path: &Path) -> Result<File, KeyError> {
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
