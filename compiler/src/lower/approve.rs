//! `approve` and `approve each`: a question that lists every effect that its block
//! can cause, with all that they are done with.
//!
//! What an effect in the block is done with is moved before the question: it is
//! computed once, shown to people, and used as it was shown.

use rye_core::limit::{APPROVAL_BOXES_MAX, LISTED_EFFECTS_MAX};
use rye_core::value::Name;
use rye_grammar::ast::{self, Form};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::Lower;
use super::give::Taker;
use super::stmt::head_of_form;
use crate::hir::{
    self, Approve, ApproveEach, Argument, Expr, ExprKind, Life, Listed, LocalId, Op, Over,
    StmtKind, Undo,
};
use crate::types::ERROR;

/// The block of an `approve` that is being lowered.
#[derive(Debug)]
pub(super) struct Approving {
    /// Locals from here on don't exist yet when the question is asked.
    mark: usize,
    /// Loops around the question, its own included.
    loops: usize,
    each: Option<ApproveEach>,
    /// How many items the list may have.
    items_max: u64,
    before: Vec<(LocalId, Expr)>,
    listed: Vec<Listed>,
    /// What only a person may say yes to, if anything is so, and where it is done.
    person: Option<(Name, Span)>,
    /// The question's place.
    head: Span,
}

impl<'a> Lower<'_, 'a> {
    pub(super) fn approve(
        &mut self,
        written: &'a ast::Approve,
        form: &'a Form,
        span: Span,
    ) -> Option<StmtKind> {
        let head = head_of_form(form, span);
        let allowed = self.meets_world(span, "approve");
        let nested = self.approving.as_ref().map(|outer| outer.head);
        if let Some(outer) = nested {
            let message = "people were asked already, and this is not in the list they saw";
            let diagnostic = Diagnostic::new(Code::NotListed, head, message)
                .label(outer, "the question that they said yes to")
                .help("ask one after the other, or once for all that is to be done");
            self.report(diagnostic);
        }
        let (in_loop, before) = (self.loops > 0, self.cx.diagnostics.len());
        let (question, auto) = self.asked(&written.question, &written.clauses, head);
        let mark = self.scope.len();
        let mut approving = Approving {
            mark: 0,
            loops: 0,
            each: None,
            items_max: 0,
            before: Vec::new(),
            listed: Vec::new(),
            person: None,
            head,
        };
        let mut failed = false;
        if let Some(each) = &written.each {
            failed |= !self.boxes(each, &mut approving, head);
            self.open_loop(head);
            self.takers.push(Taker::Loop);
        }
        approving.mark = self.locals.len();
        approving.loops = self.loops;
        self.open_frame(head);
        let outer = self.approving.replace(approving);
        let body = self.block(&written.body);
        let approving = core::mem::replace(&mut self.approving, outer)?;
        self.close_frame();
        let otherwise = self.otherwise(written, head);
        if written.each.is_some() {
            self.takers.pop();
            self.close_loop();
        }
        self.scope.truncate(mark);
        self.check_auto(auto.as_ref(), &approving);
        if !self.is_broken(before) {
            self.warn_question(in_loop, &body, head);
        }
        let (decision, otherwise) = otherwise?;
        let auto = auto.map(|(condition, _)| condition);
        failed |= auto.as_ref().is_some_and(|condition| condition.ty == ERROR);
        if failed || !allowed || nested.is_some() {
            return None;
        }
        let Approving { each, before, listed, .. } = approving;
        Some(StmtKind::Approve(Box::new(Approve {
            question: question?,
            auto,
            each,
            before,
            listed,
            body,
            decision,
            otherwise,
        })))
    }

    /// The items of `approve each`; whether they are such.
    fn boxes(
        &mut self,
        written: &'a ast::ApproveEach,
        approving: &mut Approving,
        head: Span,
    ) -> bool {
        let list = self.expr(&written.list, None);
        let found = self.cx.types.list_of(list.ty);
        if found.is_none() {
            self.not_a_list(&list, "`approve each`");
        }
        let (element, items_max) = found.unwrap_or((ERROR, 0));
        let max = self.boxes_max(written, head);
        if let Some(max) = max {
            self.refuses_more(&list, u64::from(max));
        }
        let int = self.cx.types.int;
        let all = self.fresh(Name::from(""), list.ty, list.span);
        let index = self.fresh(Name::from(""), int, list.span);
        let item = self.bind(&written.name, element);
        approving.items_max = items_max;
        approving.each = max.map(|max| ApproveEach { item, index, list: all, max });
        approving.before.push((all, list));
        found.is_some() && max.is_some()
    }

    fn boxes_max(&mut self, written: &'a ast::ApproveEach, head: Span) -> Option<u32> {
        let Some(max) = &written.max else {
            let message = "this question doesn't say how many boxes it may have";
            let diagnostic = Diagnostic::new(Code::NoMaximum, head, message)
                .label(written.list.span, "behind this")
                .help("add `max 20`: as many as people can look at")
                .note("a longer list is the error `limit`, before anybody is asked");
            self.report(diagnostic);
            return None;
        };
        let found = self.cx.fixed_count(self.module, max)?;
        let fits = u32::try_from(found).ok().filter(|found| *found <= APPROVAL_BOXES_MAX);
        if fits.is_none() {
            let message = format!("a question has at most {APPROVAL_BOXES_MAX} boxes");
            let diagnostic = Diagnostic::new(Code::BadQuestion, max.span, message)
                .help("nobody reads more: ask about a part, or about all of them as one");
            self.report(diagnostic);
        }
        fits
    }

    fn otherwise(
        &mut self,
        written: &'a ast::Approve,
        head: Span,
    ) -> Option<(LocalId, hir::Block)> {
        let Some(otherwise) = &written.otherwise else {
            let message = "nothing says what happens when nobody says yes";
            let diagnostic = Diagnostic::new(Code::ClauseMissing, head, message)
                .help("add `otherwise decision { … }` behind the block");
            self.report(diagnostic);
            return None;
        };
        let mark = self.scope.len();
        let ty = self.cx.types.decision;
        let decision = self.bind(&otherwise.decision, ty);
        let block = self.block(&otherwise.body);
        self.scope.truncate(mark);
        Some((decision, block))
    }

    /// A condition never stands for a person before what can't be taken back.
    fn check_auto(&mut self, auto: Option<&(Expr, Span)>, approving: &Approving) {
        let (Some((_, span)), Some((action, done))) = (auto, &approving.person) else { return };
        let message = format!("`{action}` would be done without any person's yes");
        let diagnostic = Diagnostic::new(Code::AutoApproved, *span, message)
            .label(*done, "irreversible or destructive")
            .help("drop the `auto if`, or approve the other effects in a block of their own");
        self.report(diagnostic);
    }

    fn warn_question(&mut self, in_loop: bool, body: &hir::Block, head: Span) {
        if in_loop {
            let message = "this asks people again in every round";
            let diagnostic = Diagnostic::new(Code::ApproveInLoop, head, message).help(
                "use `approve each x in list max 20 \"…\"`: one question, with a box for each",
            );
            self.report(diagnostic);
        }
        let mut acts = false;
        body.walk(&mut |statement| acts |= matches!(statement.kind, StmtKind::Do(_)));
        if !acts {
            let message = "a yes allows nothing here: the block does nothing to the world";
            let diagnostic = Diagnostic::new(Code::ApproveNothing, head, message)
                .help("use `choose` to ask what people think, or put the `do` into the block");
            self.report(diagnostic);
        }
    }

    /// Whether the effect may stand here, as far as people are concerned: what only a
    /// person may say yes to stands in an `approve`.
    pub(super) fn is_approved(&mut self, action: &Name, needs_person: bool, span: Span) -> bool {
        match &mut self.approving {
            Some(approving) => {
                if needs_person {
                    approving.person.get_or_insert((action.clone(), span));
                }
                true
            }
            None => !needs_person,
        }
    }

    /// A task's effects are those of a body of its own, which nobody was shown.
    pub(super) fn may_call_task(&mut self, path: &ast::Path) -> bool {
        let Some(head) = self.approving.as_ref().map(|approving| approving.head) else {
            return true;
        };
        let message =
            format!("what the task `{}` does can't be listed in the question", path.dotted());
        let diagnostic = Diagnostic::new(Code::NotListed, path.span, message)
            .label(head, "people are shown here all that will be done")
            .help("write its effects into the block, or ask in the task");
        self.report(diagnostic);
        false
    }

    /// Lists an effect of an `approve` block, whose arguments and clauses then read
    /// what was listed. Its place in the list; nothing outside of such a block.
    pub(super) fn list_effect(
        &mut self,
        action: &str,
        arguments: &mut [Argument],
        undo: &mut Undo,
        life: &mut Life,
        span: Span,
    ) -> Option<usize> {
        let approving = self.approving.as_ref()?;
        let (place, own_loop) = (approving.listed.len(), self.loops > approving.loops);
        if own_loop || place >= LISTED_EFFECTS_MAX {
            let message = if own_loop {
                format!("`{action}` in a loop of its own can't be listed in the question")
            } else {
                format!("a question lists at most {LISTED_EFFECTS_MAX} effects")
            };
            let help = "ask with `approve each x in list max 20 \"…\"`: one question, with a box \
                        for each";
            let diagnostic = Diagnostic::new(Code::NotListed, span, message)
                .label(approving.head, "people are shown here all that will be done")
                .help(help);
            self.report(diagnostic);
            return None;
        }
        let mut listed = Listed { arguments: Vec::new(), undo: Vec::new(), life: None };
        for argument in arguments.iter_mut() {
            listed.arguments.push(self.before_question(&mut argument.value)?);
        }
        if let Undo::Call { arguments: undone, .. } = undo {
            for value in undone {
                let known = self.known_of_undo(value, arguments, &listed.arguments)?;
                listed.undo.push(known);
            }
        }
        if let Life::For(length) = life {
            listed.life = Some(self.before_question(length)?);
        }
        self.approving.as_mut()?.listed.push(listed);
        Some(place)
    }

    /// What an argument of an undo will be, if that is known when people are asked.
    #[expect(clippy::option_option, reason = "a report, and nothing known, are two things")]
    fn known_of_undo(
        &mut self,
        value: &mut Expr,
        arguments: &[Argument],
        listed: &[LocalId],
    ) -> Option<Option<LocalId>> {
        if let ExprKind::Local(local) = value.kind
            && let Some(at) = arguments.iter().position(|argument| argument.local == local)
        {
            return Some(listed.get(at).copied());
        }
        // What is read of the world right before the act, and what is made of that, is
        // not known yet.
        let mark = self.approving.as_ref()?.mark;
        let mut free = Vec::new();
        free_locals(value, &mut Vec::new(), &mut free);
        if free.iter().any(|local| local.index() >= mark) {
            return Some(None);
        }
        self.before_question(value).map(Some)
    }

    /// Moves what an effect is done with before the question. The local in which
    /// people are shown it; `None` after a report.
    fn before_question(&mut self, value: &mut Expr) -> Option<LocalId> {
        let approving = self.approving.as_ref()?;
        let (mark, each, head) = (approving.mark, approving.each.clone(), approving.head);
        let items_max = approving.items_max;
        let mut free = Vec::new();
        free_locals(value, &mut Vec::new(), &mut free);
        if let Some(late) = free.iter().find(|local| local.index() >= mark) {
            let declared = self.locals.get(late.index());
            let (name, place) = declared
                .map_or((Name::from(""), value.span), |local| (local.name.clone(), local.span));
            let message = format!("`{name}` doesn't exist yet when people are asked");
            let diagnostic = Diagnostic::new(Code::NotListed, value.span, message)
                .label(head, "they are shown here all that will be done, with its arguments")
                .label(place, "and this comes later")
                .help(format!("compute `{name}` before the `approve`"));
            self.report(diagnostic);
            return None;
        }
        let span = value.span;
        let each = each.filter(|each| free.contains(&each.item));
        let Some(each) = each else {
            let local = self.fresh(Name::from(""), value.ty, span);
            let local_value = Expr { kind: ExprKind::Local(local), ty: value.ty, span };
            let moved = core::mem::replace(value, local_value);
            self.approving.as_mut()?.before.push((local, moved));
            return Some(local);
        };
        if value.kind == ExprKind::Local(each.item) {
            return Some(each.list);
        }
        self.listed_per_item(value, &each, items_max)
    }

    /// What differs from item to item: a list of all of them before the question, and
    /// an element of it in the round.
    fn listed_per_item(
        &mut self,
        value: &mut Expr,
        each: &ApproveEach,
        items_max: u64,
    ) -> Option<LocalId> {
        let span = value.span;
        if self.cx.types.optional_of(value.ty).is_some() {
            let message = "what differs from box to box can't be missing in one";
            let diagnostic = Diagnostic::new(Code::NotListed, span, message)
                .help("give it a value: `e else VALUE`");
            self.report(diagnostic);
            return None;
        }
        let ty = self.cx.types.list(value.ty, items_max);
        let element = self.cx.types.optional(value.ty);
        let of = self.locals.get(each.list.index()).map_or(ERROR, |local| local.ty);
        let int = self.cx.types.int;
        let all = self.fresh(Name::from(""), ty, span);
        let local = |local, ty| Expr { kind: ExprKind::Local(local), ty, span };
        let args = vec![local(all, ty), local(each.index, int)];
        let found = Expr { kind: ExprKind::Apply { op: Op::GetList, args }, ty: element, span };
        let kind = ExprKind::Require(Box::new(found));
        let moved = core::mem::replace(value, Expr { kind, ty: value.ty, span });
        let over = Over { local: each.item, list: local(each.list, of), condition: None };
        let kind = ExprKind::Comprehension { over: Box::new(over), element: Box::new(moved) };
        self.approving.as_mut()?.before.push((all, Expr { kind, ty, span }));
        Some(all)
    }
}

/// The locals that an expression reads and doesn't bind itself.
fn free_locals(expr: &Expr, bound: &mut Vec<LocalId>, found: &mut Vec<LocalId>) {
    let own = match &expr.kind {
        ExprKind::Local(local) => {
            if !bound.contains(local) && !found.contains(local) {
                found.push(*local);
            }
            None
        }
        ExprKind::Comprehension { over, .. } | ExprKind::Aggregate { over, .. } => Some(over.local),
        ExprKind::Sorted { local, .. } => Some(*local),
        _ => None,
    };
    let depth = bound.len();
    bound.extend(own);
    expr.children(&mut |child| free_locals(child, bound, found));
    bound.truncate(depth);
}
