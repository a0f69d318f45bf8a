//! Making a store, and opening one after whatever happened to it.
//!
//! Opening takes the lock, walks the whole chain, cuts away what a write that
//! was cut short left behind the last whole group, and refuses anything else
//! that is not as a writer leaves it. What it then hands out is durable.

use core::ops::ControlFlow;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::bytes::wide;
use crate::commit::space::{
    NEXT_FILE, RESERVE_FILE, RESERVE_PREPARING_FILE, fill_with_zeroes, keep_reserve, prepare_first,
};
use crate::commit::{Active, Geometry, Journal, Parts, Tip};
use crate::disk::{Disk, DiskFile, Locking, RealDisk};
use crate::entry::Genesis;
use crate::error::{JournalError, io_error};
use crate::examine::threads;
use crate::fault::{Fault, Position};
use crate::group::BLOCK_BYTES;
use crate::head::Head;
use crate::scan::{Observer, Scan, ScanEnd, ScanMode, segment_numbers, segment_path};
use crate::store::{bundles_folder, inbox_folder, journal_folder, lock_file, trust_folder};
use crate::stored::StoredEntry;
use crate::walk::Bad;

#[cfg(test)]
mod tests;

/// A journal that was opened, and what opening had to do.
#[derive(Debug)]
pub struct Opened<J = Journal> {
    /// Ready to append.
    pub journal: J,
    /// What was cut away; to be journaled.
    pub recovered: Option<Recovered>,
}

/// The remains of a write that was cut short. Nothing in them was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Where they stood.
    pub at: Position,
    /// How many bytes they took.
    pub dropped_bytes: u64,
}

impl Journal<RealDisk> {
    /// Makes a store at `store`, where nothing or an empty directory is, and
    /// opens it.
    ///
    /// # Errors
    /// When something is there, another process is making it, or a file call fails.
    pub fn create(store: &Path, genesis: Genesis) -> Result<Self, JournalError> {
        Self::create_on(RealDisk, store, genesis, Geometry::default())
    }

    /// Opens the store at `store` for writing and shows each entry to `visit`,
    /// in order. `known` is an end of the chain that is remembered elsewhere;
    /// a journal that doesn't begin with it is refused.
    ///
    /// # Errors
    /// When another process acts on the store, it is damaged, shorter than
    /// known, or of another version, or a file call fails.
    pub fn open(
        store: &Path,
        known: Option<Head>,
        visit: &mut dyn FnMut(&StoredEntry<'_>),
    ) -> Result<Opened, JournalError> {
        Self::open_on(RealDisk, store, known, Geometry::default(), visit)
    }
}

impl<D: Disk> Journal<D> {
    pub(crate) fn create_on(
        disk: D,
        store: &Path,
        genesis: Genesis,
        geometry: Geometry,
    ) -> Result<Self, JournalError> {
        if disk.list(&journal_folder(store)).is_ok() {
            return Err(JournalError::Exists { path: store.into() });
        }
        let parent = parent_of(store);
        let making = making_directory(parent, store);
        disk.create_directory(&making).map_err(io_error("create", &making))?;
        let lock = take_lock(&disk, &making)?;
        let filled = fill_store(&disk, &making, genesis, geometry);
        let file = filled.inspect_err(|_| give_back(&disk, &making))?;
        match disk.rename(&making, store) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                return Err(JournalError::Exists { path: store.into() });
            }
            result => result.map_err(io_error("create", store))?,
        }
        disk.sync_directory(parent).map_err(io_error("make durable", parent))?;
        let head = Head { size: 0, hash: genesis.digest() };
        let active = Active {
            file,
            number: 0,
            first_seq: 0,
            first_prev: head.hash,
            at: wide(BLOCK_BYTES),
            zeroed: geometry.step_bytes,
            sealed: false,
        };
        let directory = journal_folder(store);
        let tip = Tip { head, clock: None };
        let mut journal =
            Self::new(Parts { disk, directory, lock, geometry, genesis, tip, active });
        journal.renew_reserve()?;
        Ok(journal)
    }

    pub(crate) fn open_on(
        disk: D,
        store: &Path,
        known: Option<Head>,
        geometry: Geometry,
        visit: &mut dyn FnMut(&StoredEntry<'_>),
    ) -> Result<Opened<Self>, JournalError> {
        let lock = lock_store(&disk, store)?;
        Self::open_locked(disk, store, lock, known, geometry, visit)
    }

    /// Opens a store whose lock has been taken.
    pub(crate) fn open_locked(
        disk: D,
        store: &Path,
        lock: D::Lock,
        known: Option<Head>,
        geometry: Geometry,
        visit: &mut dyn FnMut(&StoredEntry<'_>),
    ) -> Result<Opened<Self>, JournalError> {
        let directory = journal_folder(store);
        let mut watch = Watch { visit, known, fault: None };
        let mode = ScanMode { commitments: false, patience: 0, threads: threads() };
        let end = Scan::run(&disk, &directory, 0, mode, &mut watch)?;
        if let Some((at, fault)) = watch.fault {
            return Err(JournalError::damaged(at, fault));
        }
        let ScanEnd { walk, head, clock, sealed, last_written, torn } =
            end.ok_or_else(|| JournalError::NotAStore { path: store.into() })?;
        let head = head.ok_or_else(|| JournalError::NotAStore { path: store.into() })?;
        let header = *walk.header();
        check_known(known, head, header.genesis)?;
        let end = wide(BLOCK_BYTES).max(torn.map_or(walk.at(), |bad| bad.offset));
        drop(walk);

        let path = segment_path(&directory, header.number);
        let file = disk.open(&path).map_err(io_error("open", &path))?;
        let zeroed = settle(&file, last_written, torn).map_err(io_error("recover", &path))?;
        for leftover in [NEXT_FILE, RESERVE_PREPARING_FILE] {
            // It may not be there; and if it stays, it is overwritten later.
            let _ = disk.remove(&directory.join(leftover));
        }
        // The parent too: whoever made the store may have died before that.
        for folder in [directory.as_path(), store, parent_of(store)] {
            disk.sync_directory(folder).map_err(io_error("make durable", folder))?;
        }
        let recovered = torn.map(|bad| Recovered {
            at: Position { segment: header.number, offset: bad.offset, seq: head.size },
            dropped_bytes: bad.end.saturating_sub(bad.offset),
        });
        let active = Active {
            file,
            number: header.number,
            first_seq: header.first_seq,
            first_prev: header.first_prev,
            at: end,
            zeroed,
            sealed,
        };
        let (genesis, tip) = (header.genesis, Tip { head, clock });
        let mut journal =
            Self::new(Parts { disk, directory, lock, geometry, genesis, tip, active });
        journal.renew_reserve()?;
        Ok(Opened { journal, recovered })
    }
}

/// The directory that the store's name is in.
fn parent_of(store: &Path) -> &Path {
    match store.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Where a store is made before it gets its name.
fn making_directory(parent: &Path, store: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(store.file_name().unwrap_or("store".as_ref()));
    name.push(".creating");
    parent.join(name)
}

/// Takes the lock of the store that is there.
pub(crate) fn lock_store<D: Disk>(disk: &D, store: &Path) -> Result<D::Lock, JournalError> {
    if segment_numbers(disk, &journal_folder(store))?.is_empty() {
        return Err(JournalError::NotAStore { path: store.into() });
    }
    take_lock(disk, store)
}

fn take_lock<D: Disk>(disk: &D, store: &Path) -> Result<D::Lock, JournalError> {
    let path = lock_file(store);
    match disk.lock(&path).map_err(io_error("lock", &path))? {
        Locking::Taken(lock) => Ok(lock),
        Locking::Held(holder) => Err(JournalError::Locked { path: store.into(), holder }),
    }
}

/// Removes the large files of a store that could not be made: the disk may be full
/// because of them.
fn give_back<D: Disk>(disk: &D, making: &Path) {
    let directory = journal_folder(making);
    for name in [RESERVE_FILE, RESERVE_PREPARING_FILE, NEXT_FILE] {
        // What stays is overwritten by the next attempt.
        let _ = disk.remove(&directory.join(name));
    }
}

/// Makes all that a store holds, durably, in a directory that may have been
/// begun before.
fn fill_store<D: Disk>(
    disk: &D,
    store: &Path,
    genesis: Genesis,
    geometry: Geometry,
) -> Result<D::File, JournalError> {
    let directory = journal_folder(store);
    let folders = [&directory, &inbox_folder(store), &bundles_folder(store), &trust_folder(store)];
    for folder in folders {
        disk.create_directory(folder).map_err(io_error("create", folder))?;
        disk.sync_directory(folder).map_err(io_error("make durable", folder))?;
    }
    // One that is left of an attempt that died may not be durable.
    let _ = disk.remove(&directory.join(RESERVE_FILE));
    keep_reserve(disk, &directory, geometry)?;
    let (file, prepared) = prepare_first(disk, &directory, genesis, geometry)?;
    let path = segment_path(&directory, 0);
    disk.rename(&prepared, &path).map_err(io_error("rename", &prepared))?;
    for folder in [directory.as_path(), store] {
        disk.sync_directory(folder).map_err(io_error("make durable", folder))?;
    }
    Ok(file)
}

/// Clears the remains of a torn write, writes the last group once more, and
/// makes all of it durable. Returns how far the file is zero.
///
/// What was read may so far only be in memory: its writer may have been killed
/// before the flush, or the flush may have failed and left pages behind that
/// count as clean. Only bytes written again are certain to reach the disk.
fn settle(
    file: &impl DiskFile,
    last_written: Option<(u64, usize)>,
    torn: Option<Bad>,
) -> io::Result<u64> {
    if let Some((offset, len)) = last_written {
        let mut bytes = vec![0; len];
        let read = file.read_at(&mut bytes, offset)?;
        bytes.truncate(read);
        file.write_at(&bytes, offset)?;
    }
    if let Some(bad) = torn {
        let block = wide(BLOCK_BYTES);
        fill_with_zeroes(file, bad.offset, bad.end.div_ceil(block).saturating_mul(block))?;
    }
    file.sync_all()?;
    let len = file.length()?;
    Ok(len.saturating_sub(len % wide(BLOCK_BYTES)))
}

/// Compares a known end of the chain with the journal, as far as the scan has
/// not done it.
fn check_known(known: Option<Head>, head: Head, genesis: Genesis) -> Result<(), JournalError> {
    let at = Position { segment: 0, offset: 0, seq: head.size };
    match known {
        Some(expected) if expected.size > head.size => {
            Err(JournalError::damaged(at, Fault::Shorter { expected, size: head.size }))
        }
        Some(expected) if expected.size == 0 && expected.hash != genesis.digest() => {
            Err(JournalError::damaged(at, Fault::Fork { expected, found: genesis.digest() }))
        }
        _ => Ok(()),
    }
}

/// Shows the entries to whoever opens the store, up to the first fault.
struct Watch<'a> {
    visit: &'a mut dyn FnMut(&StoredEntry<'_>),
    known: Option<Head>,
    fault: Option<(Position, Fault)>,
}

impl Observer for Watch<'_> {
    fn entry(&mut self, at: Position, stored: &StoredEntry<'_>) -> ControlFlow<()> {
        let size = at.seq.saturating_add(1);
        if let Some(expected) = self.known.filter(|known| known.size == size)
            && expected.hash != stored.hash
        {
            return self.fault(at, Fault::Fork { expected, found: stored.hash });
        }
        (self.visit)(stored);
        ControlFlow::Continue(())
    }

    fn fault(&mut self, at: Position, fault: Fault) -> ControlFlow<()> {
        self.fault = Some((at, fault));
        ControlFlow::Break(())
    }
}
