//! `if`, `match` and `each`, and who handles the other forms.

use rye_core::limit::LOOP_DEPTH_MAX;
use rye_grammar::ast::{self, EachOver as WrittenOver, Form};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::give::Taker;
use super::stmt::keyword;
use super::{Lower, Receiver};
use crate::hir::{self, Branch, Condition, Each, EachOver, StmtKind};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    pub(crate) fn form(&mut self, form: &'a Form, span: Span) -> Option<StmtKind> {
        match form {
            Form::If(written) => self.branches(written),
            Form::Each(written) => self.each(written, span, false),
            Form::Match(written) => self.match_statement(written, span),
            Form::Attempt(written) => self.attempt(written, span),
            Form::Do(act) => self.act(act, span, Receiver::Nobody),
            Form::Ask(ask) => self.ask(ask, span, Receiver::Nobody),
            Form::Approve(written) => self.approve(written, form, span),
            // The grammar has it right of `let`, `return` and `give` alone.
            Form::Choose(_) => None,
        }
    }

    fn branches(&mut self, written: &'a ast::If) -> Option<StmtKind> {
        let mut failed = false;
        let mut branches = Vec::with_capacity(written.branches.len());
        for branch in &written.branches {
            let mark = self.scope.len();
            let condition = self.condition(&branch.condition);
            failed |= condition.is_none();
            let body = self.block(&branch.body);
            self.scope.truncate(mark);
            if let Some(condition) = condition {
                branches.push(Branch { condition, body });
            }
        }
        let otherwise = written.otherwise.as_ref().map(|block| self.block(block));
        self.unreadable |= failed;
        (!failed).then_some(StmtKind::If { branches, otherwise })
    }

    fn condition(&mut self, condition: &'a ast::Condition) -> Option<Condition> {
        match condition {
            ast::Condition::Holds(value) => {
                let bool = self.cx.types.bool;
                let found = self.expr(value, Some(bool));
                if self.cx.types.optional_of(found.ty).is_some_and(|inner| inner != bool) {
                    let text = self.cx.text(found.span);
                    let message = "a condition is a `Bool`, and this may be missing";
                    let diagnostic = Diagnostic::new(Code::TypeMismatch, found.span, message)
                        .help(format!("test whether it is there: `if let x = {text}`"));
                    self.report(diagnostic);
                    return None;
                }
                let found = self.coerce(found, bool, || String::from("a condition"));
                (found.ty != ERROR).then_some(Condition::Holds(found))
            }
            ast::Condition::Let { name, value } => {
                let value = self.expr(value, None);
                let inner = self.cx.types.optional_of(value.ty);
                if inner.is_none() && value.ty != ERROR {
                    let (shown, text) = (self.cx.show(value.ty), self.cx.text(value.span));
                    let message = format!("this is {shown}, and never missing");
                    let diagnostic = Diagnostic::new(Code::NeverMissing, value.span, message)
                        .help(format!("write `let {} = {text}` before the `if`", name.text));
                    self.report(diagnostic);
                }
                let local = self.bind_read(name, inner.unwrap_or(ERROR));
                inner.map(|_| Condition::Some { local, value })
            }
        }
    }

    /// `each`; whether its rounds give values.
    pub(crate) fn each(
        &mut self,
        written: &'a ast::Each,
        span: Span,
        gives: bool,
    ) -> Option<StmtKind> {
        let (over, element) = self.each_over(written);
        if let Some(parallel) = &written.parallel {
            self.cx.not_yet(parallel.span, "an `each` with `parallel` rounds");
        }
        let max = if let Some(max) = &written.max {
            self.cx.count(self.module, max)
        } else {
            self.no_maximum(written, over.as_ref(), span);
            None
        };
        if let (Some(EachOver::List(list)), Some(max)) = (&over, max) {
            self.refuses_more(list, max.most());
        }
        let mark = self.scope.len();
        let local = self.bind(&written.name, element);
        self.open_loop(keyword(span, 4));
        if self.place.acts() {
            self.open_frame(keyword(span, 4));
        }
        if !gives {
            self.takers.push(Taker::Loop);
        }
        let body = self.block(&written.body);
        if !gives {
            self.takers.pop();
        }
        if self.place.acts() {
            self.close_frame();
        }
        self.close_loop();
        self.scope.truncate(mark);
        let mut has_effects = false;
        body.walk(&mut |statement| {
            has_effects |= matches!(statement.kind, StmtKind::Do(_) | StmtKind::Task(_));
        });
        let (over, max) = (over?, max?);
        Some(StmtKind::Each(Box::new(Each { local, over, max, body, has_effects, list: None })))
    }

    /// Counts a loop, and reports one too many. Comprehensions are loops too.
    pub(crate) fn open_loop(&mut self, span: Span) {
        self.loops = self.loops.saturating_add(1);
        if self.loops == LOOP_DEPTH_MAX.saturating_add(1) {
            let message = format!("more than {LOOP_DEPTH_MAX} loops stand inside each other");
            let diagnostic =
                Diagnostic::new(Code::TooLarge, span, message).help("make the inner ones a `fn`");
            self.report(diagnostic);
        }
    }

    pub(crate) fn close_loop(&mut self) {
        self.loops = self.loops.saturating_sub(1);
    }

    fn each_over(&mut self, written: &'a ast::Each) -> (Option<EachOver>, rye_core::ty::TypeId) {
        match &written.over {
            WrittenOver::List(list) => {
                let list = self.expr(list, None);
                if let Some((element, _)) = self.cx.types.list_of(list.ty) {
                    return (Some(EachOver::List(list)), element);
                }
                self.not_a_list(&list, "`each`");
                (None, ERROR)
            }
            WrittenOver::Range { low, high } => {
                let int = self.cx.types.int;
                let low = self.expr_of(low, int, || String::from("the first number"));
                let high = self.expr_of(high, int, || String::from("the number behind the last"));
                let failed = low.ty == ERROR || high.ty == ERROR;
                ((!failed).then_some(EachOver::Range { low, high }), int)
            }
        }
    }

    fn no_maximum(&mut self, written: &ast::Each, over: Option<&EachOver>, span: Span) {
        let end = match &written.over {
            WrittenOver::List(list) => list.span,
            WrittenOver::Range { high, .. } => high.span,
        };
        let message = "this loop doesn't say how many rounds it may take";
        let mut diagnostic =
            Diagnostic::new(Code::NoMaximum, keyword(span, 4), message).label(end, "behind this");
        diagnostic = match over {
            Some(EachOver::List(list)) => {
                let most = self.cx.types.list_of(list.ty).map_or(50, |(_, max)| max);
                let help = format!("add `max 50`, or up to `max {most}`, which the list may hold");
                diagnostic.help(help).note("a longer list is the error `limit`, before any round")
            }
            _ => diagnostic.help("add `max 100`"),
        };
        self.report(diagnostic);
    }

    fn match_statement(&mut self, written: &'a ast::Match, span: Span) -> Option<StmtKind> {
        let value = self.expr(&written.value, None);
        let mut covered = super::pattern::Covered::new(&self.cx.types, value.ty);
        let mut arms = Vec::with_capacity(written.arms.len());
        let mut otherwise: Option<hir::Block> = None;
        let mut failed = value.ty == ERROR;
        for arm in &written.arms {
            let mark = self.scope.len();
            let head = self.arm_head(arm, value.ty, &mut covered, otherwise.is_some());
            let body = self.block(&arm.body);
            self.scope.truncate(mark);
            match head {
                super::pattern::Head::Patterns(patterns) => arms.push(hir::Arm { patterns, body }),
                super::pattern::Head::Rest if otherwise.is_none() => otherwise = Some(body),
                super::pattern::Head::Rest | super::pattern::Head::Failed => failed = true,
            }
        }
        if !failed && otherwise.is_none() {
            failed = !self.is_covered(&covered, &value, keyword(span, 5));
        }
        self.unreadable |= failed;
        (!failed).then_some(StmtKind::Match(hir::Match { value, arms, otherwise }))
    }
}
