//! The secret key that an operator names, read from its file as `ryec` reads it.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rye_bundle::key_file::{PUBLIC_KEY_HEADER, read_secret_key};
use rye_bundle::signature::SecretKey;
use rye_core::limit::KEY_FILE_BYTES_MAX;
use zeroize::Zeroizing;

use crate::output::Failure;

/// The secret key in the file at `path`, which nobody else may read.
pub(crate) fn secret(path: &Path) -> Result<SecretKey, Failure> {
    let shown = path.display();
    let file = open(path)?;
    let mode = file.metadata().map_err(|error| unreadable(path, &error))?.mode();
    let bytes = read(path, &file)?;
    // The usual slip; such a file may be read by all, so it is told first.
    if bytes.starts_with(PUBLIC_KEY_HEADER.as_bytes()) {
        return Err(Failure::call(format!("{shown} is a public key, which signs nothing"))
            .help("name the secret key: its file is called the same, without `.pub`"));
    }
    let help = "name a file that `ryec keygen` wrote; a damaged one comes back from its backup";
    let text = core::str::from_utf8(&bytes)
        .map_err(|_| Failure::input(format!("{shown} is no key file, and no text")).help(help))?;
    let key = read_secret_key(text)
        .map_err(|flaw| Failure::input(format!("{shown} is no secret key: {flaw}")).help(help))?;
    if mode & 0o077 != 0 {
        let what = format!("others may use the secret key {shown} (mode {:o})", mode & 0o7777);
        return Err(Failure::refused(what).help(format!(
            "`chmod 600 {shown}`; if somebody may have copied it, make another with `ryec keygen`"
        )));
    }
    Ok(key)
}

/// Opens a plain file; a pipe is not waited for.
fn open(path: &Path) -> Result<File, Failure> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if metadata.is_file() {
        return Ok(file);
    }
    Err(Failure::call(format!("{} is no plain file", path.display())).help("name the key's file"))
}

fn read(path: &Path, file: &File) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let most = KEY_FILE_BYTES_MAX.saturating_add(1);
    // All of it at once: a buffer that grows leaves copies of secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    file.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() > KEY_FILE_BYTES_MAX {
        let what = format!("{} has more than {KEY_FILE_BYTES_MAX} bytes", path.display());
        return Err(Failure::input(what).help("no key file is that long: name the right one"));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        ErrorKind::NotFound => {
            Failure::call(format!("there is no file {shown}")).help("check the path")
        }
        _ => Failure::input(format!("{shown} can't be read: {error}"))
            .help("let this user read the file, and its folders too"),
    }
}
