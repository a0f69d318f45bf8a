//! The writer: it alone owns the end of the chain.
//!
//! An append becomes one group: chained, written in one piece into space that
//! is already zero, made durable, and only then answered. An error from a write
//! or a flush is the end: what is on the disk is then unknown, a second flush
//! would say yes without knowing, and so every later append fails at once with
//! the same cause.

use std::path::{Path, PathBuf};

use rye_core::digest::{Deriver, Digest, JOURNAL_ENTRY};
use rye_core::limit::{RESERVE_BYTES, SEGMENT_BYTES_MAX};

use crate::append::{Durable, NewEntry, Prepared};
use crate::bytes::wide;
use crate::chain::Clock;
use crate::disk::{Disk, DiskFile, RealDisk};
use crate::entry::{COMMITMENT_BYTES, Commitments, Entry, Genesis};
use crate::error::{AppendRefusal, JournalError, io_error};
use crate::group::{BLOCK_BYTES, GroupBuilder, Place};
use crate::head::Head;
use crate::scan::segment_path;

pub(crate) mod committer;
pub(crate) mod space;

/// How a writer divides its space. Readers don't need to know.
#[expect(clippy::struct_field_names, reason = "a unit stands last in the name of its quantity")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// The length at which a segment is sealed.
    pub(crate) segment_bytes: u64,
    /// How far ahead a segment is filled with zeroes, so that a flush has no
    /// change of the file's length to make durable.
    pub(crate) step_bytes: u64,
    /// What is kept aside for a full disk.
    pub(crate) reserve_bytes: u64,
}

impl Default for Geometry {
    fn default() -> Self {
        Self { segment_bytes: SEGMENT_BYTES_MAX, step_bytes: 4 << 20, reserve_bytes: RESERVE_BYTES }
    }
}

/// The end of the chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tip {
    pub(crate) head: Head,
    pub(crate) clock: Option<Clock>,
}

/// The segment that is being written.
#[derive(Debug)]
pub(crate) struct Active<F> {
    pub(crate) file: F,
    pub(crate) number: u64,
    pub(crate) first_seq: u64,
    pub(crate) first_prev: Digest,
    /// Where the next group goes.
    pub(crate) at: u64,
    /// How far the file is known to be zero from `at` on, and durably so.
    pub(crate) zeroed: u64,
    /// Whether nothing more may be added.
    pub(crate) sealed: bool,
}

/// Who is told of each group when it is durable, in order, by the thread that
/// commits. It must not wait, and there is nothing that it could refuse.
pub(crate) trait Follower: core::fmt::Debug + Send {
    /// `frames` are the frames of a group, whose last entry is that of `head`.
    fn committed(&self, frames: &[u8], first_seq: u64, head: Head);
}

/// A store's journal, opened for writing. The store is locked as long as it lives.
#[derive(Debug)]
pub struct Journal<D: Disk = RealDisk> {
    pub(crate) disk: D,
    pub(crate) directory: PathBuf,
    /// It may hold files of the store open; so it is dropped before the lock.
    follower: Option<Box<dyn Follower>>,
    /// Held for its drop.
    pub(crate) _lock: D::Lock,
    pub(crate) geometry: Geometry,
    pub(crate) genesis: Genesis,
    /// The end of the chain on the disk.
    pub(crate) tip: Tip,
    /// The end of the chain with what is staged.
    staged: Tip,
    pub(crate) active: Active<D::File>,
    group: GroupBuilder,
    hasher: Deriver,
    entry: Vec<u8>,
    /// Whether the reserve is still untouched.
    pub(crate) reserve_kept: bool,
    /// Why nothing more is accepted.
    poison: Option<JournalError>,
}

/// What opening has found out.
pub(crate) struct Parts<D: Disk> {
    pub(crate) disk: D,
    pub(crate) directory: PathBuf,
    pub(crate) lock: D::Lock,
    pub(crate) geometry: Geometry,
    pub(crate) genesis: Genesis,
    pub(crate) tip: Tip,
    pub(crate) active: Active<D::File>,
}

impl<D: Disk> Journal<D> {
    pub(crate) fn new(parts: Parts<D>) -> Self {
        Self {
            disk: parts.disk,
            directory: parts.directory,
            follower: None,
            _lock: parts.lock,
            geometry: parts.geometry,
            genesis: parts.genesis,
            tip: parts.tip,
            staged: parts.tip,
            active: parts.active,
            group: GroupBuilder::new(),
            hasher: Deriver::new(JOURNAL_ENTRY),
            entry: Vec::new(),
            reserve_kept: false,
            poison: None,
        }
    }

    /// Appends `entries` as one group. When this returns, none of them can be
    /// lost; after an error none of them counts, though after a failed flush
    /// they may be found when the store is opened again.
    ///
    /// # Errors
    /// When the entries don't fit any group, the disk is full, or a write or
    /// flush failed, now or before.
    pub fn append(&mut self, entries: Vec<NewEntry>) -> Result<Durable, JournalError> {
        let prepared = Prepared::new(entries).map_err(JournalError::Refused)?;
        self.append_prepared(&prepared)
    }

    pub(crate) fn append_prepared(&mut self, prepared: &Prepared) -> Result<Durable, JournalError> {
        let first_seq = self.tip.head.size;
        self.unstage();
        let head = self.stage(prepared)?;
        self.flush()?;
        Ok(Durable { first_seq, head, on_reserve: self.on_reserve() })
    }

    /// The end of the chain: all that is durable.
    pub fn head(&self) -> Head {
        self.tip.head
    }

    /// What the journal was born with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Whether the disk is full and the reserve is being used up.
    pub fn on_reserve(&self) -> bool {
        !self.reserve_kept
    }

    /// Tells `follower` of each group from now on, until the journal is dropped.
    #[cfg(feature = "index")]
    pub(crate) fn follow(&mut self, follower: Box<dyn Follower>) {
        self.follower = Some(follower);
    }

    /// The folder of the segments.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Drops what is staged.
    pub(crate) fn unstage(&mut self) {
        self.staged = self.tip;
        self.group.clear();
    }

    /// Chains `prepared` to what is staged; returns the head after it.
    pub(crate) fn stage(&mut self, prepared: &Prepared) -> Result<Head, JournalError> {
        let count = wide(prepared.entries.len());
        if self.staged.head.size.checked_add(count).is_none() {
            return Err(JournalError::Refused(AppendRefusal::Exhausted));
        }
        let mut commitments = prepared.commitments.as_slice();
        for entry in &prepared.entries {
            let own = entry.values.len().saturating_mul(COMMITMENT_BYTES).min(commitments.len());
            let (own, rest) = commitments.split_at(own);
            commitments = rest;
            self.stage_entry(entry, Commitments::trusted(own));
        }
        Ok(self.staged.head)
    }

    fn stage_entry(&mut self, new: &NewEntry, commitments: Commitments<'_>) {
        let Head { size: seq, hash: prev } = self.staged.head;
        let mono_ns = match self.staged.clock {
            Some((boot, before)) if boot == new.boot => new.mono_ns.max(before),
            _ => new.mono_ns,
        };
        let entry = Entry {
            kind: new.kind,
            journal: self.genesis.journal,
            seq,
            wall_unix_ns: new.wall_unix_ns,
            boot: new.boot,
            mono_ns,
            prev,
            run: new.run,
            body: new.body.fields(),
            commitments,
        };
        self.entry.clear();
        entry.encode_into(&mut self.entry);
        self.group.push_entry(&self.entry);
        for value in &new.values {
            self.group.push_value(seq, value.tag, &value.salt.0, &value.bytes);
        }
        let hash = self.hasher.digest(&[&self.entry]);
        self.staged = Tip {
            head: Head { size: seq.saturating_add(1), hash },
            clock: Some((new.boot, mono_ns)),
        };
    }

    /// Writes what is staged as one group and makes it durable.
    pub(crate) fn flush(&mut self) -> Result<(), JournalError> {
        self.still_sound()?;
        let (extent, body_bytes) = (self.group.extent(), self.group.body_bytes());
        let room = self.make_room(wide(extent), body_bytes);
        self.poisoning(room)?;
        let active = &mut self.active;
        let place = Place { first_prev: active.first_prev, offset: active.at };
        let bytes = self.group.finish(&place, self.tip.head.size);
        let written = active.file.write_at(bytes, active.at);
        let path = segment_path(&self.directory, active.number);
        let durable = match written {
            Ok(()) => active.file.sync_data().map_err(io_error("make durable", &path)),
            Err(error) => Err(io_error("write", &path)(error)),
        };
        if durable.is_ok() {
            active.at = active.at.saturating_add(wide(extent));
            let first_seq = self.tip.head.size;
            self.tip = self.staged;
            if let Some(follower) = &self.follower {
                follower.committed(self.group.frames(body_bytes), first_seq, self.tip.head);
            }
        }
        self.poisoning(durable)
    }

    /// The error that ended the journal, if one did.
    fn still_sound(&self) -> Result<(), JournalError> {
        self.poison.clone().map_or(Ok(()), Err)
    }

    /// Hands on a result; an error of the disk ends the journal.
    fn poisoning<T>(&mut self, result: Result<T, JournalError>) -> Result<T, JournalError> {
        if let Err(error @ JournalError::Io { .. }) = &result {
            self.poison = Some(error.clone());
        }
        result
    }
}

/// The space that a group of `extent` bytes needs: itself, and a block for the
/// seal, so that a segment can always be closed even on a full disk.
fn with_seal(extent: u64) -> u64 {
    extent.saturating_add(wide(BLOCK_BYTES))
}
