//! The numbers and durations of clauses: written out, or a constant or setting in
//! parentheses.

use rye_core::action::Retry;
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Value};
use rye_grammar::ast::{self, Amount, CallClause, Count, Interval};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Context, Decl};
use crate::hir::{Expr, ExprKind, SettingId, Wait};
use crate::lower::Lower;

/// Where `retry` doesn't say how long is waited before the second attempt.
const BACKOFF: Duration = Duration::from_secs(1);

/// What stands in parentheses.
enum Named {
    Constant(Value),
    Setting { id: SettingId, least: Value, most: Value },
}

impl Context<'_> {
    /// What a name in parentheses means in a clause that wants a `wanted`.
    fn named_amount(&mut self, module: usize, name: &ast::Name, wanted: TypeId) -> Option<Named> {
        let path = ast::Path { names: vec![name.clone()], span: name.span };
        let (ty, named) = match self.resolve(module, &path, "constant or setting")? {
            Decl::Const(index) => {
                let (ty, value) = self.constant(index, Some(name.span))?;
                (ty, Named::Constant(value))
            }
            Decl::Setting(index) => {
                let setting = self.settings.get(index)?.setting.as_ref()?;
                let id = SettingId(u32::try_from(index).ok()?);
                let Some((least, most)) = setting.range.clone() else {
                    let message = format!("`{}` has no range, so nothing bounds this", name.text);
                    let span = setting.span;
                    let diagnostic = Diagnostic::new(Code::Unbounded, name.span, message)
                        .label(span, "declared here")
                        .help("give the setting a range: `in LOW .. HIGH`");
                    self.report(diagnostic);
                    return None;
                };
                (setting.ty, Named::Setting { id, least, most })
            }
            Decl::Broken => return None,
            other => {
                let message = format!("`{}` is {}", name.text, other.noun());
                let diagnostic = Diagnostic::new(Code::WrongKind, name.span, message)
                    .help("write the amount out, or name a constant or setting");
                self.report(diagnostic);
                return None;
            }
        };
        if self.types.same(ty, wanted) {
            return Some(named);
        }
        let (found, wanted) = (self.show(ty), self.show(wanted));
        let message = format!("`{}` is {found}, and the clause wants {wanted}", name.text);
        self.report(Diagnostic::new(Code::TypeMismatch, name.span, message));
        None
    }

    /// A duration that must be known now; `None` after a report.
    pub(crate) fn fixed_duration(&mut self, module: usize, amount: &Interval) -> Option<Duration> {
        let micros = match &amount.node {
            Amount::Literal(micros) => *micros,
            Amount::Error => return None,
            Amount::Named(name) => match self.named_amount(module, name, self.types.duration)? {
                Named::Constant(Value::Duration(value)) => value.0,
                Named::Constant(_) => return None,
                Named::Setting { .. } => {
                    self.not_yet(name.span, "a setting in this clause");
                    return None;
                }
            },
        };
        self.positive(micros, amount.span).map(Duration)
    }

    /// A number that must be known now.
    pub(crate) fn fixed_count(&mut self, module: usize, amount: &Count) -> Option<u64> {
        let count = match &amount.node {
            Amount::Literal(count) => i64::try_from(*count).unwrap_or(i64::MAX),
            Amount::Error => return None,
            Amount::Named(name) => match self.named_amount(module, name, self.types.int)? {
                Named::Constant(Value::Int(value)) => value,
                Named::Constant(_) => return None,
                Named::Setting { .. } => {
                    self.not_yet(name.span, "a setting in this clause");
                    return None;
                }
            },
        };
        self.positive(count, amount.span).and_then(|count| u64::try_from(count).ok())
    }

    /// The amount, if it is more than zero; a report if not.
    pub(crate) fn positive(&mut self, amount: i64, span: Span) -> Option<i64> {
        if amount > 0 {
            return Some(amount);
        }
        let message = "this must be more than zero";
        self.report(Diagnostic::new(Code::TooLarge, span, message));
        None
    }

    /// What a `retry` clause says; `None` for a `timeout`.
    pub(crate) fn retry(&mut self, module: usize, clause: &CallClause) -> Option<Retry> {
        let CallClause::Retry { attempts, backoff } = clause else { return None };
        let backoff = match backoff {
            Some(backoff) => self.fixed_duration(module, backoff)?,
            None => BACKOFF,
        };
        let count = self.fixed_count(module, attempts)?;
        let Ok(count) = u8::try_from(count) else {
            let message = format!("at most {} attempts are made", u8::MAX);
            self.report(Diagnostic::new(Code::TooLarge, attempts.span, message));
            return None;
        };
        Some(Retry { attempts: count, backoff })
    }
}

impl Lower<'_, '_> {
    /// A duration that a setting may decide.
    pub(crate) fn wait_amount(&mut self, amount: &Interval) -> Option<Wait> {
        if let Amount::Named(name) = &amount.node {
            let duration = self.cx.types.duration;
            let named = self.cx.named_amount(self.module, name, duration)?;
            if let Named::Setting { id, least, most } = named {
                let (Value::Duration(min), Value::Duration(max)) = (least, most) else {
                    return None;
                };
                self.cx.positive(min.0, amount.span)?;
                let kind = ExprKind::Setting(id);
                let value = Expr { kind, ty: duration, span: amount.span };
                return Some(Wait { value, min, max });
            }
        }
        let fixed = self.cx.fixed_duration(self.module, amount)?;
        Some(self.wait_for(fixed, amount.span))
    }

    /// A wait of a known length.
    pub(crate) fn wait_for(&self, length: Duration, span: Span) -> Wait {
        let kind = ExprKind::Constant(Value::Duration(length));
        let value = Expr { kind, ty: self.cx.types.duration, span };
        Wait { value, min: length, max: length }
    }
}
