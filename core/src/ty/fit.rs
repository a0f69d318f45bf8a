//! Whether a value is of a type, and where it isn't.

use core::fmt;

use super::{Type, TypeId, TypeTable};
use crate::asset;
use crate::value::{Value, net};

/// Why a value is not of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The way from the value to the part that doesn't fit, such as
    /// `.hosts[3].name`; empty if it is the value itself.
    pub path: String,
    /// What was wanted.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, found } = self;
        if !path.is_empty() {
            write!(f, "`{path}`: ")?;
        }
        write!(f, "expected {expected}, found {found}")
    }
}

impl core::error::Error for Misfit {}

/// Whether `value` is of the type `id`, canonical forms and maxima included.
///
/// # Errors
/// The first part that isn't.
pub fn fits(types: &TypeTable, id: TypeId, value: &Value) -> Result<(), Misfit> {
    let Some(ty) = types.get(id) else { return Err(misfit("a type", "none")) };
    match (ty, value) {
        (Type::Unit | Type::Optional { .. }, Value::None)
        | (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Float, Value::Float(_))
        | (Type::Time, Value::Time(_))
        | (Type::Duration, Value::Duration(_))
        | (Type::Ip, Value::Ip(_))
        | (Type::Cidr, Value::Cidr(_))
        | (Type::Port, Value::Port(_))
        | (Type::Hash, Value::Hash(_)) => Ok(()),
        (Type::Text { max }, Value::Text(text)) => at_most(*max, text.len(), "bytes"),
        (Type::Bytes { max }, Value::Bytes(bytes)) => at_most(*max, bytes.len(), "bytes"),
        (Type::Url, Value::Url(text)) => canonical(ty, text, net::canonical_url(text)),
        (Type::Domain, Value::Domain(text)) => canonical(ty, text, net::canonical_name(text)),
        (Type::Email, Value::Email(text)) => canonical(ty, text, net::canonical_email(text)),
        (Type::Secret, Value::Secret(name)) if !name.is_empty() => Ok(()),
        (Type::Optional { inner }, some) => fits(types, *inner, some),
        (Type::Asset { name, form, of }, Value::Asset { kind, value }) if name == kind => {
            within(|| String::from(".value"), fits(types, *of, value))?;
            let canonical = asset::canonical(*form, Value::clone(value));
            if canonical.as_ref() == Some(value) {
                Ok(())
            } else {
                Err(misfit(&format!("the canonical form of `{name}`"), &format!("`{value}`")))
            }
        }
        (Type::Record { name, fields }, Value::Record { name: found, fields: values })
            if name == found =>
        {
            let names = fields.iter().map(|field| &field.name);
            if !names.eq(values.iter().map(|(name, _)| name)) {
                return Err(misfit(&format!("the fields of `{name}`"), "others"));
            }
            fields.iter().zip(values.iter()).try_for_each(|(field, (name, value))| {
                within(|| format!(".{name}"), fits(types, field.ty, value))
            })
        }
        (Type::Enum { name, variants, .. }, Value::Variant { name: found, variant, payload })
            if name == found =>
        {
            let expected = variants.iter().find(|known| known.name == *variant);
            let Some(expected) = expected.filter(|known| known.payload.len() == payload.len())
            else {
                let found = format!("`{variant}` with {} values", payload.len());
                return Err(misfit(&format!("an alternative of `{name}`"), &found));
            };
            expected.payload.iter().zip(payload.iter()).enumerate().try_for_each(
                |(index, (ty, value))| {
                    within(|| format!(".{variant}[{index}]"), fits(types, *ty, value))
                },
            )
        }
        (Type::List { element, max }, Value::List(values)) => {
            at_most(*max, values.len(), "elements")?;
            values.iter().enumerate().try_for_each(|(index, value)| {
                within(|| format!("[{index}]"), fits(types, *element, value))
            })
        }
        (Type::Map { key, value, max }, Value::Map(entries)) => {
            at_most(*max, entries.len(), "entries")?;
            entries.iter().try_for_each(|(found, entry)| {
                within(|| format!("[key {found}]"), fits(types, *key, found))?;
                within(|| format!("[{found}]"), fits(types, *value, entry))
            })
        }
        _ => Err(misfit(&format!("`{}`", types.display(id)), kind(value))),
    }
}

fn misfit(expected: &str, found: &str) -> Misfit {
    Misfit { path: String::new(), expected: expected.to_owned(), found: found.to_owned() }
}

fn within(step: impl FnOnce() -> String, result: Result<(), Misfit>) -> Result<(), Misfit> {
    result.map_err(|misfit| Misfit { path: format!("{}{}", step(), misfit.path), ..misfit })
}

fn at_most(max: u32, found: usize, unit: &str) -> Result<(), Misfit> {
    if u32::try_from(found).is_ok_and(|found| found <= max) {
        return Ok(());
    }
    Err(misfit(&format!("at most {max} {unit}"), &found.to_string()))
}

fn canonical(ty: &Type, text: &str, canonical: Option<String>) -> Result<(), Misfit> {
    match canonical {
        Some(canonical) if canonical == text => Ok(()),
        Some(canonical) => Err(misfit(&format!("`{canonical}`"), &format!("`{text}`"))),
        None => Err(misfit(&format!("`{}`", ty.word()), &format!("`{text}`"))),
    }
}

/// What a value is, for people.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::None => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Int(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Text(_) => "a text",
        Value::Time(_) => "an instant",
        Value::Duration(_) => "a duration",
        Value::Ip(_) => "an address",
        Value::Cidr(_) => "a block of addresses",
        Value::Port(_) => "a port",
        Value::Url(_) => "a URL",
        Value::Domain(_) => "a domain",
        Value::Email(_) => "a mail address",
        Value::Hash(_) => "a hash",
        Value::Bytes(_) => "bytes",
        Value::Secret(_) => "a secret",
        Value::Asset { .. } => "an asset of another kind",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Record { .. } => "another record",
        Value::Variant { .. } => "an alternative of another enum",
    }
}

#[cfg(test)]
mod tests;
