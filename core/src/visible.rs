//! Texts as they may be shown to people: nothing in them moves a cursor, hides,
//! or turns the reading direction, because much of it comes from alerts.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with every character that is not seen as itself written as an escape:
/// `\n`, `\t`, `\u{1b}`. The answer is one line.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().saturating_mul(2));
    for character in text.chars() {
        if is_hidden(character) {
            // Writing to a `String` does not fail.
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether people don't see `character` as itself. Joiners (U+200C, U+200D) stay:
/// whole scripts need them.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Soft hyphen, zero-width space, word joiner and other invisible signs.
            '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            // Marks, embeddings, overrides and isolates of reading direction.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{206f}'
            // Line and paragraph separator.
            | '\u{2028}' | '\u{2029}'
            // Annotations, and the invisible copy of ASCII.
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays_as_it_is() {
        for text in ["", "blocked 203.0.113.7", "C:\\Windows", "日本語 é", "a \"quoted\" {hole}"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_is_not_seen_is_written_out() {
        for (text, shown) in [
            ("a\nb\r\n", "a\\nb\\r\\n"),
            ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("safe\u{202e}exe.txt", "safe\\u{202e}exe.txt"),
            ("a\u{2028}b\u{200b}\u{feff}", "a\\u{2028}b\\u{200b}\\u{feff}"),
            ("\0", "\\u{0}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
