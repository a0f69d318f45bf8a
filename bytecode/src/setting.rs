//! What a setting of a module can be set to: a site does it for its runs, and whoever
//! plans a run supposes it.

use rye_core::ty::fit::fits;
use rye_core::ty::{Type, TypeId, TypeTable, spelled};
use rye_core::value::{Finite, Value};

use crate::module::{Module, Setting};

/// A value for a setting as it is written, before the setting's type is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a point.
    Float(f64),
    /// A text, which also writes durations, instants, addresses and names.
    Text(String),
}

/// What `declared` becomes when it is written so.
///
/// # Errors
/// When it can't be that: what is wrong, and what helps.
pub fn value(
    module: &Module,
    declared: &Setting,
    written: &Written,
) -> Result<Value, (String, String)> {
    let wanted = module.types.display(declared.ty);
    let example = format!("write one such as the default, `{}`", shown(&declared.default));
    let found = match written {
        Written::Bool(value) => value.to_string(),
        Written::Int(value) => value.to_string(),
        Written::Float(value) => value.to_string(),
        Written::Text(text) => format!("\"{}\"", text.escape_debug()),
    };
    let value = of_type(&module.types, declared.ty, written).filter(|value| {
        // The maxima of the type hold here too.
        fits(&module.types, declared.ty, value).is_ok()
    });
    let Some(value) = value else {
        return Err((format!("expected a value of type `{wanted}`, found {found}"), example));
    };
    match &declared.range {
        Some((low, high)) if !(low..=high).contains(&&value) => {
            let problem = format!("expected {} to {}, found {found}", shown(low), shown(high));
            Err((problem, String::from("the playbook sets these bounds; stay within them")))
        }
        _ => Ok(value),
    }
}

/// The value of a scalar type that is meant.
fn of_type(types: &TypeTable, id: TypeId, written: &Written) -> Option<Value> {
    match (types.get(id)?, written) {
        (Type::Bool, Written::Bool(value)) => Some(Value::Bool(*value)),
        (Type::Int, Written::Int(value)) => Some(Value::Int(*value)),
        (Type::Port, Written::Int(value)) => u16::try_from(*value).ok().map(Value::Port),
        (Type::Float, Written::Float(value)) => Finite::new(*value).map(Value::Float),
        // A whole number is a number too, as long as a float can hold it.
        (Type::Float, Written::Int(value)) => {
            let value = i32::try_from(*value).ok()?;
            Finite::new(f64::from(value)).map(Value::Float)
        }
        // Numbers and truth values are no texts in a site file.
        (Type::Bool | Type::Int | Type::Port | Type::Float, Written::Text(_)) => None,
        (_, Written::Text(text)) => spelled::value(types, id, text),
        _ => None,
    }
}

/// A value as it is written.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Port(_) => value.to_string(),
        other => format!("\"{}\"", other.to_string().escape_debug()),
    }
}
