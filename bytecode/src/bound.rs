//! The worst case of a playbook: what it can cost, how long it can wait, how
//! often it can call what.

use crate::module::Module;
use crate::verify::Verified;

/// The worst case of one playbook: the maximum over all paths, of each number
/// for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// What it can compute, at most [`RUN_FUEL_MAX`](rye_core::limit::RUN_FUEL_MAX).
    pub fuel: u64,
    /// Whether the proved worst case is larger than that: the run's limit decides.
    pub fuel_saturated: bool,
    /// How long it can wait for timers and answers, in microseconds.
    pub waiting_micros: u64,
    /// How many queries it can ask, those that prove its effects included.
    pub queries: u64,
    /// How often each entry of [`Module::actions`] can be called, in their order;
    /// undos are not counted.
    pub actions: Vec<u64>,
}

/// The worst case of a playbook, by its index; `None` when there is none.
pub fn bound(module: &Verified<Module>, playbook: usize) -> Option<&Bound> {
    module.bounds().get(playbook)
}
