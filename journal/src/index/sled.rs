//! An index in sled: one tree, so that one batch is atomic.

use std::io;
use std::path::Path;
use std::time::Duration;

use ::sled::{Batch, Config, Db, Error, Mode};
use rye_core::limit::INDEX_CACHE_BYTES;

use super::table::{Pair, Pairs, Table, TableError};
use crate::disk::{Disk, RealDisk};
use crate::error::is_full;

/// How often sled writes what it holds, in milliseconds: what is lost with the
/// process is put back, so this only bounds how much that is.
const FLUSH_EVERY_MS: u64 = 500;

const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A folder that sled keeps.
#[derive(Debug)]
pub(crate) struct SledTable(Db);

impl Table for SledTable {
    fn open(folder: &Path) -> Result<Self, TableError> {
        RealDisk.create_directory(folder).map_err(|error| io_error(&error))?;
        remove_half_snapshots(folder).map_err(|error| io_error(&error))?;
        let config = Config::new()
            .path(folder)
            .cache_capacity(INDEX_CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .mode(Mode::LowSpace);
        Ok(Self(open_when_free(&config)?))
    }

    fn add(&mut self, pairs: &[Pair]) -> Result<(), TableError> {
        let mut batch = Batch::default();
        for (key, value) in pairs {
            batch.insert(key.as_slice(), value.as_slice());
        }
        Ok(self.0.apply_batch(batch)?)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
        Ok(self.0.get(key)?.map(|value| value.to_vec()))
    }

    fn pairs(&self, key: &[u8]) -> Result<Pairs<'_>, TableError> {
        let pairs = self.0.range(key.to_vec()..);
        Ok(Box::new(pairs.map(|pair| {
            let (key, value) = pair?;
            Ok((key.to_vec(), value.to_vec()))
        })))
    }

    fn last_before(&self, key: &[u8]) -> Result<Option<Pair>, TableError> {
        let pair = self.0.get_lt(key)?;
        Ok(pair.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }
}

/// Opens sled. Its own threads may hold its lock for a moment after it was closed;
/// nobody else does, because the store is locked.
fn open_when_free(config: &Config) -> Result<Db, Error> {
    for _ in 0..LOCK_ATTEMPTS {
        match config.open() {
            Err(Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            result => return result,
        }
    }
    config.open()
}

/// A snapshot that a killed process was writing makes sled refuse to open, and
/// it never needs it.
fn remove_half_snapshots(folder: &Path) -> io::Result<()> {
    for name in RealDisk.list(folder)? {
        if name.starts_with("snap.") && name.ends_with(".generating") {
            RealDisk.remove(&folder.join(name))?;
        }
    }
    Ok(())
}

fn io_error(error: &io::Error) -> TableError {
    TableError { full: is_full(error), text: error.to_string() }
}

impl From<Error> for TableError {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => io_error(&error),
            error => Self { full: false, text: error.to_string() },
        }
    }
}
