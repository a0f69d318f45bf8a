//! JSON for machines to read, one object per line, written by hand: a handful
//! of fields needs no library.

use core::fmt::Write;

/// A JSON object that is being written.
#[derive(Debug)]
pub(crate) struct Object {
    text: String,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self { text: String::from("{") }
    }

    /// Adds a whole number. Those that may pass 2^53 go as text.
    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        // Writing to a `String` does not fail.
        let _ = write!(self.text, "{value}");
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_quoted(&mut self.text, value);
    }

    /// Adds what can be shown without quotes and backslashes: digits, ids, digests.
    pub(crate) fn shown(&mut self, name: &str, value: impl core::fmt::Display) {
        self.name(name);
        let _ = write!(self.text, "\"{value}\"");
    }

    /// Adds bytes as hexadecimal digits.
    pub(crate) fn hex(&mut self, name: &str, bytes: &[u8]) {
        self.name(name);
        self.text.push('"');
        let _ = rye_core::hex::write(&mut self.text, bytes);
        self.text.push('"');
    }

    /// Adds `true`.
    pub(crate) fn truth(&mut self, name: &str) {
        self.name(name);
        self.text.push_str("true");
    }

    /// Adds a list of objects.
    pub(crate) fn list(&mut self, name: &str, objects: impl Iterator<Item = Self>) {
        self.name(name);
        self.text.push('[');
        for (index, object) in objects.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.text.push_str(&object.finish());
        }
        self.text.push(']');
    }

    /// The whole object.
    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        push_quoted(&mut self.text, name);
        self.text.push(':');
    }
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
