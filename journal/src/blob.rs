//! Files kept by digest: the bundles that runs were started with, the trust roots and
//! revocation lists that were believed.
//!
//! Which digest names a file, and whether the bytes are the right ones, is for
//! the caller to say: a bundle is named by its payload and verified again each
//! time it is read.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rye_core::digest::Digest;
use rye_core::limit::BLOB_BYTES_MAX;

use crate::durable::{self, ReadFault};
use crate::error::{JournalError, io_error};

#[cfg(test)]
mod tests;

/// A folder of files that are named by digests.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// The blobs in `folder`, which exists.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Keeps `bytes` under `digest`, in place of what was kept there. When this
    /// returns, they can't be lost.
    ///
    /// # Errors
    /// When they are too long, or a file call fails.
    pub fn put(&self, digest: Digest, bytes: &[u8]) -> Result<(), JournalError> {
        let name = digest.to_string();
        let path = self.folder.join(&name);
        if bytes.len() > BLOB_BYTES_MAX {
            return Err(too_long("keep", &path));
        }
        durable::put(&self.folder, &name, bytes).map_err(io_error("keep", &path))
    }

    /// What is kept under `digest`; `None` when nothing is.
    ///
    /// # Errors
    /// When it is no plain file, too long, or can't be read.
    pub fn get(&self, digest: Digest) -> Result<Option<Vec<u8>>, JournalError> {
        let path = self.folder.join(digest.to_string());
        match durable::read(&path, BLOB_BYTES_MAX) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ReadFault::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(ReadFault::Io(error)) => Err(io_error("read", &path)(error)),
            Err(ReadFault::TooLong) => Err(too_long("read", &path)),
            Err(ReadFault::NotAFile) => {
                let error = io::Error::new(io::ErrorKind::InvalidData, "it is not a plain file");
                Err(io_error("read", &path)(error))
            }
        }
    }
}

fn too_long(operation: &'static str, path: &Path) -> JournalError {
    let text = format!("it has more than {BLOB_BYTES_MAX} bytes");
    let source = Arc::new(io::Error::new(io::ErrorKind::FileTooLarge, text));
    JournalError::Io { operation, path: path.into(), source }
}
