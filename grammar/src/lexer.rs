//! Source text to tokens; bad input is a token and a report, never a failure.
//!
//! logos cuts wide, [`literal`] decides what a word that begins with a digit
//! is, [`interpolation`] follows texts and their holes, [`odd`] explains what
//! has no place in a source. Ordinary comments are dropped, doc comments are
//! kept beside the tokens.

pub(crate) mod interpolation;
pub(crate) mod literal;
mod odd;

use logos::Logos;
use std::collections::BTreeMap;

use crate::ast::Docs;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Lines, Span, position};
use crate::token::{Kind, Token};

/// What the lexer found.
#[derive(Debug)]
pub(crate) struct Lexed {
    /// In order, without trivia.
    pub(crate) tokens: Vec<Token>,
    /// The doc comments.
    pub(crate) docs: Docs,
    /// In order of the source.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where the lines begin.
    pub(crate) lines: Lines,
}

/// Cuts a source into tokens.
pub(crate) fn lex(file: FileId, source: &str) -> Lexed {
    let mut lexer = Lexer {
        file,
        source,
        at: 0,
        // A token and the blanks around it take some five bytes.
        tokens: Vec::with_capacity(source.len() / 5),
        diagnostics: Vec::new(),
        lines: Lines::default(),
        open_holes: Vec::new(),
        file_docs: Vec::new(),
        pending_docs: Vec::new(),
        docs: BTreeMap::new(),
    };
    // An editor may have put a mark at the start; anywhere else it is a hidden character.
    if source.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.step() {}
    lexer.end_holes();
    drop_echoes(&lexer.lines, &mut lexer.diagnostics);
    odd::report_hidden(file, source, &mut lexer.diagnostics);
    name_words(&mut lexer.tokens);
    Lexed {
        tokens: lexer.tokens,
        docs: Docs::new(lexer.file_docs.join("\n"), lexer.docs),
        diagnostics: lexer.diagnostics,
        lines: lexer.lines,
    }
}

/// One slip in a text makes several complaints about its line, and a pair of wrong quotes makes
/// two: the first says it all.
fn drop_echoes(lines: &Lines, diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics.len() < 2 {
        return;
    }
    let mut text_line = 0;
    let mut odd = (0, Vec::new());
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    diagnostics.retain(|diagnostic| {
        let line = lines.line(diagnostic.span.start);
        match diagnostic.code {
            Code::OpenText | Code::BadHole => core::mem::replace(&mut text_line, line) != line,
            Code::OddCharacter => {
                let this = (line, diagnostic.help.clone());
                core::mem::replace(&mut odd, this.clone()) != this || this.1.is_empty()
            }
            _ => true,
        }
    });
}

/// Fields and arguments may be called `for` or `match`: a word after `.` and a word before `:`
/// are names. `true`, `false` and `none` may be keys of a map.
fn name_words(tokens: &mut [Token]) {
    let mut before = None;
    let mut rest = tokens.iter_mut().peekable();
    while let Some(token) = rest.next() {
        let after_dot = before == Some(Kind::Dot);
        let before_colon = rest.peek().is_some_and(|next| next.kind == Kind::Colon)
            && !matches!(token.kind, Kind::True | Kind::False | Kind::None);
        if token.kind.is_word() && (after_dot || before_colon) {
            token.kind = Kind::Name;
        }
        before = Some(token.kind);
    }
}

/// Where the lexer stands.
pub(crate) struct Lexer<'s> {
    file: FileId,
    source: &'s str,
    /// Offset of the next byte.
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
    /// No token goes over the end of a line, so the lexer sees each.
    lines: Lines,
    /// Where the holes begin that have not ended. No expression contains a brace, so a `}`
    /// closes the last one.
    open_holes: Vec<usize>,
    file_docs: Vec<&'s str>,
    pending_docs: Vec<&'s str>,
    docs: BTreeMap<u32, String>,
}

impl<'s> Lexer<'s> {
    /// Takes the next piece of the source; false at its end.
    fn step(&mut self) -> bool {
        let mut cutter = Kind::lexer(self.rest());
        let Some(cut) = cutter.next() else {
            return false;
        };
        let start = self.at + cutter.span().start;
        self.at += cutter.span().end;
        match cut {
            Err(()) => self.odd_characters(start),
            Ok(Kind::LineBreak) => {
                self.lines.add(position(self.at));
                self.end_holes();
            }
            Ok(Kind::Comment) => self.comment(start),
            Ok(Kind::Quote) => self.open_text(start),
            Ok(Kind::CloseBrace) if !self.open_holes.is_empty() => self.close_hole(start),
            Ok(Kind::OpenBrace) if !self.open_holes.is_empty() => self.brace_in_hole(start),
            Ok(Kind::Foreign) => self.foreign(start),
            Ok(Kind::Digits | Kind::DigitsWithPrefix | Kind::Date | Kind::Colons) => {
                self.literal(start);
            }
            Ok(kind) => self.push(kind, start),
        }
        true
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn slice(&self, start: usize) -> &'s str {
        self.source.get(start..self.at).unwrap_or("")
    }

    /// The span from `start` to where the lexer stands.
    fn span(&self, start: usize) -> Span {
        self.span_to(start, self.at)
    }

    fn span_to(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, position(start), position(end))
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let start = position(start);
        if !self.pending_docs.is_empty() {
            self.docs.insert(start, self.pending_docs.join("\n"));
            self.pending_docs.clear();
        }
        self.tokens.push(Token { kind, start, end: position(self.at) });
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn literal(&mut self, start: usize) {
        match literal::read(self.slice(start)) {
            Ok((kind, _)) => self.push(kind, start),
            Err(problem) => {
                let span = self.span(start);
                self.report(problem.at(span));
                self.push(Kind::Bad, start);
            }
        }
    }

    /// A doc comment stands alone on its line; what follows code on a line says
    /// nothing about the next one.
    fn comment(&mut self, start: usize) {
        let text = self.slice(start).trim_end_matches('\r');
        let line_start = self.source.get(..start).unwrap_or("").rfind('\n').map_or(0, |at| at + 1);
        let alone = self.source.get(line_start..start).unwrap_or("").trim().is_empty();
        let content = |rest: &'s str| rest.strip_prefix(' ').unwrap_or(rest).trim_end();
        if !alone || text.starts_with("////") {
            return;
        }
        if let Some(rest) = text.strip_prefix("///") {
            self.pending_docs.push(content(rest));
        } else if let Some(rest) = text.strip_prefix("//!")
            && self.tokens.is_empty()
        {
            self.file_docs.push(content(rest));
        }
    }
}

#[cfg(test)]
mod tests;
