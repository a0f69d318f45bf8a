//! A playbook states a limit for every kind of asset that its actions affect.

use rye_core::ty::Type;
use rye_core::value::Name;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::Context;
use crate::hir::{Do, Playbook, StmtKind};
use crate::lower::Heads;

impl Context<'_> {
    /// Reports kinds without a limit, once each, and limits without a kind.
    pub(crate) fn check_limits(&mut self, playbook: &Playbook, heads: &Heads) {
        let mut affected: Vec<(Name, Span, Name)> = Vec::new();
        self.walk_with_tasks(&playbook.body.block, &mut |statement| {
            if let StmtKind::Do(act) = &statement.kind {
                for (kind, action) in self.affects(act) {
                    if !affected.iter().any(|(seen, ..)| *seen == kind) {
                        affected.push((kind, statement.span, action));
                    }
                }
            }
        });
        for (kind, span, action) in &affected {
            if heads.limits.iter().any(|(limited, ..)| limited == kind) {
                continue;
            }
            let message = format!("`{}` sets no limit for the kind `{kind}`", playbook.name);
            let short = action.rsplit('.').next().unwrap_or(action);
            let diagnostic = Diagnostic::new(Code::NoLimit, playbook.span, message)
                .label(*span, format!("`{short}` affects one"))
                .help(format!("add `limit {kind} 1` at its head, or as many as one run may touch"));
            self.report(diagnostic);
        }
        for (kind, _, span) in &heads.limits {
            if !affected.iter().any(|(seen, ..)| seen == kind) {
                let message = format!("no action of this playbook affects the kind `{kind}`");
                let diagnostic =
                    Diagnostic::new(Code::IdleLimit, *span, message).help("drop this limit");
                self.report(diagnostic);
            }
        }
    }

    /// The kinds that an action affects, with its name.
    fn affects(&self, act: &Do) -> Vec<(Name, Name)> {
        let signature = usize::try_from(act.action.0).ok().and_then(|at| self.actions.get(at));
        let Some(signature) = signature.map(|decl| &decl.signature) else { return Vec::new() };
        let kinds = signature.affects.iter().filter_map(|at| {
            let parameter = signature.parameters.get(usize::from(*at))?;
            match self.types.get(parameter.ty) {
                Some(Type::Asset { name, .. }) => Some((name.clone(), signature.name.clone())),
                _ => None,
            }
        });
        kinds.collect()
    }
}
