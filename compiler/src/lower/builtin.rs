//! The predeclared functions: what they take and give.

use rye_core::limit::ELEMENTS_DEFAULT_MAX;
use rye_core::ty::{Type, TypeId};
use rye_core::value::Value;
use rye_grammar::ast::{self, Args};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::Lower;
use super::call::count;
use crate::hir::{Expr, ExprKind, Op};
use crate::prelude::Builtin;
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    pub(crate) fn builtin(
        &mut self,
        name: &'a ast::Name,
        params: &[&str],
        builtin: Builtin,
        args: &'a Args,
        span: Span,
    ) -> Expr {
        let usage = || format!("it is written `{}({})`", name.text, params.join(", "));
        let Args::List(list) = args else {
            let message = format!("`{}` takes no `… for … in …`", name.text);
            let diagnostic = Diagnostic::new(Code::UnwantedArgument, span, message)
                .help("put the comprehension into brackets: `[… for … in …]`");
            self.report(diagnostic);
            return Self::poison(span);
        };
        if let Some(named) = list.iter().find_map(|arg| arg.name.as_ref()) {
            let message = format!("`{}` takes its arguments by position", name.text);
            let diagnostic =
                Diagnostic::new(Code::UnwantedArgument, named.span, message).help(usage());
            self.report(diagnostic);
            return Self::poison(span);
        }
        if list.len() != params.len() {
            let few = list.len() < params.len();
            let code = if few { Code::MissingArgument } else { Code::UnwantedArgument };
            let message = format!("`{}` takes {}", name.text, count(params.len()));
            self.report(Diagnostic::new(code, span, message).help(usage()));
            return Self::poison(span);
        }
        let (Some(one), other) = (list.first().map(|arg| &arg.value), list.get(1)) else {
            return Self::poison(span);
        };
        match other.map(|arg| &arg.value) {
            None => self.builtin_of_one(name, builtin, one, span),
            Some(other) => self.builtin_of_two(builtin, one, other, span),
        }
    }

    fn builtin_of_one(
        &mut self,
        name: &'a ast::Name,
        builtin: Builtin,
        one: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let types = &self.cx.types;
        let (int, float, text) = (types.int, types.float, types.text);
        let what = || format!("`{}`", name.text);
        let (wanted, op, ty) = match builtin {
            Builtin::ToInt(op) => (float, op, int),
            Builtin::ToFloat => (int, Op::FloatOfInt, float),
            Builtin::Text(op) => (text, op, text),
            Builtin::Extract => {
                let element = match name.text.as_str() {
                    "ips_in" => types.ip,
                    "urls_in" => types.url,
                    "domains_in" => types.domain,
                    "emails_in" => types.email,
                    _ => types.hash,
                };
                let list = self.cx.types.list(element, u64::from(ELEMENTS_DEFAULT_MAX));
                (text, Op::ExtractText, list)
            }
            _ => {
                let value = self.expr(one, None);
                return match self.by_type(builtin, &value) {
                    Some((Op::GetList, ty)) => {
                        let kind = ExprKind::Constant(Value::Int(0));
                        let zero = Expr { kind, ty: int, span };
                        Self::apply(Op::GetList, vec![value, zero], ty, span)
                    }
                    Some((op, ty)) => Self::apply(op, vec![value], ty, span),
                    None => {
                        self.no_builtin(name, builtin, &value);
                        Self::poison(span)
                    }
                };
            }
        };
        let value = self.expr_of(one, wanted, what);
        Self::apply(op, vec![value], ty, span)
    }

    /// What a function that takes several types does with this one, and gives.
    fn by_type(&mut self, builtin: Builtin, value: &Expr) -> Option<(Op, TypeId)> {
        let types = &mut self.cx.types;
        let int = types.int;
        Some(match (builtin, types.get(value.ty)?) {
            (Builtin::Absolute, Type::Int) => (Op::AbsoluteInt, value.ty),
            (Builtin::Absolute, Type::Float) => (Op::AbsoluteFloat, value.ty),
            (Builtin::Absolute, Type::Duration) => (Op::AbsoluteDuration, value.ty),
            (Builtin::Length, Type::Text { .. }) => (Op::LengthText, int),
            (Builtin::Length, Type::List { .. }) => (Op::LengthList, int),
            (Builtin::Length, Type::Map { .. }) => (Op::LengthMap, int),
            (Builtin::Distinct, Type::List { .. }) => (Op::DistinctList, value.ty),
            (Builtin::Flat, Type::List { element, max }) => {
                let outer = u64::from(*max);
                let (element, inner) = types.list_of(*element)?;
                (Op::FlatList, types.list(element, outer.saturating_mul(inner)))
            }
            (Builtin::First, Type::List { element, .. }) => {
                let element = *element;
                (Op::GetList, types.optional(element))
            }
            (Builtin::OfMap(Op::KeysOfMap), Type::Map { key, max, .. }) => {
                let (key, max) = (*key, u64::from(*max));
                (Op::KeysOfMap, types.list(key, max))
            }
            (Builtin::OfMap(op), Type::Map { value, max, .. }) => {
                let (value, max) = (*value, u64::from(*max));
                (op, types.list(value, max))
            }
            _ => return None,
        })
    }

    fn no_builtin(&mut self, name: &'a ast::Name, builtin: Builtin, value: &Expr) {
        if value.ty == ERROR {
            return;
        }
        let wanted = match builtin {
            Builtin::Absolute => "an `Int`, a `Float` or a `Duration`",
            Builtin::Length => "a `Text`, a list or a map",
            Builtin::Flat => "a list of lists",
            Builtin::OfMap(_) => "a map",
            _ => "a list",
        };
        let shown = self.cx.show(value.ty);
        let message = format!("`{}` wants {wanted}, and this is {shown}", name.text);
        let mut diagnostic = Diagnostic::new(Code::TypeMismatch, value.span, message);
        if self.cx.types.optional_of(value.ty).is_some() {
            let text = self.cx.text(value.span);
            diagnostic = diagnostic.help(format!("it may be missing: write `({text} else …)`"));
        }
        self.report(diagnostic);
    }

    fn builtin_of_two(
        &mut self,
        builtin: Builtin,
        one: &'a ast::Expr,
        other: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let types = &self.cx.types;
        let (int, text, bool) = (types.int, types.text, types.bool);
        let (ip, cidr) = (types.ip, types.cidr);
        let what = || String::from("this function");
        let (first, second, op, ty) = match builtin {
            Builtin::Choice(op) => {
                let Some((one, other)) = self.pair(one, other, "this function") else {
                    return Self::poison(span);
                };
                if !self.is_ordered(&one) {
                    return Self::poison(span);
                }
                let ty = one.ty;
                return Self::apply(op, vec![one, other], ty, span);
            }
            Builtin::Part(op) => return self.part(op, one, other, span),
            Builtin::Ints(op) => (int, int, op, int),
            Builtin::Texts(op) => (text, text, op, bool),
            Builtin::Network => (ip, int, Op::Network, cidr),
            _ => {
                let list = self.cx.types.list(text, u64::from(ELEMENTS_DEFAULT_MAX));
                (text, text, Op::SplitText, list)
            }
        };
        let one = self.expr_of(one, first, what);
        let other = self.expr_of(other, second, what);
        Self::apply(op, vec![one, other], ty, span)
    }

    /// `take(list, n)`, `drop(list, n)`.
    fn part(&mut self, op: Op, list: &'a ast::Expr, many: &'a ast::Expr, span: Span) -> Expr {
        let int = self.cx.types.int;
        let list = self.expr(list, None);
        let many = self.expr_of(many, int, || String::from("how many"));
        if self.cx.types.list_of(list.ty).is_none() {
            self.not_a_list(&list, "this");
            return Self::poison(span);
        }
        let ty = match (op, &many.kind) {
            // With a number that is known, the list is known to be that short.
            (Op::TakeList, ExprKind::Constant(Value::Int(count))) => {
                let (element, most) = self.cx.types.list_of(list.ty).unwrap_or((ERROR, 0));
                let count = u64::try_from(*count).unwrap_or(0).max(1);
                self.cx.types.list(element, most.min(count))
            }
            _ => list.ty,
        };
        Self::apply(op, vec![list, many], ty, span)
    }
}
