//! What stands in an index: each entry under its number, and under each run the
//! numbers of its entries.
//!
//! | key | value |
//! | --- | --- |
//! | `e`, seq | the entry's frame and those of its values, as in the segment |
//! | `r`, run id, seq | nothing |
//!
//! Numbers are big-endian, so keys sort as entries follow each other.

use core::hash::Hasher;
use core::ops::{ControlFlow, Range};
use std::hash::DefaultHasher;

use rye_core::id::{JournalId, RunId};
use rye_core::limit::{GROUP_BYTES_MAX, GROUP_ENTRIES_MAX};

use super::keeper::End;
use super::shared::Group;
use super::table::{Pair, Table, TableError};
use crate::disk::Disk;
use crate::entry::Entry;
use crate::head::Head;
use crate::read::Reader;
use crate::stored::{Framed, OwnedEntry, StoredEntry, sole_entry};

const ENTRY: u8 = b'e';
const RUN: u8 = b'r';

fn entry_key(seq: u64) -> Vec<u8> {
    [&[ENTRY], seq.to_be_bytes().as_slice()].concat()
}

fn run_key(run: RunId, seq: u64) -> Vec<u8> {
    [&[RUN], run.0.as_slice(), &seq.to_be_bytes()].concat()
}

/// The number in an entry's key; `None` for another key.
fn entry_number(key: &[u8]) -> Option<u64> {
    let number = key.strip_prefix(&[ENTRY])?;
    number.try_into().ok().map(u64::from_be_bytes)
}

/// Run and number in a run's key; `None` for another key.
fn run_number(key: &[u8]) -> Option<(RunId, u64)> {
    let (run, number) = key.strip_prefix(&[RUN])?.split_first_chunk()?;
    Some((RunId(*run), u64::from_be_bytes(number.try_into().ok()?)))
}

/// The entry that an index ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) journal: JournalId,
    /// The end of the chain as it was when that entry was added.
    pub(super) head: Head,
}

/// What `table` ends with; `None` when it is empty.
pub(super) fn last(table: &impl Table) -> Result<Option<Last>, End> {
    let Some((key, frames)) = table.last_before(&[ENTRY + 1])? else { return Ok(None) };
    let seq = entry_number(&key).ok_or_else(|| End::different("a key of an unknown form"))?;
    let stored = read(&frames, seq)?;
    let head = Head { size: seq.saturating_add(1), hash: stored.hash };
    Ok(Some(Last { journal: stored.entry.journal, head }))
}

/// The entry `seq` of `table`.
pub(super) fn get(table: &impl Table, seq: u64) -> Result<Option<OwnedEntry>, End> {
    let Some(frames) = table.get(&entry_key(seq))? else { return Ok(None) };
    read(&frames, seq).map(|stored| Some(stored.to_owned()))
}

/// An entry as it stands under its key, checked.
fn read(frames: &[u8], seq: u64) -> Result<StoredEntry<'_>, End> {
    sole_entry(frames, seq).map_err(|fault| End::different(&format!("entry {seq}: {fault}")))
}

/// Some entries of one run, in order.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) entries: Vec<OwnedEntry>,
    bytes: usize,
    /// From where on the next page begins, when there may be more.
    pub(super) next: Option<u64>,
}

impl Page {
    /// Adds an entry; whether the page is full now.
    fn add(&mut self, stored: &StoredEntry<'_>) -> bool {
        self.bytes = self.bytes.saturating_add(stored.frames.len());
        self.entries.push(stored.to_owned());
        let full = self.entries.len() >= GROUP_ENTRIES_MAX || self.bytes >= GROUP_BYTES_MAX;
        if full {
            self.next = stored.entry.seq.checked_add(1);
        }
        full
    }
}

/// Entries of `run` from `from` on: those in `table`, then those in the groups of
/// `tail`, which come behind it.
pub(super) fn page(table: &impl Table, tail: &[Group], run: RunId, from: u64) -> Result<Page, End> {
    let mut page = Page::default();
    for pair in table.pairs(&run_key(run, from))? {
        let (key, _) = pair?;
        let Some((_, seq)) = run_number(&key).filter(|(found, _)| *found == run) else { break };
        let missing = || End::different(&format!("entry {seq} is missing"));
        let frames = table.get(&entry_key(seq))?.ok_or_else(missing)?;
        let stored = read(&frames, seq)?;
        if stored.entry.run != run {
            return Err(End::different(&format!("entry {seq} is of another run")));
        }
        if page.add(&stored) {
            return Ok(page);
        }
    }
    for (seq, framed) in tail.iter().flat_map(Group::entries) {
        if seq >= from && run_of(&framed) == Some(run) && page.add(&read(framed.frames, seq)?) {
            return Ok(page);
        }
    }
    Ok(page)
}

/// The entry `seq` in groups that come behind a table.
pub(super) fn get_in_tail(tail: &[Group], seq: u64) -> Result<Option<OwnedEntry>, End> {
    let mut numbered = tail.iter().flat_map(Group::entries);
    let Some((_, framed)) = numbered.find(|(found, _)| *found == seq) else { return Ok(None) };
    read(framed.frames, seq).map(|stored| Some(stored.to_owned()))
}

/// The run of an entry that this process wrote.
fn run_of(framed: &Framed<'_>) -> Option<RunId> {
    Entry::decode(framed.entry).ok().map(|entry| entry.run)
}

/// Adds the entries of `groups`.
pub(super) fn add_groups(table: &mut impl Table, groups: &[Group]) -> Result<(), TableError> {
    let mut batch = Batch::default();
    for (seq, framed) in groups.iter().flat_map(Group::entries) {
        batch.push(seq, run_of(&framed).unwrap_or_default(), framed.frames);
    }
    batch.add_to(table)
}

/// What is added at once.
#[derive(Debug, Default)]
struct Batch {
    pairs: Vec<Pair>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, seq: u64, run: RunId, frames: &[u8]) {
        self.bytes = self.bytes.saturating_add(frames.len());
        self.pairs.push((entry_key(seq), frames.to_vec()));
        self.pairs.push((run_key(run, seq), Vec::new()));
    }

    fn is_full(&self) -> bool {
        self.pairs.len() >= 2 * GROUP_ENTRIES_MAX || self.bytes >= GROUP_BYTES_MAX
    }

    fn add_to(&mut self, table: &mut impl Table) -> Result<(), TableError> {
        self.bytes = 0;
        let pairs = core::mem::take(&mut self.pairs);
        if pairs.is_empty() { Ok(()) } else { table.add(&pairs) }
    }
}

/// Adds the entries `range` as they stand in the segments, as long as it may `go_on`.
pub(super) fn fill<D: Disk>(
    table: &mut impl Table,
    reader: &Reader<D>,
    range: Range<u64>,
    go_on: &dyn Fn() -> bool,
) -> Result<(), End> {
    if range.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::default();
    let mut next = range.start;
    let mut end = None;
    reader.entries(range.start, &mut |stored| {
        let seq = stored.entry.seq;
        if seq >= range.end {
            return ControlFlow::Break(());
        }
        batch.push(seq, stored.entry.run, stored.frames);
        next = seq.saturating_add(1);
        if !batch.is_full() {
            return ControlFlow::Continue(());
        }
        let added = if go_on() { Ok(()) } else { Err(End::Interrupted) };
        end = added.and_then(|()| Ok(batch.add_to(table)?)).err();
        if end.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    end.map_or(Ok(()), Err)?;
    if next < range.end {
        return Err(End::GivenUp(format!("the segments end before entry {next}")));
    }
    Ok(batch.add_to(table)?)
}

/// Compares all of `table` with the first `size` entries of the segments. Returns
/// how many of them it has, from the first on; it has nothing else then. It may be
/// told not to `go_on`.
pub(super) fn compare<D: Disk>(
    table: &impl Table,
    reader: &Reader<D>,
    size: u64,
    go_on: &dyn Fn() -> bool,
) -> Result<u64, End> {
    let mut pairs = table.pairs(&[])?;
    let mut pair = pairs.next().transpose()?;
    let (mut have, mut end) = (0, None);
    let (mut expected, mut found) = (RunKeys::default(), RunKeys::default());
    reader.entries(0, &mut |stored| {
        let seq = stored.entry.seq;
        let has_entry = pair.as_ref().is_some_and(|(key, _)| key.first() == Some(&ENTRY));
        if !has_entry || seq >= size {
            return ControlFlow::Break(());
        }
        end = compare_one(pair.as_ref(), stored).err();
        if end.is_none() && seq.is_multiple_of(1 << 10) && !go_on() {
            end = Some(End::Interrupted);
        }
        expected.add(&run_key(stored.entry.run, seq));
        have = seq.saturating_add(1);
        match pairs.next().transpose() {
            Ok(next) => pair = next,
            Err(error) => end = Some(error.into()),
        }
        if end.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    end.map_or(Ok(()), Err)?;
    while let Some((key, value)) = pair {
        if run_number(&key).is_none() || !value.is_empty() {
            return Err(End::different("it holds what the segments don't"));
        }
        found.add(&key);
        if found.count.is_multiple_of(1 << 10) && !go_on() {
            return Err(End::Interrupted);
        }
        pair = pairs.next().transpose()?;
    }
    if found != expected {
        return Err(End::different("it lists other entries of a run than the segments have"));
    }
    Ok(have)
}

fn compare_one(pair: Option<&Pair>, stored: &StoredEntry<'_>) -> Result<(), End> {
    let seq = stored.entry.seq;
    match pair {
        Some((key, frames)) if entry_number(key) == Some(seq) => {
            if frames == stored.frames {
                return Ok(());
            }
            let why = format!("entry {seq} is not the one in the segments");
            Err(if stored.is_erased() { End::Erased } else { End::different(&why) })
        }
        _ => Err(End::different(&format!("entry {seq} is missing"))),
    }
}

/// A set of keys, as their number and the sum of their hashes: sets that come in
/// another order can be compared without holding either. Damage doesn't aim.
#[derive(Debug, Default, PartialEq, Eq)]
struct RunKeys {
    count: u64,
    sum: u64,
}

impl RunKeys {
    fn add(&mut self, key: &[u8]) {
        let mut hasher = DefaultHasher::new();
        hasher.write(key);
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}
