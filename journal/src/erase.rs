//! Erasing: the values of some entries are overwritten where they stand. The chain
//! never contained them, so it stays whole.
//!
//! First every frame says that its value is erased, then the bytes go; so whatever
//! moment the power goes at, each frame can be read, and doing it again finishes it.

use rye_core::id::RunId;

use crate::bytes::wide;
use crate::commit::Journal;
use crate::disk::{Disk, DiskFile};
use crate::entry::Entry;
use crate::error::{JournalError, io_error};
use crate::fault::{Fault, Position};
use crate::group::{
    FRAME_HEADER_BYTES, FrameKind, GROUP_HEADER_BYTES, checked_frame_at, frame_header,
};
use crate::scan::{open_segment, segment_numbers, segment_path};
use crate::value::{Content, ERASED_HEADER_BYTES};
use crate::walk::{Block, SegmentWalk};

#[cfg(test)]
mod tests;

/// One value that is to go.
struct Erasure {
    /// Where its frame begins in the segment.
    at: u64,
    /// The header that its frame gets.
    header: [u8; FRAME_HEADER_BYTES],
    /// How many bytes behind what stays become zero.
    gone: usize,
}

impl<D: Disk> Journal<D> {
    /// Overwrites all values of the entries of `runs`, durably, and says how many values
    /// those were. What was erased before is left alone.
    ///
    /// # Errors
    /// When reading or writing fails: then it may have been done in part, and may be
    /// done again.
    pub fn erase(&mut self, runs: &[RunId]) -> Result<u64, JournalError> {
        let mut count = 0_u64;
        for number in segment_numbers(&self.disk, self.directory())? {
            let erasures = self.erasures_in(number, runs)?;
            if !erasures.is_empty() {
                let path = segment_path(self.directory(), number);
                self.overwrite(number, &erasures).map_err(io_error("erase values in", &path))?;
            }
            count = count.saturating_add(wide(erasures.len()));
        }
        Ok(count)
    }

    /// The values of `runs` in a segment.
    fn erasures_in(&self, number: u64, runs: &[RunId]) -> Result<Vec<Erasure>, JournalError> {
        let path = segment_path(self.directory(), number);
        let damaged = |what| {
            let at = Position { segment: number, offset: 0, seq: 0 };
            JournalError::damaged(at, Fault::Corrupt(what))
        };
        let Some(Ok(mut walk)) = open_segment(&self.disk, self.directory(), number)? else {
            return Err(damaged("the segment's header can't be read"));
        };
        let mut erasures = Vec::new();
        loop {
            let offset = walk.at();
            match walk.next().map_err(io_error("read", &path))? {
                Block::Group(_) => collect(&walk, offset, runs, &mut erasures),
                Block::Seal(_) | Block::End => return Ok(erasures),
                Block::Bad(bad) => return Err(damaged(bad.what)),
            }
        }
    }

    fn overwrite(&self, number: u64, erasures: &[Erasure]) -> std::io::Result<()> {
        let file = self.disk.open(&segment_path(self.directory(), number))?;
        for erasure in erasures {
            file.write_at(&erasure.header, erasure.at)?;
        }
        file.sync_data()?;
        let stays = wide(FRAME_HEADER_BYTES.saturating_add(ERASED_HEADER_BYTES));
        for erasure in erasures {
            file.write_at(&vec![0; erasure.gone], erasure.at.saturating_add(stays))?;
        }
        file.sync_data()
    }
}

/// Adds the values of `runs` in the group that begins at `offset`.
fn collect<F: DiskFile>(
    walk: &SegmentWalk<F>,
    offset: u64,
    runs: &[RunId],
    erasures: &mut Vec<Erasure>,
) {
    let frames = walk.frames();
    let frames_at = offset.saturating_add(wide(GROUP_HEADER_BYTES));
    let (mut at, mut is_wanted) = (0, false);
    while let Some(frame) = checked_frame_at(frames, at) {
        if frame.kind == FrameKind::Entry {
            is_wanted = Entry::decode(frame.body).is_ok_and(|entry| runs.contains(&entry.run));
        }
        let content = frame.value().map(|value| value.content);
        let is_gone = content.is_none_or(|content| content == Content::Erased { wholly: true });
        if is_wanted && !is_gone {
            let named = frame.body.get(..ERASED_HEADER_BYTES).unwrap_or_default();
            let header = frame_header(FrameKind::Erased, frame.body.len(), crc32c::crc32c(named));
            erasures.push(Erasure {
                at: frames_at.saturating_add(wide(at)),
                header,
                gone: frame.body.len().saturating_sub(ERASED_HEADER_BYTES),
            });
        }
        at = frame.next;
    }
}
