//! Groups and frames: the bytes of one commit.
//!
//! A group begins on a block of its own with a header that says how long it is.
//! Behind it stand frames: an entry, then one frame for each value that it
//! commits to, then the next entry. Every frame has checksums of its own, so a
//! value can later be erased in place without touching what stands beside it.
//! All that is not header or frame is zero.

use rye_core::digest::Digest;
use rye_core::limit::APPEND_BYTES_MAX;

use crate::bytes::{Cursor, is_zero, narrow32, round_up};
use crate::value::{ERASED_HEADER_BYTES, Value};

#[cfg(test)]
mod tests;

/// What is written and aligned as one: a block that holds acknowledged entries
/// is never written again.
pub(crate) const BLOCK_BYTES: usize = 4096;
/// What a disk writes whole or not at all.
pub(crate) const SECTOR_BYTES: usize = 512;
/// The header of a group. Being first in a block, it lies within one sector.
pub(crate) const GROUP_HEADER_BYTES: usize = 32;
/// The header of a frame. Frames are aligned so that it lies within one sector.
pub(crate) const FRAME_HEADER_BYTES: usize = 16;

const GROUP_MAGIC: [u8; 4] = *b"RYEG";

/// Where a group stands. Its checksum covers this, so that a group that was
/// moved, or bytes inside a value that look like one, are not taken for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// What the segment's first entry links to.
    pub(crate) first_prev: Digest,
    /// From the start of the segment file.
    pub(crate) offset: u64,
}

impl Place {
    /// The checksum of `bytes` at this place.
    pub(crate) fn checksum(&self, bytes: &[u8]) -> u32 {
        let crc = crc32c::crc32c(&self.first_prev.0);
        let crc = crc32c::crc32c_append(crc, &self.offset.to_be_bytes());
        crc32c::crc32c_append(crc, bytes)
    }
}

/// The first bytes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupHeader {
    /// The length of all frames, in bytes.
    pub(crate) body_len: u32,
    /// The sequence number of the first entry.
    pub(crate) first_seq: u64,
    /// How many entries there are.
    pub(crate) entries: u32,
    /// How many values there are, erased ones included.
    pub(crate) values: u32,
}

impl GroupHeader {
    pub(crate) fn encode(&self, place: &Place) -> [u8; GROUP_HEADER_BYTES] {
        let mut bytes = Vec::with_capacity(GROUP_HEADER_BYTES);
        bytes.extend_from_slice(&GROUP_MAGIC);
        bytes.extend_from_slice(&self.body_len.to_be_bytes());
        bytes.extend_from_slice(&self.first_seq.to_be_bytes());
        bytes.extend_from_slice(&self.entries.to_be_bytes());
        bytes.extend_from_slice(&self.values.to_be_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&place.checksum(&bytes).to_be_bytes());
        bytes.try_into().unwrap_or_default()
    }

    /// The header at the start of `block`, if there is a good one.
    pub(crate) fn decode(block: &[u8], place: &Place) -> Option<Self> {
        let (checked, _) = block.split_first_chunk::<{ GROUP_HEADER_BYTES - 4 }>()?;
        let cursor = &mut Cursor::new(block);
        let magic = cursor.array::<4>()?;
        let header = Self {
            body_len: cursor.u32()?,
            first_seq: cursor.u64()?,
            entries: cursor.u32()?,
            values: cursor.u32()?,
        };
        let reserved = cursor.u32()?;
        let good = *magic == GROUP_MAGIC
            && reserved == 0
            && header.entries > 0
            && header.body_bytes() <= APPEND_BYTES_MAX
            && header.first_seq.checked_add(u64::from(header.entries)).is_some()
            && cursor.u32()? == place.checksum(checked);
        good.then_some(header)
    }

    pub(crate) fn body_bytes(&self) -> usize {
        narrow32(self.body_len)
    }

    /// How much of the segment the group takes, up to the next block.
    pub(crate) fn extent(&self) -> usize {
        round_up(GROUP_HEADER_BYTES.saturating_add(self.body_bytes()), BLOCK_BYTES)
    }

    /// The sequence number after the last entry.
    pub(crate) fn next_seq(&self) -> u64 {
        self.first_seq.saturating_add(u64::from(self.entries))
    }
}

/// The longest stretch that one group can take.
pub(crate) const GROUP_EXTENT_MAX: usize = APPEND_BYTES_MAX + 2 * BLOCK_BYTES;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Entry,
    Value,
    Erased,
}

impl FrameKind {
    fn code(self) -> u8 {
        match self {
            Self::Entry => 1,
            Self::Value => 2,
            Self::Erased => 3,
        }
    }

    fn of(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Entry),
            2 => Some(Self::Value),
            3 => Some(Self::Erased),
            _ => None,
        }
    }
}

/// One frame whose checksums are right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: FrameKind,
    pub(crate) body: &'a [u8],
    /// Where the next frame begins.
    pub(crate) next: usize,
}

impl<'a> Frame<'a> {
    /// The value in a value frame; `None` in an entry's, or when it is too short.
    pub(crate) fn value(&self) -> Option<Value<'a>> {
        match self.kind {
            FrameKind::Entry => None,
            FrameKind::Value => Value::decode_kept(self.body),
            FrameKind::Erased => Value::decode_erased(self.body),
        }
    }
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameFault {
    /// The stretch whose bytes are in question, counted from the first frame;
    /// empty when it is the group as a whole.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) what: &'static str,
}

/// How long the frame around `len` bytes is.
pub(crate) fn framed(len: usize) -> usize {
    round_up(FRAME_HEADER_BYTES.saturating_add(len), FRAME_HEADER_BYTES)
}

/// The header of a frame, as it stands there.
struct FrameHeader {
    len: usize,
    code: u8,
    reserved: [u8; 3],
    body_crc: u32,
    crc: u32,
}

impl FrameHeader {
    fn decode(bytes: &[u8; FRAME_HEADER_BYTES]) -> Self {
        let [l0, l1, l2, l3, code, r0, r1, r2, b0, b1, b2, b3, c0, c1, c2, c3] = *bytes;
        Self {
            len: narrow32(u32::from_be_bytes([l0, l1, l2, l3])),
            code,
            reserved: [r0, r1, r2],
            body_crc: u32::from_be_bytes([b0, b1, b2, b3]),
            crc: u32::from_be_bytes([c0, c1, c2, c3]),
        }
    }
}

/// The bytes of the frame header at `at`.
fn header_at(frames: &[u8], at: usize) -> Option<&[u8; FRAME_HEADER_BYTES]> {
    frames.get(at..)?.first_chunk()
}

/// The frame that begins at `at` in `frames`, checked to the last byte.
pub(crate) fn frame_at(frames: &[u8], at: usize) -> Result<Frame<'_>, FrameFault> {
    let body_at = at.saturating_add(FRAME_HEADER_BYTES);
    let fault = |what| FrameFault { from: at, to: body_at, what };
    let bytes = header_at(frames, at).ok_or(fault("a frame is cut short"))?;
    let FrameHeader { len, code, reserved, body_crc, crc } = FrameHeader::decode(bytes);
    let covered = bytes.first_chunk::<12>().map_or(0, |covered| crc32c::crc32c(covered));
    if crc != covered || reserved != [0; 3] {
        return Err(fault("the checksum of a frame's header does not match"));
    }
    let next = at.saturating_add(framed(len));
    let fault = |what| FrameFault { from: at, to: next, what };
    let kind = FrameKind::of(code).ok_or(fault("a frame of a kind that is not known"))?;
    let stretch = frames.get(body_at..next).ok_or(fault("a frame is cut short"))?;
    let (body, padding) = stretch.split_at(len.min(stretch.len()));
    if !is_zero(padding) {
        return Err(fault("the space after a frame is not zero"));
    }
    let covered = match kind {
        FrameKind::Entry | FrameKind::Value => body,
        // Bytes may still stand behind it, if the power went while it was erased.
        FrameKind::Erased => {
            body.get(..ERASED_HEADER_BYTES).ok_or(fault("an erased value is cut short"))?
        }
    };
    if crc32c::crc32c(covered) != body_crc {
        return Err(fault("the checksum of a frame does not match"));
    }
    Ok(Frame { kind, body, next })
}

/// The frame at `at` in frames that have all been checked; `None` at their end.
pub(crate) fn checked_frame_at(frames: &[u8], at: usize) -> Option<Frame<'_>> {
    let FrameHeader { len, code, .. } = FrameHeader::decode(header_at(frames, at)?);
    let body_at = at.saturating_add(FRAME_HEADER_BYTES);
    let body = frames.get(body_at..body_at.saturating_add(len))?;
    Some(Frame { kind: FrameKind::of(code)?, body, next: at.saturating_add(framed(len)) })
}

/// Checks all frames of a group against its header. `bytes` is the group from
/// its header on, up to the next block.
pub(crate) fn check_frames(bytes: &[u8], header: &GroupHeader) -> Result<(), FrameFault> {
    let (frames, padding) = split_body(bytes, header);
    let (mut entries, mut values, mut at) = (0_u32, 0_u32, 0);
    while at < header.body_bytes() {
        let frame = frame_at(frames, at)?;
        let counter = if frame.kind == FrameKind::Entry { &mut entries } else { &mut values };
        *counter = counter.saturating_add(1);
        if entries == 0 {
            let what = "a value stands before the first entry of its group";
            return Err(FrameFault { from: at, to: frame.next, what });
        }
        at = frame.next;
    }
    if (entries, values) != (header.entries, header.values) || at != header.body_bytes() {
        let what = "a group holds other frames than its header says";
        return Err(FrameFault { from: 0, to: 0, what });
    }
    if !is_zero(padding) {
        let from =
            header.body_bytes().saturating_add(padding.iter().take_while(|b| **b == 0).count());
        return Err(FrameFault { from, to: from, what: "the space after a group is not zero" });
    }
    Ok(())
}

/// The frames of a group, and what stands behind them in its last block.
pub(crate) fn split_body<'a>(bytes: &'a [u8], header: &GroupHeader) -> (&'a [u8], &'a [u8]) {
    let behind = bytes.get(GROUP_HEADER_BYTES..).unwrap_or_default();
    behind.split_at(header.body_bytes().min(behind.len()))
}

/// Builds a group in memory, in a buffer that is used again for the next one.
#[derive(Debug)]
pub(crate) struct GroupBuilder {
    bytes: Vec<u8>,
    entries: u32,
    values: u32,
}

impl GroupBuilder {
    pub(crate) fn new() -> Self {
        let mut builder = Self { bytes: Vec::new(), entries: 0, values: 0 };
        builder.clear();
        builder
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.resize(GROUP_HEADER_BYTES, 0);
        self.entries = 0;
        self.values = 0;
    }

    /// The length of all frames so far.
    pub(crate) fn body_bytes(&self) -> usize {
        self.bytes.len().saturating_sub(GROUP_HEADER_BYTES)
    }

    /// All frames of a finished group.
    pub(crate) fn frames(&self, body_bytes: usize) -> &[u8] {
        let behind = self.bytes.get(GROUP_HEADER_BYTES..).unwrap_or_default();
        behind.get(..body_bytes).unwrap_or(behind)
    }

    /// How much of a segment the group takes.
    pub(crate) fn extent(&self) -> usize {
        round_up(self.bytes.len(), BLOCK_BYTES)
    }

    pub(crate) fn push_entry(&mut self, bytes: &[u8]) {
        self.push(FrameKind::Entry, &[bytes]);
        self.entries = self.entries.saturating_add(1);
    }

    pub(crate) fn push_value(&mut self, seq: u64, tag: u16, salt: &[u8; 32], bytes: &[u8]) {
        let parts: &[&[u8]] = &[&seq.to_be_bytes(), &tag.to_be_bytes(), salt, bytes];
        self.push(FrameKind::Value, parts);
        self.values = self.values.saturating_add(1);
    }

    fn push(&mut self, kind: FrameKind, parts: &[&[u8]]) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let body_crc = parts.iter().fold(0, |crc, part| crc32c::crc32c_append(crc, part));
        let header = frame_header(kind, len, body_crc);
        self.bytes.extend_from_slice(&header);
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        let whole = round_up(self.bytes.len(), FRAME_HEADER_BYTES);
        self.bytes.resize(whole, 0);
    }

    /// The finished group for `place`, filled up with zeroes to a whole block.
    pub(crate) fn finish(&mut self, place: &Place, first_seq: u64) -> &[u8] {
        let header = GroupHeader {
            // An append is bounded by APPEND_BYTES_MAX, so this never saturates.
            body_len: u32::try_from(self.body_bytes()).unwrap_or(u32::MAX),
            first_seq,
            entries: self.entries,
            values: self.values,
        };
        if let Some(slot) = self.bytes.first_chunk_mut() {
            *slot = header.encode(place);
        }
        self.bytes.resize(self.extent(), 0);
        &self.bytes
    }
}

/// The header of a frame around `len` bytes; frames begin on multiples of 16
/// after a 32-byte header, which keeps each header in one sector.
pub(crate) fn frame_header(kind: FrameKind, len: usize, body_crc: u32) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(FRAME_HEADER_BYTES);
    bytes.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
    bytes.push(kind.code());
    bytes.extend_from_slice(&[0; 3]);
    bytes.extend_from_slice(&body_crc.to_be_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
    bytes.try_into().unwrap_or_default()
}
