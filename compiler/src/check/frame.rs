//! Frames nest no deeper than the machine allows, those of tasks included.

use std::collections::BTreeMap;

use rye_core::limit::FRAME_DEPTH_MAX;
use rye_grammar::diagnostic::{Code, Diagnostic};

use crate::context::Context;
use crate::hir::{Block, FunctionId, Playbook, Stmt, StmtKind};

impl Context<'_> {
    /// Reports a playbook whose tasks open more frames than may stand inside each other.
    pub(crate) fn check_frames(&mut self, playbook: &Playbook) {
        let mut tasks = BTreeMap::new();
        let depth = self.frames_in(&playbook.body.block, &mut tasks);
        if depth <= FRAME_DEPTH_MAX {
            return;
        }
        let message =
            format!("{depth} frames would stand inside each other, those of tasks included");
        let diagnostic = Diagnostic::new(Code::TooLarge, playbook.span, message)
            .help(format!("at most {FRAME_DEPTH_MAX} may: let fewer tasks call each other"));
        self.report(diagnostic);
    }

    /// How many frames are open at most in a block; `tasks` holds what is known of tasks.
    fn frames_in(&self, block: &Block, tasks: &mut BTreeMap<FunctionId, usize>) -> usize {
        let depth = |statement| self.frames_of(statement, tasks);
        block.statements.iter().map(depth).max().unwrap_or(0)
    }

    fn frames_of(&self, statement: &Stmt, tasks: &mut BTreeMap<FunctionId, usize>) -> usize {
        let own = match &statement.kind {
            StmtKind::Stage(_) | StmtKind::Keep(_) | StmtKind::Attempt(_) => 1,
            StmtKind::Each(each) => usize::from(each.has_effects),
            StmtKind::Task(call) => {
                let known = tasks.get(&call.task).copied();
                let inner = known.unwrap_or_else(|| {
                    let body = self.body_of(call.task);
                    body.map_or(0, |body| self.frames_in(&body.block, tasks))
                });
                tasks.insert(call.task, inner);
                inner.saturating_add(1)
            }
            _ => 0,
        };
        let blocks = statement.kind.blocks();
        let inner = blocks.into_iter().map(|block| self.frames_in(block, tasks)).max();
        own.saturating_add(inner.unwrap_or(0))
    }
}
