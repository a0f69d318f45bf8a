//! Expressions: each kind to its typed form.

use rye_core::ty::TypeId;
use rye_core::value::{Name, Value};
use rye_grammar::ast::{self, ExprKind as Written, Literal, Piece};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::{Lower, literal};
use crate::hir::{Expr, ExprKind, Op};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    /// The expression as a `ty`. `what` names what wants it.
    pub(crate) fn expr_of(
        &mut self,
        expr: &'a ast::Expr,
        ty: TypeId,
        what: impl FnOnce() -> String,
    ) -> Expr {
        let value = self.expr(expr, Some(ty));
        self.coerce(value, ty, what)
    }

    /// The expression, of the type that it has. `want` is the type that its place
    /// wants, for what has none of its own (`none`, `[]`).
    pub(crate) fn expr(&mut self, expr: &'a ast::Expr, want: Option<TypeId>) -> Expr {
        if want == Some(ERROR) && is_bare(expr) {
            return Self::poison(expr.span);
        }
        let want = want.filter(|ty| *ty != ERROR);
        let lowered = self.expr_kind(expr, want);
        self.cx.check_size(expr.span);
        if lowered.ty == ERROR {
            self.cx.leave_out(expr.span);
        }
        lowered
    }

    fn expr_kind(&mut self, expr: &'a ast::Expr, want: Option<TypeId>) -> Expr {
        let span = expr.span;
        match &expr.kind {
            Written::Name(name) => self.name(name),
            Written::Literal(Literal::None) => self.none(span, want),
            Written::Literal(literal) => match literal::value(&self.cx.types, literal) {
                Some((value, ty)) => Expr { kind: ExprKind::Constant(value), ty, span },
                None => Self::poison(span),
            },
            Written::Text(text) => self.text(text),
            Written::List(items) => self.list(items, span, want),
            Written::Map(entries) => self.map(entries, span, want),
            Written::Comprehension(written) => self.comprehension(written, span, want),
            Written::Field { base, name } => self.field(expr, base, name),
            Written::Index { base, index } => self.index(base, index, span),
            Written::Require(value) => self.require(value, span),
            Written::Call { callee, args } => self.call(callee, args, span, want),
            Written::Unary { op, operand } => self.unary(*op, operand, span),
            Written::Binary { left, op, right } => self.binary(left, *op, right, span),
            Written::Else { value, fallback } => self.default(value, fallback, span, want),
            Written::Ask(call) => self.ask_inside(call, span),
            Written::Sorted { name, list, keys } => self.sorted(name, list, keys, span),
            Written::Error => Self::poison(span),
        }
    }

    fn none(&mut self, span: Span, want: Option<TypeId>) -> Expr {
        match want {
            Some(ty) if self.cx.types.optional_of(ty).is_some() => {
                Expr { kind: ExprKind::None, ty, span }
            }
            Some(ty) => {
                let wanted = self.cx.show(ty);
                let message = format!("{wanted} is wanted here, and it can't be missing");
                self.report(Diagnostic::new(Code::TypeMismatch, span, message));
                Self::poison(span)
            }
            None => {
                let message = "nothing says what this `none` could be instead";
                let diagnostic = Diagnostic::new(Code::UnknownType, span, message)
                    .help("use it where a type is known: as an argument, or beside a value");
                self.report(diagnostic);
                Self::poison(span)
            }
        }
    }

    /// A text, with its holes printed.
    pub(crate) fn text(&mut self, text: &'a ast::Text) -> Expr {
        let ty = self.cx.types.text;
        let span = text.span;
        if let Some(plain) = text.as_plain() {
            return Expr { kind: ExprKind::Constant(Value::text(plain)), ty, span };
        }
        let (mut pieces, mut holes) = (Vec::new(), Vec::new());
        let mut literal = "";
        let mut failed = false;
        for piece in &text.pieces {
            match piece {
                Piece::Literal(part) => literal = &part.node,
                Piece::Hole(hole) => {
                    let value = self.expr(hole, None);
                    failed |= value.ty == ERROR || !self.is_printable(&value);
                    holes.push(value);
                    pieces.push(Name::from(core::mem::take(&mut literal)));
                }
            }
        }
        pieces.push(Name::from(literal));
        if failed {
            return Self::poison(span);
        }
        Expr { kind: ExprKind::Template { pieces, holes }, ty, span }
    }

    fn is_printable(&mut self, value: &Expr) -> bool {
        if self.cx.types.has_secret(value.ty) {
            let message = "a secret is never shown";
            let diagnostic = Diagnostic::new(Code::SecretShown, value.span, message)
                .help("leave it out of the text: only an adapter ever sees what it stands for");
            self.report(diagnostic);
            return false;
        }
        true
    }

    fn require(&mut self, written: &'a ast::Expr, span: Span) -> Expr {
        let value = self.expr(written, None);
        match self.cx.types.optional_of(value.ty) {
            Some(ty) => Expr { kind: ExprKind::Require(Box::new(value)), ty, span },
            None if value.ty == ERROR => value,
            None => {
                let shown = self.cx.show(value.ty);
                let message = format!("this is {shown}, and never missing");
                let end = Span::new(span.file, value.span.end.min(span.end), span.end);
                let diagnostic =
                    Diagnostic::new(Code::NeverMissing, end, message).help("drop the `?`");
                self.report(diagnostic);
                value
            }
        }
    }

    fn default(
        &mut self,
        written: &'a ast::Expr,
        fallback: &'a ast::Expr,
        span: Span,
        want: Option<TypeId>,
    ) -> Expr {
        if let Written::Ask(call) = &written.kind {
            let message = "an `ask` with `else` stands alone, or right of `let`";
            let diagnostic = Diagnostic::new(Code::EffectMisplaced, call.span, message)
                .help("give the answer a name first: `let answer = ask … else …`");
            self.report(diagnostic);
            return Self::poison(span);
        }
        let want = want.map(|ty| self.cx.types.optional(ty));
        let value = self.expr(written, want);
        let Some(inner) = self.cx.types.optional_of(value.ty) else {
            let fallback = self.expr(fallback, Some(value.ty));
            if value.ty != ERROR {
                let shown = self.cx.show(value.ty);
                let message = format!("this is {shown}, and never missing");
                let diagnostic = Diagnostic::new(Code::NeverMissing, value.span, message)
                    .label(fallback.span, "never used")
                    .help("drop the `else`");
                self.report(diagnostic);
            }
            return value;
        };
        let fallback = self.expr(fallback, Some(inner));
        // `a else b else c`: the fallback of an inner default may be missing too.
        if fallback.ty == value.ty {
            let message = "the value after `else` may be missing too";
            let text = self.cx.text(fallback.span);
            let diagnostic = Diagnostic::new(Code::PerhapsMissing, fallback.span, message)
                .help(format!("end with a value that is always there: `{text} else …`"));
            self.report(diagnostic);
            return Self::poison(span);
        }
        let fallback = self.coerce(fallback, inner, || String::from("the value after `else`"));
        if fallback.ty == ERROR {
            return Self::poison(span);
        }
        let kind = ExprKind::Default { value: Box::new(value), fallback: Box::new(fallback) };
        Expr { kind, ty: inner, span }
    }

    fn index(&mut self, base: &'a ast::Expr, index: &'a ast::Expr, span: Span) -> Expr {
        let base = self.expr(base, None);
        let (op, key, element) = if let Some((element, _)) = self.cx.types.list_of(base.ty) {
            (Op::GetList, self.cx.types.int, element)
        } else if let Some((key, value, _)) = self.cx.types.map_of(base.ty) {
            (Op::GetMap, key, value)
        } else {
            let _ = self.expr(index, None);
            if base.ty != ERROR {
                let shown = self.cx.show(base.ty);
                let message = format!("{shown} has nothing to look up with `[…]`");
                let diagnostic = Diagnostic::new(Code::BadOperands, base.span, message);
                let may = self.cx.types.optional_of(base.ty).is_some();
                let text = self.cx.text(base.span);
                let help = if may {
                    format!("it may be missing: write `{text}?[…]`, or test it with `if let`")
                } else {
                    String::from("lists are looked up by position, maps by key")
                };
                self.report(diagnostic.help(help));
            }
            return Self::poison(span);
        };
        let what = if op == Op::GetList { "the position" } else { "the key" };
        let index = self.expr_of(index, key, || String::from(what));
        if index.ty == ERROR {
            return Self::poison(span);
        }
        let ty = self.cx.types.optional(element);
        Expr { kind: ExprKind::Apply { op, args: vec![base, index] }, ty, span }
    }
}

/// Whether an expression has no type of its own: `none`, `[]`.
pub(crate) fn is_bare(expr: &ast::Expr) -> bool {
    match &expr.kind {
        Written::Literal(Literal::None) => true,
        Written::List(items) => items.is_empty(),
        _ => false,
    }
}
