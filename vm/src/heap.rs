//! Where texts, lists, records and the like live: arenas that only grow, one
//! set for the constants of a program and one for each instance.
//!
//! Nothing is freed on its own: loops are bounded, and a run's end drops the
//! whole. What is counted against the run's limit is what stands in the arenas,
//! dead or alive. Only a call that gives a plain word returns what it used
//! ([`Arena::mark`], [`Arena::release`]): values don't change, so nothing older
//! can refer to it.
//!
//! INVARIANT: every index is checked; a failed check is a fault, never a panic.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use rye_core::limit::TEXT_BYTES_MAX;
use rye_core::value::{Cidr, Hash};

use crate::layout::Layouts;
use crate::slot::{self, OFFSET_MAX, Pair, Span};
use crate::trap::{Fault, Reason, Trap};

/// How many bytes of text an instance has room for from the first one on.
const FIRST_TEXT_BYTES: usize = 128;
/// Fault: a slot names what no arena holds.
const DANGLING: Trap = Trap::invariant("a slot names nothing in its arena");

/// The bytes and words of one instance, or of a program's constants. A fresh
/// one allocates nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    text: String,
    blob: Vec<u8>,
    words: Vec<u64>,
    addresses: Vec<u128>,
    /// Where an address stands in `addresses`.
    interned: BTreeMap<u128, u32>,
    /// Room for elements that are being read; empty in between.
    scratch: Vec<u64>,
}

/// How full an arena was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    text: usize,
    blob: usize,
    words: usize,
    addresses: usize,
}

impl Arena {
    /// How many bytes stand in it.
    pub(crate) fn used(&self) -> usize {
        self.text
            .len()
            .saturating_add(self.blob.len())
            .saturating_add(self.words.len().saturating_mul(8))
            .saturating_add(self.addresses.len().saturating_mul(16))
    }

    /// The elements of a list that stands in it.
    pub(crate) fn list(&self, slot: u64) -> &[u64] {
        self.words.get(Span::of(slot).range()).unwrap_or_default()
    }

    /// How full it is.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            text: self.text.len(),
            blob: self.blob.len(),
            words: self.words.len(),
            addresses: self.addresses.len(),
        }
    }

    /// Forgets everything since `mark`.
    pub(crate) fn release(&mut self, mark: Mark) {
        if self.text.is_char_boundary(mark.text) {
            self.text.truncate(mark.text);
        }
        self.blob.truncate(mark.blob);
        self.words.truncate(mark.words);
        while self.addresses.len() > mark.addresses {
            if let Some(address) = self.addresses.pop() {
                self.interned.remove(&address);
            }
        }
    }
}

/// What an operation works on: the constants that everybody shares, the
/// instance's own arena, and what the types say about slots.
#[derive(Debug)]
pub(crate) struct Memory<'a> {
    pub(crate) layouts: &'a Layouts,
    pool: &'a Arena,
    own: &'a mut Arena,
    /// Whether `own` holds constants.
    constants: bool,
    /// How many bytes `own` may hold.
    limit: usize,
}

impl<'a> Memory<'a> {
    /// The memory of an instance that may hold `limit` bytes.
    pub(crate) fn new(
        layouts: &'a Layouts,
        pool: &'a Arena,
        own: &'a mut Arena,
        limit: usize,
    ) -> Self {
        Self { layouts, pool, own, constants: false, limit: limit.min(OFFSET_MAX) }
    }

    /// A memory that fills the arena of a program's constants.
    pub(crate) fn of_constants(layouts: &'a Layouts, none: &'a Arena, own: &'a mut Arena) -> Self {
        Self { layouts, pool: none, own, constants: true, limit: OFFSET_MAX }
    }

    /// How full the instance's arena is.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        self.own.mark()
    }

    /// Forgets everything since `mark`.
    pub(crate) fn release(&mut self, mark: Mark) {
        self.own.release(mark);
    }

    /// Whether `bytes` more may be allocated.
    #[inline]
    fn room(&self, bytes: usize) -> Result<(), Trap> {
        if self.own.used().saturating_add(bytes) <= self.limit {
            Ok(())
        } else {
            Err(Trap::Fault(Fault::Memory))
        }
    }

    /// A span of what was just put behind `start`.
    fn since(&self, start: usize, end: usize) -> Result<Span, Trap> {
        let offset = u32::try_from(start).map_err(|_| Trap::Fault(Fault::Memory))?;
        let length =
            u32::try_from(end.saturating_sub(start)).map_err(|_| Trap::Fault(Fault::Memory))?;
        Ok(Span { pool: self.constants, offset, length })
    }

    /// Room for elements that are being read.
    pub(crate) fn take_scratch(&mut self) -> Vec<u64> {
        core::mem::take(&mut self.own.scratch)
    }

    /// Keeps that room for the next time.
    pub(crate) fn keep_scratch(&mut self, mut scratch: Vec<u64>) {
        scratch.clear();
        self.own.scratch = scratch;
    }

    // Texts.

    /// The bytes of the text in a slot.
    #[inline]
    pub(crate) fn text_bytes(&self, slot: u64) -> Result<&[u8], Trap> {
        let span = Span::of(slot);
        let arena = if span.pool == self.constants { &*self.own } else { self.pool };
        arena.text.as_bytes().get(span.range()).ok_or(DANGLING)
    }

    /// The text in a slot.
    pub(crate) fn text(&self, slot: u64) -> Result<&str, Trap> {
        let span = Span::of(slot);
        let arena = if span.pool == self.constants { &*self.own } else { self.pool };
        arena.text.get(span.range()).ok_or(DANGLING)
    }

    /// A new text.
    pub(crate) fn add_text(&mut self, text: &str) -> Result<u64, Trap> {
        self.room(text.len())?;
        self.first_text(text.len());
        let start = self.own.text.len();
        self.own.text.push_str(text);
        Ok(self.since(start, self.own.text.len())?.slot())
    }

    /// The first text brings room for a few more, so that small instances don't
    /// grow step by step.
    #[inline]
    fn first_text(&mut self, length: usize) {
        if self.own.text.capacity() == 0 {
            self.own.text.reserve(length.max(FIRST_TEXT_BYTES));
        }
    }

    /// Begins a text that is written piece by piece.
    pub(crate) fn begin_text(&mut self) -> TextStart {
        self.first_text(0);
        TextStart(self.own.text.len())
    }

    /// Where pieces of a text that was begun are written. What can't end well is
    /// found by [`Memory::end_text`].
    pub(crate) fn text_end(&mut self) -> &mut String {
        &mut self.own.text
    }

    /// Appends the text in a slot to the one that was begun.
    pub(crate) fn append_text(&mut self, slot: u64) -> Result<(), Trap> {
        let span = Span::of(slot);
        if span.length == 0 {
            return Ok(());
        }
        if span.pool == self.constants {
            let range = span.range();
            self.own.text.get(range.clone()).ok_or(DANGLING)?;
            self.own.text.extend_from_within(range);
        } else {
            self.own.text.push_str(self.pool.text.get(span.range()).ok_or(DANGLING)?);
        }
        Ok(())
    }

    /// Whether the text that was begun is still short enough.
    pub(crate) fn check_text(&self, start: TextStart) -> Result<(), Trap> {
        let length = self.own.text.len().saturating_sub(start.0);
        if length <= slot::size(TEXT_BYTES_MAX) { Ok(()) } else { Err(Reason::TextTooLong.into()) }
    }

    /// The text that was begun; if it is too long, or `written` is an error, it is
    /// forgotten.
    pub(crate) fn end_text(
        &mut self,
        start: TextStart,
        written: Result<(), Trap>,
    ) -> Result<u64, Trap> {
        let checked = written.and_then(|()| self.check_text(start)).and_then(|()| self.room(0));
        if let Err(trap) = checked {
            self.own.text.truncate(start.0);
            return Err(trap);
        }
        Ok(self.since(start.0, self.own.text.len())?.slot())
    }

    // Bytes and hashes.

    /// The bytes in a slot of `Bytes` or `Hash`.
    pub(crate) fn blob(&self, slot: u64) -> Result<&[u8], Trap> {
        let span = Span::of(slot);
        let arena = if span.pool == self.constants { &*self.own } else { self.pool };
        arena.blob.get(span.range()).ok_or(DANGLING)
    }

    /// New bytes.
    pub(crate) fn add_blob(&mut self, bytes: &[u8]) -> Result<u64, Trap> {
        self.room(bytes.len())?;
        let start = self.own.blob.len();
        self.own.blob.extend_from_slice(bytes);
        Ok(self.since(start, self.own.blob.len())?.slot())
    }

    /// The hash in a slot.
    pub(crate) fn hash(&self, slot: u64) -> Result<Hash, Trap> {
        Hash::from_bytes(self.blob(slot)?).ok_or(Trap::invariant("a hash has a length of no kind"))
    }

    // Words.

    /// The words of a span.
    #[inline]
    pub(crate) fn words(&self, span: Span) -> Result<&[u64], Trap> {
        let arena = if span.pool == self.constants { &*self.own } else { self.pool };
        arena.words.get(span.range()).ok_or(DANGLING)
    }

    /// The elements of the list in a slot.
    #[inline]
    pub(crate) fn list(&self, slot: u64) -> Result<&[u64], Trap> {
        self.words(Span::of(slot))
    }

    /// The word `index` words behind the start of a span.
    #[inline]
    pub(crate) fn word(&self, slot: u64, index: u32) -> Result<u64, Trap> {
        let span = Span::of(slot);
        let arena = if span.pool == self.constants { &*self.own } else { self.pool };
        let at = slot::size(span.offset).saturating_add(slot::size(index));
        arena.words.get(at).copied().ok_or(DANGLING)
    }

    /// Both words at `index`, or one and 0.
    pub(crate) fn pair(&self, slot: u64, index: u32, width: usize) -> Result<Pair, Trap> {
        Ok(match width {
            0 => [0, 0],
            1 => [self.word(slot, index)?, 0],
            _ => [self.word(slot, index)?, self.word(slot, index.saturating_add(1))?],
        })
    }

    /// New words.
    pub(crate) fn add_words(&mut self, words: &[u64]) -> Result<Span, Trap> {
        self.room(words.len().saturating_mul(8))?;
        let start = self.own.words.len();
        self.own.words.extend_from_slice(words);
        self.since(start, self.own.words.len())
    }

    /// Room for so many words, all 0.
    pub(crate) fn reserve_words(&mut self, count: usize) -> Result<Span, Trap> {
        self.room(count.saturating_mul(8))?;
        let start = self.own.words.len();
        self.own.words.resize(start.saturating_add(count), 0);
        self.since(start, self.own.words.len())
    }

    /// The instance's own words of a span that was reserved.
    pub(crate) fn words_mut(&mut self, span: Span) -> Result<&mut [u64], Trap> {
        if span.pool != self.constants {
            return Err(Trap::invariant("a constant is written to"));
        }
        self.own.words.get_mut(span.range()).ok_or(DANGLING)
    }

    /// Puts the first `width` words of a pair at `index` of a span that was reserved.
    #[inline]
    pub(crate) fn set_pair(
        &mut self,
        span: Span,
        index: u32,
        width: usize,
        pair: Pair,
    ) -> Result<(), Trap> {
        let at = slot::size(index);
        let words = self.words_mut(span)?.get_mut(at..at.saturating_add(width));
        for (word, value) in words.ok_or(DANGLING)?.iter_mut().zip(pair) {
            *word = value;
        }
        Ok(())
    }

    // Addresses and blocks.

    /// The address in a slot, or the address of the block in it.
    pub(crate) fn ip(&self, slot: u64) -> Result<IpAddr, Trap> {
        if !slot::is_v6(slot) {
            return Ok(IpAddr::V4(slot::low(slot).into()));
        }
        self.v6(slot).map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
    }

    /// The IPv6 address in a slot.
    pub(crate) fn v6(&self, slot: u64) -> Result<u128, Trap> {
        let arena = if slot::is_v6_pool(slot) == self.constants { &*self.own } else { self.pool };
        arena.addresses.get(slot::size(slot::low(slot))).copied().ok_or(DANGLING)
    }

    /// The slot of an address.
    pub(crate) fn add_ip(&mut self, ip: IpAddr) -> Result<u64, Trap> {
        self.add_address(ip.to_canonical(), 0)
    }

    /// The block in a slot.
    pub(crate) fn cidr(&self, slot: u64) -> Result<Cidr, Trap> {
        Cidr::new(self.ip(slot)?, slot::prefix(slot))
            .map_err(|_| Trap::invariant("a block has bits behind its prefix"))
    }

    /// The slot of a block.
    pub(crate) fn add_cidr(&mut self, cidr: Cidr) -> Result<u64, Trap> {
        self.add_address(cidr.address(), cidr.length())
    }

    fn add_address(&mut self, ip: IpAddr, length: u8) -> Result<u64, Trap> {
        let bits = match ip {
            IpAddr::V4(v4) => return Ok(slot::of_v4(v4.to_bits(), length)),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        if let Some(index) = self.pool.interned.get(&bits) {
            return Ok(slot::of_v6(!self.constants, *index, length));
        }
        if let Some(index) = self.own.interned.get(&bits) {
            return Ok(slot::of_v6(self.constants, *index, length));
        }
        self.room(16)?;
        let index =
            u32::try_from(self.own.addresses.len()).map_err(|_| Trap::Fault(Fault::Memory))?;
        self.own.addresses.push(bits);
        self.own.interned.insert(bits, index);
        Ok(slot::of_v6(self.constants, index, length))
    }
}

/// Where a text that is being written began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextStart(usize);
