//! Every action says how it is taken back: by another action, not at all because
//! nothing has to be, or that it can't be.

use rye_core::action::{Undo, Verb};
use rye_core::value::Name;
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};

use crate::context::Context;
use crate::interface::clause::Table;

impl<'a> Context<'a> {
    /// How the action is taken back; of an action that doesn't say, `Undo::None`.
    pub(crate) fn reversal(
        &mut self,
        module: usize,
        item: &'a ast::Signature,
        table: &Table<'a>,
    ) -> Undo {
        let nothing = Undo::None(Name::from(""));
        if item.verb != ast::Verb::Action {
            return nothing;
        }
        match (table.undo, table.irreversible) {
            (None, None) => {
                let message = format!("`{}` doesn't say how it is taken back", item.name.text);
                let diagnostic = Diagnostic::new(Code::NoReversal, item.name.span, message)
                    .help("add `undo ACTION(…)` with the action that takes it back")
                    .help("or `undo none \"why\"`, if nothing has to be taken back")
                    .help("or `irreversible`: then a person has to approve it each time");
                self.report(diagnostic);
                nothing
            }
            (Some(undo), Some(irreversible)) => {
                let message = "an irreversible action has no `undo`";
                let diagnostic = Diagnostic::new(Code::NoReversal, undo.span, message)
                    .label(irreversible, "said here")
                    .help("keep the one that is true");
                self.report(diagnostic);
                Undo::Irreversible
            }
            (None, Some(_)) => Undo::Irreversible,
            (Some(undo), None) => match undo.node {
                ast::Undo::None(why) => {
                    if why.node.trim().is_empty() {
                        let message = "the reason why nothing has to be taken back is empty";
                        let diagnostic = Diagnostic::new(Code::BadUndo, why.span, message)
                            .help("say what the reader of an incident report should know");
                        self.report(diagnostic);
                    }
                    Undo::None(Name::from(why.node.as_str()))
                }
                ast::Undo::Action(call) => self.undo_action(module, call).unwrap_or(nothing),
            },
        }
    }

    fn undo_action(&mut self, module: usize, call: &ast::Call) -> Option<Undo> {
        let index = self.action_named(module, &call.path, "action")?;
        let target = self.actions.get(index)?;
        if target.signature.verb == Verb::Action {
            return Some(Undo::Action(target.name.clone()));
        }
        let message = format!(
            "`{}` is a {}, and takes nothing back",
            call.path.dotted(),
            target.signature.verb.word()
        );
        let diagnostic = Diagnostic::new(Code::WrongVerb, call.path.span, message)
            .help("name the action that brings the world back to what it was");
        self.report(diagnostic);
        None
    }

    /// Reports an undo that can't be taken back itself: it runs when nobody is asked.
    pub(crate) fn check_undo_target(&mut self, target: usize, path: &ast::Path) {
        let irreversible = self.actions.get(target).is_some_and(|decl| {
            decl.item
                .clauses
                .iter()
                .any(|clause| matches!(clause.node, ast::SignatureClause::Irreversible))
        });
        if irreversible {
            let message = format!("`{}` is irreversible, and an undo runs unasked", path.dotted());
            let diagnostic = Diagnostic::new(Code::BadUndo, path.span, message)
                .help("name an action that can be taken back, or make this one `irreversible`");
            self.report(diagnostic);
        }
    }
}
