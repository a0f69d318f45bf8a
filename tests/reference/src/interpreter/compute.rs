//! What an expression comes to, and what it costs.
//!
//! Operands are evaluated from left to right. An operation is paid for before it is
//! done, also where it raises an error. A truth value that only decides where to go is
//! looked at by [`Interpreter::holds`]: there `not` and `!=` cost no negation.

use std::sync::Arc;

use rye_bytecode::instruction::operand::Context;
use rye_compiler::hir::{Aggregate, Expr, ExprKind, Op};
use rye_core::error::{Error, ErrorKind};
use rye_core::limit::TEXT_BYTES_MAX;
use rye_core::ty::Type;
use rye_core::value::{Name, Value};

use super::fuel::{own_units, units};
use super::operator;
use super::{Interpreter, Locals, Stop};

/// Lists and maps of more elements than this are built one by one, which costs more.
const ELEMENTS_AT_ONCE_MAX: usize = 16;

impl<'p> Interpreter<'p, '_> {
    /// The value of an expression.
    pub(super) fn value(&mut self, locals: &mut Locals, expr: &'p Expr) -> Result<Value, Stop> {
        if let Some(name) = name(&expr.kind) {
            self.reach(name);
        }
        match &expr.kind {
            ExprKind::Constant(value) => Ok(value.clone()),
            ExprKind::Local(local) => Ok(locals.get(*local)),
            ExprKind::Setting(setting) => Ok(self.setting(*setting)),
            ExprKind::Context(what) => {
                self.pay(1);
                Ok(match what {
                    Context::RunId => Value::text(self.run.to_string()),
                    Context::Started => Value::Time(self.started),
                    Context::Starter => Value::text(super::STARTER),
                })
            }
            ExprKind::Template { pieces, holes } => self.template(locals, pieces, holes),
            ExprKind::List(elements) => self.list(locals, elements),
            ExprKind::Map(entries) => self.map(locals, entries),
            ExprKind::Record(fields) => {
                let values = self.values(locals, fields)?;
                self.pay(2);
                Ok(self.record(expr, values))
            }
            ExprKind::Variant { variant, payload } => {
                let payload = self.values(locals, payload)?;
                self.pay(2);
                Ok(self.variant(expr, *variant, payload))
            }
            ExprKind::Field { base, field } => {
                let base = self.value(locals, base)?;
                self.pay(1);
                match base.bare() {
                    Value::Record { fields, .. } => {
                        let field = fields.get(usize::from(*field));
                        Ok(field.map_or(Value::None, |(_, value)| value.clone()))
                    }
                    _ => Ok(Value::None),
                }
            }
            ExprKind::None => Ok(Value::None),
            ExprKind::Some(inner) | ExprKind::Widen(inner) => self.value(locals, inner),
            ExprKind::Wrap(inner) => {
                let value = self.value(locals, inner)?;
                self.pay(1);
                let kind = match self.package.types.get(expr.ty) {
                    Some(Type::Asset { name, .. }) => name.clone(),
                    _ => Name::from(""),
                };
                Ok(Value::Asset { kind, value: Arc::new(value) })
            }
            ExprKind::Unwrap(inner) => {
                let value = self.value(locals, inner)?;
                self.pay(1);
                Ok(value.bare().clone())
            }
            ExprKind::Require(inner) => {
                let value = self.value(locals, inner)?;
                self.pay(1);
                if value == Value::None {
                    return Err(raise(ErrorKind::NotFound, "there is no value"));
                }
                Ok(value)
            }
            ExprKind::Default { value, fallback } => {
                let value = self.value(locals, value)?;
                self.pay(1);
                if value == Value::None { self.value(locals, fallback) } else { Ok(value) }
            }
            ExprKind::And(a, b) => {
                let a = self.truth(locals, a)?;
                Ok(Value::Bool(a && self.truth(locals, b)?))
            }
            ExprKind::Or(a, b) => {
                let a = self.truth(locals, a)?;
                Ok(Value::Bool(a || self.truth(locals, b)?))
            }
            ExprKind::Apply { op, args } => self.apply(locals, expr, *op, args),
            ExprKind::Call { function, args } => {
                let args = self.values(locals, args)?;
                self.pay(2);
                self.call(*function, args)
            }
            ExprKind::Comprehension { over, element } => {
                let list = self.elements(locals, &over.list)?;
                Ok(Value::List(self.collect(locals, over, &list, element)?.into()))
            }
            ExprKind::Aggregate { aggregate, over, element } => {
                self.aggregate(locals, expr, *aggregate, over, element)
            }
            ExprKind::Sorted { local, list, keys } => {
                let mut list = self.elements(locals, list)?;
                // The first key decides: it sorts last.
                for key in keys.iter().rev() {
                    list = self.sort(locals, *local, &list, key)?;
                }
                Ok(Value::List(list.into()))
            }
            ExprKind::Ask(ask) => self.ask_in_condition(locals, ask),
        }
    }

    /// The values of expressions, from left to right.
    pub(super) fn values(
        &mut self,
        locals: &mut Locals,
        exprs: impl IntoIterator<Item = &'p Expr>,
    ) -> Result<Vec<Value>, Stop> {
        exprs.into_iter().map(|expr| self.value(locals, expr)).collect()
    }

    pub(super) fn truth(&mut self, locals: &mut Locals, expr: &'p Expr) -> Result<bool, Stop> {
        Ok(self.value(locals, expr)? == Value::Bool(true))
    }

    /// Whether a condition holds that only decides where to go.
    pub(super) fn holds(&mut self, locals: &mut Locals, expr: &'p Expr) -> Result<bool, Stop> {
        match &expr.kind {
            ExprKind::Apply { op: Op::Not, args } => match args.as_slice() {
                [inner] => Ok(!self.holds(locals, inner)?),
                _ => self.truth(locals, expr),
            },
            ExprKind::Apply { op: Op::NotEqual, args } => {
                let args = self.values(locals, args)?;
                self.pay(1 + args.iter().map(units).sum::<u64>());
                Ok(args.first() != args.get(1))
            }
            ExprKind::And(a, b) => Ok(self.holds(locals, a)? && self.holds(locals, b)?),
            ExprKind::Or(a, b) => Ok(self.holds(locals, a)? || self.holds(locals, b)?),
            ExprKind::Aggregate { aggregate: Aggregate::Any, over, element } => {
                let list = self.elements(locals, &over.list)?;
                self.search(locals, over, &list, true, |this, locals| this.holds(locals, element))
            }
            ExprKind::Aggregate { aggregate: Aggregate::All, over, element } => {
                let list = self.elements(locals, &over.list)?;
                self.search(locals, over, &list, false, |this, locals| this.holds(locals, element))
            }
            _ => self.truth(locals, expr),
        }
    }

    fn template(
        &mut self,
        locals: &mut Locals,
        pieces: &[Name],
        holes: &'p [Expr],
    ) -> Result<Value, Stop> {
        let values = self.values(locals, holes)?;
        self.pay(2 + values.iter().map(units).sum::<u64>());
        let mut text = String::new();
        let mut values = values.iter();
        for piece in pieces {
            text.push_str(piece);
            if let Some(value) = values.next() {
                text.push_str(&value.to_string());
            }
        }
        if text.len() > usize::try_from(TEXT_BYTES_MAX).unwrap_or(usize::MAX) {
            return Err(raise(ErrorKind::Limit, "the text is longer than a text may be"));
        }
        Ok(Value::text(text))
    }

    fn list(&mut self, locals: &mut Locals, elements: &'p [Expr]) -> Result<Value, Stop> {
        let one_by_one = elements.len() > ELEMENTS_AT_ONCE_MAX;
        if one_by_one {
            self.pay(1);
        }
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            values.push(self.value(locals, element)?);
            if one_by_one {
                self.pay(1);
            }
        }
        self.pay(if one_by_one { 1 } else { 1 + values.iter().map(units).sum::<u64>() });
        Ok(Value::List(values.into()))
    }

    fn map(&mut self, locals: &mut Locals, entries: &'p [(Expr, Expr)]) -> Result<Value, Stop> {
        let one_by_one = entries.len() > ELEMENTS_AT_ONCE_MAX;
        if one_by_one {
            self.pay(2);
        }
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            if one_by_one {
                keys.push(self.value(locals, key)?);
                self.pay(1);
                values.push(self.value(locals, value)?);
                self.pay(1);
            } else {
                keys.push(self.value(locals, key)?);
                values.push(self.value(locals, value)?);
            }
        }
        let inner: u64 = keys.iter().chain(&values).map(units).sum();
        self.pay(2 + if one_by_one { 0 } else { inner });
        self.pay(1 + inner + 2 * count(keys.len()));
        Ok(operator::map_of(keys.into_iter().zip(values)))
    }

    fn apply(
        &mut self,
        locals: &mut Locals,
        expr: &'p Expr,
        op: Op,
        args: &'p [Expr],
    ) -> Result<Value, Stop> {
        let values = self.values(locals, args)?;
        self.counters.reach_op(op);
        self.pay(operator::price(op, &values));
        operator::apply(&self.package.types, op, expr.ty, &values).map_err(Stop::Error)
    }

    /// The elements of a list.
    pub(super) fn elements(
        &mut self,
        locals: &mut Locals,
        list: &'p Expr,
    ) -> Result<Vec<Value>, Stop> {
        Ok(operator::list(&self.value(locals, list)?).to_vec())
    }

    fn record(&self, expr: &Expr, values: Vec<Value>) -> Value {
        let Some(Type::Record { name, fields }) = self.package.types.get(expr.ty) else {
            return Value::None;
        };
        let names = fields.iter().map(|field| field.name.clone());
        Value::Record { name: name.clone(), fields: names.zip(values).collect() }
    }

    fn variant(&self, expr: &Expr, variant: u8, payload: Vec<Value>) -> Value {
        let Some(Type::Enum { name, variants, .. }) = self.package.types.get(expr.ty) else {
            return Value::None;
        };
        let variant = variants.get(usize::from(variant));
        let variant = variant.map_or_else(|| Name::from(""), |variant| variant.name.clone());
        Value::Variant { name: name.clone(), variant, payload: payload.into() }
    }

    /// So much was computed.
    pub(super) fn pay(&mut self, price: u64) {
        self.fuel += price;
    }
}

/// An error of the playbook's own data.
pub(super) fn raise(kind: ErrorKind, text: &str) -> Stop {
    Stop::Error(Error::new(kind, text))
}

/// A number of elements as units of fuel.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// So much, and the units of the first operand without what it contains.
pub(super) fn by_length(price: u64, args: &[Value]) -> u64 {
    price + args.first().map_or(0, own_units)
}

/// What an expression is called in the report of a campaign, where that is of interest.
fn name(kind: &ExprKind) -> Option<&'static str> {
    Some(match kind {
        ExprKind::Setting(_) => "setting",
        ExprKind::Context(_) => "run facts",
        ExprKind::Template { .. } => "text with holes",
        ExprKind::List(elements) if elements.len() > ELEMENTS_AT_ONCE_MAX => "long list",
        ExprKind::List(_) => "list",
        ExprKind::Map(entries) if entries.len() > ELEMENTS_AT_ONCE_MAX => "long map",
        ExprKind::Map(_) => "map",
        ExprKind::Record(_) => "record",
        ExprKind::Variant { .. } => "alternative",
        ExprKind::Field { .. } => "field",
        ExprKind::Wrap(_) => "asset of a value",
        ExprKind::Unwrap(_) => "value of an asset",
        ExprKind::Require(_) => "e?",
        ExprKind::Default { .. } => "e else",
        ExprKind::And(..) => "and",
        ExprKind::Or(..) => "or",
        ExprKind::Call { .. } => "call",
        ExprKind::Comprehension { .. } => "comprehension",
        ExprKind::Aggregate { aggregate, .. } => match aggregate {
            Aggregate::Count => "count",
            Aggregate::Any => "any",
            Aggregate::All => "all",
            Aggregate::Sum => "sum",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Counted => "counted",
        },
        ExprKind::Sorted { .. } => "sorted",
        ExprKind::Ask(_) => "ask in a condition",
        ExprKind::Constant(_)
        | ExprKind::Local(_)
        | ExprKind::None
        | ExprKind::Some(_)
        | ExprKind::Widen(_)
        | ExprKind::Apply { .. } => return None,
    })
}
