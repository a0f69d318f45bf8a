//! The units of a value: what the price of an operation grows with.
//!
//! A text, URL, domain, mail address or `Bytes` has one for each 64 bytes, begun ones
//! included; a list one for each element, a map one for each entry. Everything else has
//! none of its own.

use rye_core::value::Value;

const TEXT_UNIT_BYTES: usize = 64;

/// The units of a value with all that it contains.
pub(crate) fn units(value: &Value) -> u64 {
    let all = |values: &[Value]| values.iter().map(units).sum::<u64>();
    let inner = match value {
        Value::Asset { value, .. } => units(value),
        Value::List(values) | Value::Variant { payload: values, .. } => all(values),
        Value::Map(entries) => {
            entries.iter().map(|(key, value)| units(key) + units(value)).sum::<u64>()
        }
        Value::Record { fields, .. } => fields.iter().map(|(_, value)| units(value)).sum::<u64>(),
        _ => 0,
    };
    own_units(value) + inner
}

/// The units of a value alone.
pub(crate) fn own_units(value: &Value) -> u64 {
    let count = match value {
        Value::Text(text) | Value::Url(text) | Value::Domain(text) | Value::Email(text) => {
            text.len().div_ceil(TEXT_UNIT_BYTES)
        }
        Value::Secret(name) => name.len().div_ceil(TEXT_UNIT_BYTES),
        Value::Bytes(bytes) => bytes.len().div_ceil(TEXT_UNIT_BYTES),
        Value::List(values) => values.len(),
        Value::Map(entries) => entries.len(),
        _ => 0,
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}
