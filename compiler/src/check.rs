//! What is checked beyond names and types, each in a file of its own.
//!
//! [`reversal`] is part of working out a signature; the others walk typed trees
//! without errors.

mod asset;
mod deadline;
mod failing;
mod frame;
mod recursion;
pub(crate) mod reversal;
mod warning;

use crate::context::Context;
use crate::hir::{Block, Body, FunctionId, Playbook, Stmt, StmtKind};
use crate::lower::Heads;

impl Context<'_> {
    /// Hands every statement of a block and of the tasks that it does to `visit`, those
    /// of a task once.
    fn walk_with_tasks<'h>(&'h self, block: &'h Block, visit: &mut dyn FnMut(&'h Stmt)) {
        let mut seen: Vec<FunctionId> = Vec::new();
        let mut open = vec![block];
        while let Some(block) = open.pop() {
            block.walk(&mut |statement| {
                if let StmtKind::Task(call) = &statement.kind
                    && !seen.contains(&call.task)
                {
                    seen.push(call.task);
                    open.extend(self.body_of(call.task).map(|body| &body.block));
                }
                visit(statement);
            });
        }
    }

    /// The typed body of a function, if it has no mistake.
    pub(crate) fn body_of(&self, function: FunctionId) -> Option<&Body> {
        let at = usize::try_from(function.0).ok()?;
        Some(&self.bodies.get(at)?.as_ref()?.body)
    }

    /// Everything that is checked of a playbook when its types are right.
    pub(crate) fn check_playbook(&mut self, playbook: &Playbook, heads: &Heads) {
        self.check_limits(playbook, heads);
        self.check_frames(playbook);
        self.check_deadline(playbook, heads);
        self.warn_playbook(playbook, heads);
    }
}
