//! Reading fixed-width big-endian fields without ever running past the end,
//! and the two length conversions that a 64-bit format needs.

/// What is left to read of some bytes, and how far the reading has come.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        self.at = self.at.saturating_add(len);
        Some(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        self.at = self.at.saturating_add(N);
        Some(head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| *byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(|bytes| u16::from_be_bytes(*bytes))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(|bytes| u32::from_be_bytes(*bytes))
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(|bytes| u64::from_be_bytes(*bytes))
    }
}

/// A length in memory as one in a file.
pub(crate) fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// A length in a file as one in memory; what doesn't fit is past every limit anyway.
pub(crate) fn narrow(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// A 32-bit length in a file as one in memory.
pub(crate) fn narrow32(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// `len` raised to a multiple of `unit`, a power of two.
pub(crate) fn round_up(len: usize, unit: usize) -> usize {
    let mask = unit.saturating_sub(1);
    len.saturating_add(mask) & !mask
}

/// Whether all `bytes` are zero. Compares whole blocks, because free space is
/// checked by the megabyte.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    const ZERO: [u8; 4096] = [0; 4096];
    let (blocks, rest) = bytes.as_chunks::<4096>();
    blocks.iter().all(|block| *block == ZERO) && ZERO.get(..rest.len()) == Some(rest)
}

/// The position just past the last byte that is not zero; 0 when there is none.
pub(crate) fn used(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at.saturating_add(1))
}
