//! `do TASK(…)`: a task is called with names like an action, and takes no clauses.

use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::call::Passing;
use super::{Lower, Receiver};
use crate::context::Decl;
use crate::hir::{FunctionId, StmtKind, TaskCall};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    /// The task that a path names; nothing, and no report, if it names none.
    pub(crate) fn task_named(&self, path: &ast::Path) -> Option<usize> {
        let found = match path.names.as_slice() {
            [name] => self.cx.lookup(self.module, &name.text),
            [head, name] => match self.cx.lookup(self.module, &head.text) {
                Some(Decl::Module(target)) => self.cx.lookup_in(target, &name.text),
                _ => None,
            },
            _ => None,
        };
        match found {
            Some(Decl::Task(index)) => Some(index),
            _ => None,
        }
    }

    /// `do TASK(…)`
    pub(crate) fn task(
        &mut self,
        index: usize,
        written: &'a ast::Do,
        span: Span,
        receiver: Receiver<'a>,
    ) -> Option<StmtKind> {
        let call = &written.call;
        let allowed = self.meets_world(span, "do") && self.may_call_task(&call.path);
        self.note_call(index, call.path.span);
        let decl = self.cx.functions.get(index)?;
        let (parameters, result) = (decl.parameters.clone(), decl.result);
        for clause in &written.clauses {
            let message = format!("`{}` is a task, and takes no clauses", call.path.dotted());
            let diagnostic = Diagnostic::new(Code::ClauseMisplaced, clause.span, message)
                .help("say it at the effects in the task, or pass it as an argument");
            self.report(diagnostic);
        }
        self.open_frame(super::stmt::keyword(span, 2));
        let arguments =
            self.arguments(call.path.span, &parameters, &call.args, Passing::Named, call.span);
        self.close_frame();
        let unit = self.cx.types.unit;
        let local = match receiver {
            Receiver::Name(ast::Name { span: place, .. }) if result == unit => {
                self.answers_nothing(&call.path, *place);
                self.receive(receiver, ERROR, span)
            }
            Receiver::Hidden if result == unit => {
                self.answers_nothing(&call.path, call.path.span);
                return None;
            }
            _ => self.receive(receiver, result, span),
        };
        if !allowed || result == ERROR || !written.clauses.is_empty() {
            return None;
        }
        let task = FunctionId(u32::try_from(index).ok()?);
        Some(StmtKind::Task(TaskCall { local, task, arguments: arguments? }))
    }
}
