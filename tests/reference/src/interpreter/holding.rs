//! What the run did and what still stands of it: its compensation records, and which of
//! them hold the same.

use std::collections::VecDeque;

use rye_core::adapter::Ending;
use rye_core::effect::{Act, Life, Position, UndoPlan};
use rye_core::value::{Duration, Time, Value};

/// One act that may be taken back.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) at: Position,
    pub(super) act: Act,
    pub(super) state: State,
    /// Since when it stands.
    pub(super) since: Time,
    /// What it answered.
    pub(super) result: Value,
    /// Whether an attempt before may have taken effect.
    pub(super) doubted: bool,
    /// How the last attempt at its undo ended.
    pub(super) undo_ending: Option<Ending>,
    /// In which holding it is.
    holding: Option<u64>,
}

/// Whether an effect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing was done, or nothing can be taken back.
    Nothing,
    Held,
    /// It stands, and is to be taken back once a later effect on the same is gone.
    Waiting,
    /// Its undo failed for good.
    Stuck,
    /// It was taken back.
    Undone,
    /// Its holder let go: others hold it still.
    StillHeld,
    /// Its holder let go: the world is not as it was left.
    Changed,
    /// Its holder let go: nothing takes it back.
    NothingToUndo,
}

/// What several acts hold together, and who did it.
#[derive(Debug)]
struct Holding {
    /// How many holdings there were before it.
    number: u64,
    act: Act,
    /// Who did it, or announced it first.
    first: Position,
    /// Whether `first` surely did it.
    surely: bool,
    /// Who else may have done it.
    perhaps: VecDeque<Position>,
}

/// All records of a run, and what they hold in the order in which it was done: where one
/// action is done again on the same assets with another end, only the last is what the
/// world shows.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    records: Vec<Record>,
    held: Vec<Holding>,
    made: u64,
}

/// Whether two acts hold the same: they do the same to the same, and the world shows both
/// in the same way.
fn is_same(a: &Act, b: &Act) -> bool {
    let proofs = a.proof.iter().map(|proof| (&proof.query.call, &proof.expected));
    let others = b.proof.iter().map(|proof| (&proof.query.call, &proof.expected));
    a.call.action == b.call.action && a.affects == b.affects && proofs.eq(others)
}

/// Whether two acts change the same, with whatever end.
fn is_on_the_same(a: &Act, b: &Act) -> bool {
    a.call.action == b.call.action && a.affects == b.affects
}

impl Record {
    pub(super) fn stands(&self) -> bool {
        matches!(self.state, State::Held | State::Waiting | State::Stuck)
    }

    /// When its life is over.
    pub(super) fn ends(&self) -> Option<Time> {
        match (self.state, self.act.life) {
            (State::Held, Life::For(span)) => Some(self.since.saturating_add(span)),
            _ => None,
        }
    }

    pub(super) fn is_reversible(&self) -> bool {
        matches!(self.act.undo, UndoPlan::Call { .. })
    }
}

impl Holdings {
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    pub(super) fn get(&self, at: &Position) -> Option<&Record> {
        self.records.iter().find(|record| record.at == *at)
    }

    /// The record of the act at a place, which is there from its intent on.
    pub(super) fn record(&mut self, at: &Position, act: &Act, now: Time) -> &mut Record {
        let known = self.records.iter().position(|record| record.at == *at);
        let place = known.unwrap_or_else(|| {
            self.records.push(Record {
                at: at.clone(),
                act: act.clone(),
                state: State::Nothing,
                since: now,
                result: Value::None,
                doubted: false,
                undo_ending: None,
                holding: None,
            });
            self.records.len() - 1
        });
        &mut self.records[place]
    }

    /// Those that hold what the last act of this kind holds.
    pub(super) fn holders(&self, act: &Act) -> impl Iterator<Item = &Record> {
        let last = self.last(act).map(|holding| holding.number);
        self.records.iter().filter(move |record| last.is_some() && record.holding == last)
    }

    /// Those that hold the same as the one at `at`, itself included.
    pub(super) fn with(&self, at: &Position) -> impl Iterator<Item = &Record> {
        let own = self.of(at).map(|holding| holding.number);
        self.records.iter().filter(move |record| own.is_some() && record.holding == own)
    }

    /// The act that did what the one at `at` holds, or may have: its undo alone knows the
    /// world before.
    pub(super) fn first(&self, at: &Position) -> Option<&Position> {
        self.of(at).map(|holding| &holding.first)
    }

    /// What the act answered that did what the last act of this kind holds.
    pub(super) fn result(&self, act: &Act) -> Option<&Value> {
        let last = self.last(act).filter(|holding| holding.surely)?;
        self.get(&last.first).map(|record| &record.result)
    }

    /// Whether somebody else may have done what the one at `at` holds.
    pub(super) fn may_be_of_others(&self, act: &Act, at: &Position) -> bool {
        let held = self.held.iter().filter(|holding| is_same(&holding.act, act));
        let mut held = held.map(|holding| {
            let mut authors = holding.perhaps.iter().chain([&holding.first]);
            let own = Some(holding.number);
            authors.any(|other| other != at)
                || self.records.iter().any(|other| other.holding == own && other.at != *at)
        });
        held.any(|others| others)
    }

    pub(super) fn has_other_authors(&self, at: &Position) -> bool {
        self.of(at).is_some_and(|holding| !holding.perhaps.is_empty())
    }

    /// Whether another life on the same as the one at `at` ends at that moment, too.
    pub(super) fn ends_with_another(&self, at: &Position, end: Time) -> bool {
        let Some(own) = self.get(at) else { return false };
        let on_the_same = |other: &&Record| other.at != *at && is_on_the_same(&other.act, &own.act);
        self.records.iter().filter(on_the_same).any(|other| other.ends() == Some(end))
    }

    /// The next effect that changed the same later than the one at `at`, and stands.
    pub(super) fn later(&self, at: &Position) -> Option<&Position> {
        let own = self.of(at)?;
        let later = self.held.iter().filter(|holding| {
            holding.number > own.number && is_on_the_same(&holding.act, &own.act)
        });
        let next = later.min_by_key(|holding| holding.number)?;
        let holds = |record: &&Record| record.holding == Some(next.number);
        let first = self.records.iter().find(|record| record.at == next.first && holds(record));
        first.or_else(|| self.records.iter().find(holds)).map(|record| &record.at)
    }

    /// Whether the same was done once more, after something else was done to the same.
    pub(super) fn is_done_again(&self, at: &Position) -> bool {
        let Some(own) = self.of(at) else { return false };
        self.last(&own.act).is_some_and(|last| last.number > own.number)
    }

    fn of(&self, at: &Position) -> Option<&Holding> {
        let record = self.get(at)?;
        let own = self.held.iter().find(|holding| Some(holding.number) == record.holding);
        own.or_else(|| self.last(&record.act))
    }

    fn of_mut(&mut self, at: &Position) -> Option<&mut Holding> {
        let number = self.of(at)?.number;
        self.held.iter_mut().find(|holding| holding.number == number)
    }

    /// The last holding of acts of this kind.
    fn last(&self, act: &Act) -> Option<&Holding> {
        self.held.iter().rev().find(|holding| is_same(&holding.act, act))
    }

    /// Whether something else was done to the same after the last act of this kind.
    fn is_buried(&self, act: &Act) -> bool {
        let Some(own) = self.last(act) else { return false };
        let later = |other: &Holding| other.number > own.number;
        self.held.iter().any(|other| later(other) && is_on_the_same(&other.act, act))
    }

    /// The one at `at` stands: it holds what the last act of its kind does. Where it
    /// `begins` an attempt, and something else was done to the same since, what it does
    /// comes after that.
    pub(super) fn hold(&mut self, act: &Act, at: &Position, begins: bool) {
        let own = self.get(at).and_then(|record| record.holding);
        let last = self.last(act).map(|holding| holding.number);
        if own.is_some() && (!begins || own == last && !self.is_buried(act)) {
            return;
        }
        self.put(at, None);
        if self.last(act).is_none() || begins && self.is_buried(act) {
            let (number, first) = (self.made, at.clone());
            self.made += 1;
            let (act, perhaps) = (act.clone(), VecDeque::new());
            self.held.push(Holding { number, act, first, surely: false, perhaps });
        }
        let last = self.last(act).map(|holding| holding.number);
        self.put(at, last);
    }

    fn put(&mut self, at: &Position, holding: Option<u64>) {
        if let Some(record) = self.records.iter_mut().find(|record| record.at == *at) {
            record.holding = holding;
        }
        let records = &self.records;
        self.held.retain(|held| records.iter().any(|record| record.holding == Some(held.number)));
    }

    /// An attempt is about to be made at `at`, which stands until it is known better.
    pub(super) fn announce(&mut self, act: &Act, at: &Position) {
        self.hold(act, at, true);
        if let Some(holding) = self.of_mut(at)
            && holding.first != *at
            && !holding.perhaps.contains(at)
        {
            holding.perhaps.push_back(at.clone());
        }
    }

    /// The one at `at` surely did it.
    pub(super) fn did(&mut self, at: &Position) {
        if let Some(holding) = self.of_mut(at)
            && (!holding.surely || !holding.act.proof.is_empty())
        {
            (holding.first, holding.surely) = (at.clone(), true);
            holding.perhaps.clear();
        }
    }

    /// The one at `at` surely did not do it.
    pub(super) fn did_not(&mut self, at: &Position) {
        if let Some(holding) = self.of_mut(at) {
            holding.perhaps.retain(|other| other != at);
            if holding.first == *at && !holding.surely {
                holding.first = holding.perhaps.pop_front().unwrap_or_else(|| at.clone());
            }
        }
    }

    /// What stands was not done by the first one: by the next, perhaps.
    pub(super) fn was_not_first(&mut self, at: &Position) {
        if let Some(holding) = self.of_mut(at)
            && let Some(next) = holding.perhaps.pop_front()
        {
            holding.first = next;
        }
    }

    /// Who does not stand any more holds nothing.
    pub(super) fn tidy(&mut self) {
        for record in &mut self.records {
            if !record.stands() {
                record.holding = None;
            }
        }
        let records = &self.records;
        self.held.retain(|held| records.iter().any(|record| record.holding == Some(held.number)));
    }
}

/// How long something lasts, where it is awaited.
pub(super) fn doubled(first: Duration, attempt: u8, most: Duration) -> Duration {
    let factor = 1_i64.checked_shl(u32::from(attempt.saturating_sub(1)).min(40)).unwrap_or(1);
    Duration(first.0.saturating_mul(factor)).min(most)
}
