//! What the runs of a store hold, and who holds it with whom.
//!
//! Effects of one action on the same assets may follow each other, where each leaves
//! the world in another state: then each is a holding of its own, and they are numbered,
//! for only the last of them is what the world shows.

use std::collections::BTreeMap;

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};

use crate::entry::{Body, UndoResult};
use crate::run::{ActState, RecordState};

/// One effect of one run.
pub type Holder = (RunId, EffectId);

/// Something that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The action and the assets that it is of.
    subject: Digest,
    /// How many holdings there were before it.
    number: u64,
    /// Who did it: its undo alone knows the world before us, also after it let go.
    /// Until somebody surely has, who announced it first.
    pub first: Holder,
    /// Whether `first` surely did it.
    pub done: bool,
    /// Who else may have done it, in the order of their intents.
    pub perhaps: Vec<Holder>,
    /// Who holds it now, ascending. Nearly always that is one, and there are very many
    /// holdings.
    pub holders: Vec<Holder>,
}

/// All that is held, by the digest of action, assets and proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// In the order in which they came to be. There are two of one digest where one of
    /// another came between them.
    by_digest: BTreeMap<Digest, Vec<Holding>>,
    /// The digests of what is held, by action and assets.
    by_subject: BTreeMap<Digest, Vec<Digest>>,
    /// How many holdings there were.
    made: u64,
}

impl Holdings {
    /// What is held under `digest`: the last that came to be.
    pub fn get(&self, digest: Digest) -> Option<&Holding> {
        self.by_digest.get(&digest)?.last()
    }

    /// What `holder` holds under `digest`; if it holds nothing, as [`Holdings::get`].
    pub fn of(&self, digest: Digest, holder: Holder) -> Option<&Holding> {
        let mut all = self.by_digest.get(&digest)?.iter();
        all.find(|holding| holding.is_of(holder)).or_else(|| self.get(digest))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Holding)> {
        self.by_digest.iter().flat_map(|(digest, all)| all.iter().map(move |it| (digest, it)))
    }

    /// Everybody who holds something of this action and these assets.
    pub fn holders_of(&self, subject: Digest) -> impl Iterator<Item = Holder> {
        self.on(subject).flat_map(|holding| holding.holders.iter().copied())
    }

    /// What was done next to the same assets, by the same action, after what `holder`
    /// holds under `digest`.
    pub fn above(&self, digest: Digest, holder: Holder) -> Option<&Holding> {
        let own = self.of(digest, holder)?;
        let later = self.on(own.subject).filter(|holding| holding.number > own.number);
        later.min_by_key(|holding| holding.number)
    }

    /// Whether the same was done once more, after something else was done to the assets of
    /// what `holder` holds under `digest`: then the world shows it, and it is the later one's.
    pub fn is_done_again(&self, digest: Digest, holder: Holder) -> bool {
        let (own, last) = (self.of(digest, holder), self.get(digest));
        own.zip(last).is_some_and(|(own, last)| last.number > own.number)
    }

    /// Whether somebody but `holder` holds this.
    pub fn is_held_by_others(&self, digest: Digest, holder: Holder) -> bool {
        let holding = self.of(digest, holder);
        holding.is_some_and(|holding| holding.holders.iter().any(|other| *other != holder))
    }

    /// Whether somebody but `holder` holds this or may have done it: who did it may
    /// have let go because `holder` was about to hold it.
    pub fn is_of_others(&self, digest: Digest, holder: Holder) -> bool {
        self.by_digest.get(&digest).into_iter().flatten().any(|holding| {
            let authors = holding.perhaps.iter().chain([&holding.first]);
            holding.holders.iter().chain(authors).any(|other| *other != holder)
        })
    }

    /// Takes note of what an entry says of one act.
    pub fn update(&mut self, holder: Holder, act: &ActState, body: &Body) {
        let digest = act.act.holding();
        if act.record.stands() {
            self.hold(digest, holder, act, body);
        }
        let Some(place) = self.place_of(digest, holder) else { return };
        let Some(holding) = self.at(digest, place) else { return };
        match body {
            Body::Intent { .. } | Body::Attempted { .. } => holding.add_author(holder),
            // Where the world was asked before, it did not show what others had done.
            Body::Outcome { ending: Ending::Done(_), .. }
                if !holding.done || !act.act.proof.is_empty() =>
            {
                (holding.first, holding.done) = (holder, true);
                holding.perhaps.clear();
            }
            Body::Outcome { ending: Ending::AlreadySo(_), .. } => holding.drop_author(holder),
            // What stands was not done by the first: by the next, perhaps.
            Body::UndoOutcome {
                result: UndoResult::Again, ending: Ending::AlreadySo(_), ..
            } => {
                holding.name_next();
            }
            _ => {}
        }
        if act.record == RecordState::None {
            holding.drop_author(holder);
        }
        if !act.record.stands() {
            self.drop_holder(digest, place, holder);
        }
    }

    /// `holder` holds what stands under `digest`; where it does it itself, and something
    /// else was done to the same since, what it does comes after that.
    fn hold(&mut self, digest: Digest, holder: Holder, act: &ActState, body: &Body) {
        let begins = matches!(body, Body::Intent { .. } | Body::Attempted { .. });
        let mut held = self.by_digest.get(&digest).into_iter().flatten();
        if let Some(place) = held.position(|holding| holding.is_of(holder)) {
            let is_last = self.by_digest.get(&digest).is_some_and(|all| place + 1 == all.len());
            if !begins || is_last && !self.is_buried(digest) {
                return;
            }
            self.drop_holder(digest, place, holder);
        }
        if self.get(digest).is_none() || begins && self.is_buried(digest) {
            let holding = Holding::new(act.act.subject(), self.made, holder);
            self.made = self.made.saturating_add(1);
            insert(self.by_subject.entry(holding.subject).or_default(), digest);
            let all = self.by_digest.entry(digest);
            all.or_insert_with(|| Vec::with_capacity(1)).push(holding);
        }
        let newest = self.by_digest.get_mut(&digest).and_then(|all| all.last_mut());
        if let Some(newest) = newest {
            insert(&mut newest.holders, holder);
        }
    }

    /// Whether something else was done to the same after the last holding of `digest`.
    fn is_buried(&self, digest: Digest) -> bool {
        let Some(own) = self.get(digest) else { return false };
        self.on(own.subject).any(|holding| holding.number > own.number)
    }

    fn on(&self, subject: Digest) -> impl Iterator<Item = &Holding> {
        let digests = self.by_subject.get(&subject).into_iter().flatten();
        digests.filter_map(|digest| self.by_digest.get(digest)).flatten()
    }

    fn drop_holder(&mut self, digest: Digest, place: usize, holder: Holder) {
        let Some(all) = self.by_digest.get_mut(&digest) else { return };
        let Some(holding) = all.get_mut(place) else { return };
        let subject = holding.subject;
        remove(&mut holding.holders, &holder);
        if holding.holders.is_empty() {
            all.remove(place);
        }
        if all.is_empty() {
            self.by_digest.remove(&digest);
            if let Some(digests) = self.by_subject.get_mut(&subject) {
                remove(digests, &digest);
                if digests.is_empty() {
                    self.by_subject.remove(&subject);
                }
            }
        }
    }

    /// Where [`Holdings::of`] stands among those of its digest.
    fn place_of(&self, digest: Digest, holder: Holder) -> Option<usize> {
        let all = self.by_digest.get(&digest)?;
        let own = all.iter().position(|holding| holding.is_of(holder));
        own.or_else(|| all.len().checked_sub(1))
    }

    fn at(&mut self, digest: Digest, place: usize) -> Option<&mut Holding> {
        self.by_digest.get_mut(&digest)?.get_mut(place)
    }
}

impl Holding {
    fn new(subject: Digest, number: u64, first: Holder) -> Self {
        let (perhaps, holders) = (Vec::new(), Vec::new());
        Self { subject, number, first, done: false, perhaps, holders }
    }

    /// Who of them is named where one has to be: who did it, if it holds it still.
    pub fn spokesman(&self) -> Option<Holder> {
        if self.is_of(self.first) { Some(self.first) } else { self.holders.first().copied() }
    }

    fn is_of(&self, holder: Holder) -> bool {
        self.holders.binary_search(&holder).is_ok()
    }

    /// Whoever announced it next may have done it.
    fn name_next(&mut self) {
        if !self.perhaps.is_empty() {
            self.first = self.perhaps.remove(0);
        }
    }

    fn add_author(&mut self, holder: Holder) {
        if self.first != holder && !self.perhaps.contains(&holder) {
            self.perhaps.push(holder);
        }
    }

    /// `holder` announced it, and surely did not do it.
    fn drop_author(&mut self, holder: Holder) {
        self.perhaps.retain(|other| *other != holder);
        if self.first == holder && !self.done {
            self.name_next();
        }
    }
}

/// Adds to an ascending list. One item takes no more than its own room.
fn insert<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        if list.is_empty() {
            list.reserve_exact(1);
        }
        list.insert(place, item);
    }
}

/// Takes out of an ascending list.
fn remove<T: Ord>(list: &mut Vec<T>, item: &T) {
    if let Ok(place) = list.binary_search(item) {
        list.remove(place);
    }
}
