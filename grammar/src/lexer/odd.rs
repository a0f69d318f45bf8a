//! What has no place in a source: characters that hide, signs of other
//! languages, letters outside of ASCII.
//!
//! Each is reported where it stands and then left out or replaced by what was
//! meant, so that the rest of the statement is still read.

use rye_core::visible::is_hidden;

use super::Lexer;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span, position};
use crate::token::Kind;

/// Whether a character has no business in a source because nobody sees it. Tabs and line
/// breaks are seen by what they do.
fn hides(character: char) -> bool {
    is_hidden(character) && !matches!(character, '\n' | '\r' | '\t')
}

/// Reports what hides, in comments and texts too: whoever reviews a playbook must see what
/// it does.
pub(super) fn report_hidden(file: FileId, source: &str, diagnostics: &mut Vec<Diagnostic>) {
    // Nearly every source has nothing but what is seen, and that is found out fast.
    let seen = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    let all_seen = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & seen(byte));
    if source.as_bytes().chunks(256).all(all_seen) {
        return;
    }
    let mut characters = source.char_indices().peekable();
    let mut found = Vec::new();
    while let Some((at, character)) = characters.next() {
        let line_break = characters.peek().is_some_and(|(_, next)| *next == '\n');
        let lone_return = character == '\r' && !line_break;
        let mark = at == 0 && character == '\u{feff}';
        if lone_return || (hides(character) && !mark) {
            let span = Span::new(file, position(at), position(at + character.len_utf8()));
            found.push(hidden(character, span));
        }
    }
    if !found.is_empty() {
        diagnostics.append(&mut found);
        diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    }
}

fn hidden(character: char, span: Span) -> Diagnostic {
    let number = u32::from(character);
    let reorders = matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let what = match character {
        '\r' => "a carriage return without a line feed",
        _ if reorders => "a character that changes the order in which text is shown",
        _ => "an invisible character",
    };
    Diagnostic::new(Code::HiddenCharacter, span, format!("U+{number:04X} is {what}"))
        .help(format!("delete it; in a text it can be written `\\u{{{number:x}}}`"))
}

/// Whether other languages, or word processors, put texts between such characters.
fn is_quote(character: char) -> bool {
    matches!(character,
        '\'' | '`' | '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' | '\u{ab}' | '\u{bb}')
}

impl Lexer<'_> {
    /// Characters that logos doesn't know: hidden ones, letters that no name has, others.
    pub(super) fn odd_characters(&mut self, start: usize) {
        // logos may stop inside of a character; begin again at its start.
        self.at = start;
        let Some(first) = self.rest().chars().next() else {
            return;
        };
        if hides(first) || first == '\r' {
            self.at += first.len_utf8();
        } else if first.is_alphanumeric() {
            self.foreign_word(start);
        } else {
            self.odd_run(start);
        }
    }

    /// A word with letters outside of ASCII, possibly begun by a proper word.
    fn foreign_word(&mut self, start: usize) {
        let begun = self.tokens.pop_if(|last| {
            (last.kind.is_word() || last.kind == Kind::Bad)
                && crate::span::offset(last.end) == start
        });
        let reported = begun.is_some_and(|last| last.kind == Kind::Bad);
        let start = begun.map_or(start, |last| crate::span::offset(last.start));
        let in_word = |c: char| c == '_' || (c.is_alphanumeric() && !hides(c));
        let rest = self.rest();
        self.at += rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        if reported {
            self.push(Kind::Bad, start);
            return;
        }
        let word = self.slice(start);
        let span = self.span(start);
        let odd = word.chars().find(|c| !c.is_ascii()).unwrap_or_default();
        self.report(
            Diagnostic::new(
                Code::OddCharacter,
                span,
                format!("`{word}` is no name: it has the letter `{odd}`"),
            )
            .help("names are written with `a` to `z`, `A` to `Z`, digits and `_`"),
        );
        self.push(Kind::Name, start);
    }

    /// A text between quotes of another kind, up to the end of its line: reported once,
    /// and read as a text. False where nothing closes it.
    fn wrong_quotes(&mut self, start: usize) -> bool {
        let rest = self.source.get(start..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("");
        let mut characters = line.char_indices();
        let Some((_, quote)) = characters.next().filter(|(_, first)| is_quote(*first)) else {
            return false;
        };
        let straight = quote.is_ascii();
        let closes = |last: char| if straight { last == quote } else { is_quote(last) };
        let Some((at, last)) = characters.find(|(_, character)| closes(*character)) else {
            return false;
        };
        self.at = start + at + last.len_utf8();
        let written = line.get(quote.len_utf8()..at).unwrap_or("");
        let message = format!("a text doesn't stand between `{quote}` and `{last}`");
        let help = if written.contains('"') {
            String::from("write it in double quotes, and a quote inside of it as `\\\"`")
        } else {
            format!("write `\"{written}\"`")
        };
        let span = self.span(start);
        self.report(Diagnostic::new(Code::OddCharacter, span, message).help(help));
        self.push(Kind::Text, start);
        true
    }

    /// A run of other characters: reported once and left out.
    fn odd_run(&mut self, start: usize) {
        if self.wrong_quotes(start) {
            return;
        }
        let rest = self.rest();
        let odd = |c: char| !c.is_ascii() && !c.is_alphanumeric() && !hides(c);
        let length = rest.find(|c| !odd(c)).unwrap_or(rest.len());
        let first = rest.chars().next().map_or(1, char::len_utf8);
        self.at += length.max(first);
        let written = self.slice(start);
        let span = self.span(start);
        let report =
            Diagnostic::new(Code::OddCharacter, span, format!("`{written}` can't stand here"));
        let help = match written.chars().next() {
            Some(first) if is_quote(first) => Some("texts stand in straight quotes: `\"…\"`"),
            Some('\u{2010}'..='\u{2015}' | '\u{2212}') => Some("a minus is written `-`"),
            Some('\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}') => {
                Some("this is a wide or narrow blank; use an ordinary one")
            }
            Some('\u{2192}' | '\u{21d2}') => Some("an arrow is written `->`"),
            Some('\u{2264}') => Some("write `<=`"),
            Some('\u{2265}') => Some("write `>=`"),
            Some('\u{2260}') => Some("write `!=`"),
            Some('\u{2026}') => Some("a range is written `..`"),
            _ => None,
        };
        match help {
            Some(help) => self.report(report.help(help)),
            None => self.report(report),
        }
    }

    /// A sign of another language: explained, and replaced by what was meant.
    pub(super) fn foreign(&mut self, start: usize) {
        if self.wrong_quotes(start) {
            return;
        }
        let written = self.slice(start);
        let (meant, help) = match written {
            "&&" | "&" => (Some(Kind::And), "write `and`"),
            "||" | "|" => (Some(Kind::Or), "write `or`"),
            "!" => (Some(Kind::Not), "write `not`"),
            "=<" => (Some(Kind::LessEqual), "write `<=`"),
            ";" => (None, "leave it out: a statement needs no end"),
            "=>" => (
                None,
                "leave it out: an arm is a pattern and its block; a result type follows `->`",
            ),
            "+=" | "-=" | "*=" | "/=" => {
                (Some(Kind::Assign), "a variable of a function changes with `set x = x + 1`")
            }
            "/*" | "#" => (None, "a comment begins with `//` and ends with its line"),
            "'" | "`" => (None, "texts stand in double quotes: `\"…\"`"),
            "^" | "~" => (None, "bits have functions: `xor`, `shift_left`, `shift_right`"),
            "@" => (None, "nothing is annotated: clauses say it"),
            "$" => (None, "a name stands alone; in a text, in a hole: `\"{name}\"`"),
            _ => (None, "leave it out: no line needs to be continued"),
        };
        let span = self.span(start);
        let message = format!("`{written}` has no meaning in Rye");
        self.report(Diagnostic::new(Code::OddCharacter, span, message).help(help));
        if let Some(kind) = meant {
            self.push(kind, start);
        }
    }
}
