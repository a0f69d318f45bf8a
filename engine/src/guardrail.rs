//! Standing nos, checked in this order at each dispatch: whether those who are
//! believed are in force, protected assets, the run's own limits, the site's quotas,
//! maintenance, approvals. The first that refuses wins, and says which rule and which
//! value.

mod approval;
pub mod maintenance;
mod protected;
pub mod quota;
mod run_limit;

pub use maintenance::Maintenance;
pub use protected::{Guarded, Protected};
pub use quota::{Books, Quota};

use rye_bytecode::module::Amount;
use rye_core::effect::Act;
use rye_core::error::{Error, ErrorKind};
use rye_core::id::EffectId;
use rye_core::value::{Name, Value};

use crate::run::Run;
use crate::stamp::Stamp;

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guardrail {
    /// Nobody who is believed is in force: nothing destructive may be done.
    Trust,
    /// The asset is protected.
    Protected,
    /// The playbook's own limit of assets.
    RunLimit,
    /// The site's limit of different assets in a span of time, over all runs.
    BlastRadius,
    /// The site's limit of acts in a span of time, over all runs.
    Rate,
    /// What it acts on is under maintenance.
    Maintenance,
    /// People have not said yes.
    Approval,
}

impl Guardrail {
    /// All of them, in the order in which they are asked and of their codes.
    pub const ALL: [Self; 7] = [
        Self::Trust,
        Self::Protected,
        Self::RunLimit,
        Self::BlastRadius,
        Self::Rate,
        Self::Maintenance,
        Self::Approval,
    ];

    /// Whether people can lift it for one act: it says how much, and not what.
    pub fn is_quota(self) -> bool {
        matches!(self, Self::BlastRadius | Self::Rate)
    }
}

/// Why an act may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Who says no.
    pub guardrail: Guardrail,
    /// The rule and the value that broke it, for people.
    pub rule: Name,
    /// What the playbook sees.
    pub error: Error,
}

impl Refusal {
    fn new(guardrail: Guardrail, rule: String) -> Self {
        let error = Error::new(ErrorKind::Guardrail, &rule);
        Self { guardrail, rule: Name::from(rule), error }
    }

    /// Of those who are believed: not one of them is in force, or the clock is wrong.
    pub(crate) fn of_trust(code: &str) -> Self {
        Self::new(Guardrail::Trust, format!("nothing destructive may be done: {code}"))
    }
}

/// What an act is measured by.
pub(crate) struct Measure<'a> {
    pub(crate) run: &'a Run,
    pub(crate) effect: EffectId,
    /// The playbook's own.
    pub(crate) limits: &'a [(Name, Amount<u64>)],
    /// What the site chose for the run.
    pub(crate) settings: &'a [Value],
    pub(crate) protected: &'a Protected,
    pub(crate) maintenance: &'a [Maintenance],
    /// None before the world was asked: what is so already counts towards no quota.
    pub(crate) books: Option<&'a Books>,
    pub(crate) now: Stamp,
}

/// What stands in the way of an act, if anything does.
pub(crate) fn check(act: &Act, by: &Measure<'_>) -> Option<Refusal> {
    let no = |guardrail| move |rule| Refusal::new(guardrail, rule);
    by.protected
        .refuses(act)
        .map(no(Guardrail::Protected))
        .or_else(|| {
            run_limit::refuses(act, by.run, by.limits, by.settings).map(no(Guardrail::RunLimit))
        })
        .or_else(|| quota::refuses(act, by))
        .or_else(|| {
            maintenance::refuses(act, by.maintenance, by.now).map(no(Guardrail::Maintenance))
        })
        .or_else(|| approval::refuses(act, by.run).map(no(Guardrail::Approval)))
}

/// Whether an action is the one with this name, or of the module with this name.
fn is_of(action: &str, name: &str) -> bool {
    action == name || action.rsplit_once('.').is_some_and(|(module, _)| module == name)
}

/// How many assets a value stands for: a block counts its addresses.
pub(crate) fn weight(value: &Value) -> u64 {
    match value {
        Value::Cidr(cidr) => {
            let width: u32 = if cidr.address().is_ipv4() { 32 } else { 128 };
            let free = width.saturating_sub(u32::from(cidr.length()));
            1_u64.checked_shl(free).filter(|count| *count > 0).unwrap_or(u64::MAX)
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use rye_core::action::Retry;
    use rye_core::effect::{Call, Life, UndoPlan};
    use rye_core::impact::Impact;
    use rye_core::value::Duration;

    use super::*;

    /// An act of `std.firewall` on these assets.
    pub(super) fn act(affects: &[Value]) -> Act {
        Act {
            call: Call { action: "std.firewall.swap".into(), arguments: [].into() },
            affects: affects.to_vec(),
            undo: UndoPlan::None,
            proof: Vec::new(),
            simulated: Value::None,
            life: Life::Open,
            verified: None,
            timeout: Duration::ZERO,
            retry: Retry::ONCE,
            idempotent: false,
            impact: Impact::Reversible,
            approval: None,
        }
    }
}
