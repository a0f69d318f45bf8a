//! Reading the files that people name: opened once, never through a link, never
//! waiting for a pipe, never more than allowed, and read as a whole, so that what
//! is checked is what is used.

use core::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// Who may be able to change a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writers {
    /// Anybody: what it says is checked by other means.
    Anybody,
    /// Not everybody on the machine.
    NotEverybody,
    /// Its owner alone, who is root or whoever runs this.
    Owner,
}

/// A file that is not read.
#[derive(Debug)]
pub struct FileError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub fault: FileFault,
}

/// Why a file is not read.
#[derive(Debug)]
pub enum FileFault {
    /// The system says no.
    Io(io::Error),
    /// A link.
    Link,
    /// A folder.
    Folder,
    /// A pipe, socket or device.
    NotAFile,
    /// It has more bytes than such a file may have.
    TooLong {
        /// How many it may have.
        bytes_max: usize,
    },
    /// Others could change it.
    Writable {
        /// Its permission bits.
        mode: u32,
        /// The argument of `chmod` that takes the right away.
        right: &'static str,
    },
    /// It belongs to somebody who could change it.
    Owner {
        /// The owner's number.
        owner: u32,
    },
}

impl FileError {
    /// What to do about it.
    pub fn help(&self) -> String {
        let path = self.path.display();
        match &self.fault {
            FileFault::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                String::from("check the path")
            }
            FileFault::Io(_) => String::from("let this user read the file, and its folders too"),
            FileFault::Link => String::from("name the file itself"),
            FileFault::Folder => String::from("name a file in it"),
            FileFault::NotAFile => String::from("name a plain file"),
            FileFault::TooLong { .. } => String::from("name the right file"),
            FileFault::Writable { right, .. } => format!("`chmod {right} {path}`"),
            FileFault::Owner { .. } => format!("`chown root {path}`, after reading what it says"),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.fault {
            FileFault::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "there is no file {path}")
            }
            FileFault::Io(error) => write!(f, "{path} can't be read: {error}"),
            FileFault::Link => write!(f, "{path} is a link, and links are not followed"),
            FileFault::Folder => write!(f, "{path} is a folder, and a file is wanted"),
            FileFault::NotAFile => write!(f, "{path} is not a plain file"),
            FileFault::TooLong { bytes_max } => write!(f, "{path} has more than {bytes_max} bytes"),
            FileFault::Writable { mode, .. } => {
                write!(f, "others may change {path} (mode {:o})", mode & 0o7777)
            }
            FileFault::Owner { owner } => {
                write!(
                    f,
                    "{path} belongs to user {owner}, neither root nor the user of this process"
                )
            }
        }
    }
}

impl core::error::Error for FileError {}

/// The bytes of the plain file at `path`, at most `bytes_max` of them.
///
/// # Errors
/// When it is no plain file, too long, can't be read, or others than `writers`
/// could change it.
pub fn read(path: &Path, bytes_max: usize, writers: Writers) -> Result<Vec<u8>, FileError> {
    let failed = |fault| FileError { path: path.to_owned(), fault };
    let file = open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(|error| failed(FileFault::Io(error)))?;
    check(&metadata, writers).map_err(failed)?;
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    // The file may grow while it is read: one byte more tells.
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed(FileFault::Io(error)))?;
    if bytes.len() > bytes_max {
        return Err(failed(FileFault::TooLong { bytes_max }));
    }
    Ok(bytes)
}

fn open(path: &Path) -> Result<File, FileFault> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|error| {
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => FileFault::Link,
            Ok(found) if !found.is_file() => not_a_file(&found),
            _ => FileFault::Io(error),
        }
    })
}

fn not_a_file(metadata: &Metadata) -> FileFault {
    if metadata.is_dir() { FileFault::Folder } else { FileFault::NotAFile }
}

fn check(metadata: &Metadata, writers: Writers) -> Result<(), FileFault> {
    if !metadata.is_file() {
        return Err(not_a_file(metadata));
    }
    let (forbidden, right) = match writers {
        Writers::Anybody => return Ok(()),
        Writers::NotEverybody => (0o002, "o-w"),
        Writers::Owner => (0o022, "go-w"),
    };
    let (mode, owner) = (metadata.mode(), metadata.uid());
    if mode & forbidden != 0 {
        return Err(FileFault::Writable { mode, right });
    }
    let ours = [0, rustix::process::geteuid().as_raw()];
    if writers == Writers::Owner && !ours.contains(&owner) {
        return Err(FileFault::Owner { owner });
    }
    Ok(())
}
