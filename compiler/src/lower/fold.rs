//! Expressions that are known before anything runs, to their values.

use std::sync::Arc;

use rye_core::asset;
use rye_core::ty::Type;
use rye_core::value::{Duration, Name, Value};
use rye_grammar::span::Span;

use crate::hir::{Expr, ExprKind, Op};
use crate::types::Types;

/// The value of a constant expression.
///
/// # Errors
/// The part that is none.
pub(crate) fn fold(types: &Types, expr: &Expr) -> Result<Value, Span> {
    match &expr.kind {
        ExprKind::Constant(value) => Ok(value.clone()),
        ExprKind::None => Ok(Value::None),
        ExprKind::Some(inner) | ExprKind::Widen(inner) => fold(types, inner),
        ExprKind::List(items) => Ok(Value::List(all(types, items)?.into())),
        ExprKind::Map(entries) => map(types, entries),
        ExprKind::Record(fields) => {
            let Some(Type::Record { name, fields: declared }) = types.get(expr.ty) else {
                return Err(expr.span);
            };
            let names = declared.iter().map(|field| Name::clone(&field.name));
            let values = all(types, fields)?;
            Ok(Value::Record { name: name.clone(), fields: names.zip(values).collect() })
        }
        ExprKind::Variant { variant, payload } => {
            let Some(Type::Enum { name, variants, .. }) = types.get(expr.ty) else {
                return Err(expr.span);
            };
            let variant = variants.get(usize::from(*variant)).ok_or(expr.span)?;
            Ok(Value::Variant {
                name: name.clone(),
                variant: variant.name.clone(),
                payload: all(types, payload)?.into(),
            })
        }
        ExprKind::Wrap(inner) => {
            let value = fold(types, inner)?;
            let Some(Type::Asset { name, form, .. }) = types.get(expr.ty) else {
                return Err(expr.span);
            };
            let value = asset::canonical(*form, value).ok_or(expr.span)?;
            Ok(Value::Asset { kind: name.clone(), value: Arc::new(value) })
        }
        ExprKind::Unwrap(inner) => Ok(fold(types, inner)?.bare().clone()),
        ExprKind::Apply { op, args } => apply(*op, &all(types, args)?).ok_or(expr.span),
        _ => Err(expr.span),
    }
}

fn all(types: &Types, exprs: &[Expr]) -> Result<Vec<Value>, Span> {
    exprs.iter().map(|expr| fold(types, expr)).collect()
}

fn map(types: &Types, entries: &[(Expr, Expr)]) -> Result<Value, Span> {
    let mut found: std::collections::BTreeMap<Value, Value> = std::collections::BTreeMap::new();
    for (key, value) in entries {
        found.insert(fold(types, key)?, fold(types, value)?);
    }
    Ok(Value::Map(found.into_iter().collect()))
}

/// The operators that constants are written with; `None` for others, and where the
/// result doesn't fit.
fn apply(op: Op, args: &[Value]) -> Option<Value> {
    match (op, args) {
        (Op::AddInt, [Value::Int(a), Value::Int(b)]) => a.checked_add(*b).map(Value::Int),
        (Op::SubtractInt, [Value::Int(a), Value::Int(b)]) => a.checked_sub(*b).map(Value::Int),
        (Op::MultiplyInt, [Value::Int(a), Value::Int(b)]) => a.checked_mul(*b).map(Value::Int),
        (Op::NegateInt, [Value::Int(a)]) => a.checked_neg().map(Value::Int),
        (Op::NegateFloat, [Value::Float(a)]) => {
            rye_core::value::Finite::new(-a.get()).map(Value::Float)
        }
        (Op::AddDuration, [Value::Duration(a), Value::Duration(b)]) => {
            a.0.checked_add(b.0).map(Duration).map(Value::Duration)
        }
        (Op::SubtractDuration, [Value::Duration(a), Value::Duration(b)]) => {
            a.0.checked_sub(b.0).map(Duration).map(Value::Duration)
        }
        (Op::ScaleDuration, [Value::Duration(a), Value::Int(b)]) => {
            a.0.checked_mul(*b).map(Duration).map(Value::Duration)
        }
        (Op::NegateDuration, [Value::Duration(a)]) => {
            a.0.checked_neg().map(Duration).map(Value::Duration)
        }
        _ => None,
    }
}
