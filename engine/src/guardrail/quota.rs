//! The site's quotas: at most so many different assets of a kind, and so many acts of an
//! action or of a module, within any span of a length, over all runs of the store.
//!
//! Each mode has its own books: what was only simulated takes nothing from what is real,
//! and a dry run is refused where a real one would be. An asset counts once and so does an
//! effect, however often it is touched or tried; what was so already, and what undoes,
//! counts nothing.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use rye_core::effect::Act;
use rye_core::id::RunId;
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Time, Value};

use super::{Guardrail, Measure, Refusal, is_of, weight};
use crate::holding::Holder;
use crate::run::Run;
use crate::stamp::Stamp;

/// A window is tidied when it has so many items, and then whenever it has twice as many
/// as were left.
const TIDY_AT: usize = 64;

/// At most so many within any span of this length.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quota {
    /// Of what.
    pub of: Counted,
    /// How many.
    pub most: u64,
    /// Within which span.
    pub per: Duration,
}

/// What a quota counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Different assets of this kind; a block counts its addresses.
    Assets(Name),
    /// Acts of the action, or of the module of actions, with this name.
    Acts(Name),
}

/// What an act makes of a quota: it stands in its intent, for auditors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which quota.
    pub quota: Quota,
    /// How many there are with this act.
    pub after: u64,
}

/// What of an erased run still counts. Nobody knows any more what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remnant {
    /// In which mode's books.
    pub mode: Mode,
    /// Towards which quotas.
    pub of: Counted,
    /// Since when.
    pub at: Stamp,
    /// How much.
    pub weight: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { quota: Quota { of, most, per }, after } = self;
        match of {
            Counted::Assets(kind) => write!(f, "{after} of at most {most} of kind {kind} in {per}"),
            Counted::Acts(name) => write!(f, "{after} of at most {most} of `{name}` in {per}"),
        }
    }
}

/// What counts towards each quota now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    quotas: Vec<Quota>,
    /// By mode, and by the quota's place in the list.
    windows: BTreeMap<(Mode, usize), Window>,
}

/// What counts towards one quota, in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Window {
    /// When each was touched last.
    touched: BTreeMap<Item, Stamp>,
    tidy_at: usize,
}

/// What an act makes of one quota.
struct Share<'a> {
    quota: &'a Quota,
    /// What of it counts; never nothing.
    items: BTreeSet<Item>,
    window: Option<&'a Window>,
    now: Stamp,
}

/// Something that counts once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Asset(Value),
    Effect(Holder),
    /// Of a run that was erased.
    Erased {
        run: RunId,
        number: usize,
        weight: u64,
    },
}

impl Counted {
    /// What of an act counts.
    fn items(&self, act: &Act, holder: Holder) -> BTreeSet<Item> {
        match self {
            Self::Assets(counted) => {
                let assets = act.affects.iter().filter_map(|asset| match asset {
                    Value::Asset { kind, value } if kind == counted => {
                        Some(Item::Asset((**value).clone()))
                    }
                    _ => None,
                });
                assets.collect()
            }
            Self::Acts(name) => {
                let is_counted = is_of(&act.call.action, name);
                is_counted.then_some(Item::Effect(holder)).into_iter().collect()
            }
        }
    }
}

impl Item {
    fn weight(&self) -> u64 {
        match self {
            Self::Asset(value) => weight(value),
            Self::Effect(_) => 1,
            Self::Erased { weight, .. } => *weight,
        }
    }
}

fn sum<'a>(items: impl Iterator<Item = &'a Item>) -> u64 {
    items.fold(0, |sum, item| sum.saturating_add(item.weight()))
}

impl Books {
    /// Empty books.
    pub fn new(mut quotas: Vec<Quota>) -> Self {
        quotas.sort();
        Self { quotas, windows: BTreeMap::new() }
    }

    /// An act was begun, or simulated.
    pub(crate) fn enter(&mut self, mode: Mode, holder: Holder, act: &Act, at: Stamp) {
        for (index, quota) in self.quotas.iter().enumerate() {
            for item in quota.of.items(act, holder) {
                let window = self.windows.entry((mode, index)).or_default();
                window.touch(item, at, quota.per);
            }
        }
    }

    /// What of a run would count still if nobody knew any more what it did.
    /// `is_of_others` says whether another run touched an asset at that moment.
    pub(crate) fn remnants(
        &self,
        run: &Run,
        now: Stamp,
        is_of_others: impl Fn(&Value, Stamp) -> bool,
    ) -> Vec<Remnant> {
        let (mode, touched) = (run.mode(), run.touched());
        let mut remnants: Vec<Remnant> = Vec::new();
        for (index, quota) in self.quotas.iter().enumerate() {
            let is_shorter = |other: &Quota| (other.per, other.most) > (quota.per, quota.most);
            if self.quotas.iter().any(|other| other.of == quota.of && is_shorter(other)) {
                continue;
            }
            let counted = self.windows.get(&(mode, index)).into_iter().flat_map(|it| &it.touched);
            for (item, at) in counted.filter(|(_, at)| now.since(**at) < quota.per) {
                let is_its = match item {
                    Item::Effect((of, _)) => *of == run.id,
                    Item::Asset(value) => {
                        touched.values().any(|assets| assets.contains(value))
                            && !is_of_others(value, *at)
                    }
                    Item::Erased { .. } => false,
                };
                if is_its {
                    let (of, at, weight) = (quota.of.clone(), *at, item.weight());
                    remnants.push(Remnant { mode, of, at, weight });
                }
            }
        }
        remnants
    }

    /// Counts what is left of a run whose acts nobody can read any more.
    pub(crate) fn enter_remnants(&mut self, run: RunId, remnants: &[Remnant]) {
        for (number, remnant) in remnants.iter().enumerate() {
            let Remnant { mode, of, at, weight } = remnant;
            for (index, quota) in self.quotas.iter().enumerate().filter(|(_, it)| it.of == *of) {
                let window = self.windows.entry((*mode, index)).or_default();
                window.touch(Item::Erased { run, number, weight: *weight }, *at, quota.per);
            }
        }
    }

    /// What an act that begins now makes of each quota that it counts towards.
    pub(crate) fn counts(&self, mode: Mode, holder: Holder, act: &Act, now: Stamp) -> Vec<Count> {
        self.shares(mode, holder, act, now).map(|share| share.count()).collect()
    }

    fn shares<'a>(
        &'a self,
        mode: Mode,
        holder: Holder,
        act: &'a Act,
        now: Stamp,
    ) -> impl Iterator<Item = Share<'a>> {
        self.quotas.iter().enumerate().filter_map(move |(index, quota)| {
            let (items, window) = (quota.of.items(act, holder), self.windows.get(&(mode, index)));
            (!items.is_empty()).then_some(Share { quota, items, window, now })
        })
    }
}

impl Default for Window {
    fn default() -> Self {
        Self { touched: BTreeMap::new(), tidy_at: TIDY_AT }
    }
}

impl Window {
    fn touch(&mut self, item: Item, at: Stamp, per: Duration) {
        self.touched.insert(item, at);
        if self.touched.len() >= self.tidy_at {
            // With a margin, for a clock that is turned back between two boots.
            let kept = Duration(per.0.saturating_mul(2));
            self.touched.retain(|_, touched| at.since(*touched) < kept);
            self.tidy_at = self.touched.len().saturating_mul(2).max(TIDY_AT);
        }
    }
}

impl Share<'_> {
    /// What counts now, with how long ago it was touched.
    fn inside(&self) -> impl Iterator<Item = (&Item, Duration)> {
        let touched = self.window.into_iter().flat_map(|window| &window.touched);
        let aged = touched.map(|(item, touched)| (item, self.now.since(*touched)));
        aged.filter(|(_, age)| *age < self.quota.per)
    }

    /// What counts besides this.
    fn others(&self) -> impl Iterator<Item = (&Item, Duration)> {
        self.inside().filter(|(item, _)| !self.items.contains(*item))
    }

    fn count(&self) -> Count {
        let all = self.others().map(|(item, _)| item).chain(&self.items);
        Count { quota: self.quota.clone(), after: sum(all) }
    }

    /// The first that doesn't count already.
    fn new_item(&self) -> Option<&Item> {
        let counted: BTreeSet<&Item> = self.inside().map(|(item, _)| item).collect();
        self.items.iter().find(|item| !counted.contains(item))
    }

    /// When it fits, if nothing else comes; `None` if it never does.
    fn room_at(&self) -> Option<Time> {
        let mut all = sum(self.items.iter());
        if all > self.quota.most {
            return None;
        }
        let mut others: Vec<_> = self.others().map(|(item, age)| (age, item.weight())).collect();
        others.sort_unstable();
        // The youngest may stay beside it; the first that may not has to leave.
        let (age, _) = others.into_iter().find(|(_, weight)| {
            all = all.saturating_add(*weight);
            all > self.quota.most
        })?;
        Some(self.now.wall.saturating_add(Duration(self.quota.per.0.saturating_sub(age.0))))
    }
}

/// The first whole second that is not before `at`: people don't need more.
fn whole_second(at: Time) -> Time {
    let over = at.0.rem_euclid(1_000_000);
    if over == 0 { at } else { at.saturating_add(Duration(1_000_000_i64.saturating_sub(over))) }
}

/// Which quota of the site has no room for an act that people have not lifted it for.
pub(super) fn refuses(act: &Act, by: &Measure<'_>) -> Option<Refusal> {
    let books = by.books.filter(|_| !by.run.is_lifted(by.effect))?;
    let holder = (by.run.id, by.effect);
    books.shares(by.run.mode(), holder, act, by.now).find_map(|share| {
        let new = share.new_item()?;
        let count = share.count();
        if count.after <= count.quota.most {
            return None;
        }
        let room = match share.room_at() {
            Some(at) => format!("there is room again at {}", whole_second(at)),
            None => String::from("there will never be room for it"),
        };
        let (guardrail, what) = match (&count.quota.of, new) {
            (Counted::Assets(_), Item::Asset(asset)) => (Guardrail::BlastRadius, asset.to_string()),
            _ => (Guardrail::Rate, format!("`{}`", act.call.action)),
        };
        Some(Refusal::new(guardrail, format!("{what} would be number {count}; {room}")))
    })
}

#[cfg(test)]
mod tests;
