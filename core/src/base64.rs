//! Bytes as a text: base64 with the standard alphabet and padding.

/// The bytes that `text` stands for; `None` when it stands for none, or is not
/// the one spelling of them.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len().saturating_mul(3));
    for (index, group) in groups.iter().enumerate() {
        let last = index.saturating_add(1) == groups.len();
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && !last) {
            return None;
        }
        let mut bits = 0_u32;
        for byte in group.iter().take(4_usize.saturating_sub(padding)) {
            bits = bits << 6 | digit(*byte)?;
        }
        bits = bits.wrapping_shl(u32::try_from(padding).ok()?.saturating_mul(6));
        let [_, decoded @ ..] = bits.to_be_bytes();
        let (kept, cut) = decoded.split_at_checked(3_usize.saturating_sub(padding))?;
        // Bits behind the last byte would be a second spelling.
        if cut.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

/// The one spelling of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for chunk in bytes.chunks(3) {
        let mut padded = [0; 3];
        for (to, from) in padded.iter_mut().zip(chunk) {
            *to = *from;
        }
        let [first, second, third] = padded;
        let sextets = [
            first >> 2,
            (first & 0b11) << 4 | second >> 4,
            (second & 0b1111) << 2 | third >> 6,
            third & 0b11_1111,
        ];
        for (index, sextet) in sextets.into_iter().enumerate() {
            text.push(if index > chunk.len() { '=' } else { letter(sextet) });
        }
    }
    text
}

/// The letter of a number below 64.
fn letter(sextet: u8) -> char {
    char::from(match sextet {
        0..=25 => b'A'.saturating_add(sextet),
        26..=51 => b'a'.saturating_add(sextet.saturating_sub(26)),
        52..=61 => b'0'.saturating_add(sextet.saturating_sub(52)),
        62 => b'+',
        _ => b'/',
    })
}

fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte.checked_sub(b'A')?,
        b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(26)?,
        b'0'..=b'9' => byte.checked_sub(b'0')?.checked_add(52)?,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    #[test]
    fn the_vectors_of_rfc_4648_are_read() {
        let cases =
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")];
        for (text, bytes) in cases {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
            assert_eq!(encode(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn every_value_has_one_spelling() {
        for text in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm-v", " Zg=="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_is_the_inverse_of_writing(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
