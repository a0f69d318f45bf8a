//! Standing nos, checked in this order at each dispatch: whether those who are
//! believed are in force, protected assets, the run's own limits, approvals. The first
//! that refuses wins, and says which rule and which value.

mod approval;
mod protected;
mod run_limit;

pub use protected::{Guarded, Protected};

use rye_core::effect::Act;
use rye_core::error::{Error, ErrorKind};
use rye_core::value::Name;

use crate::run::Run;

/// Why an act may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule and the value that broke it, for people.
    pub rule: Name,
    /// What the playbook sees.
    pub error: Error,
}

impl Refusal {
    fn new(rule: String) -> Self {
        let error = Error::new(ErrorKind::Guardrail, &rule);
        Self { rule: Name::from(rule), error }
    }

    /// Of those who are believed: not one of them is in force, or the clock is wrong.
    pub(crate) fn of_trust(code: &str) -> Self {
        Self::new(format!("nothing destructive may be done: {code}"))
    }
}

/// What stands in the way of an act, if anything does.
pub fn check(
    act: &Act,
    run: &Run,
    limits: &[(Name, u64)],
    protected: &Protected,
) -> Option<Refusal> {
    let first = protected
        .refuses(act)
        .or_else(|| run_limit::refuses(act, run, limits))
        .or_else(|| approval::refuses(act, run));
    first.map(Refusal::new)
}
