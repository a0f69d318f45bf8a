//! Types as JSON Schema (draft 2020-12): what the machine's decoder of inputs takes.
//!
//! Where a rule can't be written as a schema (bytes instead of characters, host bits
//! of a block), the schema is wider and its description says the rule.

use rye_bytecode::module::Module;
use rye_core::ty::{AssetForm, Field, Type, TypeId, TypeTable, Variant};
use rye_core::value::Name;
use serde_json::{Map, Value, json};

/// The schema of the input of a module's playbook; `None` if there is no such one.
pub(crate) fn of_input(module: &Module, playbook: usize) -> Option<Value> {
    let playbook = module.playbooks.get(playbook)?;
    let function = module.functions.get(usize::from(playbook.function.0))?;
    let mut schemas = Schemas { types: &module.types, named: Map::new() };
    let parameters = playbook.parameters.iter().zip(&function.registers);
    let object = schemas.object(parameters.map(|(name, ty)| (name, *ty)));
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!(format!("input of {}", playbook.name)));
    schema.extend(object);
    if !schemas.named.is_empty() {
        schema.insert("$defs".into(), Value::Object(schemas.named));
    }
    Some(Value::Object(schema))
}

struct Schemas<'a> {
    types: &'a TypeTable,
    /// The schemas of records, enums and assets, by name.
    named: Map<String, Value>,
}

impl Schemas<'_> {
    fn of(&mut self, id: TypeId) -> Value {
        let Some(ty) = self.types.get(id) else { return json!(false) };
        match ty {
            Type::Unit => json!({ "type": "null" }),
            Type::Bool => json!({ "type": "boolean" }),
            Type::Int => json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }),
            Type::Port => json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX }),
            Type::Float => json!({ "type": "number" }),
            Type::Text { max } => json!({
                "type": "string",
                "maxLength": max,
                "description": format!("at most {max} bytes"),
            }),
            Type::Bytes { max } => json!({
                "type": "string",
                "contentEncoding": "base64",
                "maxLength": u64::from(*max).div_ceil(3).saturating_mul(4),
            }),
            Type::List { element, max } => {
                let items = self.of(*element);
                json!({ "type": "array", "items": items, "maxItems": max })
            }
            Type::Map { key, value, max } => {
                let values = self.of(*value);
                json!({
                    "type": "object",
                    "additionalProperties": values,
                    "maxProperties": max,
                    "description": format!("keys: {}", self.types.display(*key)),
                })
            }
            Type::Optional { inner } => {
                let some = self.of(*inner);
                json!({ "anyOf": [some, { "type": "null" }] })
            }
            Type::Asset { name, .. } | Type::Record { name, .. } | Type::Enum { name, .. } => {
                self.reference(name, ty)
            }
            Type::Secret | Type::Watch | Type::Approval | Type::Builder { .. } => json!(false),
            named => text(named),
        }
    }

    /// A reference to the schema of a type with a name, which is added if it isn't there.
    fn reference(&mut self, name: &Name, ty: &Type) -> Value {
        // An asset may have the name of the record that it consists of.
        let name = match ty {
            Type::Asset { .. } => format!("asset.{name}"),
            _ => name.to_string(),
        };
        if !self.named.contains_key(&name) {
            // Types are made of earlier ones, so this is no circle.
            let schema = self.definition(ty);
            self.named.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn definition(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Record { fields, .. } => {
                let fields = fields.iter().map(|Field { name, ty }| (name, *ty));
                Value::Object(self.object(fields))
            }
            Type::Enum { variants, open, .. } => self.choice(variants, *open),
            Type::Asset { form: AssetForm::Value, of, .. } => self.of(*of),
            Type::Asset { form: AssetForm::Name, .. } => {
                json!({ "type": "string", "minLength": 1, "description": "a host name or an address" })
            }
            _ => json!({ "type": "string", "minLength": 1 }),
        }
    }

    /// An object with these members; others are passed over.
    fn object<'n>(
        &mut self,
        members: impl Iterator<Item = (&'n Name, TypeId)>,
    ) -> Map<String, Value> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for (name, ty) in members {
            if !matches!(self.types.get(ty), Some(Type::Optional { .. } | Type::Unit)) {
                required.push(json!(&**name));
            }
            properties.insert(name.to_string(), self.of(ty));
        }
        Map::from_iter([
            ("type".into(), json!("object")),
            ("properties".into(), Value::Object(properties)),
            ("required".into(), Value::Array(required)),
        ])
    }

    /// The name of an alternative, or an object of one with what it carries.
    fn choice(&mut self, variants: &[Variant], open: bool) -> Value {
        let known = if open {
            variants.split_last().map_or(variants, |(_, known)| known)
        } else {
            variants
        };
        let plain = known.iter().filter(|variant| variant.payload.is_empty());
        let plain: Vec<Value> = plain.map(|variant| json!(&*variant.name)).collect();
        let mut any = Vec::new();
        if open {
            let carrying = known.iter().filter(|variant| !variant.payload.is_empty());
            let carrying: Vec<&str> = carrying.map(|variant| &*variant.name).collect();
            any.push(json!({ "type": "string", "examples": plain, "not": { "enum": carrying } }));
        } else if !plain.is_empty() {
            any.push(json!({ "enum": plain }));
        }
        for variant in known.iter().filter(|variant| !variant.payload.is_empty()) {
            let items: Vec<Value> = variant.payload.iter().map(|ty| self.of(*ty)).collect();
            any.push(json!({
                "type": "object",
                "properties": {
                    (&*variant.name): {
                        "type": "array",
                        "prefixItems": items,
                        "minItems": items.len(),
                        "maxItems": items.len(),
                    },
                },
                "required": [&*variant.name],
                "maxProperties": 1,
            }));
        }
        match any.pop() {
            Some(only) if any.is_empty() => only,
            Some(last) => {
                any.push(last);
                json!({ "anyOf": any })
            }
            None => json!(false),
        }
    }
}

/// A scalar that JSON writes as a text.
fn text(ty: &Type) -> Value {
    let (format, pattern, description) = match ty {
        Type::Time => (Some("date-time"), None, "an instant, with its offset from UTC"),
        Type::Duration => {
            (None, Some("^-?([0-9]+(us|ms|s|m|h|d))+$"), "a span of time, such as 15m or -1h30m")
        }
        Type::Ip => (None, None, "an IPv4 or IPv6 address"),
        Type::Cidr => (None, Some("/[0-9]{1,3}$"), "a block such as 10.0.0.0/8, without host bits"),
        Type::Url => (Some("uri"), None, "a URL with scheme and host"),
        Type::Domain => (None, None, "a domain name"),
        Type::Email => (None, Some("@"), "a mail address"),
        Type::Hash => (
            None,
            Some("^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$"),
            "an MD5, SHA-1 or SHA-256 hash",
        ),
        _ => (None, None, ""),
    };
    let mut schema = Map::from_iter([
        ("type".into(), json!("string")),
        ("description".into(), json!(description)),
    ]);
    schema.extend(format.map(|format| ("format".into(), json!(format))));
    schema.extend(pattern.map(|pattern| ("pattern".into(), json!(pattern))));
    Value::Object(schema)
}

#[cfg(test)]
mod tests;
