//! Whole files that are there or not: written under a temporary name, made
//! durable, renamed, and the folder made durable.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bytes::wide;
use crate::disk::{Disk, RealDisk};

/// Where a file stands while it is written. Process and count keep two writers
/// of one file apart; whoever finds such a name leaves it alone.
fn preparing(folder: &Path, name: &str) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    folder.join(format!("{PREPARING}{name}.{process}.{count}"))
}

/// How temporary names begin.
pub(crate) const PREPARING: &str = ".preparing-";

/// Puts `bytes` into `folder` as `name`, in place of what was there.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = preparing(folder, name);
    let written = write_new(&path, bytes);
    if written.is_err() {
        // Only to give back the space.
        let _ = std::fs::remove_file(&path);
    }
    written?;
    std::fs::rename(&path, folder.join(name))?;
    RealDisk.sync_directory(folder)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Why a file is not read.
#[derive(Debug)]
pub(crate) enum ReadFault {
    /// A link, folder, pipe, socket or device.
    NotAFile,
    /// More bytes than allowed.
    TooLong,
    Io(io::Error),
}

/// Reads a plain file of at most `bytes_max` bytes. Follows no link and waits
/// for no pipe, whatever stands under that name.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, ReadFault> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if is_other_than_file(path, &error) => return Err(ReadFault::NotAFile),
        result => result.map_err(ReadFault::Io)?,
    };
    read_open(&file, bytes_max)
}

fn read_open(file: &File, bytes_max: usize) -> Result<Vec<u8>, ReadFault> {
    let metadata = file.metadata().map_err(ReadFault::Io)?;
    if !metadata.is_file() {
        return Err(ReadFault::NotAFile);
    }
    if metadata.len() > wide(bytes_max) {
        return Err(ReadFault::TooLong);
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    let read = file.take(wide(bytes_max).saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(ReadFault::Io)?;
    if bytes.len() > bytes_max { Err(ReadFault::TooLong) } else { Ok(bytes) }
}

/// Whether opening failed because of what kind of thing stands there.
fn is_other_than_file(path: &Path, error: &io::Error) -> bool {
    error.kind() != io::ErrorKind::NotFound
        && std::fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file())
}
