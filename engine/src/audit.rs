//! What the entries of a journal must say in this order, whoever wrote them: an
//! auditor's check that knows nothing of machines and adapters.

mod cover;
mod question;
mod quota;
mod run;

use std::collections::{BTreeMap, BTreeSet};

use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};
use rye_core::impact::Impact;
use rye_core::value::Name;

use crate::alert::Alerts;
use crate::effects;
use crate::entry::{Body, Entry, Why};
use cover::Covers;
use quota::Recount;
use run::RunAudit;

/// Follows a journal, entry by entry.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    runs: BTreeMap<RunId, RunAudit>,
    /// Runs of which something was erased; whether somebody said that it should be.
    erased: BTreeMap<RunId, bool>,
    /// Effects whose release a playbook announced.
    released: BTreeSet<EffectId>,
    /// What people said: each message once.
    said: BTreeSet<Digest>,
    /// What is halted; the store itself under the id that stands for none.
    halted: BTreeSet<RunId>,
    /// The highest version of each bundle.
    versions: BTreeMap<Name, u64>,
    /// Bundles that may be used no longer.
    withdrawn: BTreeSet<Digest>,
    /// Whether nothing destructive may be done.
    is_restricted: bool,
    /// What intents say of the site's quotas, counted again.
    recount: Recount,
    /// What stands after what, on the same assets.
    covers: Covers,
    /// What operators were told, and are yet to be.
    alerts: Alerts,
}

/// What an entry contradicts, if it contradicts something.
type Verdict = Result<(), &'static str>;

/// What must be so, and what is to be said where it isn't.
fn holds(is_so: bool, else_say: &'static str) -> Verdict {
    if is_so { Ok(()) } else { Err(else_say) }
}

impl Audit {
    /// Takes note that an entry of `run` can't be read because its values were erased:
    /// nothing of the run can be followed from there on.
    pub fn lose(&mut self, run: RunId) {
        self.erased.entry(run).or_default();
        self.recount.lose();
    }

    /// Runs whose values were erased although nobody had said so.
    pub fn unexplained(&self) -> impl Iterator<Item = RunId> {
        self.erased.iter().filter(|(_, said)| !**said).map(|(run, _)| *run)
    }

    /// What `entry` contradicts, if it contradicts what came before.
    pub fn check(&mut self, entry: &Entry) -> Option<String> {
        let untrue = self.alerts.contradicts(entry).map(String::from);
        self.alerts.apply(entry);
        let wrong = self.follow(entry).err().map(String::from);
        wrong.or_else(|| self.count(entry)).or(untrue)
    }

    /// The entries of which operators were not told so far. The journal of a process
    /// that died may end with some.
    pub fn untold(&self) -> &[Entry] {
        self.alerts.owed()
    }

    /// What is wrong with what an intent says of the site's quotas.
    fn count(&mut self, entry: &Entry) -> Option<String> {
        let Body::Intent { effect, act, counts, .. } = &entry.body else { return None };
        let is_lifted = self.runs.get(&entry.run)?.is_lifted(*effect);
        self.recount.check(act, (entry.run, *effect), counts, entry.at, is_lifted)
    }

    fn follow(&mut self, entry: &Entry) -> Verdict {
        self.hear(&entry.body)?;
        self.trust(&entry.body)?;
        if let Body::Erasing { runs, .. } = &entry.body {
            self.erased.extend(runs.iter().map(|run| (*run, true)));
            return Ok(());
        }
        let owner = entry.run_of_effect();
        if self.erased.contains_key(&entry.run) || self.erased.contains_key(&owner) {
            return Ok(());
        }
        self.may_begin(entry)?;
        if matches!(entry.body, Body::Started(_) | Body::RollbackStarted { .. }) {
            let again = self.runs.insert(entry.run, RunAudit::begin(&entry.body)).is_some();
            return holds(!again, "the run begins a second time");
        }
        if entry.run.is_none() {
            return Ok(());
        }
        if !self.runs.contains_key(&entry.run) {
            return Err("the run has not begun");
        }
        if let Body::Intent { act, .. } = &entry.body {
            self.released.extend(effects::released(&act.call));
        }
        self.release(&entry.body)?;
        let run = self.runs.get_mut(&owner);
        run.ok_or("the run whose effect this is has not begun")?.check(&entry.body)?;
        self.covers.check(entry, owner)
    }

    /// What is let go because a playbook released it was released by one.
    fn release(&self, body: &Body) -> Verdict {
        let (Body::LetGo { effect, why: Why::Release, .. }
        | Body::Covered { effect, why: Why::Release, .. }
        | Body::UndoIntent { effect, why: Why::Release, .. }) = body
        else {
            return Ok(());
        };
        // The announcement may be among what was erased.
        let is_announced = self.released.contains(effect) || !self.erased.is_empty();
        holds(is_announced, "an effect is released that no playbook released")
    }

    /// Whatever a person says counts once.
    fn hear(&mut self, body: &Body) -> Verdict {
        let is_new = body.message().is_none_or(|message| self.said.insert(message));
        holds(is_new, "a message counts a second time")
    }

    /// What is believed of bundles, and that no version goes back.
    fn trust(&mut self, body: &Body) -> Verdict {
        match body {
            Body::BundleLoaded { name, version, .. } => {
                let highest = self.versions.entry(name.clone()).or_default();
                let is_older = version < highest;
                *highest = *version;
                return holds(!is_older, "an older version of a bundle after a newer one");
            }
            Body::TrustRootTaken { reset, .. } => {
                self.versions.retain(|name, _| !reset.contains(name));
            }
            Body::BundleWithdrawn { bundle, .. } => _ = self.withdrawn.insert(*bundle),
            Body::BundleRestored { bundle } => _ = self.withdrawn.remove(bundle),
            Body::Restricted { code } => self.is_restricted = code.is_some(),
            _ => {}
        }
        Ok(())
    }

    /// Between a halt and its end nothing begins, neither an act nor an undo; and
    /// nothing of a bundle that may be used no longer but what a person undoes.
    fn may_begin(&mut self, entry: &Entry) -> Verdict {
        match &entry.body {
            Body::Halted { .. } => _ = self.halted.insert(entry.run),
            Body::Resumed { lifted: true, .. } => _ = self.halted.remove(&entry.run),
            Body::Started(_)
            | Body::Intent { .. }
            | Body::Attempted { .. }
            | Body::UndoIntent { .. }
                if self.is_halted(entry.run) =>
            {
                return Err("something begins while it is halted");
            }
            Body::Intent { act, .. } if self.is_restricted && act.impact == Impact::Destructive => {
                return Err("a destructive act while nothing destructive may be done");
            }
            Body::Intent { .. } | Body::Attempted { .. } if self.is_withdrawn(entry.run) => {
                return Err("an act of a bundle that may be used no longer");
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the store, the run, or the run that it rolls back is halted.
    fn is_halted(&self, run: RunId) -> bool {
        let of = self.runs.get(&run).and_then(|run| run.rolls_back);
        [Some(RunId::default()), Some(run), of]
            .into_iter()
            .flatten()
            .any(|run| self.halted.contains(&run))
    }

    fn is_withdrawn(&self, run: RunId) -> bool {
        let bundle = self.runs.get(&run).and_then(RunAudit::bundle);
        bundle.is_some_and(|bundle| self.withdrawn.contains(&bundle))
    }
}
