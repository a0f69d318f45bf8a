//! Values that a text names: what `parse.text` gives, and what stands for a
//! scalar in JSON, as a text or as the key of a map.

use rye_core::asset;
use rye_core::ty::{AssetForm, Type, TypeId, TypeTable, Variant};
use rye_core::value::{Cidr, Duration, Hash, Time, Value, net};

use crate::heap::Memory;
use crate::slot;
use crate::trap::Trap;

/// The value of type `ty` that `text` names; `None` when it names none. Numbers
/// are read as JSON writes them, all else as the language does.
pub(crate) fn parse(
    memory: &mut Memory<'_>,
    types: &TypeTable,
    ty: TypeId,
    text: &str,
) -> Result<Option<u64>, Trap> {
    let number = |value: Option<i64>| Ok(value.map(i64::cast_unsigned));
    let Some(declared) = types.get(ty) else { return Ok(None) };
    match declared {
        Type::Bool => Ok(match text {
            "true" => Some(1),
            "false" => Some(0),
            _ => None,
        }),
        Type::Int => number(integer(text)),
        Type::Port => number(integer(text).filter(|port| (0..=65_535).contains(port))),
        Type::Float => Ok(float(text).map(f64::to_bits)),
        Type::Time => number(Time::parse(text).map(|time| time.0)),
        Type::Duration => number(duration(text).map(|duration| duration.0)),
        Type::Text { max } if text.len() <= slot::size(*max) => memory.add_text(text).map(Some),
        Type::Ip => net::parse_ip(text).map(|ip| memory.add_ip(ip)).transpose(),
        Type::Cidr => Cidr::parse(text).ok().map(|cidr| memory.add_cidr(cidr)).transpose(),
        Type::Url => spelled(memory, net::canonical_url(text)),
        Type::Domain => spelled(memory, net::canonical_name(text)),
        Type::Email => spelled(memory, net::canonical_email(text)),
        Type::Hash => Hash::parse(text).map(|hash| memory.add_blob(hash.as_bytes())).transpose(),
        Type::Asset { form: AssetForm::Value, of, .. } => parse(memory, types, *of, text),
        Type::Asset { form, .. } => {
            let Some(Value::Text(name)) = asset::canonical(*form, Value::text(text)) else {
                return Ok(None);
            };
            memory.add_text(&name).map(Some)
        }
        Type::Enum { variants, .. } => {
            let named = |variant: &Variant| *variant.name == *text && variant.payload.is_empty();
            Ok(variants.iter().position(named).map(slot::count))
        }
        _ => Ok(None),
    }
}

fn spelled(memory: &mut Memory<'_>, text: Option<String>) -> Result<Option<u64>, Trap> {
    text.map(|text| memory.add_text(&text)).transpose()
}

/// An integer as JSON writes it, whole and without exponent.
pub(crate) fn integer(text: &str) -> Option<i64> {
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
pub(crate) fn float(text: &str) -> Option<f64> {
    if !is_number(text.as_bytes()) {
        return None;
    }
    // Adding zero turns `-0.0` into `0.0`.
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| value + 0.0)
}

/// Whether bytes are a number of JSON.
pub(crate) fn is_number(bytes: &[u8]) -> bool {
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
fn duration(text: &str) -> Option<Duration> {
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
pub(crate) fn example(types: &TypeTable, ty: TypeId) -> String {
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
