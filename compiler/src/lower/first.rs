//! Answers that are cut, of queries that are declared `first N`: `.more` of the name
//! that such an answer has, and whoever could be deceived by a cut.
//!
//! Whether there was more belongs to the name, not to the list: the list stays a list
//! like any other, and who passes it on passes `.more` beside it.

use rye_core::value::{Name, Value};
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::{Lower, Receiver};
use crate::hir::{ActionId, Ask, Expr, ExprKind, LocalId, Op};

/// The field of an answer that says whether there was more.
const MORE: &str = "more";

/// An answer that has a name and may be cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstAnswer {
    answer: LocalId,
    /// Whether there was more.
    more: LocalId,
    /// So many elements are answered at most.
    first: u32,
    /// The statement that asks.
    span: Span,
}

impl<'a> Lower<'_, 'a> {
    /// The local for whether the answer of `action` was cut, which `receiver` gets in
    /// `answer`. A warning if the answer is used where nothing can see that.
    pub(crate) fn receive_more(
        &mut self,
        receiver: Receiver<'a>,
        answer: Option<LocalId>,
        action: ActionId,
        span: Span,
    ) -> Option<LocalId> {
        let first = self.first_of(action)?;
        match (receiver, answer) {
            (Receiver::Name(name), Some(answer)) => {
                let bool = self.cx.types.bool;
                let more = self.fresh(Name::from(format!("{}.{MORE}", name.text)), bool, name.span);
                self.firsts.push(FirstAnswer { answer, more, first, span });
                Some(more)
            }
            (Receiver::Hidden, _) => {
                let message = format!(
                    "this answer is cut to its first {first}, and nothing can see whether it was"
                );
                let diagnostic = Diagnostic::new(Code::CutUnseen, span, message)
                    .help("give it a name first, `let answer = ask …`, and read `answer.more`");
                self.report(diagnostic);
                None
            }
            _ => None,
        }
    }

    /// How many elements a query answers at most, if its answer is cut.
    fn first_of(&self, action: ActionId) -> Option<u32> {
        self.cx.actions.get(usize::try_from(action.0).ok()?)?.signature.first
    }

    /// `NAME.more`, if `NAME` is an answer that may be cut.
    pub(crate) fn more_of(
        &mut self,
        base: &'a ast::Expr,
        name: &'a ast::Name,
        span: Span,
    ) -> Option<Expr> {
        let ast::ExprKind::Name(answer) = &base.kind else { return None };
        let local = self.local(&answer.text).filter(|_| name.text == MORE)?;
        let found = self.firsts.iter().find(|one| one.answer == local)?.more;
        self.read(local, base.span);
        Some(self.read(found, span))
    }

    /// Notes that a loop over `list` refuses more than `most` elements: that is the error
    /// `limit` for an answer that was cut at more than those.
    pub(crate) fn refuses_more(&mut self, list: &Expr, most: u64) {
        let ExprKind::Local(answer) = list.kind else { return };
        let cut = self.firsts.iter().find(|one| one.answer == answer);
        if let Some(more) = cut.filter(|one| most < u64::from(one.first)).map(|one| one.more) {
            self.read(more, list.span);
        }
    }

    /// What to write for `.more` of a list that has none.
    pub(crate) fn more_elsewhere(&self, base: &Expr, name: &ast::Name) -> Option<&'static str> {
        let types = &self.cx.types;
        let list = types.list_of(types.optional_of(base.ty).unwrap_or(base.ty));
        (list.is_some() && name.text == MORE).then_some(
            "only the name in `let NAME = ask …` of a query that is declared with `first` has it: \
             pass it on beside the list, as a `Bool`",
        )
    }

    /// Warns of answers that are read without a look whether they were cut.
    pub(crate) fn warn_cuts_unseen(&mut self) {
        for one in core::mem::take(&mut self.firsts) {
            let Some(local) = self.locals.get(one.answer.index()) else { continue };
            if !self.is_read(one.answer) || self.is_read(one.more) {
                continue;
            }
            let (name, first) = (&local.name, one.first);
            let message = format!(
                "`{name}` is cut to the first {first}, and nothing looks whether there were more"
            );
            let diagnostic = Diagnostic::new(Code::CutUnseen, local.span, message)
                .label(one.span, format!("this answers {first} at most"))
                .help(format!("say what happens then: `if {name}.{MORE} {{ … }}`"));
            self.report(diagnostic);
        }
    }

    /// Warns of a condition that a cut answer could turn around. A condition can't
    /// read `.more`; what it can tell is whether there are fewer elements than are
    /// answered at most.
    pub(crate) fn warn_cuts_in_condition(&mut self, condition: &Expr) {
        let mut found = Vec::new();
        self.cuts_of(condition, &mut found);
        for (span, first) in found {
            let message =
                format!("this answer is cut to its first {first}, and the condition can't see it");
            let diagnostic = Diagnostic::new(Code::CutUnseen, span, message).help(format!(
                "compare its `length` with less than {first}, or ask before with `let` and \
                 read `.{MORE}`"
            ));
            self.report(diagnostic);
        }
    }

    fn cuts_of(&self, expr: &Expr, found: &mut Vec<(Span, u32)>) {
        match &expr.kind {
            ExprKind::Apply { op, args } if self.is_exact(*op, args) => {}
            ExprKind::Ask(ask) => {
                found.extend(self.first_of(ask.action).map(|first| (expr.span, first)));
            }
            _ => expr.children(&mut |child| self.cuts_of(child, found)),
        }
    }

    /// Whether that compares the length of an answer with a number, and comes out the
    /// same whether the answer was cut or not.
    fn is_exact(&self, op: Op, args: &[Expr]) -> bool {
        let [left, right] = args else { return false };
        let (first, number, counted_left) = match (self.counted(left), self.counted(right)) {
            (Some(first), None) => (first, right, true),
            (None, Some(first)) => (first, left, false),
            _ => return false,
        };
        let ExprKind::Constant(Value::Int(number)) = number.kind else { return false };
        match (op, counted_left) {
            // Whether there are as many as are answered at most can be told.
            (Op::Less | Op::GreaterEqual, true) | (Op::Greater | Op::LessEqual, false) => {
                number <= i64::from(first)
            }
            // Whether there are more can't.
            (
                Op::Equal
                | Op::NotEqual
                | Op::Less
                | Op::LessEqual
                | Op::Greater
                | Op::GreaterEqual,
                _,
            ) => number < i64::from(first),
            _ => false,
        }
    }

    /// The `first` of the query whose answer is counted here.
    fn counted(&self, expr: &Expr) -> Option<u32> {
        let ExprKind::Apply { op: Op::LengthList, args } = &expr.kind else { return None };
        let [Expr { kind: ExprKind::Ask(ask), .. }] = args.as_slice() else { return None };
        self.first_of(ask.action)
    }

    /// Warns of what an undo would bring back in part.
    pub(crate) fn warn_cut_capture(&mut self, ask: &Ask, span: Span) {
        let Some(first) = self.first_of(ask.action) else { return };
        let message = format!(
            "what is kept here is cut to its first {first}: the undo would bring back no more"
        );
        let diagnostic = Diagnostic::new(Code::CutUnseen, span, message)
            .help("capture the answer of a query that is declared without `first`");
        self.report(diagnostic);
    }
}
