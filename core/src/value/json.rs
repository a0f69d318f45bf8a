//! Values as JSON, for people's tools: what is shown, sent to a webhook, exported.
//!
//! The way back needs the declared type and is the machine's, which decodes
//! straight into its slots.

use serde_json::{Map, Number, Value as Json};

use super::Value;

/// `value` as JSON: assets and network values as texts, records as objects,
/// an enum's alternative as its name or as `{"name": [payload…]}`.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        Value::Float(value) => Number::from_f64(value.get()).map_or(Json::Null, Json::Number),
        Value::Bytes(bytes) => Json::String(crate::base64::encode(bytes)),
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
