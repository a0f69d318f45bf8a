//! Forms in value position: `let x = if …`, `return match …`, `give attempt …`.
//!
//! Each path through such a form ends in `give`, or leaves the run. The form itself is
//! lowered as anywhere; what its `give`s have in common is the type of its value. An
//! `each` gives the list of what its rounds give.

use rye_core::ty::TypeId;
use rye_grammar::ast::{self, Form, Init, Spanned};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::expr::is_bare;
use super::stmt::{diverges, head_of_form, keyword};
use super::{Lower, Receiver};
use crate::hir::{Block, Each, EachOver, Expr, LocalId, Stmt, StmtKind, Valued};
use crate::types::ERROR;

/// Who takes the nearest `give`.
#[derive(Debug)]
pub(crate) enum Taker<'a> {
    /// A form in value position.
    Form(Gives<'a>),
    /// Nobody: a loop that gives nothing, and is not left by a `give`.
    Loop,
}

/// What was given to a form so far.
#[derive(Debug, Default)]
pub(crate) struct Gives<'a> {
    /// The type that its place wants.
    want: Option<TypeId>,
    /// The widest type of all that was given, as if nothing were missing.
    ty: Option<TypeId>,
    /// Whether something that was given may be missing.
    optional: bool,
    /// Per `give`, its value if it has no type of its own (`none`, `[]`).
    bare: Vec<Option<&'a ast::Expr>>,
}

impl<'a> Lower<'_, 'a> {
    /// What stands right of `return` or `give`, as an expression. A form becomes a
    /// statement in `before`, with a local that the source has no name for.
    pub(crate) fn init(
        &mut self,
        init: &'a Init,
        want: Option<TypeId>,
        before: &mut Vec<Stmt>,
    ) -> Expr {
        let form = match init {
            Init::Expr(value) => return self.expr(value, want),
            Init::Form(form) => form,
        };
        let kind = self.form_for(form, form.span, Receiver::Hidden, want);
        let local = kind.as_ref().and_then(result_of);
        let (Some(kind), Some(local)) = (kind, local) else { return Self::poison(form.span) };
        before.push(Stmt { kind, span: form.span });
        self.read(local, form.span)
    }

    /// A form whose value `receiver` gets, in a statement of this span.
    pub(crate) fn form_for(
        &mut self,
        form: &'a Spanned<Form>,
        span: Span,
        receiver: Receiver<'a>,
        want: Option<TypeId>,
    ) -> Option<StmtKind> {
        match &form.node {
            Form::Do(act) => self.act(act, span, receiver),
            Form::Ask(ask) => self.ask(ask, span, receiver),
            Form::Choose(choose) => self.choose(choose, form.span, receiver),
            Form::Approve(approve) if approve.each.is_some() => {
                let head = head_of_form(&form.node, form.span);
                let message = "each box is decided for itself, and they give no value together";
                let diagnostic = Diagnostic::new(Code::NoValue, head, message)
                    .help("leave `let` out, or ask about all with one `approve`");
                self.report(diagnostic);
                let _ = self.form(&form.node, form.span);
                self.receive(receiver, ERROR, form.span);
                None
            }
            _ => {
                let valued = self.valued(form, want);
                let ty = valued.as_ref().map_or(ERROR, |(_, ty)| *ty);
                let local = self.receive(receiver, ty, form.span)?;
                let (kind, ty) = valued?;
                (ty != ERROR).then(|| assigned(kind, local, form.span))
            }
        }
    }

    /// A form of statements, and the type of its value.
    fn valued(
        &mut self,
        form: &'a Spanned<Form>,
        want: Option<TypeId>,
    ) -> Option<(StmtKind, TypeId)> {
        let span = form.span;
        let element = match &form.node {
            Form::Each(_) => {
                want.and_then(|ty| self.cx.types.list_of(ty)).map(|(element, _)| element)
            }
            _ => want,
        };
        self.takers.push(Taker::Form(Gives { want: element, ..Gives::default() }));
        let kind = match &form.node {
            Form::Each(written) => self.each(written, span, true),
            other => self.form(other, span),
        };
        let Some(Taker::Form(gives)) = self.takers.pop() else { return None };
        let mut kind = kind?;
        let failed = self.open_path(&form.node, &kind, span);
        let head = head_of_form(&form.node, span);
        let ty = self.given_type(&gives, head);
        if failed || ty == ERROR || !self.settle_gives(&mut kind, &gives, ty) {
            return Some((kind, ERROR));
        }
        match &kind {
            StmtKind::Each(each) => {
                let ty = self.collected(each, ty, head);
                Some((kind, ty))
            }
            _ => Some((kind, ty)),
        }
    }

    /// `give …`
    pub(crate) fn give(
        &mut self,
        init: &'a Init,
        span: Span,
        before: &mut Vec<Stmt>,
    ) -> Option<StmtKind> {
        let word = keyword(span, 4);
        let diagnostic = match self.takers.last() {
            Some(Taker::Form(gives)) => {
                let want = gives.want.or(gives.ty);
                let bare = match init {
                    Init::Expr(value) => Some(&**value).filter(|value| is_bare(value)),
                    Init::Form(_) => None,
                };
                // What has no type of its own gets one when all the others are known.
                let value = self.init(init, bare.map_or(want, |_| Some(ERROR)), before);
                self.note_given(value.ty, bare);
                return Some(StmtKind::Give(value));
            }
            Some(Taker::Loop) => {
                Diagnostic::new(Code::ClauseMisplaced, word, "this `give` would leave the loop")
                    .help("put the loop itself right of `let`: it gives a list, one value a round")
                    .help("or find the value with a comprehension: `first([x for x in list if …])`")
            }
            None => {
                let message = "nobody takes what is given here";
                Diagnostic::new(Code::ClauseMisplaced, word, message).help(
                    "`give` ends the paths of a form right of `let`: `let x = if … { give 1 } …`",
                )
            }
        };
        self.report(diagnostic);
        let _ = self.init(init, Some(ERROR), before);
        None
    }

    fn note_given(&mut self, ty: TypeId, bare: Option<&'a ast::Expr>) {
        let inner = self.cx.types.optional_of(ty);
        let Some(Taker::Form(gives)) = self.takers.last_mut() else { return };
        gives.optional |= inner.is_some();
        gives.bare.push(bare);
        let inner = inner.unwrap_or(ty);
        if bare.is_some() || inner == ERROR {
            return;
        }
        gives.ty = match gives.ty {
            None => Some(inner),
            // One that doesn't fit is reported where it stands.
            Some(first) => self.cx.types.wider(first, inner).or(Some(first)),
        };
    }

    /// The type of all that was given; `ERROR` after a report.
    fn given_type(&mut self, gives: &Gives<'a>, head: Span) -> TypeId {
        if gives.bare.is_empty() {
            let message = "no path through this gives a value";
            let diagnostic = Diagnostic::new(Code::NoValue, head, message)
                .help("end a path with `give …`, or leave `let` out");
            self.report(diagnostic);
            return ERROR;
        }
        if let Some(want) = gives.want {
            return want;
        }
        let Some(ty) = gives.ty else {
            // Nothing but `none` and `[]`, unless something was reported.
            if let Some(first) = gives.bare.iter().copied().flatten().next() {
                let _ = self.expr(first, None);
            }
            return ERROR;
        };
        let is_none = |value: &&ast::Expr| !matches!(value.kind, ast::ExprKind::List(_));
        if gives.optional || gives.bare.iter().flatten().any(is_none) {
            return self.cx.types.optional(ty);
        }
        ty
    }

    /// Makes everything that the form gives a `ty`; no after a report.
    fn settle_gives(&mut self, kind: &mut StmtKind, gives: &Gives<'a>, ty: TypeId) -> bool {
        let mut settled = true;
        let mut written = gives.bare.iter();
        let mut settle = |value: &mut Expr| {
            let what = || String::from("what is given here");
            // What could not be typed was reported, and perhaps left out.
            let Some(bare) = written.next() else { return };
            *value = if let Some(bare) = bare {
                self.expr_of(bare, ty, what)
            } else {
                let found = core::mem::replace(value, Self::poison(value.span));
                self.coerce(found, ty, what)
            };
            settled &= value.ty != ERROR;
        };
        match kind {
            StmtKind::Each(each) => each.body.gives_mut(&mut settle),
            other => other.blocks_mut().into_iter().for_each(|block| block.gives_mut(&mut settle)),
        }
        settled && written.next().is_none()
    }

    /// The type of the list that an `each` gives; `ERROR` after a report.
    fn collected(&mut self, each: &Each, element: TypeId, head: Span) -> TypeId {
        if self.cx.types.optional_of(element).is_some() {
            let message = "a round gives what may be missing, and no list holds that";
            let diagnostic = Diagnostic::new(Code::BadType, head, message)
                .help("give something for it: `give x else …`");
            self.report(diagnostic);
            return ERROR;
        }
        let most = match &each.over {
            EachOver::List(list) => self.cx.types.list_of(list.ty).map_or(0, |(_, most)| most),
            EachOver::Range { .. } => each.max.most(),
        };
        let ty = self.cx.types.list(element, most.min(each.max.most()));
        self.cx.check_size(head);
        ty
    }

    /// Reports a path that comes to its end without a value.
    fn open_path(&mut self, form: &'a Form, kind: &StmtKind, span: Span) -> bool {
        let open = match (form, kind) {
            (Form::Each(written), StmtKind::Each(each)) => {
                (!each.body.diverges).then_some(written.body.span)
            }
            _ if diverges(kind) => None,
            (Form::If(written), StmtKind::If { branches, otherwise }) => {
                let bodies = written.branches.iter().map(|branch| &branch.body);
                let lowered = branches.iter().map(|branch| &branch.body).chain(otherwise);
                let first = first_open(bodies.chain(&written.otherwise).zip(lowered));
                // Without an `else` there is a path behind the last branch.
                first.or(written.branches.last().map(|branch| branch.body.span))
            }
            (Form::Match(written), StmtKind::Match(found)) => {
                let bodies = written.arms.iter().map(|arm| &arm.body);
                let lowered = found.arms.iter().map(|arm| &arm.body).chain(&found.otherwise);
                first_open(bodies.zip(lowered))
            }
            (Form::Attempt(written), StmtKind::Attempt(found)) => {
                let bodies = [&written.body, &written.recover];
                first_open(bodies.into_iter().zip([&found.body, &found.recover]))
            }
            (Form::Approve(written), StmtKind::Approve(found)) if found.each.is_none() => {
                let bodies = written.otherwise.iter().map(|otherwise| &otherwise.body);
                let bodies = [&written.body].into_iter().chain(bodies);
                first_open(bodies.zip([&found.body, &found.otherwise]))
            }
            _ => Some(span),
        };
        let Some(block) = open else { return false };
        let close = Span::new(block.file, block.end.saturating_sub(1), block.end);
        let misses_else =
            matches!(kind, StmtKind::If { branches, otherwise: None } if all_diverge(branches));
        let (message, help) = if misses_else {
            ("when no branch is taken, there is no value", "add `else { give … }`")
        } else {
            ("this path ends without a value", "end it with `give …`")
        };
        self.report(Diagnostic::new(Code::MissingReturn, close, message).help(help));
        true
    }
}

fn all_diverge(branches: &[crate::hir::Branch]) -> bool {
    branches.iter().all(|branch| branch.body.diverges)
}

/// The first block to whose end control comes.
fn first_open<'w, 'h>(blocks: impl Iterator<Item = (&'w ast::Block, &'h Block)>) -> Option<Span> {
    blocks.into_iter().find(|(_, lowered)| !lowered.diverges).map(|(written, _)| written.span)
}

/// The form as a statement that gives `local` its value.
fn assigned(kind: StmtKind, local: LocalId, span: Span) -> StmtKind {
    match kind {
        StmtKind::Each(each) => StmtKind::Each(Box::new(Each { list: Some(local), ..*each })),
        kind => {
            let body = Block { statements: vec![Stmt { kind, span }], diverges: true };
            StmtKind::Value(Valued { local, body })
        }
    }
}

/// The local that a form's statement gives a value.
fn result_of(kind: &StmtKind) -> Option<LocalId> {
    match kind {
        StmtKind::Value(valued) => Some(valued.local),
        StmtKind::Each(each) => each.list,
        StmtKind::Ask { local, .. } => *local,
        StmtKind::Do(act) => act.local,
        StmtKind::Task(call) => call.local,
        StmtKind::Choose(choose) => Some(choose.local),
        _ => None,
    }
}
