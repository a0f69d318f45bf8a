//! What intents say of the site's quotas, counted again from the intents alone.

use std::collections::BTreeSet;

use rye_core::effect::Act;
use rye_core::limit::QUOTA_SPAN_SECONDS_MAX;
use rye_core::value::{Duration, Name, Value};

use crate::guardrail::quota::{Count, Counted};
use crate::guardrail::{Quota, weight};
use crate::holding::Holder;
use crate::stamp::Stamp;

/// Acts are tidied when there are so many, and then at twice as many as were left.
const TIDY_AT: usize = 1_024;

/// The intents so far, up to the longest span that a quota may have.
#[derive(Clone, Debug, Default)]
pub(super) struct Recount {
    acts: Vec<Begun>,
    /// Whether intents were erased: then acts may count as more than can be recounted.
    erased: bool,
    tidy_at: usize,
}

/// An act that was begun.
#[derive(Clone, Debug)]
struct Begun {
    at: Stamp,
    holder: Holder,
    action: Name,
    affects: Vec<Value>,
}

impl Recount {
    /// An entry can't be read any more.
    pub(super) fn lose(&mut self) {
        self.erased = true;
    }

    /// Takes an intent; what is wrong with what it says of quotas.
    pub(super) fn check(
        &mut self,
        act: &Act,
        holder: Holder,
        counts: &[Count],
        at: Stamp,
        lifted: bool,
    ) -> Option<String> {
        let (action, affects) = (act.call.action.clone(), act.affects.clone());
        let begun = Begun { at, holder, action, affects };
        let wrong = counts.iter().find_map(|count| self.contradicts(&begun, count, lifted));
        self.acts.push(begun);
        if self.acts.len() >= self.tidy_at {
            let kept = Duration::from_secs(2 * QUOTA_SPAN_SECONDS_MAX);
            self.acts.retain(|begun| at.since(begun.at) < kept);
            self.tidy_at = self.acts.len().saturating_mul(2).max(TIDY_AT);
        }
        wrong
    }

    fn contradicts(&self, begun: &Begun, count: &Count, lifted: bool) -> Option<String> {
        let Count { quota: Quota { of, most, per }, after } = count;
        let margin = Duration(per.0.saturating_mul(2));
        let recent = self.acts.iter().rev().take_while(|it| begun.at.since(it.at) < margin);
        let inside = recent.filter(|it| begun.at.since(it.at) < *per);
        let (mut holders, mut assets) = (BTreeSet::new(), BTreeSet::new());
        inside.for_each(|it| it.add_to(of, &mut holders, &mut assets));
        let before = size(&holders, &assets);
        begun.add_to(of, &mut holders, &mut assets);
        let counted = size(&holders, &assets);
        let (Counted::Assets(name) | Counted::Acts(name)) = of;
        if counted > *after || (counted < *after && !self.erased) {
            return Some(format!("the act counts as {after} of {name} in {per}, and is {counted}"));
        }
        let is_over = counted > *most && counted > before && !lifted;
        is_over.then(|| format!("act {counted} of at most {most} of {name}, which nobody lifted"))
    }
}

impl Begun {
    fn add_to<'a>(
        &'a self,
        of: &Counted,
        holders: &mut BTreeSet<Holder>,
        assets: &mut BTreeSet<&'a Value>,
    ) {
        match of {
            Counted::Assets(counted) => {
                let is_counted =
                    |it: &&Value| matches!(it, Value::Asset { kind, .. } if kind == counted);
                assets.extend(self.affects.iter().filter(is_counted));
            }
            Counted::Acts(name) => {
                let rest = self.action.strip_prefix(&**name);
                let is_module = |rest: &str| rest.starts_with('.') && rest.rfind('.') == Some(0);
                if rest.is_some_and(|rest| rest.is_empty() || is_module(rest)) {
                    holders.insert(self.holder);
                }
            }
        }
    }
}

fn size(holders: &BTreeSet<Holder>, assets: &BTreeSet<&Value>) -> u64 {
    let holders = u64::try_from(holders.len()).unwrap_or(u64::MAX);
    assets.iter().fold(holders, |sum, asset| sum.saturating_add(weight(asset.bare())))
}
