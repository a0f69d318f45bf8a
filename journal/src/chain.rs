//! The rules between an entry and the one before: same journal, next number,
//! right link, a clock that doesn't go back.

use rye_core::digest::Digest;
use rye_core::id::{BootId, JournalId};

use crate::entry::Entry;
use crate::fault::Fault;
use crate::head::Head;

/// The boot and the reading of the monotonic clock of an entry.
pub(crate) type Clock = (BootId, u64);

/// What is known of the entries so far.
#[derive(Debug)]
pub(crate) struct Chain {
    journal: JournalId,
    /// The number that comes next; `None` after damage that hides it.
    next: Option<u64>,
    /// What the next entry links to; `None` after damage that hides it.
    prev: Option<Digest>,
    clock: Option<Clock>,
}

impl Chain {
    /// A chain that goes on after `head`.
    pub(crate) fn after(journal: JournalId, head: Head) -> Self {
        Self { journal, next: Some(head.size), prev: Some(head.hash), clock: None }
    }

    /// The end of the chain, unless damage hides it.
    pub(crate) fn head(&self) -> Option<Head> {
        Some(Head { size: self.next?, hash: self.prev? })
    }

    pub(crate) fn clock(&self) -> Option<Clock> {
        self.clock
    }

    /// The number that comes next, as far as known.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next.unwrap_or_default()
    }

    /// Goes on after entries that can't be read; the next one has number `next`, if that is known.
    pub(crate) fn lose(&mut self, next: Option<u64>) {
        self.next = next;
        self.prev = None;
    }

    /// Whether `seq` is the number that comes next, as far as known.
    pub(crate) fn counts(&self, seq: u64) -> Result<(), Fault> {
        match self.next {
            Some(expected) if expected != seq => Err(Fault::Sequence { expected, found: seq }),
            _ => Ok(()),
        }
    }

    /// Whether the chain can go on at `head`, as a segment says of itself.
    pub(crate) fn meets(&self, head: Head) -> Result<(), Fault> {
        self.counts(head.size)?;
        match self.prev {
            Some(expected) if expected != head.hash => {
                Err(Fault::Chain { expected, found: head.hash })
            }
            _ => Ok(()),
        }
    }

    /// Adds an entry of this hash. Says what is wrong with its place, if anything;
    /// the chain then goes on from this entry all the same.
    pub(crate) fn add(&mut self, entry: &Entry<'_>, hash: Digest) -> Option<Fault> {
        let fault = self.judge(entry);
        self.next = entry.seq.checked_add(1);
        self.prev = Some(hash);
        self.clock = Some((entry.boot, entry.mono_ns));
        fault
    }

    fn judge(&self, entry: &Entry<'_>) -> Option<Fault> {
        if entry.journal != self.journal {
            return Some(Fault::Journal { expected: self.journal, found: entry.journal });
        }
        if let Err(fault) = self.meets(Head { size: entry.seq, hash: entry.prev }) {
            return Some(fault);
        }
        match self.clock {
            Some((boot, before)) if boot == entry.boot && entry.mono_ns < before => {
                Some(Fault::Clock { boot, before, found: entry.mono_ns })
            }
            _ => None,
        }
    }
}
