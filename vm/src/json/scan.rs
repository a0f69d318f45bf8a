//! The bytes of a JSON text, one after the other: white space, punctuation,
//! texts, numbers, and values that nobody wants.

use rye_core::limit::JSON_DEPTH_MAX;

use super::error::Refused;
use super::escape::unescape;
use crate::named;

/// A place in a JSON text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'i> {
    input: &'i str,
    at: usize,
}

/// A text as it stands in the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawText<'i> {
    /// What stands between the quotes.
    pub(super) raw: &'i str,
    /// Whether there are escapes in it.
    pub(super) escaped: bool,
    /// Where the opening quote stands.
    pub(super) at: usize,
}

type Outcome<T> = Result<T, Refused>;

impl<'i> Scanner<'i> {
    pub(super) fn new(input: &'i str) -> Self {
        Self { input, at: 0 }
    }

    /// The offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.input.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn bump(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    /// The next byte that is no white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_space(),
        }
    }

    #[inline(never)]
    fn peek_behind_space(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.bump(),
                other => return other,
            }
        }
    }

    /// Takes the next byte if it is `wanted`.
    #[inline]
    pub(super) fn take(&mut self, wanted: u8) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.bump();
        }
        there
    }

    /// Takes `wanted`, or says that it is missing.
    #[inline]
    pub(super) fn expect(&mut self, wanted: u8, expected: &'static str) -> Outcome<()> {
        if self.take(wanted) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// An error at the next byte.
    #[cold]
    pub(super) fn unexpected(&mut self, expected: &str) -> Refused {
        self.peek();
        Refused::new(self.at, expected, self.describe())
    }

    /// What stands at the next byte, for people.
    #[cold]
    pub(super) fn describe(&self) -> String {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let mut ahead = *self;
        match rest.chars().next() {
            None => String::from("the end of the input"),
            Some('{') => String::from("an object"),
            Some('[') => String::from("a list"),
            Some('"') => match ahead.text() {
                Ok(text) => format!("the text {}", shortened(text.raw)),
                Err(_) => String::from("a text without an end"),
            },
            Some('0'..='9' | '-') => {
                let (word, _) = ahead.number();
                let end = word.char_indices().nth(40).map_or(word.len(), |(end, _)| end);
                format!("the number {}", word.get(..end).unwrap_or_default())
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).take(20).count();
                rest.get(..word).unwrap_or_default().to_owned()
            }
            Some(other) => format!("`{}`", other.escape_debug()),
        }
    }

    /// Takes the text that begins at this very byte, if nothing in it is escaped.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Option<&'i str> {
        let bytes = self.input.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let start = self.at.wrapping_add(1);
        let end = start.wrapping_add(plain(bytes, start));
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end.wrapping_add(1);
        self.input.get(start..end)
    }

    /// The text that begins at the next byte.
    pub(super) fn text(&mut self) -> Outcome<RawText<'i>> {
        let at = self.at;
        self.expect(b'"', "a text")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at = self.at.saturating_add(plain(self.input.as_bytes(), self.at));
            match self.byte() {
                Some(b'"') => {
                    let raw = self.input.get(start..self.at).unwrap_or_default();
                    self.bump();
                    return Ok(RawText { raw, escaped, at });
                }
                Some(b'\\') => {
                    escaped = true;
                    // What follows is looked at when the text is wanted; a quote that is
                    // escaped ends nothing.
                    self.bump();
                    if self.byte().is_some_and(|byte| byte >= 0x20) {
                        self.at = self.at.saturating_add(self.character_length());
                    }
                }
                Some(_) => {
                    return Err(Refused::new(
                        self.at,
                        "no control character in a text (`\\n` stands for a new line)",
                        "one",
                    ));
                }
                None => return Err(Refused::new(at, "a text with an end", "none")),
            }
        }
    }

    fn character_length(&self) -> usize {
        let rest = self.input.get(self.at..).unwrap_or_default();
        rest.chars().next().map_or(1, char::len_utf8)
    }

    /// The number that begins at the next byte, and where.
    #[inline]
    pub(super) fn number(&mut self) -> (&'i str, usize) {
        self.peek();
        let start = self.at;
        while let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') = self.byte() {
            self.bump();
        }
        (self.input.get(start..self.at).unwrap_or_default(), start)
    }

    /// Takes a word such as `null`.
    pub(super) fn word(&mut self, word: &str) -> bool {
        self.peek();
        let there = self.input.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if there {
            self.at = self.at.saturating_add(word.len());
        }
        there
    }

    /// Takes the key of a member and the colon behind it, if it is `name` and
    /// spelt without escapes.
    #[inline]
    pub(super) fn take_key(&mut self, name: &str) -> bool {
        let before = self.at;
        let rest = self.input.as_bytes().get(before..).unwrap_or_default();
        let [b'"', rest @ ..] = rest else { return false };
        // Most names that are not there differ in their first byte.
        if rest.first() != name.as_bytes().first() {
            return false;
        }
        let behind = rest.strip_prefix(name.as_bytes()).and_then(|rest| rest.first());
        if behind != Some(&b'"') {
            return false;
        }
        self.at = before.saturating_add(name.len()).saturating_add(2);
        if self.take(b':') {
            return true;
        }
        self.at = before;
        false
    }

    /// The key of a member, with the colon behind it.
    #[inline]
    pub(super) fn key(&mut self) -> Outcome<RawText<'i>> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("the name of a member in quotes"));
        }
        let key = self.text()?;
        self.expect(b':', "`:`")?;
        Ok(key)
    }

    /// Passes over a value that nobody wants, and is strict about it all the same.
    pub(super) fn skip(&mut self) -> Outcome<()> {
        // One bit per open list (0) or object (1), the innermost lowest.
        let (mut open, mut depth) = (0_u128, 0_u32);
        loop {
            let object = match self.peek() {
                Some(b'{') => true,
                Some(b'[') => false,
                _ => {
                    self.skip_scalar()?;
                    if self.close(&mut open, &mut depth)? {
                        return Ok(());
                    }
                    continue;
                }
            };
            if depth == JSON_DEPTH_MAX {
                let expected = format!("at most {JSON_DEPTH_MAX} levels of nesting");
                return Err(Refused::new(self.at, expected, "more"));
            }
            self.bump();
            (open, depth) = (open << 1 | u128::from(object), depth.saturating_add(1));
            let empty = self.peek() == Some(if object { b'}' } else { b']' });
            if empty {
                if self.close(&mut open, &mut depth)? {
                    return Ok(());
                }
            } else if object {
                self.key()?;
            }
        }
    }

    /// Closes what ends behind a value; whether nothing is open any more. If not,
    /// the next value begins.
    fn close(&mut self, open: &mut u128, depth: &mut u32) -> Outcome<bool> {
        while *depth > 0 {
            let object = *open & 1 == 1;
            if self.take(b',') {
                if object {
                    self.key()?;
                }
                return Ok(false);
            }
            if object {
                self.expect(b'}', "`,` or `}`")?;
            } else {
                self.expect(b']', "`,` or `]`")?;
            }
            (*open, *depth) = (*open >> 1, depth.saturating_sub(1));
        }
        Ok(true)
    }

    fn skip_scalar(&mut self) -> Outcome<()> {
        match self.peek() {
            Some(b'"') => {
                let text = self.text()?;
                if text.escaped {
                    unescape(text, &mut String::new())?;
                }
                Ok(())
            }
            Some(b'-' | b'0'..=b'9') => {
                let (number, at) = self.number();
                if named::is_number(number.as_bytes()) {
                    return Ok(());
                }
                Err(Refused::new(at, "a number", format!("`{}`", shortened(number))))
            }
            _ if self.word("true") || self.word("false") || self.word("null") => Ok(()),
            _ => Err(self.unexpected("a value")),
        }
    }
}

/// A text in quotes, cut where it gets long.
fn shortened(raw: &str) -> String {
    match raw.char_indices().nth(60) {
        Some((end, _)) => format!("\"{}…\"", raw.get(..end).unwrap_or_default()),
        None => format!("\"{raw}\""),
    }
}

/// How many bytes from `at` on are neither a quote, a backslash nor a control
/// character: eight at a time.
#[inline]
fn plain(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let (chunks, _) = rest.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let special = special(u64::from_le_bytes(*chunk));
        if special != 0 {
            let first = usize::try_from(special.trailing_zeros() / 8).unwrap_or(0);
            return index.wrapping_mul(8).wrapping_add(first);
        }
    }
    let passed = chunks.len().wrapping_mul(8);
    let tail = rest.get(passed..).unwrap_or_default();
    let ends = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    passed.wrapping_add(tail.iter().position(ends).unwrap_or(tail.len()))
}

/// The high bits of the bytes that end a plain run; those below the lowest that
/// is set are exact.
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // A byte is below `n` if subtracting `n` borrows, and it is ASCII. Without its second
    // bit a quote, 0x22, stands right above the control characters, which stay below it.
    let control_or_quote = (word ^ ONES.wrapping_mul(0x02)).wrapping_sub(ONES.wrapping_mul(0x21));
    let backslash = (word ^ ONES.wrapping_mul(u64::from(b'\\'))).wrapping_sub(ONES);
    (control_or_quote | backslash) & !word & HIGH
}
