//! Values as JSON, for people's tools: what is shown, sent to a webhook, exported,
//! said to and by a site's own adapters.
//!
//! The way back needs the declared type. It is what the machine's decoder of inputs
//! takes, which decodes straight into its slots; here a value comes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::{Name, Value};
use crate::base64;
use crate::ty::fit::{Misfit, fits};
use crate::ty::{Field, Type, TypeId, TypeTable, Variant, spelled};

/// `value` as JSON: assets and network values as texts, records as objects,
/// an enum's alternative as its name or as `{"name": [payload…]}`.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        Value::Float(value) => Number::from_f64(value.get()).map_or(Json::Null, Json::Number),
        Value::Bytes(bytes) => Json::String(base64::encode(bytes)),
        Value::Port(port) => Json::Number((*port).into()),
        Value::Asset { value, .. } => to_json(value),
        Value::List(values) => Json::Array(values.iter().map(to_json).collect()),
        Value::Map(entries) => Json::Object(
            entries.iter().map(|(key, value)| (key.to_string(), to_json(value))).collect(),
        ),
        Value::Record { fields, .. } => Json::Object(
            fields.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect(),
        ),
        Value::Variant { variant, payload, .. } if payload.is_empty() => {
            Json::String(variant.to_string())
        }
        Value::Variant { variant, payload, .. } => Json::Object(Map::from_iter([(
            variant.to_string(),
            Json::Array(payload.iter().map(to_json).collect()),
        )])),
        Value::Text(_)
        | Value::Time(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::Url(_)
        | Value::Domain(_)
        | Value::Email(_)
        | Value::Hash(_)
        | Value::Secret(_) => Json::String(value.to_string()),
    }
}

/// The value of the type `id` that `json` says. Members of objects that a record
/// doesn't have are passed over.
///
/// # Errors
/// The first part that is not of its type.
pub fn from_json(types: &TypeTable, id: TypeId, json: &Json) -> Result<Value, Misfit> {
    let wrong = || misfit(spelled::example(types, id), json);
    let Some(ty) = types.get(id) else { return Err(wrong()) };
    let value = match (ty, json) {
        (Type::Unit | Type::Optional { .. }, Json::Null) => Value::None,
        (Type::Optional { inner }, some) => from_json(types, *inner, some)?,
        (Type::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Type::Int | Type::Port | Type::Float, Json::Number(number)) => {
            spelled::value(types, id, &number.to_string()).ok_or_else(wrong)?
        }
        (Type::Bytes { .. }, Json::String(text)) => {
            Value::Bytes(base64::decode(text).ok_or_else(wrong)?.into())
        }
        (Type::Record { name, fields }, Json::Object(members)) => {
            Value::Record { name: name.clone(), fields: record(types, fields, members)? }
        }
        (Type::Enum { name, variants, open }, json) => {
            let (variant, payload) = variant(variants, *open, json).ok_or_else(wrong)?;
            let one = |(index, (ty, json)): (usize, (&TypeId, &Json))| {
                within(|| format!(".{}[{index}]", variant.name), from_json(types, *ty, json))
            };
            let payload = variant.payload.iter().zip(payload).enumerate().map(one);
            let payload = payload.collect::<Result<_, _>>()?;
            Value::Variant { name: name.clone(), variant: variant.name.clone(), payload }
        }
        (Type::Asset { name, of, .. }, Json::Object(_)) => {
            Value::asset(name, from_json(types, *of, json)?)
        }
        (Type::List { element, max }, Json::Array(elements)) => {
            at_most(types, id, *max, elements.len())?;
            let one =
                |(index, json)| within(|| format!("[{index}]"), from_json(types, *element, json));
            Value::List(elements.iter().enumerate().map(one).collect::<Result<_, _>>()?)
        }
        (Type::Map { key, value, max }, Json::Object(members)) => {
            at_most(types, id, *max, members.len())?;
            map(types, *key, *value, members)?
        }
        (
            Type::Text { .. }
            | Type::Time
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Url
            | Type::Domain
            | Type::Email
            | Type::Hash
            | Type::Asset { .. },
            Json::String(text),
        ) => spelled::value(types, id, text).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    // Lengths of bytes, and whatever else a type asks for.
    fits(types, id, &value)?;
    Ok(value)
}

fn record(
    types: &TypeTable,
    fields: &[Field],
    members: &Map<String, Json>,
) -> Result<Arc<[(Name, Value)]>, Misfit> {
    let one = |field: &Field| {
        let json = members.get(&*field.name);
        let value = match (types.get(field.ty), json) {
            (_, Some(json)) => from_json(types, field.ty, json),
            (Some(Type::Optional { .. } | Type::Unit), None) => Ok(Value::None),
            (_, None) => Err(Misfit {
                path: String::new(),
                expected: spelled::example(types, field.ty),
                found: String::from("no such member"),
            }),
        };
        Ok((field.name.clone(), within(|| format!(".{}", field.name), value)?))
    };
    fields.iter().map(one).collect()
}

/// The alternative that `json` names, with what is said for its payload; `None` if it
/// names none.
fn variant<'a>(
    variants: &'a [Variant],
    open: bool,
    json: &'a Json,
) -> Option<(&'a Variant, &'a [Json])> {
    let known = |name: &str| variants.iter().find(|variant| *variant.name == *name);
    // The last alternative stands for the names that nobody knows, and what they carry.
    let unknown = || variants.last().filter(|_| open);
    let (variant, payload): (&Variant, &[Json]) = match json {
        Json::String(name) => (known(name).or_else(unknown)?, &[]),
        Json::Object(members) if members.len() == 1 => {
            let (name, payload) = members.iter().next()?;
            match known(name) {
                Some(variant) => (variant, payload.as_array()?),
                None => (unknown()?, &[]),
            }
        }
        _ => return None,
    };
    (variant.payload.len() == payload.len()).then_some((variant, payload))
}

fn map(
    types: &TypeTable,
    key: TypeId,
    value: TypeId,
    members: &Map<String, Json>,
) -> Result<Value, Misfit> {
    let mut entries = BTreeMap::new();
    for (name, json) in members {
        let wrong = |expected: String| Misfit {
            path: format!("[key {name}]"),
            expected,
            found: String::from("another text"),
        };
        let found = spelled::value(types, key, name)
            .ok_or_else(|| wrong(format!("a key: {}", spelled::example(types, key))))?;
        let entry = within(|| format!("[{name}]"), from_json(types, value, json))?;
        if entries.insert(found, entry).is_some() {
            return Err(wrong(String::from("each key once")));
        }
    }
    Ok(Value::Map(entries.into_iter().collect()))
}

fn at_most(types: &TypeTable, id: TypeId, max: u32, found: usize) -> Result<(), Misfit> {
    if u32::try_from(found).is_ok_and(|found| found <= max) {
        return Ok(());
    }
    let (expected, found) = (spelled::example(types, id), format!("{found}"));
    Err(Misfit { path: String::new(), expected, found })
}

fn within<T>(step: impl FnOnce() -> String, result: Result<T, Misfit>) -> Result<T, Misfit> {
    result.map_err(|misfit| Misfit { path: step() + &misfit.path, ..misfit })
}

/// The kind of what was found, and never its content: it may be a secret.
fn misfit(expected: String, found: &Json) -> Misfit {
    let found = match found {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "another number",
        Json::String(_) => "another text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    };
    Misfit { path: String::new(), expected, found: found.to_owned() }
}

#[cfg(test)]
mod tests;
