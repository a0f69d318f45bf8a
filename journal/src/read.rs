//! Reading a journal without a lock, also while another process writes it.
//!
//! A reader sees whole groups only and stops at the last one. It holds one
//! window of one file in memory, however long the journal is.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rye_core::id::RunId;

use crate::bytes::wide;
use crate::disk::{Disk, RealDisk};
use crate::entry::Genesis;
use crate::error::{JournalError, io_error};
use crate::fault::{Fault, Position};
use crate::group::GroupHeader;
use crate::head::Head;
use crate::scan::{Observer, Scan, ScanMode, open_segment, segment_numbers, segment_path};
use crate::segment::HeaderFault;
use crate::store::journal_folder;
use crate::stored::{OwnedEntry, StoredEntry, entries};
use crate::walk::{Block, SegmentWalk};

#[cfg(test)]
mod tests;

/// How often a reader looks again at an end that seems bad, in case a writer is
/// in the middle of it.
pub(crate) const PATIENCE: u32 = 6;

/// A way to read the entries of a store.
#[derive(Clone, Debug)]
pub struct Reader<D: Disk = RealDisk> {
    disk: D,
    directory: PathBuf,
}

impl Reader<RealDisk> {
    /// A reader of the store at `store`, or of a folder of segments.
    ///
    /// # Errors
    /// When there are no segments.
    pub fn open(store: &Path) -> Result<Self, JournalError> {
        let reader = Self::on(RealDisk, segment_folder(store));
        reader.first_number().map(|_| reader)
    }
}

/// The folder of the segments, given a store or that folder itself.
pub(crate) fn segment_folder(store: &Path) -> PathBuf {
    let folder = journal_folder(store);
    if folder.is_dir() { folder } else { store.to_owned() }
}

impl<D: Disk> Reader<D> {
    pub(crate) fn on(disk: D, directory: PathBuf) -> Self {
        Self { disk, directory }
    }

    /// What the journal was born with.
    ///
    /// # Errors
    /// When the first segment can't be read.
    pub fn genesis(&self) -> Result<Genesis, JournalError> {
        let number = self.first_number()?;
        self.segment(number).map(|walk| walk.header().genesis)
    }

    /// The end of the chain, after walking all of it.
    ///
    /// # Errors
    /// When reading fails, or the journal is damaged.
    pub fn head(&self) -> Result<Head, JournalError> {
        let genesis = self.genesis()?;
        let mut head = Head { size: 0, hash: genesis.digest() };
        self.entries(0, &mut |stored| {
            head = Head { size: stored.entry.seq.saturating_add(1), hash: stored.hash };
            ControlFlow::Continue(())
        })?;
        Ok(head)
    }

    /// Shows `visit` the entries from sequence number `from` on, in order, until
    /// it breaks. Each is checked against the one before, and its values against
    /// their commitments.
    ///
    /// # Errors
    /// When reading fails, or the journal is damaged.
    pub fn entries(
        &self,
        from: u64,
        visit: &mut dyn FnMut(&StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), JournalError> {
        let mut shown = Shown { from, visit, fault: None };
        let mode = ScanMode { commitments: true, patience: PATIENCE, threads: 1 };
        let first = self.number_of(from)?;
        Scan::run(&self.disk, &self.directory, first, mode, &mut shown)?;
        shown.fault.map_or(Ok(()), |(at, fault)| Err(JournalError::damaged(at, fault)))
    }

    /// Shows `visit` the entries of `run` from sequence number `from` on, in
    /// order, until it breaks.
    ///
    /// # Errors
    /// When reading fails, or the journal is damaged.
    pub fn by_run(
        &self,
        run: RunId,
        from: u64,
        visit: &mut dyn FnMut(&StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), JournalError> {
        self.entries(from, &mut |stored| {
            if stored.entry.run == run { visit(stored) } else { ControlFlow::Continue(()) }
        })
    }

    /// The entry `seq`; `None` when there is none. Reads one group, after
    /// passing over the others of its segment by their headers; so it checks
    /// the entry and its values, but not its place in the chain.
    ///
    /// # Errors
    /// When reading fails, or the entry is damaged.
    pub fn get(&self, seq: u64) -> Result<Option<OwnedEntry>, JournalError> {
        let number = self.number_of(seq)?;
        let mut walk = self.segment(number)?;
        if walk.header().first_seq > seq {
            return Ok(None);
        }
        let read = |error| io_error("read", &segment_path(&self.directory, number))(error);
        loop {
            match walk.peek().map_err(read)? {
                Some(header) if header.next_seq() <= seq => walk.skip(&header),
                _ => break,
            }
        }
        for attempt in 0..=PATIENCE {
            let offset = walk.at();
            match walk.next().map_err(read)? {
                Block::Group(header) => {
                    let at = Position { segment: number, offset, seq };
                    return entry_in(walk.frames(), &header, at);
                }
                Block::Bad(bad) if !bad.torn && attempt == PATIENCE => {
                    let at = Position { segment: number, offset: bad.fault_at, seq };
                    return Err(JournalError::damaged(at, Fault::Corrupt(bad.what)));
                }
                Block::Bad(_) => {
                    std::thread::sleep(std::time::Duration::from_millis(1 << attempt));
                    walk.forget();
                }
                Block::Seal(_) | Block::End => return Ok(None),
            }
        }
        Ok(None)
    }

    fn first_number(&self) -> Result<u64, JournalError> {
        let first = segment_numbers(&self.disk, &self.directory)?.first().copied();
        first.ok_or_else(|| JournalError::NotAStore { path: self.directory.clone() })
    }

    /// The segment that `seq` is in, if it is in any: the last one that does
    /// not begin after it.
    fn number_of(&self, seq: u64) -> Result<u64, JournalError> {
        let numbers = segment_numbers(&self.disk, &self.directory)?;
        let missing = || JournalError::NotAStore { path: self.directory.clone() };
        let mut found = *numbers.first().ok_or_else(missing)?;
        if seq == 0 {
            return Ok(found);
        }
        let (mut low, mut high) = (0, numbers.len());
        while low < high {
            let middle = low.midpoint(high);
            let Some(number) = numbers.get(middle).copied() else { break };
            if self.segment(number)?.header().first_seq <= seq {
                found = number;
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Ok(found)
    }

    fn segment(&self, number: u64) -> Result<SegmentWalk<D::File>, JournalError> {
        let at = Position { segment: number, offset: 0, seq: 0 };
        let fault = match open_segment(&self.disk, &self.directory, number)? {
            Some(Ok(walk)) => return Ok(walk),
            Some(Err(HeaderFault::Version { found })) => {
                let path = segment_path(&self.directory, number);
                return Err(JournalError::Version { path, found });
            }
            Some(Err(fault)) => fault.into(),
            None => Fault::SegmentMissing { number },
        };
        Err(JournalError::damaged(at, fault))
    }
}

/// The entry at `at.seq` in the checked frames of its group.
fn entry_in(
    group: &[u8],
    header: &GroupHeader,
    at: Position,
) -> Result<Option<OwnedEntry>, JournalError> {
    let mut numbered = (header.first_seq..).zip(entries(group));
    let Some((_, framed)) = numbered.find(|(seq, _)| *seq == at.seq) else {
        return Ok(None);
    };
    let offset = at.offset.saturating_add(wide(framed.at));
    let damaged = |fault| JournalError::damaged(Position { offset, ..at }, fault);
    let stored = framed.checked(at.seq).map_err(damaged)?;
    Ok(Some(stored.to_owned()))
}

/// Shows the entries from a number on, up to the first fault.
struct Shown<'a> {
    from: u64,
    visit: &'a mut dyn FnMut(&StoredEntry<'_>) -> ControlFlow<()>,
    fault: Option<(Position, Fault)>,
}

impl Observer for Shown<'_> {
    fn entry(&mut self, at: Position, stored: &StoredEntry<'_>) -> ControlFlow<()> {
        if at.seq < self.from { ControlFlow::Continue(()) } else { (self.visit)(stored) }
    }

    fn fault(&mut self, at: Position, fault: Fault) -> ControlFlow<()> {
        self.fault = Some((at, fault));
        ControlFlow::Break(())
    }
}
