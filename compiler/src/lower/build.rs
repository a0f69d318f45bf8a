//! Values that are made by the name of their type: records, assets, checked
//! constants, conversions.

use rye_core::ty::{Type, TypeId};
use rye_core::value::{Name, Value};
use rye_grammar::ast::{self, Arg, Args};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::call::Passing;
use super::literal::{self, Wrong};
use super::{Lower, fold};
use crate::hir::{Expr, ExprKind, Op};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    /// `Login(user: …)`, `Workload(cluster: …)`, `Host(text)`, `Address(ip)`.
    pub(crate) fn construct(
        &mut self,
        ty: TypeId,
        callee: &'a ast::Expr,
        args: &'a Args,
        span: Span,
    ) -> Expr {
        let Args::List(list) = args else {
            self.not_an_aggregate(callee);
            return Self::poison(span);
        };
        match self.cx.types.get(ty) {
            Some(Type::Record { .. }) => self.record(ty, callee.span, list, span),
            Some(Type::Asset { of, .. }) => {
                let of = *of;
                if matches!(self.cx.types.get(of), Some(Type::Record { .. })) {
                    let record = self.record(of, callee.span, list, span);
                    return self.wrapped(record, ty, span);
                }
                self.made_of(ty, list, span)
            }
            Some(Type::Enum { .. }) => {
                let text = self.cx.text(callee.span);
                let message = format!("`{text}` has alternatives, and is not called");
                let diagnostic = Diagnostic::new(Code::WrongKind, callee.span, message)
                    .help(format!("write `{text}.` and the alternative"));
                self.report(diagnostic);
                Self::poison(span)
            }
            _ => Self::poison(span),
        }
    }

    fn record(&mut self, ty: TypeId, callee: Span, args: &'a [Arg], span: Span) -> Expr {
        let Some(Type::Record { fields, .. }) = self.cx.types.get(ty) else {
            return Self::poison(span);
        };
        let fields: Vec<(Name, TypeId)> =
            fields.iter().map(|field| (field.name.clone(), field.ty)).collect();
        match self.arguments(callee, &fields, args, Passing::Named, span) {
            Some(values) => Expr { kind: ExprKind::Record(values), ty, span },
            None => Self::poison(span),
        }
    }

    fn wrapped(&mut self, value: Expr, ty: TypeId, span: Span) -> Expr {
        if value.ty == ERROR {
            return Self::poison(span);
        }
        let wrapped = Expr { kind: ExprKind::Wrap(Box::new(value)), ty, span };
        // `Address(10.0.0.1)` is known now.
        match fold(&self.cx.types, &wrapped) {
            Ok(value) => Expr { kind: ExprKind::Constant(value), ty, span },
            Err(_) => wrapped,
        }
    }

    /// `Ip("…")`, `Ip(address)`, `Text(host)`, `Port(443)`: a predeclared type as a function.
    pub(crate) fn convert(
        &mut self,
        ty: TypeId,
        name: &'a ast::Name,
        args: &'a Args,
        span: Span,
    ) -> Expr {
        let Args::List(list) = args else {
            let message = format!("`{}` takes one argument", name.text);
            self.report(Diagnostic::new(Code::UnwantedArgument, span, message));
            return Self::poison(span);
        };
        if ty == self.cx.types.secret {
            let message = "a secret can't be made in a source";
            let diagnostic = Diagnostic::new(Code::BadType, span, message)
                .help("take it as a parameter: what it stands for is known to adapters alone");
            self.report(diagnostic);
            return Self::poison(span);
        }
        self.made_of(ty, list, span)
    }

    /// A `ty` made of the one argument.
    fn made_of(&mut self, ty: TypeId, args: &'a [Arg], span: Span) -> Expr {
        let shown = self.cx.show(ty);
        let [Arg { name: None, value: written, .. }] = args else {
            let message = format!("{shown} is made of one value, without a name");
            self.report(Diagnostic::new(Code::UnwantedArgument, span, message));
            return Self::poison(span);
        };
        let value = self.expr(written, None);
        if value.ty == ERROR || ty == ERROR {
            return Self::poison(span);
        }
        let types = &self.cx.types;
        if types.is_text(value.ty) && literal::is_parsed(types, ty) {
            return self.named_by(ty, value, span);
        }
        if types.asset_of(ty).is_some_and(|of| types.same(of, value.ty)) {
            return self.wrapped(value, ty, span);
        }
        if types.asset_of(value.ty).is_some_and(|of| types.same(of, ty)) {
            let folded = fold(types, &value).ok();
            return match folded {
                Some(value) => {
                    let kind = ExprKind::Constant(value.bare().clone());
                    Expr { kind, ty, span }
                }
                None => Expr { kind: ExprKind::Unwrap(Box::new(value)), ty, span },
            };
        }
        if ty == types.port && value.ty == types.int {
            return self.port(&value, span);
        }
        self.no_conversion(ty, &value);
        Self::poison(span)
    }

    fn named_by(&mut self, ty: TypeId, value: Expr, span: Span) -> Expr {
        let ExprKind::Constant(Value::Text(text)) = &value.kind else {
            let ty = self.cx.types.optional(ty);
            return Expr {
                kind: ExprKind::Apply { op: Op::ParseText, args: vec![value] },
                ty,
                span,
            };
        };
        let shown = self.cx.types.display(ty);
        let diagnostic = match literal::checked(&self.cx.types, ty, text) {
            Ok(value) => return Expr { kind: ExprKind::Constant(value), ty, span },
            Err(Wrong::HostBits(block)) => {
                let message = format!("`{text}` has bits behind its prefix");
                Diagnostic::new(Code::BadChecked, value.span, message)
                    .help(format!("the block around it is `{shown}(\"{block}\")`"))
            }
            Err(_) => {
                let message = format!("`{text}` names no `{shown}`");
                Diagnostic::new(Code::BadChecked, value.span, message)
                    .help("correct it: a constant that is wrong can never become right")
            }
        };
        self.report(diagnostic);
        Self::poison(span)
    }

    fn port(&mut self, value: &Expr, span: Span) -> Expr {
        let ty = self.cx.types.port;
        let ExprKind::Constant(Value::Int(number)) = value.kind else {
            self.cx.not_yet(span, "a `Port` from a number that is not written out");
            return Self::poison(span);
        };
        if let Ok(port) = u16::try_from(number) {
            return Expr { kind: ExprKind::Constant(Value::Port(port)), ty, span };
        }
        let message = format!("`{number}` is no port");
        let diagnostic =
            Diagnostic::new(Code::BadChecked, value.span, message).help("ports go from 0 to 65535");
        self.report(diagnostic);
        Self::poison(span)
    }

    fn no_conversion(&mut self, ty: TypeId, value: &Expr) {
        let types = &self.cx.types;
        let (to, from) = (self.cx.show(ty), self.cx.show(value.ty));
        let text = self.cx.text(value.span);
        let message = format!("{to} can't be made of {from}");
        let mut diagnostic = Diagnostic::new(Code::TypeMismatch, value.span, message);
        if types.optional_of(value.ty).is_some() {
            diagnostic = diagnostic.help(format!("it may be missing: write `{text}?`, or test it"));
        } else if types.same(ty, value.ty) {
            diagnostic = diagnostic.help(format!("it is one already: write `{text}`"));
        } else if let Some(of) = types.asset_of(ty) {
            let of = types.display(of);
            diagnostic = if types.is_text(value.ty) {
                diagnostic
                    .help(format!("make the `{of}` first: `{}({of}({text})?)`", types.display(ty)))
            } else {
                diagnostic.help(format!("it is made of what names it, of the type `{of}`"))
            };
        } else if types.is_text(ty) {
            diagnostic = diagnostic.help(format!("write `\"{{{text}}}\"`"));
        }
        self.report(diagnostic);
    }
}
