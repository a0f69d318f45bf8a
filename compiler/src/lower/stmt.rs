//! Statements, and where each may stand.

use rye_bytecode::instruction::operand::Outcome;
use rye_core::value::Value;
use rye_grammar::ast::{self, Form, Init, StmtKind as Written};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::{Lower, Place, Receiver};
use crate::hir::{self, Expr, ExprKind, Stmt, StmtKind};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    /// A block with a scope of its own.
    pub(crate) fn block(&mut self, block: &'a ast::Block) -> hir::Block {
        let mark = self.scope.len();
        let lowered = self.statements(&block.statements);
        self.scope.truncate(mark);
        lowered
    }

    pub(crate) fn statements(&mut self, statements: &'a [ast::Stmt]) -> hir::Block {
        let mut block = hir::Block::default();
        let mut reported = false;
        for statement in statements {
            let mut before = Vec::new();
            let lowered = self.statement(statement, &mut before);
            if lowered.is_none() {
                self.cx.leave_out(head(statement));
            }
            if block.diverges {
                if !reported {
                    let message = "nothing ever comes here";
                    let mut diagnostic =
                        Diagnostic::new(Code::Unreachable, head(statement), message)
                            .help("drop it, or move it up");
                    if let Some(last) = block.statements.last() {
                        diagnostic = diagnostic.label(last.span, "this never goes on");
                    }
                    self.report(diagnostic);
                    reported = true;
                }
                continue;
            }
            block.statements.append(&mut before);
            if let Some(kind) = lowered {
                block.diverges |= diverges(&kind);
                block.statements.push(Stmt { kind, span: statement.span });
            }
        }
        block
    }

    /// A statement; what has to run right before it goes to `before`.
    fn statement(&mut self, statement: &'a ast::Stmt, before: &mut Vec<Stmt>) -> Option<StmtKind> {
        let span = statement.span;
        match &*statement.kind {
            Written::Severity(_)
            | Written::Deadline(_)
            | Written::Limit { .. }
            | Written::OnFailure(_) => {
                self.head_misplaced(statement);
                None
            }
            Written::Let(written) => self.let_statement(written, span),
            Written::Return(init) => self.return_statement(init.as_ref(), span, before),
            Written::Give(init) => self.give(init, span, before),
            Written::Var { name, value } => {
                let value = self.expr(value, None);
                self.in_function(span, "var");
                let local = self.bind_read(name, value.ty);
                if let Some(local) = self.locals.get_mut(local.index()) {
                    local.variable = true;
                }
                (value.ty != ERROR).then_some(StmtKind::Let { local, value })
            }
            Written::Set { name, value } => self.set_statement(name, value, span),
            Written::Form(form) => self.form(form, span),
            Written::Tell(call) => self.tell(call, span),
            Written::Finish { outcome, text } => Some(self.finish(outcome, text.as_ref(), span)),
            Written::Fail(text) => {
                let text = self.text(text);
                Some(StmtKind::Fail(text))
            }
            Written::Stage(stage) => self.stage(stage, span),
            Written::Keep(block) => self.keep(block, span),
            Written::Parallel(block) => self.later(block, keyword(span, 8), "`parallel`"),
            Written::Wait(length) => {
                self.meets_world(span, "wait");
                self.wait_amount(length).map(StmtKind::Wait)
            }
            Written::WaitUntil(wait) => self.wait_until(wait, span),
            Written::Ensure(ensure) => self.ensure(ensure, span),
            Written::Error { block } => {
                self.unreadable = true;
                if let Some(block) = block {
                    let _ = self.block(block);
                }
                None
            }
        }
    }

    /// A block of a kind that comes later: looked at all the same.
    fn later(&mut self, block: &'a ast::Block, span: Span, what: &str) -> Option<StmtKind> {
        self.cx.not_yet(span, what);
        let _ = self.block(block);
        None
    }

    fn let_statement(&mut self, written: &'a ast::Let, span: Span) -> Option<StmtKind> {
        match &written.init {
            Init::Expr(value) => {
                let value = self.expr(value, None);
                let local = self.bind_read(&written.name, value.ty);
                (value.ty != ERROR).then_some(StmtKind::Let { local, value })
            }
            Init::Form(form) => self.form_for(form, span, Receiver::Name(&written.name), None),
        }
    }

    fn return_statement(
        &mut self,
        init: Option<&'a Init>,
        span: Span,
        before: &mut Vec<Stmt>,
    ) -> Option<StmtKind> {
        if self.place.callable().is_none() {
            let message = "only a function or task returns";
            let diagnostic = Diagnostic::new(Code::ClauseMisplaced, keyword(span, 6), message)
                .help("end the run with `finish contained`, `finish escalated` or `finish benign`");
            self.report(diagnostic);
            return None;
        }
        let (result, unit) = (self.result, self.cx.types.unit);
        if let Some(init) = init {
            if result == unit {
                self.returns_nothing(init.span());
                return None;
            }
            let value = self.init(init, Some(result), before);
            let value = self.coerce(value, result, || String::from("the function's result"));
            // Even a wrong value ends the function: what follows is not reached.
            return Some(StmtKind::Return(value));
        }
        if result == unit {
            let kind = ExprKind::Constant(Value::None);
            return Some(StmtKind::Return(Expr { kind, ty: unit, span }));
        }
        let wanted = self.cx.show(result);
        let message = format!("the function gives {wanted}");
        let diagnostic = Diagnostic::new(Code::MissingReturn, span, message)
            .help("write the value behind `return`");
        self.report(diagnostic);
        Some(StmtKind::Return(Self::poison(span)))
    }

    fn returns_nothing(&mut self, span: Span) {
        let message = "this task returns nothing";
        let diagnostic = Diagnostic::new(Code::NoValue, span, message)
            .help("say what it returns: `task NAME(…) -> TYPE { … }`");
        self.report(diagnostic);
    }

    fn set_statement(
        &mut self,
        name: &'a ast::Name,
        value: &'a ast::Expr,
        span: Span,
    ) -> Option<StmtKind> {
        let Some(local) = self.local(&name.text) else {
            let _ = self.expr(value, None);
            if !self.unreadable && !self.cx.is_unreadable(self.module) {
                let message = format!("there is no variable `{}` here", name.text);
                let names: Vec<&str> = self.scope.iter().map(|(name, _)| *name).collect();
                let near = rye_grammar::suggest::nearest(&name.text, names);
                let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, message);
                diagnostic = match near {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => diagnostic.help(format!("declare it first: `var {} = …`", name.text)),
                };
                self.report(diagnostic);
            }
            return None;
        };
        let ty = self.local_type(local);
        let value = self.expr_of(value, ty, || format!("`{}`", name.text));
        let (variable, declared) =
            self.locals.get(local.index()).map_or((true, span), |one| (one.variable, one.span));
        if !variable {
            let message = format!("`{}` can't be set again", name.text);
            let mut diagnostic = Diagnostic::new(Code::NotVariable, name.span, message)
                .label(declared, "declared here");
            diagnostic = match self.place {
                Place::Function(_) => {
                    diagnostic.help(format!("declare it with `var {} = …`", name.text))
                }
                _ => diagnostic.help("in a playbook no value changes: give the next one a name"),
            };
            self.report(diagnostic);
            return None;
        }
        (value.ty != ERROR).then_some(StmtKind::Let { local, value })
    }

    fn finish(
        &mut self,
        outcome: &'a ast::Name,
        text: Option<&'a ast::Text>,
        span: Span,
    ) -> StmtKind {
        let text = if let Some(text) = text {
            self.text(text)
        } else {
            let kind = ExprKind::Constant(Value::text(""));
            Expr { kind, ty: self.cx.types.text, span }
        };
        if self.place != Place::Playbook {
            let message = "only a playbook finishes its run";
            let diagnostic = Diagnostic::new(Code::EffectMisplaced, keyword(span, 6), message)
                .help("return a value that the playbook decides by: `return …`");
            self.report(diagnostic);
        }
        let outcome = match outcome.text.as_str() {
            "contained" => Outcome::Contained,
            "escalated" => Outcome::Escalated,
            "benign" => Outcome::Benign,
            _ => {
                let words = ["contained", "escalated", "benign"];
                self.cx.unknown_word(outcome, "a run finishes", &words);
                Outcome::Escalated
            }
        };
        StmtKind::Finish { outcome, text }
    }

    /// Reports `var` outside of functions.
    fn in_function(&mut self, span: Span, word: &str) {
        if !matches!(self.place, Place::Function(_)) {
            let message = format!("`{word}` stands in functions alone");
            let diagnostic = Diagnostic::new(Code::ClauseMisplaced, keyword(span, 3), message)
                .help("compute it in a `fn`, or give each value a name of its own with `let`");
            self.report(diagnostic);
        }
    }

    /// Notes that the body meets the world; a report, and `false`, in a function.
    pub(crate) fn meets_world(&mut self, span: Span, word: &str) -> bool {
        if self.place.acts() {
            self.effect.get_or_insert(span);
            return true;
        }
        let width = u32::try_from(word.len()).unwrap_or(0);
        let message = format!("a function computes and nothing else: no `{word}`");
        let diagnostic = Diagnostic::new(Code::EffectMisplaced, keyword(span, width), message)
            .help(format!("move the `{word}` into the playbook, and pass what the function needs"));
        self.report(diagnostic);
        false
    }
}

/// Whether control never comes behind the statement.
pub(crate) fn diverges(kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Return(_) | StmtKind::Give(_) | StmtKind::Finish { .. } | StmtKind::Fail(_) => {
            true
        }
        StmtKind::If { branches, otherwise } => {
            branches.iter().all(|branch| branch.body.diverges)
                && otherwise.as_ref().is_some_and(|block| block.diverges)
        }
        StmtKind::Match(found) => {
            found.arms.iter().all(|arm| arm.body.diverges)
                && found.otherwise.as_ref().is_none_or(|block| block.diverges)
                && !(found.arms.is_empty() && found.otherwise.is_none())
        }
        StmtKind::Stage(stage) => stage.body.diverges,
        StmtKind::Keep(body) => body.diverges,
        StmtKind::Attempt(attempt) => attempt.body.diverges && attempt.recover.diverges,
        StmtKind::Approve(approve) => {
            approve.each.is_none() && approve.body.diverges && approve.otherwise.diverges
        }
        StmtKind::Let { .. }
        | StmtKind::Value(_)
        | StmtKind::Each(_)
        | StmtKind::Ask { .. }
        | StmtKind::Do(_)
        | StmtKind::Task(_)
        | StmtKind::Tell(_)
        | StmtKind::Choose(_)
        | StmtKind::Ensure(_)
        | StmtKind::Wait(_)
        | StmtKind::WaitUntil(_) => false,
    }
}

/// The keyword that a span of so many letters begins with.
pub(crate) fn keyword(span: Span, letters: u32) -> Span {
    Span::new(span.file, span.start, span.start.saturating_add(letters).min(span.end))
}

/// The part of a statement that reports about all of it point at: not its blocks.
fn head(statement: &ast::Stmt) -> Span {
    match &*statement.kind {
        Written::Form(form) => head_of_form(form, statement.span),
        Written::Stage(stage) => {
            Span::new(stage.name.span.file, statement.span.start, stage.name.span.end)
        }
        Written::Keep(_) => keyword(statement.span, 4),
        Written::Parallel(_) => keyword(statement.span, 8),
        _ => statement.span,
    }
}

/// The keyword of a form that has blocks, the whole of another.
pub(crate) fn head_of_form(form: &Form, span: Span) -> Span {
    let letters = match form {
        Form::If(_) => 2,
        Form::Each(_) => 4,
        Form::Match(_) => 5,
        Form::Attempt(_) | Form::Approve(_) => 7,
        Form::Choose(_) => 6,
        Form::Do(_) | Form::Ask(_) => return span,
    };
    keyword(span, letters)
}
