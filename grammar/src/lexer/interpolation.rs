//! Texts with holes: where a text begins, pauses and ends, and what its
//! characters stand for.
//!
//! A text ends on its line, and so do its holes: a forgotten quote costs one
//! report, on the line where it is missing.

use super::Lexer;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::token::Kind;

/// How a piece of text ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Quote,
    Hole,
    Line,
}

impl Lexer<'_> {
    /// Goes on behind the quote that begins a text.
    pub(super) fn open_text(&mut self, start: usize) {
        match self.piece() {
            End::Quote => self.push(Kind::Text, start),
            End::Hole => {
                self.open_holes.push(self.at - 1);
                self.push(Kind::TextHead, start);
                self.explain_empty_hole();
            }
            End::Line => {
                self.report_open_text(start);
                self.push(Kind::Text, start);
            }
        }
    }

    /// Goes on behind the brace that ends a hole.
    pub(super) fn close_hole(&mut self, start: usize) {
        self.open_holes.pop();
        match self.piece() {
            End::Quote => self.push(Kind::TextTail, start),
            End::Hole => {
                self.open_holes.push(self.at - 1);
                self.push(Kind::TextMiddle, start);
                self.explain_empty_hole();
            }
            End::Line => {
                self.report_open_text(start);
                self.push(Kind::TextTail, start);
            }
        }
    }

    /// At the end of a line or of the source: every hole that is still open ends here,
    /// with its text.
    pub(super) fn end_holes(&mut self) {
        let Some(brace) = self.open_holes.last().copied() else {
            return;
        };
        self.report(
            Diagnostic::new(
                Code::BadHole,
                self.span_to(brace, brace + 1),
                "this `{` begins a hole that doesn't end on its line",
            )
            .help("close the hole with `}` and the text with `\"`, or write `\\{` for a brace"),
        );
        let end = self.tokens.last().map_or(brace, |token| crate::span::offset(token.end));
        let at = core::mem::replace(&mut self.at, end);
        while self.open_holes.pop().is_some() {
            self.push(Kind::TextTail, end);
        }
        self.at = at;
    }

    /// A brace inside a hole: no expression has one.
    pub(super) fn brace_in_hole(&mut self, start: usize) {
        let span = self.span(start);
        self.report(
            Diagnostic::new(Code::BadHole, span, "no `{` can stand inside a hole")
                .help("a hole holds one expression; write `\\{` for a brace in the text"),
        );
        self.push(Kind::Bad, start);
    }

    /// `{}`: the parser gets something to put into the hole.
    fn explain_empty_hole(&mut self) {
        let inside = self.rest().trim_start_matches([' ', '\t']);
        if inside.starts_with('}') {
            let end = self.source.len() - inside.len() + 1;
            self.report(
                Diagnostic::new(
                    Code::BadHole,
                    self.span_to(self.at - 1, end),
                    "this hole is empty",
                )
                .help("a hole holds one expression; write `\\{\\}` for the two braces"),
            );
            self.push(Kind::Bad, self.at);
        }
    }

    /// `${`, before its brace: a hole of another language.
    fn explain_dollar(&mut self) {
        if self.source.get(..self.at).is_some_and(|before| before.ends_with('$')) {
            let span = self.span_to(self.at - 1, self.at + 1);
            let inside = self.rest().get(1..).unwrap_or("").split(['}', '"', '\n']).next();
            self.report(Diagnostic::new(Code::BadHole, span, "a hole begins with `{` alone").help(
                format!(
                    "write `{{{}}}`; a dollar sign before a hole is written `\\u{{24}}`",
                    inside.unwrap_or("")
                ),
            ));
        }
    }

    fn report_open_text(&mut self, start: usize) {
        let span = self.span(start);
        self.report(
            Diagnostic::new(Code::OpenText, span, "this text doesn't end on its line")
                .help("close it with `\"`; a line break inside a text is written `\\n`"),
        );
    }

    /// Takes characters up to the end of the piece, and the character that ends it.
    fn piece(&mut self) -> End {
        loop {
            let rest = self.rest().as_bytes();
            let ends = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'\\' | b'\n' | b'\r');
            self.at += rest.iter().position(ends).unwrap_or(rest.len());
            match self.rest().bytes().next() {
                Some(b'"') => {
                    self.at += 1;
                    return End::Quote;
                }
                Some(b'{') => {
                    self.explain_dollar();
                    self.at += 1;
                    return End::Hole;
                }
                Some(b'}') => {
                    self.at += 1;
                    let span = self.span(self.at - 1);
                    self.report(
                        Diagnostic::new(Code::BadHole, span, "this `}` closes no hole")
                            .help("write `\\}` for a brace in a text"),
                    );
                }
                Some(b'\\') => self.escape(),
                _ => return End::Line,
            }
        }
    }

    fn escape(&mut self) {
        let start = self.at;
        let (length, problem) = match read_escape(self.rest()) {
            Ok((_, length)) => (length, None),
            Err((length, problem)) => (length, Some(problem)),
        };
        self.at += length;
        if let Some(message) = problem {
            let span = self.span(start);
            let written = self.slice(start);
            self.report(
                Diagnostic::new(Code::BadEscape, span, format!("`{written}` {message}"))
                    .help(r#"texts know `\"` `\\` `\{` `\}` `\n` `\t` and `\u{e9}`"#),
            );
        }
    }
}

/// Reads the escape that `rest` begins with: its character and its length in bytes, or
/// the length of what is wrong and why.
fn read_escape(rest: &str) -> Result<(char, usize), (usize, &'static str)> {
    let mut characters = rest.chars();
    characters.next();
    match characters.next() {
        Some(same @ ('"' | '\\' | '{' | '}')) => Ok((same, 2)),
        Some('n') => Ok(('\n', 2)),
        Some('t') => Ok(('\t', 2)),
        Some('u') => read_unicode(rest),
        // The end of the line is reported as the end of the text.
        None | Some('\n' | '\r') => Ok(('\\', 1)),
        Some(other) => Err((1 + other.len_utf8(), "is no escape")),
    }
}

/// `\u{…}` with one to six hexadecimal digits.
fn read_unicode(rest: &str) -> Result<(char, usize), (usize, &'static str)> {
    let unicode = "is no character: write one to six hexadecimal digits in braces";
    let Some(inner) = rest.strip_prefix("\\u{") else {
        return Err((2, unicode));
    };
    let digits: &str = inner.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap_or("");
    let length = "\\u{".len() + digits.len();
    if !inner.get(digits.len()..).is_some_and(|tail| tail.starts_with('}')) {
        return Err((length, unicode));
    }
    let number = if digits.len() > 6 { None } else { u32::from_str_radix(digits, 16).ok() };
    match number.and_then(char::from_u32) {
        Some(character) => Ok((character, length + 1)),
        None => Err((length + 1, unicode)),
    }
}

/// The characters that a piece of text stands for. What is no escape stands for itself; the
/// lexer has reported it.
pub(crate) fn decode(piece: &str) -> String {
    let mut decoded = String::with_capacity(piece.len());
    let mut rest = piece;
    while let Some(at) = rest.bytes().position(|byte| byte == b'\\') {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (meant, length) = read_escape(escape).unwrap_or(('\\', 1));
        decoded.push_str(plain);
        decoded.push(meant);
        rest = escape.get(length..).unwrap_or("");
    }
    decoded.push_str(rest);
    decoded
}

/// The span of a text's characters, without the quotes or braces around them. A text that the
/// end of its line has ended has nothing on its right side.
pub(crate) fn inner(source: &str, span: Span) -> Span {
    let text = source.get(span.range()).unwrap_or("");
    let opens = text.starts_with(['"', '}']);
    let body = text.get(usize::from(opens)..).unwrap_or("");
    let closes = body.ends_with(['"', '{']) && !ends_in_escape(body);
    Span::new(span.file, span.start + u32::from(opens), span.end - u32::from(closes))
}

/// Whether the last character belongs to an escape: an odd number of backslashes before it.
fn ends_in_escape(body: &str) -> bool {
    let mut before = body.chars();
    before.next_back();
    before.rev().take_while(|c| *c == '\\').count() % 2 == 1
}
