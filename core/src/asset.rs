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
    fn what_names_nothing_is_no_asset() {
        for form in [AssetForm::Name, AssetForm::Text, AssetForm::Exact] {
            assert_eq!(text(form, ""), None);
        }
        assert_eq!(text(AssetForm::Name, "a b"), None);
    }
}
