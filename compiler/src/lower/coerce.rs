//! A value where another type is wanted: converted where that can't lose
//! anything, else reported with the way out.

use rye_core::ty::TypeId;
use rye_core::value::Value;
use rye_grammar::diagnostic::{Code, Diagnostic};

use super::{Lower, literal};
use crate::hir::{Expr, ExprKind};
use crate::types::ERROR;

impl Lower<'_, '_> {
    /// `value` as a `to`, or a report. `what` names what wants it ("the argument `x`").
    pub(crate) fn coerce(
        &mut self,
        value: Expr,
        to: TypeId,
        what: impl FnOnce() -> String,
    ) -> Expr {
        let from = value.ty;
        if from == to {
            return value;
        }
        if from == ERROR || to == ERROR {
            return Self::poison(value.span);
        }
        match self.converted(value, to) {
            Ok(value) => value,
            Err(value) => {
                self.mismatch(&value, to, &what());
                Self::poison(value.span)
            }
        }
    }

    /// `value` as a `to`, or back if it is none.
    pub(crate) fn converted(&mut self, mut value: Expr, to: TypeId) -> Result<Expr, Expr> {
        let from = value.ty;
        let types = &self.cx.types;
        if types.same(to, from) {
            return Ok(value);
        }
        if types.table().accepts(to, from) {
            // A list that is made right here can be made under the wider type at once.
            if matches!(value.kind, ExprKind::List(_) | ExprKind::Constant(_)) {
                value.ty = to;
                return Ok(value);
            }
            let span = value.span;
            return Ok(Expr { kind: ExprKind::Widen(Box::new(value)), ty: to, span });
        }
        match types.optional_of(to) {
            Some(inner) if types.optional_of(from).is_none() => {
                let value = self.converted(value, inner)?;
                let span = value.span;
                Ok(Expr { kind: ExprKind::Some(Box::new(value)), ty: to, span })
            }
            _ => Err(value),
        }
    }

    /// Reports that `value` is no `to`, with what helps.
    fn mismatch(&mut self, value: &Expr, to: TypeId, what: &str) {
        let types = &self.cx.types;
        let (wanted, found) = (self.cx.show(to), self.cx.show(value.ty));
        let inner = types.optional_of(value.ty);
        let fits = inner.is_some_and(|inner| types.table().accepts(to, inner));
        if fits {
            let message = format!("{what} wants {wanted}, and this may be missing");
            let text = self.cx.text(value.span);
            let diagnostic = Diagnostic::new(Code::PerhapsMissing, value.span, message)
                .help(format!("give a default, `({text} else …)`, or test it, `if let x = {text}`"))
                .help(format!(
                    "or write `{text}?`: if it is missing, that is the error `not_found`"
                ));
            self.report(diagnostic);
            return;
        }
        let message = format!("{what} wants {wanted}, and this is {found}");
        let mut diagnostic = Diagnostic::new(Code::TypeMismatch, value.span, message);
        if let Some(help) = self.conversion(value, to) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// How `value` can be made a `to`, if there is a way.
    fn conversion(&self, value: &Expr, to: TypeId) -> Option<String> {
        let types = &self.cx.types;
        let text = self.cx.text(value.span);
        let from = value.ty;
        let to = types.optional_of(to).unwrap_or(to);
        let name = types.display(to);
        if types.is_text(from) && literal::is_parsed(types, to) {
            if let ExprKind::Constant(Value::Text(_)) = &value.kind {
                return Some(format!("write `{name}({text})`"));
            }
            return Some(format!(
                "`{name}({text})` gives `{name}?`: test it with `if let`, or write `{name}({text})?`"
            ));
        }
        match (types.asset_of(to), types.asset_of(from)) {
            (Some(of), _) if types.same(of, from) => {
                return Some(format!("write `{name}({text})`"));
            }
            (_, Some(of)) if types.same(of, to) => return Some(format!("write `{name}({text})`")),
            _ => {}
        }
        if types.is_text(to) && types.optional_of(from).is_none() && from != types.unit {
            return Some(format!("write `\"{{{text}}}\"`"));
        }
        if to == types.bool && from == types.int {
            return Some(format!("compare it with something: `{text} > 0`"));
        }
        if to == types.int
            && let ExprKind::Constant(Value::Text(number)) = &value.kind
            && number.parse::<i64>().is_ok()
        {
            return Some(format!("write `{number}`, without the quotes"));
        }
        if from == types.int && to == types.float {
            return Some(match &value.kind {
                ExprKind::Constant(_) => format!("write `{text}.0`"),
                _ => format!("write `float({text})`"),
            });
        }
        if from == types.float && to == types.int {
            return Some(format!("write `round({text})`, or `int({text})` to drop the fraction"));
        }
        if from == types.int && to == types.duration {
            return Some(String::from("a duration has a unit: `10s`, `5m`, `24h`"));
        }
        if from == types.int && to == types.port {
            return Some(format!("write `Port({text})`"));
        }
        None
    }
}
