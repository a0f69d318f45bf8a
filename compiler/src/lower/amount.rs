//! The numbers and durations of clauses: written out, or a constant or setting in
//! parentheses.

use rye_core::action::Retry;
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Value};
use rye_grammar::ast::{self, Amount, CallClause, Count, Interval};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Context, Decl};
use crate::hir::{self, Attempts, Expr, ExprKind, SettingId, Wait};
use crate::lower::Lower;

/// Where `retry` doesn't say how long is waited before the second attempt.
const BACKOFF: Duration = Duration::from_secs(1);

/// What stands in parentheses.
enum Named {
    Constant(Value),
    Setting { id: SettingId, least: Value, most: Value },
}

impl Named {
    /// The amount, of values that `read` knows.
    fn map<T>(self, read: impl Fn(Value) -> Option<T>) -> Option<hir::Amount<T>> {
        Some(match self {
            Self::Constant(value) => hir::Amount::Fixed(read(value)?),
            Self::Setting { id, least, most } => {
                hir::Amount::Setting { id, least: read(least)?, most: read(most)? }
            }
        })
    }
}

impl<T> hir::Amount<T> {
    /// The same of another type; `None` if one of its ends doesn't fit.
    fn map<U>(self, convert: impl Fn(T) -> Option<U>) -> Option<hir::Amount<U>> {
        Some(match self {
            Self::Fixed(value) => hir::Amount::Fixed(convert(value)?),
            Self::Setting { id, least, most } => {
                hir::Amount::Setting { id, least: convert(least)?, most: convert(most)? }
            }
        })
    }
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
        match self.length(module, amount)? {
            hir::Amount::Fixed(length) => Some(length),
            hir::Amount::Setting { .. } => {
                self.not_fixed(amount.span);
                None
            }
        }
    }

    /// A number that must be known now.
    pub(crate) fn fixed_count(&mut self, module: usize, amount: &Count) -> Option<u64> {
        match self.count(module, amount)? {
            hir::Amount::Fixed(count) => Some(count),
            hir::Amount::Setting { .. } => {
                self.not_fixed(amount.span);
                None
            }
        }
    }

    /// A duration that a site may choose.
    pub(crate) fn length(
        &mut self,
        module: usize,
        amount: &Interval,
    ) -> Option<hir::Amount<Duration>> {
        let named = match &amount.node {
            Amount::Literal(micros) => Named::Constant(Value::Duration(Duration(*micros))),
            Amount::Error => return None,
            Amount::Named(name) => self.named_amount(module, name, self.types.duration)?,
        };
        let found = named.map(|value| match value {
            Value::Duration(length) => Some(length),
            _ => None,
        })?;
        self.positive(found.least().0, amount.span)?;
        Some(found)
    }

    /// A number that a site may choose.
    pub(crate) fn count(&mut self, module: usize, amount: &Count) -> Option<hir::Amount<u64>> {
        let named = match &amount.node {
            Amount::Literal(count) => {
                Named::Constant(Value::Int(i64::try_from(*count).unwrap_or(i64::MAX)))
            }
            Amount::Error => return None,
            Amount::Named(name) => self.named_amount(module, name, self.types.int)?,
        };
        let found = named.map(|value| match value {
            Value::Int(count) => Some(count),
            _ => None,
        })?;
        self.positive(found.least(), amount.span)?;
        found.map(|count| u64::try_from(count).ok())
    }

    fn not_fixed(&mut self, span: Span) {
        let message = "a site chooses this setting, and here the amount must be known before";
        let diagnostic = Diagnostic::new(Code::NotConstant, span, message)
            .help("write the amount out, or name a constant");
        self.report(diagnostic);
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
    pub(crate) fn retry(&mut self, module: usize, clause: &CallClause) -> Option<Attempts> {
        let CallClause::Retry { attempts, backoff } = clause else { return None };
        let backoff = match backoff {
            Some(backoff) => self.length(module, backoff)?,
            None => hir::Amount::Fixed(BACKOFF),
        };
        let count = self.count(module, attempts)?;
        let Some(count) = count.map(|count| u8::try_from(count).ok()) else {
            let message = format!("at most {} attempts are made", u8::MAX);
            self.report(Diagnostic::new(Code::TooLarge, attempts.span, message));
            return None;
        };
        Some(Attempts { attempts: count, backoff })
    }

    /// As [`Context::retry`], in a declaration.
    pub(crate) fn fixed_retry(&mut self, module: usize, clause: &CallClause) -> Option<Retry> {
        let retry = self.retry(module, clause)?;
        let (hir::Amount::Fixed(attempts), hir::Amount::Fixed(backoff)) =
            (retry.attempts, retry.backoff)
        else {
            let CallClause::Retry { attempts, .. } = clause else { return None };
            self.not_fixed(attempts.span);
            return None;
        };
        Some(Retry { attempts, backoff })
    }
}

impl Lower<'_, '_> {
    /// A duration that a setting may decide.
    pub(crate) fn wait_amount(&mut self, amount: &Interval) -> Option<Wait> {
        let duration = self.cx.types.duration;
        match self.cx.length(self.module, amount)? {
            hir::Amount::Fixed(fixed) => Some(self.wait_for(fixed, amount.span)),
            hir::Amount::Setting { id, least: min, most: max } => {
                let kind = ExprKind::Setting(id);
                let value = Expr { kind, ty: duration, span: amount.span };
                Some(Wait { value, min, max })
            }
        }
    }

    /// A wait of a known length.
    pub(crate) fn wait_for(&self, length: Duration, span: Span) -> Wait {
        let kind = ExprKind::Constant(Value::Duration(length));
        let value = Expr { kind, ty: self.cx.types.duration, span };
        Wait { value, min: length, max: length }
    }
}
