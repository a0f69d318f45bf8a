//! Walking one segment block by block: whole groups, the seal, the end, and
//! what is bad.
//!
//! A write that the power cut short leaves sectors as they were, and free space
//! is zero. So bad bytes are the remains of such a write only if nothing whole
//! comes after them and the first bad frame touches a sector that is all zero.
//! Anything else is damage to bytes that were once whole, and is never cut away.

use std::io;

use rye_core::limit::SEGMENT_BYTES_MAX;

use crate::bytes::{is_zero, narrow, used, wide};
use crate::disk::DiskFile;
use crate::group::{
    BLOCK_BYTES, FrameFault, GROUP_EXTENT_MAX, GROUP_HEADER_BYTES, GroupHeader, Place,
    SECTOR_BYTES, check_frames, split_body,
};
use crate::segment::{HeaderFault, Seal, SegmentHeader};

/// How much is read at once.
const WINDOW_BYTES: usize = 1 << 20;
/// How much is looked through at once for what comes after bad bytes.
const SEARCH_BYTES: usize = 64 << 10;

/// What stands at the next block.
#[derive(Debug)]
pub(crate) enum Block {
    /// A whole group; its frames are in [`SegmentWalk::frames`].
    Group(GroupHeader),
    Seal(Seal),
    /// Nothing but zero until the end of the file.
    End,
    Bad(Bad),
}

/// Bytes that are neither a whole group nor free space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    /// The block at which it begins.
    pub(crate) offset: u64,
    /// The first byte in question, as far as known.
    pub(crate) fault_at: u64,
    pub(crate) what: &'static str,
    /// Whether it can be what a write left that was cut short.
    pub(crate) torn: bool,
    /// Past the last byte that is not zero.
    pub(crate) end: u64,
    /// The header of the group, when that is good.
    pub(crate) header: Option<GroupHeader>,
    /// The next block that begins a group or is a seal.
    pub(crate) resume: Option<u64>,
}

/// A group that is in memory; its header is good, its frames are still to be checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) header: GroupHeader,
}

impl Span {
    /// Where the next block begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(wide(self.header.extent()))
    }
}

/// The position in one segment.
#[derive(Debug)]
pub(crate) struct SegmentWalk<F> {
    file: F,
    header: SegmentHeader,
    window: Window,
    /// Where the next block begins.
    at: u64,
    /// Where the current group begins, and its header.
    group: Option<(u64, GroupHeader)>,
}

impl<F: DiskFile> SegmentWalk<F> {
    /// Reads the first block of a segment file.
    pub(crate) fn open(file: F) -> io::Result<Result<Self, HeaderFault>> {
        if file.length()? > SEGMENT_BYTES_MAX {
            return Ok(Err(HeaderFault::TooLong));
        }
        let mut window = Window::default();
        let block = window.fill(&file, 0, BLOCK_BYTES)?;
        let header = match SegmentHeader::decode(block) {
            Ok(header) => header,
            Err(fault) => return Ok(Err(fault)),
        };
        Ok(Ok(Self { file, header, window, at: wide(BLOCK_BYTES), group: None }))
    }

    pub(crate) fn header(&self) -> &SegmentHeader {
        &self.header
    }

    /// Where the next block begins.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Goes on at `offset`, which must be the start of a block.
    pub(crate) fn resume_at(&mut self, offset: u64) {
        self.at = offset;
        self.group = None;
    }

    /// Reads afresh what has been read ahead; another process may have written since.
    pub(crate) fn forget(&mut self) {
        self.window.len = 0;
    }

    /// The frames of the group that [`next`](Self::next) found last.
    pub(crate) fn frames(&self) -> &[u8] {
        self.group.as_ref().map_or(&[], |(offset, header)| {
            split_body(self.window.at(*offset, header.extent()), header).0
        })
    }

    /// The groups from the next block on, by their headers: all that lie within `len`
    /// bytes, or one that is longer. Goes on behind none of them.
    pub(crate) fn look_ahead(&mut self, len: usize) -> io::Result<Vec<Span>> {
        let mut offset = self.at;
        let reach = offset.saturating_add(wide(len));
        self.window.fill(&self.file, offset, len.max(BLOCK_BYTES))?;
        if let Some(first) = self.span_at(offset) {
            self.window.fill(&self.file, offset, first.header.extent())?;
        }
        let mut spans = Vec::new();
        while let Some(span) = self.span_at(offset)
            && self.bytes(&span).len() == span.header.extent()
            && (spans.is_empty() || span.end() <= reach)
        {
            offset = span.end();
            spans.push(span);
        }
        Ok(spans)
    }

    /// The group at `offset`, as far as that is in memory.
    fn span_at(&self, offset: u64) -> Option<Span> {
        let place = Place { first_prev: self.header.first_prev, offset };
        let header = GroupHeader::decode(self.window.at(offset, BLOCK_BYTES), &place)?;
        Some(Span { offset, header })
    }

    /// A group that was looked ahead to, from its header on.
    pub(crate) fn bytes(&self, span: &Span) -> &[u8] {
        self.window.at(span.offset, span.header.extent())
    }

    /// What stands at the next block; goes on behind it unless it is bad or the end.
    pub(crate) fn next(&mut self) -> io::Result<Block> {
        let offset = self.at;
        let place = Place { first_prev: self.header.first_prev, offset };
        self.group = None;
        let block = self.window.fill(&self.file, offset, BLOCK_BYTES)?;
        if let Some(seal) = Seal::decode(block, &place) {
            self.at = offset.saturating_add(wide(BLOCK_BYTES));
            return Ok(Block::Seal(seal));
        }
        let Some(header) = GroupHeader::decode(block, &place) else {
            return self.without_header();
        };
        let bytes = self.window.fill(&self.file, offset, header.extent())?;
        if let Err(fault) = check_frames(bytes, &header) {
            let missing = touches_missing_sector(bytes, &header, &fault);
            return self.bad_group(header, fault, missing);
        }
        self.at = offset.saturating_add(wide(header.extent()));
        self.group = Some((offset, header));
        Ok(Block::Group(header))
    }

    /// Passes over the next group by its header alone.
    pub(crate) fn skip(&mut self, header: &GroupHeader) {
        self.at = self.at.saturating_add(wide(header.extent()));
    }

    /// The header of the next group, if there is a good one, without its frames.
    pub(crate) fn peek(&mut self) -> io::Result<Option<GroupHeader>> {
        self.window.fill(&self.file, self.at, BLOCK_BYTES)?;
        Ok(self.span_at(self.at).map(|span| span.header))
    }

    /// Judges a group whose header is good and whose frames are not.
    fn bad_group(
        &mut self,
        header: GroupHeader,
        fault: FrameFault,
        missing: bool,
    ) -> io::Result<Block> {
        let offset = self.at;
        let behind = offset.saturating_add(wide(header.extent()));
        let rest = self.rest_from(behind)?;
        let frames_at = offset.saturating_add(wide(GROUP_HEADER_BYTES));
        let group_end = frames_at.saturating_add(u64::from(header.body_len));
        Ok(Block::Bad(Bad {
            offset,
            fault_at: frames_at.saturating_add(wide(fault.from)),
            what: fault.what,
            torn: missing && rest.first_used.is_none(),
            end: rest.end.max(group_end),
            header: Some(header),
            resume: rest.next_good,
        }))
    }

    /// Judges a block that begins neither a group nor is a seal.
    fn without_header(&mut self) -> io::Result<Block> {
        let offset = self.at;
        let block = self.window.fill(&self.file, offset, BLOCK_BYTES)?;
        let header_missing = is_zero(block.get(..SECTOR_BYTES).unwrap_or(block));
        let rest = self.rest_from(offset)?;
        let Some(first_used) = rest.first_used else {
            return Ok(Block::End);
        };
        let reach = offset.saturating_add(wide(GROUP_EXTENT_MAX));
        let (fault_at, what) = if header_missing {
            (first_used, "bytes in space that should be free")
        } else {
            (offset, "neither a group nor a seal, nor free space")
        };
        Ok(Block::Bad(Bad {
            offset,
            fault_at,
            what,
            torn: header_missing && rest.next_good.is_none() && rest.end <= reach,
            end: rest.end,
            header: None,
            resume: rest.next_good,
        }))
    }

    /// Looks through all that comes from `from` on, up to the end of the file
    /// or to something that is whole: what lies before that is damage anyway.
    fn rest_from(&mut self, from: u64) -> io::Result<Rest> {
        let mut rest = Rest { first_used: None, end: from, next_good: None };
        let mut at = from;
        loop {
            let bytes = self.window.fill(&self.file, at, SEARCH_BYTES)?;
            if bytes.is_empty() {
                return Ok(rest);
            }
            let len = wide(bytes.len());
            if !is_zero(bytes) {
                let leading = bytes.iter().take_while(|byte| **byte == 0).count();
                rest.first_used.get_or_insert(at.saturating_add(wide(leading)));
                rest.end = at.saturating_add(wide(used(bytes)));
                rest.next_good = first_good(bytes, at, &self.header);
            }
            if rest.next_good.is_some() {
                return Ok(rest);
            }
            at = at.saturating_add(len);
        }
    }
}

/// What stands in the rest of a segment.
struct Rest {
    /// The first byte that is not zero.
    first_used: Option<u64>,
    /// Past the last byte that is not zero.
    end: u64,
    /// The first block that begins a group or is a seal.
    next_good: Option<u64>,
}

/// The first block in `bytes`, which stand at `at`, that begins a group or is a seal.
fn first_good(bytes: &[u8], at: u64, header: &SegmentHeader) -> Option<u64> {
    let offsets = (at..).step_by(BLOCK_BYTES);
    let found = offsets.zip(bytes.chunks(BLOCK_BYTES)).find(|(offset, block)| {
        let place = Place { first_prev: header.first_prev, offset: *offset };
        GroupHeader::decode(block, &place).is_some() || Seal::decode(block, &place).is_some()
    });
    found.map(|(offset, _)| offset)
}

/// Whether the bytes that a fault is about touch a sector that was not written.
fn touches_missing_sector(bytes: &[u8], header: &GroupHeader, fault: &FrameFault) -> bool {
    let group_end = GROUP_HEADER_BYTES.saturating_add(header.body_bytes());
    let from = GROUP_HEADER_BYTES.saturating_add(fault.from);
    let to = GROUP_HEADER_BYTES.saturating_add(fault.to).min(group_end);
    let first = from / SECTOR_BYTES * SECTOR_BYTES;
    (first..to).step_by(SECTOR_BYTES).any(|at| {
        let sector = bytes.get(at..).unwrap_or_default();
        is_zero(sector.get(..SECTOR_BYTES).unwrap_or(sector))
    })
}

/// A stretch of the file in memory. The buffer is used again for the next one.
#[derive(Debug, Default)]
struct Window {
    start: u64,
    /// How much of the buffer is bytes of the file.
    len: usize,
    buffer: Vec<u8>,
}

impl Window {
    /// `len` bytes from `at`, less at the end of the file; reads ahead.
    fn fill(&mut self, file: &impl DiskFile, at: u64, len: usize) -> io::Result<&[u8]> {
        if self.at(at, len).len() < len {
            self.load(file, at, len.max(WINDOW_BYTES))?;
        }
        Ok(self.at(at, len))
    }

    fn load(&mut self, file: &impl DiskFile, at: u64, len: usize) -> io::Result<()> {
        let kept = self.at(at, usize::MAX).len();
        let from = self.len.saturating_sub(kept);
        self.buffer.copy_within(from..self.len, 0);
        self.start = at;
        self.len = kept;
        if self.buffer.len() < len {
            let mut larger = vec![0; len];
            if let Some((to, bytes)) = larger.get_mut(..kept).zip(self.buffer.get(..kept)) {
                to.copy_from_slice(bytes);
            }
            self.buffer = larger;
        }
        let fresh = self.buffer.get_mut(kept..len).unwrap_or_default();
        let read = file.read_at(fresh, at.saturating_add(wide(kept)))?;
        self.len = kept.saturating_add(read);
        Ok(())
    }

    /// What is in memory of the `len` bytes from `at`.
    fn at(&self, at: u64, len: usize) -> &[u8] {
        let Some(skip) = at.checked_sub(self.start) else {
            return &[];
        };
        let bytes = self.buffer.get(..self.len).unwrap_or_default();
        let bytes = bytes.get(narrow(skip)..).unwrap_or_default();
        bytes.get(..len).unwrap_or(bytes)
    }
}
