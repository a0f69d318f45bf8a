//! Messages of people to the process that acts: one file each, named by the
//! digest of its bytes, so that a message twice is one.
//!
//! Only bytes here: who signed them, and whether in time, is checked by the
//! reader of the message. The folder may hold anything; what is no message is
//! reported and left alone.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rye_core::digest::{Digest, MESSAGE};
use rye_core::limit::{INBOX_MESSAGE_BYTES_MAX, INBOX_MESSAGES_MAX};

use crate::durable::{self, PREPARING, ReadFault};
use crate::error::{JournalError, io_error};

#[cfg(test)]
mod tests;

/// What a message's file name ends with.
const SUFFIX: &str = ".message";

/// The folder of messages of one store.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: PathBuf,
}

/// What is in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The names of messages, in order; at most `INBOX_MESSAGES_MAX`.
    pub messages: Vec<Digest>,
    /// What is no message, in order of the names; as many at most.
    pub skipped: Vec<Skipped>,
    /// Whether there is more of either.
    pub more: bool,
}

/// Something in the folder that is not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its name; what is not text in it is replaced.
    pub name: String,
    /// Why it is not read.
    pub why: Unreadable,
}

/// Why something in the folder is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreadable {
    /// The name is not that of a message.
    Name,
    /// It is a link, folder, pipe, socket or device.
    NotAFile,
    /// It has more bytes than a message may have.
    TooLong,
    /// Its name is not the digest of its bytes.
    Altered,
}

impl core::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Name => f.write_str("its name is not that of a message"),
            Self::NotAFile => f.write_str("it is not a plain file"),
            Self::TooLong => write!(f, "it has more than {INBOX_MESSAGE_BYTES_MAX} bytes"),
            Self::Altered => f.write_str("its name is not the digest of its bytes"),
        }
    }
}

/// What stands under a message's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The bytes of the message.
    Message(Vec<u8>),
    /// Something that is not read.
    Unreadable(Unreadable),
    /// Nothing: it was taken meanwhile.
    Nothing,
}

impl Inbox {
    /// The inbox in `folder`, which exists.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Puts a message in; returns its name. When this returns, it can't be lost.
    ///
    /// # Errors
    /// When it is too long, or a file call fails.
    pub fn put(&self, message: &[u8]) -> Result<Digest, JournalError> {
        let name = Digest::derive(MESSAGE, &[message]);
        let path = self.path(name);
        if message.len() > INBOX_MESSAGE_BYTES_MAX {
            let text = format!("it has more than {INBOX_MESSAGE_BYTES_MAX} bytes");
            let source = Arc::new(io::Error::new(io::ErrorKind::FileTooLarge, text));
            return Err(JournalError::Io { operation: "write", path, source });
        }
        let put = durable::put(&self.folder, &file_name(name), message);
        put.map_err(io_error("write", &path)).map(|()| name)
    }

    /// What is in the folder. The order is that of the names: a message that
    /// comes later may stand before.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn list(&self) -> Result<Listing, JournalError> {
        let failed = |error| io_error("list", &self.folder)(error);
        let (mut messages, mut skipped) = (BTreeSet::new(), BTreeSet::new());
        let mut more = false;
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let text = name.to_string_lossy();
            let digest = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            match digest.and_then(canonical_digest) {
                // A link or folder of that name would be skipped when it is read;
                // reported here already, it is not taken for a message at all.
                Some(digest) if entry.file_type().is_ok_and(|kind| kind.is_file()) => {
                    more |= insert_bounded(&mut messages, digest);
                }
                Some(_) => {
                    let why = Unreadable::NotAFile;
                    more |= insert_bounded(&mut skipped, Skipped { name: text.into(), why });
                }
                None if text.starts_with(PREPARING) => {}
                None => {
                    let why = Unreadable::Name;
                    more |= insert_bounded(&mut skipped, Skipped { name: text.into(), why });
                }
            }
        }
        let messages = messages.into_iter().collect();
        Ok(Listing { messages, skipped: skipped.into_iter().collect(), more })
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the file can't be read, other than for what it is.
    pub fn read(&self, name: Digest) -> Result<Found, JournalError> {
        let path = self.path(name);
        match durable::read(&path, INBOX_MESSAGE_BYTES_MAX) {
            Ok(bytes) if Digest::derive(MESSAGE, &[&bytes]) == name => Ok(Found::Message(bytes)),
            Ok(_) => Ok(Found::Unreadable(Unreadable::Altered)),
            Err(ReadFault::NotAFile) => Ok(Found::Unreadable(Unreadable::NotAFile)),
            Err(ReadFault::TooLong) => Ok(Found::Unreadable(Unreadable::TooLong)),
            Err(ReadFault::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Found::Nothing)
            }
            Err(ReadFault::Io(error)) => Err(io_error("read", &path)(error)),
        }
    }

    /// Takes a message out, once it is journaled. One that is gone already is
    /// no error. That it is gone is not made durable: a message that comes back
    /// after a crash is the same message.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub fn remove(&self, name: Digest) -> Result<(), JournalError> {
        let path = self.path(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.map_err(io_error("remove", &path)),
        }
    }

    fn path(&self, name: Digest) -> PathBuf {
        self.folder.join(file_name(name))
    }
}

fn file_name(name: Digest) -> String {
    format!("{name}{SUFFIX}")
}

/// The digest that `text` writes in lower case, as this crate does.
fn canonical_digest(text: &str) -> Option<Digest> {
    Digest::from_hex(text).filter(|digest| digest.to_string() == text)
}

/// Adds an item and drops the last one of too many; whether one was dropped.
fn insert_bounded<T: Ord>(set: &mut BTreeSet<T>, item: T) -> bool {
    set.insert(item);
    set.len() > INBOX_MESSAGES_MAX && set.pop_last().is_some()
}
