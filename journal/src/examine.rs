//! What can be said of a group by itself, whatever stands before it: whether its frames
//! are whole, what its entries say, their hashes, and whether their values are those
//! committed to.
//!
//! That is nearly all the work of going through a journal, and none of it waits for
//! another group; so threads share it. What is left is the chain, in order.

use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::thread::{Builder, available_parallelism, scope};

use rye_core::digest::{Deriver, JOURNAL_COMMITMENT, JOURNAL_ENTRY};

use crate::bytes::narrow32;
use crate::entry::Entry;
use crate::fault::Fault;
use crate::group::{FrameFault, GroupHeader, check_frames, split_body};
use crate::stored::{Framed, StoredEntry, entries};

/// More threads than this would only wait for the one that reads and follows the chain.
const THREADS_MAX: usize = 8;

/// What is said of a group: its entries, unless a frame is bad.
pub(crate) type Examined<'a> = Result<Vec<ExaminedEntry<'a>>, FrameFault>;

/// What can be said of an entry by itself.
#[derive(Debug)]
pub(crate) struct ExaminedEntry<'a> {
    /// Where its frame begins, from the first frame of the group.
    pub(crate) at: usize,
    /// The entry, unless the bytes are none.
    pub(crate) stored: Result<StoredEntry<'a>, Fault>,
    /// What is wrong with its values, if anything.
    pub(crate) values: Option<Fault>,
}

/// As many threads as the machine runs at once.
pub(crate) fn threads() -> usize {
    available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX)
}

/// Examines groups, each given from its header on, on so many threads. `take` is told of
/// them in their order, whoever examined them, until it breaks.
pub(crate) fn examine<'a>(
    groups: &[(GroupHeader, &'a [u8])],
    commitments: bool,
    threads: usize,
    take: &mut dyn FnMut(Examined<'a>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut examiner = Examiner::new(commitments);
    if threads < 2 || groups.len() < 2 {
        return groups.iter().try_for_each(|(header, bytes)| take(examiner.group(header, bytes)));
    }
    let next = AtomicUsize::new(0);
    let (told, heard) = channel();
    scope(|scope| {
        for _ in 0..threads.min(groups.len()) {
            let (told, next) = (told.clone(), &next);
            let work = move || work(groups, commitments, next, &told);
            // Where the system gives no thread, those that are there do it all.
            if Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        drop(told);
        let flow = take_in_order(groups, &heard, &mut examiner, take);
        // Whoever still examines is done with his group.
        next.store(groups.len(), Ordering::Relaxed);
        flow
    })
}

/// Examines one group after the other that nobody has begun.
fn work<'a>(
    groups: &[(GroupHeader, &'a [u8])],
    commitments: bool,
    next: &AtomicUsize,
    told: &Sender<(usize, Examined<'a>)>,
) {
    let mut examiner = Examiner::new(commitments);
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some((header, bytes)) = groups.get(index) else { return };
        if told.send((index, examiner.group(header, bytes))).is_err() {
            return;
        }
    }
}

/// Hands on what threads say in the order of the groups; what none of them says, it
/// finds out itself.
fn take_in_order<'a>(
    groups: &[(GroupHeader, &'a [u8])],
    heard: &Receiver<(usize, Examined<'a>)>,
    examiner: &mut Examiner,
    take: &mut dyn FnMut(Examined<'a>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut early = BTreeMap::new();
    for (index, (header, bytes)) in groups.iter().enumerate() {
        let said = loop {
            if let Some(said) = early.remove(&index) {
                break said;
            }
            match heard.recv() {
                Ok((other, said)) => drop(early.insert(other, said)),
                Err(RecvError) => break examiner.group(header, bytes),
            }
        };
        take(said)?;
    }
    ControlFlow::Continue(())
}

/// Examines one group after the other, with one pair of hashers.
#[derive(Debug)]
pub(crate) struct Examiner {
    entry_hasher: Deriver,
    /// Compares values with their commitments, where that is wanted.
    value_hasher: Option<Deriver>,
}

impl Examiner {
    pub(crate) fn new(commitments: bool) -> Self {
        Self {
            entry_hasher: Deriver::new(JOURNAL_ENTRY),
            value_hasher: commitments.then(|| Deriver::new(JOURNAL_COMMITMENT)),
        }
    }

    /// Examines a group from its header on.
    fn group<'a>(&mut self, header: &GroupHeader, bytes: &'a [u8]) -> Examined<'a> {
        check_frames(bytes, header)?;
        let (frames, _) = split_body(bytes, header);
        Ok(self.entries(frames, header))
    }

    /// Examines the entries of a group whose frames are good.
    pub(crate) fn entries<'a>(
        &mut self,
        frames: &'a [u8],
        header: &GroupHeader,
    ) -> Vec<ExaminedEntry<'a>> {
        // As many as have been counted: a header alone is not believed.
        let mut examined = Vec::with_capacity(narrow32(header.entries));
        examined.extend(entries(frames).map(|framed| self.entry(&framed)));
        examined
    }

    fn entry<'a>(&mut self, framed: &Framed<'a>) -> ExaminedEntry<'a> {
        let stored = self.stored(framed);
        let checked = stored.as_ref().map(|it| it.check_values(self.value_hasher.as_mut()));
        let values = checked.ok().and_then(Result::err);
        ExaminedEntry { at: framed.at, stored, values }
    }

    fn stored<'a>(&mut self, framed: &Framed<'a>) -> Result<StoredEntry<'a>, Fault> {
        let Framed { frames, entry: bytes, values, .. } = *framed;
        let entry = Entry::decode(bytes).map_err(Fault::Entry)?;
        if !entry.encodes_to(bytes) {
            return Err(Fault::Reencoded);
        }
        let hash = self.entry_hasher.digest(&[bytes]);
        Ok(StoredEntry { entry, bytes, hash, values, frames })
    }
}
