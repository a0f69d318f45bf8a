//! What the 64 bits of a slot mean, by the type that stands beside it: nothing
//! in a slot itself says so.
//!
//! | type | slot |
//! | --- | --- |
//! | `Bool` `Int` `Time` `Duration` `Port` `Watch` `Approval` | the number |
//! | `Float` | its bits, never those of `-0.0` |
//! | texts, `Bytes`, `Hash`, records, lists, maps, builders | a [`Span`] of an arena |
//! | enum | the alternative below, where its payload stands in the words above |
//! | `Ip` | IPv4: its value; IPv6: the top bit and an index of interned addresses |
//! | `Cidr` | as `Ip`, with the prefix length above the lower 32 bits |
//! | an asset | as what names it |
//! | `T?` | two slots: 1 and the value, or 0 and 0 |
//! | `Unit` | no slot |
//!
//! Whatever reaches into an arena has a bit that says which of two: the
//! program's constants, which all instances share, or the instance's own.
//! Equal addresses and blocks have equal slots within one instance.

/// The bit of a [`Span`] or an enum that stands for the program's constants.
const SPAN_POOL: u64 = 1 << 63;
/// The bit of an address or block that stands for IPv6.
const V6: u64 = 1 << 63;
/// The bit of an IPv6 address or block that stands for the program's constants.
const V6_POOL: u64 = 1 << 62;
/// The largest offset that a span can name.
pub(crate) const OFFSET_MAX: usize = (1 << 31) - 1;

/// One value of one or two slots; the second only counts for a `T?`.
pub(crate) type Pair = [u64; 2];

/// A part of an arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Whether the arena is that of the program's constants.
    pub(crate) pool: bool,
    /// The first byte or word.
    pub(crate) offset: u32,
    /// How many bytes, words or elements.
    pub(crate) length: u32,
}

/// The lower half of a slot.
#[inline]
pub(crate) fn low(slot: u64) -> u32 {
    u32::try_from(slot & 0xFFFF_FFFF).unwrap_or(0)
}

/// A number of elements as the machine counts them.
#[inline]
pub(crate) fn size(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A count for a slot or a price; what an arena holds always fits.
#[inline]
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl Span {
    /// The part that a slot names.
    #[inline]
    pub(crate) fn of(slot: u64) -> Self {
        Self {
            pool: slot & SPAN_POOL != 0,
            offset: low((slot & !SPAN_POOL) >> 32),
            length: low(slot),
        }
    }

    /// The slot that names the part.
    #[inline]
    pub(crate) fn slot(self) -> u64 {
        let pool = if self.pool { SPAN_POOL } else { 0 };
        pool | u64::from(self.offset) << 32 | u64::from(self.length)
    }

    /// The first offset behind the part, in units of one.
    #[inline]
    pub(crate) fn range(self) -> core::ops::Range<usize> {
        let start = size(self.offset);
        start..start.saturating_add(size(self.length))
    }

    /// The part of this part that begins `skip` units in and has `length` units.
    #[inline]
    pub(crate) fn part(self, skip: u32, length: u32) -> Self {
        Self { pool: self.pool, offset: self.offset.saturating_add(skip), length }
    }
}

/// How long the text, list or map in a slot is: bytes or elements.
#[inline]
pub(crate) fn length(slot: u64) -> u32 {
    low(slot)
}

/// A truth value in a slot.
#[inline]
pub(crate) fn of_bool(value: bool) -> u64 {
    u64::from(value)
}

/// An IPv6 address or block, by the index of its address.
pub(crate) fn of_v6(pool: bool, index: u32, length: u8) -> u64 {
    V6 | if pool { V6_POOL } else { 0 } | u64::from(length) << 32 | u64::from(index)
}

/// An IPv4 address or block.
pub(crate) fn of_v4(bits: u32, length: u8) -> u64 {
    u64::from(length) << 32 | u64::from(bits)
}

/// Whether an address or block is IPv6.
#[inline]
pub(crate) fn is_v6(slot: u64) -> bool {
    slot & V6 != 0
}

/// Whether an IPv6 address stands among the constants.
pub(crate) fn is_v6_pool(slot: u64) -> bool {
    slot & V6_POOL != 0
}

/// The prefix length of a block.
#[inline]
pub(crate) fn prefix(slot: u64) -> u8 {
    u8::try_from(slot >> 32 & 0xFF).unwrap_or(0)
}

/// Where the payload of an enum's alternative stands, if it has one.
pub(crate) fn payload(slot: u64, width: u32) -> Span {
    Span { length: width, ..Span::of(slot) }
}

/// An enum's alternative with its payload.
pub(crate) fn of_variant(variant: u32, payload: Span) -> u64 {
    Span { length: variant, ..payload }.slot()
}
