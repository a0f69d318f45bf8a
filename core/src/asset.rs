//! Canonical forms of assets: what limits count and protected lists guard.

use std::sync::Arc;

use crate::ty::AssetForm;
use crate::value::{Value, net};

/// `value` in the canonical form of its kind; `None` when it has none (an empty
/// text, a name that is no name).
pub fn canonical(form: AssetForm, value: Value) -> Option<Value> {
    match (form, value) {
        (AssetForm::Name, Value::Text(text)) => {
            // An address may stand for a host; in one spelling only.
            let name = match net::parse_ip(&text) {
                Some(ip) => ip.to_string(),
                None => net::canonical_name(&text)?,
            };
            Some(Value::Text(Arc::from(name)))
        }
        (AssetForm::Text, Value::Text(text)) => {
            let folded = text.trim().to_lowercase();
            (!folded.is_empty()).then(|| Value::Text(Arc::from(folded)))
        }
        (AssetForm::Exact, Value::Text(text)) => (!text.is_empty()).then_some(Value::Text(text)),
        (AssetForm::Value, Value::Text(_)) | (_, Value::None) => None,
        (AssetForm::Value, value) => Some(value),
        _ => None,
    }
}

/// The machine that an asset of several parts is on: the name in its part `host`, as a
/// `Host` has it, however it is written there. A part that is no name of a host is none.
pub fn host_of(asset: &Value) -> Option<Value> {
    match asset.bare().field("host") {
        Some(name @ Value::Text(_)) => canonical(AssetForm::Name, name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(form: AssetForm, text: &str) -> Option<String> {
        canonical(form, Value::text(text)).map(|value| value.to_string())
    }

    #[test]
    fn aliases_become_one() {
        assert_eq!(text(AssetForm::Name, "DC1.Example.").as_deref(), Some("dc1.example"));
        assert_eq!(text(AssetForm::Name, "::ffff:10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(text(AssetForm::Text, " Ann@EXAMPLE ").as_deref(), Some("ann@example"));
        assert_eq!(text(AssetForm::Exact, "AKIA1x").as_deref(), Some("AKIA1x"));
    }

    #[test]
    fn what_is_on_a_machine_knows_it_however_it_is_written() {
        let on = |part: &str, host: &str| {
            let fields = [(part.into(), Value::text(host)), ("name".into(), Value::text("ann"))];
            let value = Value::Record { name: "HostAccount".into(), fields: fields.into() };
            host_of(&Value::asset("HostAccount", value))
        };
        for host in ["web-1.example", "WEB-1.Example", "web-1.example."] {
            assert_eq!(on("host", host), Some(Value::text("web-1.example")), "{host}");
        }
        assert_eq!(on("host", "::ffff:10.0.0.1"), Some(Value::text("10.0.0.1")));
        assert_eq!(on("host", "a b"), None);
        assert_eq!(on("cluster", "web-1"), None);
        assert_eq!(host_of(&Value::asset("Host", Value::text("web-1"))), None);
    }

    #[test]
    fn what_names_nothing_is_no_asset() {
        for form in [AssetForm::Name, AssetForm::Text, AssetForm::Exact] {
            assert_eq!(text(form, ""), None);
        }
        assert_eq!(text(AssetForm::Name, "a b"), None);
    }
}
