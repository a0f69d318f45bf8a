//! Keys as small text files. The first line says what the file is and in which
//! version; every line is checked, so that a damaged file is never another key.
//!
//! The plain secret form is not encrypted: whoever reads or writes such a file sees to
//! it that only its owner can. The other one is in [`encrypted`].

pub mod encrypted;

use core::fmt;

use zeroize::Zeroizing;

use crate::name::quote;
use crate::signature::{PublicKey, SecretKey};

/// The first line of a file with a secret key.
pub const SECRET_KEY_HEADER: &str = "rye-secret-key v1";
/// The first line of a file with a public key.
pub const PUBLIC_KEY_HEADER: &str = "rye-public-key v1";

/// What is wrong with a key file. Never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFileFlaw {
    /// The line, from 1.
    pub line: usize,
    /// What was expected there.
    pub expected: &'static str,
    /// What was found, in words.
    pub found: String,
}

impl fmt::Display for KeyFileFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: expected {}, found {}", self.line, self.expected, self.found)
    }
}

impl core::error::Error for KeyFileFlaw {}

/// The text of a secret key's file. Wiped from memory when it is dropped.
pub fn write_secret_key(key: &SecretKey) -> Zeroizing<String> {
    // All of it is reserved at once: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(256));
    text.push_str(SECRET_KEY_HEADER);
    text.push_str("\nseed ");
    push_hex(&mut text, key.seed());
    text.push_str("\npublic ");
    push_hex(&mut text, key.public().bytes());
    text.push('\n');
    text
}

/// The text of a public key's file.
pub fn write_public_key(key: &PublicKey) -> String {
    let mut text = format!("{PUBLIC_KEY_HEADER}\npublic ");
    push_hex(&mut text, key.bytes());
    text.push_str("\nkey-id ");
    push_hex(&mut text, &key.id().0);
    text.push('\n');
    text
}

/// Reads a secret key's file.
///
/// # Errors
/// The first line that is not as it should be.
pub fn read_secret_key(text: &str) -> Result<SecretKey, KeyFileFlaw> {
    let [header, seed, public] = lines(text)?;
    expect_header(header, SECRET_KEY_HEADER, "`rye-secret-key v1`")?;
    let expected = "`seed ` and 64 lower-case hexadecimal digits";
    // The line holds a secret: it is not shown.
    let flaw = || KeyFileFlaw { line: 2, expected, found: "something else".to_owned() };
    let seed = field(seed, "seed ").ok_or_else(flaw)?;
    let key = SecretKey::from_seed(&seed).map_err(|_| flaw())?;
    let expected = "`public ` and the public key of that seed";
    let same = field(public, "public ").is_some_and(|it| *it == *key.public().bytes());
    if !same {
        return Err(KeyFileFlaw { line: 3, expected, found: quote(public) });
    }
    Ok(key)
}

/// Reads a public key's file, and admits the key.
///
/// # Errors
/// The first line that is not as it should be.
pub fn read_public_key(text: &str) -> Result<PublicKey, KeyFileFlaw> {
    let [header, public, key_id] = lines(text)?;
    if header == SECRET_KEY_HEADER {
        let found = "a secret key: it must not leave its owner".to_owned();
        return Err(KeyFileFlaw { line: 1, expected: "`rye-public-key v1`", found });
    }
    expect_header(header, PUBLIC_KEY_HEADER, "`rye-public-key v1`")?;
    let expected = "`public ` and 64 lower-case hexadecimal digits";
    let bytes = field(public, "public ").ok_or_else(|| KeyFileFlaw {
        line: 2,
        expected,
        found: quote(public),
    })?;
    let key = PublicKey::admit(&bytes).map_err(|flaw| KeyFileFlaw {
        line: 2,
        expected: "an ordinary Ed25519 public key",
        found: flaw.to_string(),
    })?;
    let same = field(key_id, "key-id ").is_some_and(|it| *it == key.id().0);
    if !same {
        let expected = "`key-id ` and the id of that key";
        return Err(KeyFileFlaw { line: 3, expected, found: quote(key_id) });
    }
    Ok(key)
}

/// The three lines of a key file, each ended by a line feed.
fn lines(text: &str) -> Result<[&str; 3], KeyFileFlaw> {
    let expected = "three lines, each ended by a line feed";
    let count = text.bytes().filter(|byte| *byte == b'\n').count();
    let flaw = || KeyFileFlaw { line: 1, expected, found: format!("{count} line ends") };
    let text = text.strip_suffix('\n').ok_or_else(flaw)?;
    let mut parts = text.split('\n');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(a), Some(b), Some(c), None) => Ok([a, b, c]),
        _ => Err(flaw()),
    }
}

fn expect_header(found: &str, header: &str, expected: &'static str) -> Result<(), KeyFileFlaw> {
    if found == header {
        return Ok(());
    }
    // It may be a secret in the wrong place: only its kind is told.
    let found = match found {
        SECRET_KEY_HEADER => "a secret key",
        PUBLIC_KEY_HEADER => "a public key",
        _ => "something else",
    };
    Err(KeyFileFlaw { line: 1, expected, found: found.to_owned() })
}

/// The 32 bytes that follow `name` on a line.
fn field(line: &str, name: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = line.strip_prefix(name)?.as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.checked_sub(b'a' - 10),
        _ => None,
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    // Writing to a `String` does not fail.
    let _ = rye_core::hex::write(text, bytes);
}

#[cfg(test)]
mod tests;
