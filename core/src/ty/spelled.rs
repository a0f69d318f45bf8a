//! Values as texts spell them: numbers as JSON writes them, all else as the
//! language does. For whoever reads a value of a known type from outside.

use std::sync::Arc;

use super::{AssetForm, Type, TypeId, TypeTable, Variant};
use crate::asset;
use crate::value::{Cidr, Duration, Finite, Hash, Time, Value, net};

/// The value of the type `id` that `text` names, in canonical form; `None` when it
/// names none, or when no text names a value of the type.
pub fn value(types: &TypeTable, id: TypeId, text: &str) -> Option<Value> {
    let spelled = |text: Option<String>| text.map(Arc::<str>::from);
    match types.get(id)? {
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Int => integer(text).map(Value::Int),
        Type::Port => integer(text).and_then(|port| u16::try_from(port).ok()).map(Value::Port),
        Type::Float => float(text).and_then(Finite::new).map(Value::Float),
        Type::Time => Time::parse(text).map(Value::Time),
        Type::Duration => duration(text).map(Value::Duration),
        Type::Text { max } => {
            let fits = u32::try_from(text.len()).is_ok_and(|length| length <= *max);
            fits.then(|| Value::text(text))
        }
        Type::Ip => net::parse_ip(text).map(Value::Ip),
        Type::Cidr => Cidr::parse(text).ok().map(Value::Cidr),
        Type::Url => spelled(net::canonical_url(text)).map(Value::Url),
        Type::Domain => spelled(net::canonical_name(text)).map(Value::Domain),
        Type::Email => spelled(net::canonical_email(text)).map(Value::Email),
        Type::Hash => Hash::parse(text).map(Value::Hash),
        Type::Asset { name, form, of } => {
            let value = asset::canonical(*form, value(types, *of, text)?)?;
            Some(Value::asset(name, value))
        }
        Type::Enum { name, variants, .. } => {
            let named = variants.iter().find(|one| *one.name == *text && one.payload.is_empty())?;
            Some(Value::Variant {
                name: name.clone(),
                variant: named.name.clone(),
                payload: Arc::from([]),
            })
        }
        _ => None,
    }
}

/// An integer as JSON writes it, whole and without exponent.
pub fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || (digits.len() > 1 && digits.first() == Some(&b'0')) {
        return None;
    }
    // Counted downwards, since the smallest has no positive counterpart.
    let mut sum = 0_i64;
    for byte in digits {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        sum = sum.checked_mul(10)?.checked_sub(i64::from(digit))?;
    }
    if negative { Some(sum) } else { sum.checked_neg() }
}

/// A number as JSON writes it, if it is finite.
pub fn float(text: &str) -> Option<f64> {
    if !is_number(text.as_bytes()) {
        return None;
    }
    // Adding zero turns `-0.0` into `0.0`.
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| value + 0.0)
}

/// Whether bytes are a number of JSON.
pub fn is_number(bytes: &[u8]) -> bool {
    fn digits(bytes: &[u8]) -> (usize, &[u8]) {
        let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count, bytes.get(count..).unwrap_or_default())
    }
    let bytes = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, mut rest) = digits(bytes);
    if whole == 0 || (whole > 1 && bytes.first() == Some(&b'0')) {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        let (count, behind) = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = behind;
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let signed = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+"));
        let (count, behind) = digits(signed.unwrap_or(exponent));
        if count == 0 {
            return false;
        }
        rest = behind;
    }
    rest.is_empty()
}

/// A duration as it prints: one unit after the other, largest first, or a single
/// one as in a literal; a sign in front.
pub fn duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest.is_empty() {
        return None;
    }
    // Counted downwards, since the smallest has no positive counterpart.
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest.bytes().skip(digits).take_while(u8::is_ascii_alphabetic).count();
        let (part, behind) = rest.split_at_checked(digits.saturating_add(unit))?;
        sum = sum.checked_sub(Duration::parse(part)?.0)?;
        rest = behind;
    }
    if negative { Some(Duration(sum)) } else { sum.checked_neg().map(Duration) }
}

/// What a text that names a value of the type looks like, for people.
pub fn example(types: &TypeTable, ty: TypeId) -> String {
    let Some(declared) = types.get(ty) else { return String::from("nothing") };
    let word = match declared {
        Type::Unit => "null",
        Type::Bool => "true or false",
        Type::Int => "an integer of 64 bits",
        Type::Float => "a number",
        Type::Port => "a port (0 to 65535)",
        Type::Time => "a time such as \"2026-03-01T09:30:00Z\"",
        Type::Duration => "a duration such as \"15m\"",
        Type::Text { max } => return format!("a text of at most {max} bytes"),
        Type::Bytes { max } => return format!("at most {max} bytes as a text in base64"),
        Type::Ip => "an address such as \"203.0.113.7\"",
        Type::Cidr => "a block such as \"10.0.0.0/8\" without bits behind its prefix",
        Type::Url => "a URL with scheme and host",
        Type::Domain => "a domain such as \"example.org\"",
        Type::Email => "a mail address such as \"ann@example.org\"",
        Type::Hash => "a hash: 32, 40 or 64 hexadecimal digits",
        Type::Asset { name, form: AssetForm::Value, of } => {
            return format!("the {name}: {}", example(types, *of));
        }
        Type::Asset { name, form: AssetForm::Name, .. } => {
            return format!("the name of a {name}, such as \"dc1.example.org\"");
        }
        Type::Asset { name, .. } => return format!("a text that names a {name}"),
        Type::Record { name, .. } => return format!("an object, the {name}"),
        Type::Enum { name, variants, .. } => {
            let written = |Variant { name, payload }: &Variant| match payload.as_slice() {
                [] => format!("\"{name}\""),
                _ => format!("{{\"{name}\": […]}}"),
            };
            let names: Vec<String> = variants.iter().take(12).map(written).collect();
            return format!("one of {name}: {}", names.join(", "));
        }
        Type::List { max, .. } => return format!("a list of at most {max} elements"),
        Type::Map { max, .. } => return format!("an object of at most {max} entries"),
        Type::Optional { inner } => return format!("{}, or null", example(types, *inner)),
        Type::Secret => "nothing: a secret never comes from outside",
        Type::Watch | Type::Approval | Type::Builder { .. } => {
            "nothing: no such value comes from outside"
        }
    };
    String::from(word)
}

#[cfg(test)]
mod tests;
