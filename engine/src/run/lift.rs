//! What people let pass the site's quotas: one effect of one run, once enough of them
//! have said so.

use std::collections::BTreeSet;

use rye_core::id::EffectId;
use rye_core::value::Name;

use super::{Phase, Run};
use crate::entry::HoldReason;
use crate::guardrail::Guardrail;

/// How many different people must let an effect pass a quota: what one playbook does too
/// much of, one person may believe too.
pub const LIFTERS: usize = 2;

/// Who wants an effect to pass.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Lift {
    /// Everybody who said so.
    pub owners: BTreeSet<Name>,
    /// Whether that was enough.
    pub lifted: bool,
}

impl Run {
    /// Whether people let this effect pass.
    pub fn is_lifted(&self, effect: EffectId) -> bool {
        self.lifts.get(&effect).is_some_and(|lift| lift.lifted)
    }

    /// The effect that a quota of the site refused, if the run is held for that.
    pub fn over_quota(&self) -> Option<EffectId> {
        let Phase::Held { reason: HoldReason::Error(_), .. } = &self.phase else { return None };
        let failed = self.failed?;
        let refused = self.effects.get(&failed)?.refused;
        refused.is_some_and(Guardrail::is_quota).then_some(failed)
    }

    pub(super) fn lift(&mut self, effect: EffectId, owner: &Name, enough: bool) {
        let lift = self.lifts.entry(effect).or_default();
        lift.owners.insert(owner.clone());
        lift.lifted |= enough;
    }
}
