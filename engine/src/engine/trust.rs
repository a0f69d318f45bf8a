//! What trust says to runs: bundles that may be used no longer, and whether anything
//! destructive may be done. The shell finds it out, and says it before each turn;
//! nothing moves until then.
//!
//! The runs of a withdrawn bundle are held: no code of it is executed, nothing is
//! undone by itself, and lives wait for a person. What they hold is shown and undone
//! from their records.

use std::collections::BTreeMap;

use rye_core::digest::Digest;
use rye_core::effect::Act;
use rye_core::id::RunId;
use rye_core::impact::Impact;
use rye_core::value::Name;

use super::Engine;
use super::live::Live;
use crate::entry::{Body, HoldReason, Why};
use crate::guardrail;
use crate::holding::Holder;
use crate::run::Phase;
use crate::stamp::Stamp;

/// What trust says, as the journal has it.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Bundles that may be used no longer, with the codes of the reasons.
    withdrawn: BTreeMap<Digest, Name>,
    /// Why nothing destructive may be done.
    restricted: Option<Name>,
}

impl Standing {
    /// Folds an entry.
    pub(super) fn apply(&mut self, body: &Body) {
        match body {
            Body::BundleWithdrawn { bundle, code } => {
                self.withdrawn.insert(*bundle, code.clone());
            }
            Body::BundleRestored { bundle } => _ = self.withdrawn.remove(bundle),
            Body::Restricted { code } => self.restricted.clone_from(code),
            _ => {}
        }
    }
}

impl Engine {
    /// A bundle may be used no longer. Its runs are held as soon as no answer of an
    /// act is in flight.
    pub fn withdraw(&mut self, bundle: Digest, code: &str, now: Stamp) {
        if self.standing.withdrawn.get(&bundle).is_some_and(|known| **known == *code) {
            return;
        }
        self.now = now;
        let code = Name::from(code);
        self.emit(RunId::default(), Body::BundleWithdrawn { bundle, code });
    }

    /// A bundle may be used again.
    pub fn restore(&mut self, bundle: Digest, now: Stamp) {
        if self.standing.withdrawn.contains_key(&bundle) {
            self.now = now;
            self.emit(RunId::default(), Body::BundleRestored { bundle });
        }
    }

    /// From now on nothing destructive may be done, for this reason; or again, for none.
    pub fn restrict(&mut self, code: Option<&str>, now: Stamp) {
        if self.standing.restricted.as_deref() != code {
            self.now = now;
            self.emit(RunId::default(), Body::Restricted { code: code.map(Name::from) });
        }
    }

    /// The code of the reason why a run's bundle may be used no longer.
    pub fn withdrawn(&self, run: RunId) -> Option<&Name> {
        self.standing.withdrawn.get(&self.runs.get(&run)?.start()?.bundle)
    }

    /// Wakes the runs of a bundle of which something else holds now.
    pub(super) fn wake_runs_of(&mut self, body: &Body) {
        let (Body::BundleWithdrawn { bundle, .. } | Body::BundleRestored { bundle }) = body else {
            return;
        };
        let uses = self.runs.values().filter(|run| {
            let start = run.start();
            start.is_some_and(|start| start.bundle == *bundle)
        });
        uses.for_each(|run| self.agenda.rouse(run.id));
    }

    /// Holds a run whose bundle was withdrawn, once no answer is in flight, unless it
    /// is doing what a person said. Whether it is held now; `None` when there is
    /// nothing to hold.
    pub(super) fn hold_withdrawn(&mut self, id: RunId) -> Option<bool> {
        let code = self.withdrawn(id)?.clone();
        let live = self.live.get(&id);
        let in_flight = match &self.runs.get(&id)?.phase {
            Phase::Running => live.is_some_and(Live::is_attempting),
            // What can be answered to an error goes on in the code.
            Phase::Held { reason: HoldReason::Error(_), .. } => false,
            Phase::Unwinding(unwinding) if unwinding.why == Why::Person => return None,
            Phase::Held { .. } | Phase::Ended { .. } => return None,
            Phase::Unwinding(_) => self.undos_of(id).any(|(_, undoing)| undoing.awaits_answer()),
        };
        if !in_flight {
            let undos: Vec<Holder> = self.undos_of(id).map(|(holder, _)| *holder).collect();
            for holder in undos {
                self.forget_undoing(holder);
            }
            self.emit(id, Body::Held { reason: HoldReason::Bundle(code) });
        }
        Some(!in_flight)
    }

    /// What stands in the way of a destructive act, if anything does.
    pub(super) fn restriction(&self, act: &Act) -> Option<guardrail::Refusal> {
        let code = self.standing.restricted.as_ref()?;
        (act.impact == Impact::Destructive).then(|| guardrail::Refusal::of_trust(code))
    }
}
