//! What is checked beyond names and types, each in a file of its own.
//!
//! [`reversal`] is part of working out a signature; the others walk typed trees
//! without errors.

mod asset;
mod deadline;
mod recursion;
pub(crate) mod reversal;
mod warning;

use crate::context::Context;
use crate::hir::Playbook;
use crate::lower::Heads;

impl Context<'_> {
    /// Everything that is checked of a playbook when its types are right.
    pub(crate) fn check_playbook(&mut self, playbook: &Playbook, heads: &Heads) {
        self.check_limits(playbook, heads);
        self.check_deadline(playbook, heads);
        self.warn_playbook(playbook, heads);
    }
}
