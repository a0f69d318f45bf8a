//! Lower-case hexadecimal, for the ids and digests that people see.

use core::fmt::{self, Write};

/// Writes `bytes` as lower-case hexadecimal digits.
///
/// # Errors
/// Only those of the formatter.
pub fn write(f: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

/// `bytes` as lower-case hexadecimal digits.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    // Writing to a `String` does not fail.
    let _ = write(&mut text, bytes);
    text
}

/// The bytes that an even number of hexadecimal digits names.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .bytes()
        .map(|b| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Exactly `N` bytes from `2 N` hexadecimal digits.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}
