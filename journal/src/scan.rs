//! One pass over a journal, from segment to segment and entry to entry: what
//! opening, reading and verifying have in common.
//!
//! It reads each byte once, and keeps one stretch of one file in memory, with what was
//! found out about its entries: for each thread that shares the work [`STRETCH_BYTES`]
//! and at most three times that; or one group, where that is longer.

use core::ops::ControlFlow;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bytes::wide;
use crate::chain::{Chain, Clock};
use crate::disk::Disk;
use crate::entry::Genesis;
use crate::error::{JournalError, io_error};
use crate::examine::{ExaminedEntry, Examiner, examine};
use crate::fault::{Fault, Position};
use crate::group::{BLOCK_BYTES, GROUP_HEADER_BYTES, GroupHeader};
use crate::head::Head;
use crate::segment::{HeaderFault, Seal, SegmentHeader, file_name, file_number};
use crate::stored::StoredEntry;
use crate::walk::{Bad, Block, SegmentWalk};

/// How much is read for each of several threads before they examine it.
const STRETCH_BYTES: usize = 2 << 20;

/// Who is told what a scan comes across.
pub(crate) trait Observer {
    /// An entry, in order. To break ends the scan.
    fn entry(&mut self, at: Position, stored: &StoredEntry<'_>) -> ControlFlow<()>;
    /// Something is wrong. To break ends the scan, to continue goes on behind it.
    fn fault(&mut self, at: Position, fault: Fault) -> ControlFlow<()>;
}

/// Where a scan ended.
#[derive(Debug)]
pub(crate) struct ScanEnd<F> {
    /// The segment that it ended in.
    pub(crate) walk: SegmentWalk<F>,
    /// The end of the chain, unless damage hides it.
    pub(crate) head: Option<Head>,
    /// The clock of the last entry.
    pub(crate) clock: Option<Clock>,
    /// Whether the segment is sealed.
    pub(crate) sealed: bool,
    /// The start and length of what was written last to the segment.
    pub(crate) last_written: Option<(u64, usize)>,
    /// What a write that was cut short left after the last group.
    pub(crate) torn: Option<Bad>,
}

/// What a scan does besides walking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanMode {
    /// Compares each value with its commitment.
    pub(crate) commitments: bool,
    /// How often a bad end is looked at again, because a writer may be at work there.
    pub(crate) patience: u32,
    /// How many threads examine groups. One alone examines a group when it comes to it;
    /// several go ahead, which only pays off when the scan goes to the end.
    pub(crate) threads: usize,
}

impl ScanMode {
    /// How far groups are examined together at most.
    fn reach_max(self) -> usize {
        if self.threads > 1 { self.threads.saturating_mul(STRETCH_BYTES) } else { 0 }
    }
}

/// How the walk through one segment ended.
enum SegmentEnd {
    Sealed,
    Open,
    Torn(Bad),
    Stopped,
}

/// A scan in progress.
pub(crate) struct Scan<'a, D: Disk, O> {
    disk: &'a D,
    directory: &'a Path,
    mode: ScanMode,
    observer: &'a mut O,
    genesis: Genesis,
    chain: Chain,
    number: u64,
    last_written: Option<(u64, usize)>,
    /// How far groups are examined together.
    reach: usize,
}

/// The file of segment `number`.
pub(crate) fn segment_path(directory: &Path, number: u64) -> PathBuf {
    directory.join(file_name(number))
}

/// A segment with a good header, or what is wrong with that, or nothing at all.
pub(crate) type OpenedSegment<F> = Option<Result<SegmentWalk<F>, HeaderFault>>;

/// Opens a segment and reads its header; `None` when there is no such file.
pub(crate) fn open_segment<D: Disk>(
    disk: &D,
    directory: &Path,
    number: u64,
) -> Result<OpenedSegment<D::File>, JournalError> {
    let path = segment_path(directory, number);
    let file = match disk.open_to_read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.map_err(io_error("open", &path))?,
    };
    SegmentWalk::open(file).map(Some).map_err(io_error("read", &path))
}

/// Whether there is no folder of that name.
fn is_no_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The numbers of all segments that are there, ascending; none where no folder is.
pub(crate) fn segment_numbers<D: Disk>(
    disk: &D,
    directory: &Path,
) -> Result<Vec<u64>, JournalError> {
    let names = match disk.list(directory) {
        // Where no folder is, no segments are; one that may not be read is another matter.
        Err(error) if is_no_folder(&error) => Vec::new(),
        names => names.map_err(io_error("list", directory))?,
    };
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| file_number(name)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

impl<'a, D: Disk, O: Observer> Scan<'a, D, O> {
    /// Scans the journal in `directory` from segment `first` on. `None` when an
    /// observer ended it, or no further segment can be read.
    ///
    /// # Errors
    /// When there is no such segment, one has a version that isn't known, or
    /// reading fails.
    pub(crate) fn run(
        disk: &'a D,
        directory: &'a Path,
        first: u64,
        mode: ScanMode,
        observer: &'a mut O,
    ) -> Result<Option<ScanEnd<D::File>>, JournalError> {
        let opened = open_segment(disk, directory, first)?;
        let opened = opened.ok_or_else(|| JournalError::NotAStore { path: directory.into() })?;
        let at = Position { segment: first, offset: 0, seq: 0 };
        let walk = match opened {
            Ok(walk) => walk,
            Err(HeaderFault::Version { found }) => {
                return Err(JournalError::Version { path: segment_path(directory, first), found });
            }
            Err(fault) => {
                // Nothing is known of the journal without its first header.
                let _ = observer.fault(at, fault.into());
                return Ok(None);
            }
        };
        let header = *walk.header();
        let start = Head { size: header.first_seq, hash: header.first_prev };
        let scan = Self {
            disk,
            directory,
            mode,
            observer,
            genesis: header.genesis,
            chain: Chain::after(header.genesis.journal, start),
            number: first,
            last_written: None,
            reach: mode.reach_max(),
        };
        let born = Head { size: 0, hash: header.genesis.digest() };
        if first == 0
            && let Err(fault) = Chain::after(header.genesis.journal, born).meets(start)
            && scan.observer.fault(at, fault).is_break()
        {
            return Ok(None);
        }
        scan.all_segments(walk)
    }

    fn all_segments(
        mut self,
        mut walk: SegmentWalk<D::File>,
    ) -> Result<Option<ScanEnd<D::File>>, JournalError> {
        loop {
            if walk.header().number != self.number
                && self.report(0, Fault::Corrupt("the file's name is not that of its segment"))
            {
                return Ok(None);
            }
            let (sealed, torn) = match self.segment(&mut walk)? {
                SegmentEnd::Stopped => return Ok(None),
                SegmentEnd::Sealed => (true, None),
                SegmentEnd::Open => (false, None),
                SegmentEnd::Torn(bad) => (false, Some(bad)),
            };
            let Some(next) = self.next_segment()? else {
                return Ok(Some(ScanEnd {
                    walk,
                    head: self.chain.head(),
                    clock: self.chain.clock(),
                    sealed,
                    last_written: self.last_written,
                    torn,
                }));
            };
            let Some(entered) = self.enter(next)? else {
                return Ok(None);
            };
            walk = entered;
        }
    }

    /// The number of the segment after this one, the least there is.
    fn next_segment(&self) -> Result<Option<u64>, JournalError> {
        let next = self.number.saturating_add(1);
        let path = segment_path(self.directory, next);
        if self.disk.open_to_read(&path).is_ok() {
            return Ok(Some(next));
        }
        let numbers = segment_numbers(self.disk, self.directory)?;
        Ok(numbers.into_iter().find(|number| *number > self.number))
    }

    /// Goes on in segment `next`, or in the first one after it that can be read.
    /// `None` when the scan is to end.
    fn enter(&mut self, mut next: u64) -> Result<Option<SegmentWalk<D::File>>, JournalError> {
        loop {
            let expected = self.number.saturating_add(1);
            self.number = next;
            if next != expected {
                let stop = self.report(0, Fault::SegmentMissing { number: expected });
                self.chain.lose(None);
                if stop {
                    return Ok(None);
                }
            }
            let fault = match open_segment(self.disk, self.directory, next)? {
                Some(Ok(walk)) => return Ok(self.meet(walk)),
                Some(Err(HeaderFault::Version { found })) => {
                    let path = segment_path(self.directory, next);
                    return Err(JournalError::Version { path, found });
                }
                Some(Err(fault)) => fault.into(),
                None => Fault::SegmentMissing { number: next },
            };
            let stop = self.report(0, fault);
            self.chain.lose(None);
            match self.next_segment()? {
                Some(number) if !stop => next = number,
                _ => return Ok(None),
            }
        }
    }

    /// Compares a segment's header with the end of the one before.
    fn meet(&mut self, walk: SegmentWalk<D::File>) -> Option<SegmentWalk<D::File>> {
        let header = walk.header();
        let expected = self.genesis.journal;
        let met = if header.genesis.journal != expected {
            Err(Fault::Journal { expected, found: header.genesis.journal })
        } else if header.genesis != self.genesis {
            Err(Fault::Genesis)
        } else {
            self.chain.meets(Head { size: header.first_seq, hash: header.first_prev })
        };
        if let Err(fault) = met {
            let stop = self.report(0, fault);
            self.chain.lose(Some(header.first_seq));
            if stop {
                return None;
            }
        }
        self.last_written = None;
        Some(walk)
    }

    /// Walks through one segment.
    fn segment(&mut self, walk: &mut SegmentWalk<D::File>) -> Result<SegmentEnd, JournalError> {
        let mut waited = 0;
        loop {
            if self.stretch(walk)?.is_break() {
                return Ok(SegmentEnd::Stopped);
            }
            let offset = walk.at();
            let block = walk.next().map_err(io_error("read", self.directory))?;
            match block {
                // The file ends in the space after it, or it was written just now.
                Block::Group(header) => {
                    let mut examiner = Examiner::new(self.mode.commitments);
                    let entries = examiner.entries(walk.frames(), &header);
                    if self.group(offset, &header, entries).is_break() {
                        return Ok(SegmentEnd::Stopped);
                    }
                }
                Block::Seal(seal) => return self.sealed(walk, offset, &seal),
                Block::End if !self.followed()? => return Ok(SegmentEnd::Open),
                Block::Bad(_) | Block::End if waited < self.patience(&block) => {
                    waited = waited.saturating_add(1);
                    std::thread::sleep(Duration::from_millis(1 << waited.min(6)));
                    walk.forget();
                }
                Block::Bad(bad) if bad.torn && !self.followed()? => {
                    return Ok(SegmentEnd::Torn(bad));
                }
                Block::Bad(bad) => match self.skip_bad(walk, &bad) {
                    ControlFlow::Break(end) => return Ok(end),
                    ControlFlow::Continue(()) => {}
                },
                Block::End => {
                    let fault = Fault::Corrupt("the segment has no seal, though another follows");
                    let stop = self.report(offset, fault);
                    return Ok(if stop { SegmentEnd::Stopped } else { SegmentEnd::Open });
                }
            }
        }
    }

    /// Goes through whole groups that were examined together, up to one that is none.
    fn stretch(
        &mut self,
        walk: &mut SegmentWalk<D::File>,
    ) -> Result<ControlFlow<()>, JournalError> {
        let spans = walk.look_ahead(self.reach);
        let spans = spans.map_err(io_error("read", self.directory))?;
        let groups: Vec<_> = spans.iter().map(|span| (span.header, walk.bytes(span))).collect();
        // What was examined behind a bad group is examined again: never more than what
        // has been good since the last one.
        self.reach = self.reach.max(BLOCK_BYTES).saturating_mul(2).min(self.mode.reach_max());
        let (mut behind, mut left, mut stop) = (walk.at(), spans.iter(), false);
        let ScanMode { commitments, threads, .. } = self.mode;
        // Ended before the last group, or not: `behind` says how far it came.
        let _ = examine(&groups, commitments, threads, &mut |examined| {
            let (Ok(entries), Some(span)) = (examined, left.next()) else {
                self.reach = 0;
                return ControlFlow::Break(());
            };
            behind = span.end();
            let flow = self.group(span.offset, &span.header, entries);
            stop = flow.is_break();
            flow
        });
        walk.resume_at(behind);
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// How often `block` is looked at again. A segment that ends though another
    /// follows was sealed between the two looks.
    fn patience(&self, block: &Block) -> u32 {
        if matches!(block, Block::End) { self.mode.patience.min(1) } else { self.mode.patience }
    }

    fn followed(&self) -> Result<bool, JournalError> {
        self.next_segment().map(|next| next.is_some())
    }

    /// Reports bad bytes, and goes on at the next group if there is one.
    fn skip_bad(&mut self, walk: &mut SegmentWalk<D::File>, bad: &Bad) -> ControlFlow<SegmentEnd> {
        let stop = self.report(bad.fault_at, Fault::Corrupt(bad.what));
        self.chain.lose(bad.header.map(|header| header.next_seq()));
        match bad.resume {
            _ if stop => ControlFlow::Break(SegmentEnd::Stopped),
            None => ControlFlow::Break(SegmentEnd::Open),
            Some(offset) => {
                walk.resume_at(offset);
                if let Ok(Some(header)) = walk.peek() {
                    self.chain.lose(Some(header.first_seq));
                }
                ControlFlow::Continue(())
            }
        }
    }

    /// Checks a seal, and that nothing comes after it.
    fn sealed(
        &mut self,
        walk: &mut SegmentWalk<D::File>,
        offset: u64,
        seal: &Seal,
    ) -> Result<SegmentEnd, JournalError> {
        let SegmentHeader { first_seq, .. } = *walk.header();
        let next = first_seq.saturating_add(seal.entries);
        let fits = seal.first_seq == first_seq
            && seal.last_seq == next.saturating_sub(1)
            && self.chain.meets(Head { size: next, hash: seal.head }).is_ok();
        if !fits && self.report(offset, Fault::Seal) {
            return Ok(SegmentEnd::Stopped);
        }
        self.last_written = Some((offset, BLOCK_BYTES));
        let behind = match walk.next().map_err(io_error("read", self.directory))? {
            Block::End => None,
            Block::Bad(bad) => Some(bad.fault_at),
            Block::Group(_) | Block::Seal(_) => Some(offset.saturating_add(wide(BLOCK_BYTES))),
        };
        let after = Fault::Corrupt("bytes after the seal");
        let stop = behind.is_some_and(|offset| self.report(offset, after));
        Ok(if stop { SegmentEnd::Stopped } else { SegmentEnd::Sealed })
    }

    /// Chains the entries of a whole group, and hands them on.
    fn group(
        &mut self,
        offset: u64,
        header: &GroupHeader,
        entries: Vec<ExaminedEntry<'_>>,
    ) -> ControlFlow<()> {
        if let Err(fault) = self.chain.counts(header.first_seq) {
            let stop = self.report(offset, fault);
            self.chain.lose(Some(header.first_seq));
            if stop {
                return ControlFlow::Break(());
            }
        }
        self.last_written = Some((offset, header.extent()));
        let frames_at = offset.saturating_add(wide(GROUP_HEADER_BYTES));
        for ExaminedEntry { at, stored, values } in entries {
            let at = Position {
                segment: self.number,
                offset: frames_at.saturating_add(wide(at)),
                seq: self.chain.next_seq(),
            };
            let stored = match stored {
                Ok(stored) => stored,
                Err(fault) => {
                    self.chain.lose(at.seq.checked_add(1));
                    self.observer.fault(at, fault)?;
                    continue;
                }
            };
            if let Some(fault) = self.chain.add(&stored.entry, stored.hash) {
                self.observer.fault(at, fault)?;
            }
            let at = Position { seq: stored.entry.seq, ..at };
            if let Some(fault) = values {
                self.observer.fault(at, fault)?;
            }
            self.observer.entry(at, &stored)?;
        }
        ControlFlow::Continue(())
    }

    /// Reports `fault` at `offset`; whether the scan is to end.
    fn report(&mut self, offset: u64, fault: Fault) -> bool {
        let at = Position { segment: self.number, offset, seq: self.chain.next_seq() };
        self.observer.fault(at, fault).is_break()
    }
}

impl From<HeaderFault> for Fault {
    fn from(fault: HeaderFault) -> Self {
        match fault {
            HeaderFault::NotASegment => Self::Corrupt("the file does not begin as a segment does"),
            HeaderFault::TooLong => Self::Corrupt("the file is longer than any segment"),
            HeaderFault::Damaged => {
                Self::Corrupt("the checksum of the segment's header does not match")
            }
            HeaderFault::Version { found } => Self::Version { found },
        }
    }
}
