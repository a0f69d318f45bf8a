//! Space for the next group: zeroes written ahead, the next segment, and the
//! reserve for the day on which the disk is full.
//!
//! A disk without space is the one error that does not end the journal, as long
//! as it shows while zeroes are written: no group is touched by that.

use std::io;
use std::path::{Path, PathBuf};

use rye_core::limit::RESERVE_APPEND_BYTES_MAX;

use super::{Active, Geometry, Journal, with_seal};
use crate::bytes::{narrow, wide};
use crate::disk::{Disk, DiskFile};
use crate::entry::Genesis;
use crate::error::{JournalError, io_error};
use crate::group::{BLOCK_BYTES, Place};
use crate::head::Head;
use crate::scan::segment_path;
use crate::segment::{Seal, SegmentHeader};

/// A segment that is being prepared; it gets its name when it is whole.
pub(crate) const NEXT_FILE: &str = "segment.preparing";
/// Zeroes that become a segment when the disk is full.
pub(crate) const RESERVE_FILE: &str = "reserve";
pub(crate) const RESERVE_PREPARING_FILE: &str = "reserve.preparing";

impl<D: Disk> Journal<D> {
    /// Sees to it that a group of `extent` bytes has a place.
    pub(super) fn make_room(&mut self, extent: u64, body: usize) -> Result<(), JournalError> {
        if self.on_reserve() && body > RESERVE_APPEND_BYTES_MAX {
            return Err(JournalError::DiskFull);
        }
        let need = self.active.at.saturating_add(with_seal(extent));
        if !self.active.sealed && need <= self.active.zeroed {
            return Ok(());
        }
        // A group that is too long for any segment has one to itself.
        let empty = self.active.at == wide(BLOCK_BYTES);
        let fits = !self.active.sealed && (need <= self.geometry.segment_bytes || empty);
        let found = if fits { self.extend(need)? } else { self.next_segment(extent)? };
        if found {
            return Ok(());
        }
        if self.on_reserve() || body > RESERVE_APPEND_BYTES_MAX {
            return Err(JournalError::DiskFull);
        }
        self.use_reserve()
    }

    /// Fills the segment with zeroes up to `need` and as far ahead as it makes
    /// sense. `false` when there is no space.
    fn extend(&mut self, need: u64) -> Result<bool, JournalError> {
        let ahead = self.active.zeroed.saturating_add(self.geometry.step_bytes);
        let ahead = ahead.min(self.geometry.segment_bytes).max(need);
        let path = segment_path(&self.directory, self.active.number);
        for target in [ahead, need] {
            let (file, from) = (&self.active.file, self.active.zeroed);
            if with_space(fill_with_zeroes(file, from, target).map_err(io_error("extend", &path)))?
            {
                file.sync_all().map_err(io_error("make durable", &path))?;
                self.active.zeroed = target;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Seals the segment and goes on in the next. `false` when there is no space.
    fn next_segment(&mut self, extent: u64) -> Result<bool, JournalError> {
        let header = self.next_header();
        let bytes = wide(BLOCK_BYTES).saturating_add(with_seal(extent));
        let bytes = bytes.max(self.geometry.step_bytes);
        let preparing = self.directory.join(NEXT_FILE);
        let prepared = prepare_segment(&self.disk, &preparing, &header, bytes);
        let Some(file) = or_full(prepared)? else {
            // Only to give back what little there was.
            let _ = self.disk.remove(&preparing);
            return Ok(false);
        };
        self.go_on_in(file, &preparing, &header, bytes)?;
        Ok(true)
    }

    /// Seals the segment and goes on in the reserve.
    fn use_reserve(&mut self) -> Result<(), JournalError> {
        let header = self.next_header();
        let path = self.directory.join(RESERVE_FILE);
        let file = self.disk.open(&path).map_err(io_error("open", &path))?;
        file.write_at(&header.encode(), 0).map_err(io_error("write", &path))?;
        file.sync_all().map_err(io_error("make durable", &path))?;
        let zeroed = file.length().map_err(io_error("measure", &path))?;
        self.go_on_in(file, &path, &header, zeroed)?;
        self.reserve_kept = false;
        Ok(())
    }

    fn next_header(&self) -> SegmentHeader {
        SegmentHeader {
            genesis: self.genesis,
            number: self.active.number.saturating_add(1),
            first_seq: self.tip.head.size,
            first_prev: self.tip.head.hash,
        }
    }

    /// Seals the segment, then gives the prepared one its name. In this order:
    /// a segment that another follows is always sealed.
    fn go_on_in(
        &mut self,
        file: D::File,
        prepared: &Path,
        header: &SegmentHeader,
        zeroed: u64,
    ) -> Result<(), JournalError> {
        if !self.active.sealed {
            seal(&self.active, &self.directory, self.tip.head)?;
            self.active.sealed = true;
        }
        let path = segment_path(&self.directory, header.number);
        self.disk.rename(prepared, &path).map_err(io_error("rename", prepared))?;
        let synced = self.disk.sync_directory(&self.directory);
        synced.map_err(io_error("make durable", &self.directory))?;
        self.active = Active {
            file,
            number: header.number,
            first_seq: header.first_seq,
            first_prev: header.first_prev,
            at: wide(BLOCK_BYTES),
            zeroed,
            sealed: false,
        };
        Ok(())
    }

    /// Tries to set a reserve aside if there is none, as after a full disk.
    /// Returns whether there is one now.
    ///
    /// # Errors
    /// When a write or flush failed for another reason than space; the journal
    /// then accepts nothing more.
    pub fn renew_reserve(&mut self) -> Result<bool, JournalError> {
        self.still_sound()?;
        if !self.reserve_kept {
            let kept = keep_reserve(&self.disk, &self.directory, self.geometry);
            self.reserve_kept = self.poisoning(kept)?;
        }
        Ok(self.reserve_kept)
    }
}

/// Writes the seal of a segment whose last entry is the last of the journal.
fn seal<F: DiskFile>(active: &Active<F>, directory: &Path, head: Head) -> Result<(), JournalError> {
    let path = segment_path(directory, active.number);
    let seal = Seal {
        entries: head.size.saturating_sub(active.first_seq),
        first_seq: active.first_seq,
        last_seq: head.size.saturating_sub(1),
        head: head.hash,
    };
    let place = Place { first_prev: active.first_prev, offset: active.at };
    active.file.write_at(&seal.encode(&place), active.at).map_err(io_error("write", &path))?;
    active.file.sync_data().map_err(io_error("make durable", &path))
}

/// Writes a whole, empty segment of `bytes` bytes under a temporary name.
pub(crate) fn prepare_segment<D: Disk>(
    disk: &D,
    path: &Path,
    header: &SegmentHeader,
    bytes: u64,
) -> Result<D::File, JournalError> {
    let file = disk.create(path).map_err(io_error("create", path))?;
    file.write_at(&header.encode(), 0).map_err(io_error("write", path))?;
    fill_with_zeroes(&file, wide(BLOCK_BYTES), bytes).map_err(io_error("extend", path))?;
    file.sync_all().map_err(io_error("make durable", path))?;
    Ok(file)
}

/// The first segment of a journal, under a temporary name.
pub(crate) fn prepare_first<D: Disk>(
    disk: &D,
    directory: &Path,
    genesis: Genesis,
    geometry: Geometry,
) -> Result<(D::File, PathBuf), JournalError> {
    let header = SegmentHeader { genesis, number: 0, first_seq: 0, first_prev: genesis.digest() };
    let path = directory.join(NEXT_FILE);
    prepare_segment(disk, &path, &header, geometry.step_bytes).map(|file| (file, path))
}

/// Sets a reserve aside unless there is one. `false` when there is no space.
pub(crate) fn keep_reserve<D: Disk>(
    disk: &D,
    directory: &Path,
    geometry: Geometry,
) -> Result<bool, JournalError> {
    let kept = directory.join(RESERVE_FILE);
    if disk
        .open(&kept)
        .and_then(|file| file.length())
        .is_ok_and(|len| len == geometry.reserve_bytes)
    {
        return Ok(true);
    }
    let path = directory.join(RESERVE_PREPARING_FILE);
    let filled = disk.create(&path).map_err(io_error("create", &path)).and_then(|file| {
        fill_with_zeroes(&file, 0, geometry.reserve_bytes).map_err(io_error("extend", &path))?;
        Ok(file)
    });
    let Some(file) = or_full(filled)? else {
        // Only to give back what little there was.
        let _ = disk.remove(&path);
        return Ok(false);
    };
    file.sync_all().map_err(io_error("make durable", &path))?;
    disk.rename(&path, &kept).map_err(io_error("rename", &path))?;
    disk.sync_directory(directory).map_err(io_error("make durable", directory))?;
    Ok(true)
}

/// Writes zeroes from `from` to `to`; they are not durable yet.
pub(crate) fn fill_with_zeroes(file: &impl DiskFile, from: u64, to: u64) -> io::Result<()> {
    static ZEROES: [u8; 64 << 10] = [0; 64 << 10];
    let mut at = from;
    while at < to {
        let len = narrow(to.saturating_sub(at)).min(ZEROES.len());
        file.write_at(ZEROES.get(..len).unwrap_or(&ZEROES), at)?;
        at = at.saturating_add(wide(len));
    }
    Ok(())
}

/// The result, or `None` when there is no space.
fn or_full<T>(result: Result<T, JournalError>) -> Result<Option<T>, JournalError> {
    match result {
        Err(error) if error.is_full() => Ok(None),
        result => result.map(Some),
    }
}

/// Whether there was space.
fn with_space(result: Result<(), JournalError>) -> Result<bool, JournalError> {
    or_full(result).map(|done| done.is_some())
}
