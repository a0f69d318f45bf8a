//! Escapes in the texts of JSON.

use super::Outcome;
use super::error::Refused;
use super::scan::RawText;

/// Appends a text with its escapes resolved.
pub(super) fn unescape(text: RawText<'_>, plain: &mut String) -> Outcome<()> {
    let wrong = |offset: usize, found: &str| {
        let at = text.at.saturating_add(offset).saturating_add(1);
        Refused::new(at, "an escape of JSON", found)
    };
    let mut rest = text.raw;
    while let Some(at) = rest.find('\\') {
        let offset = text.raw.len().saturating_sub(rest.len()).saturating_add(at);
        plain.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let mut chars = escape.chars();
        plain.push(match chars.next() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let (character, behind) =
                    unicode(chars.as_str()).ok_or_else(|| wrong(offset, "half a character"))?;
                chars = behind.chars();
                character
            }
            _ => return Err(wrong(offset, "another one")),
        });
        rest = chars.as_str();
    }
    plain.push_str(rest);
    Ok(())
}

/// The character of `XXXX`, or of `XXXX\uXXXX` for a pair of surrogates, and what
/// is behind it.
fn unicode(digits: &str) -> Option<(char, &str)> {
    let unit = |text: &str| -> Option<u32> {
        let digits = text.get(..4).filter(|d| d.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let (first, behind) = (unit(digits)?, digits.get(4..)?);
    if let Some(character) = char::from_u32(first) {
        return Some((character, behind));
    }
    let low = behind.strip_prefix("\\u")?;
    let (second, behind) = (unit(low)?, low.get(4..)?);
    let character = char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(second).ok()?])
        .next()?
        .ok()?;
    Some((character, behind))
}
