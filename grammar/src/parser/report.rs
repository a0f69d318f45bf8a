//! What the generated parser stumbled over, as diagnostics.
//!
//! One slip of a finger often makes a parser stumble more than once. What is
//! likely to be an echo of an earlier report is left out: on the line of an
//! earlier report, fewer than three tokens behind one, or on a line that the
//! lexer has complained about.

use lalrpop_util::ParseError;
use rye_core::visible::visible;

use super::build::Mistake;
use super::expected::Expected;
use super::help;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Lines, Span, position};
use crate::token::{Kind, Token};

/// Tokens that must lie between two reports of the parser.
const ECHO_TOKENS: usize = 3;

/// What is needed to tell a mistake.
#[derive(Clone, Copy)]
pub(super) struct Reader<'s> {
    pub(super) file: FileId,
    pub(super) source: &'s str,
    pub(super) lines: &'s Lines,
    pub(super) tokens: &'s [Token],
}

impl<'s> Reader<'s> {
    /// Adds what the parser found, without echoes. `cut_at` is where the tokens were cut off:
    /// what the parser missed there is no mistake.
    pub(super) fn report(
        self,
        mistakes: Vec<Mistake>,
        cut_at: Option<u32>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut reported_lines: Vec<u32> =
            diagnostics.iter().map(|earlier| self.lines.line(earlier.span.start)).collect();
        let mut last: Option<usize> = None;
        // A broken head is told when its block has been read, after the mistakes in the block.
        let mut located: Vec<(usize, Vec<String>)> =
            mistakes.into_iter().map(|mistake| self.locate(mistake)).collect();
        located.sort_by_key(|mistake| mistake.0);
        for (at, expected) in located {
            if at >= self.tokens.len() && cut_at.is_some() {
                continue;
            }
            let diagnostic = self.tell(at, &expected);
            let line = self.lines.line(diagnostic.span.start);
            let near = last.is_some_and(|last| at < last + ECHO_TOKENS);
            let found_line = self.token(at).map(|token| self.lines.line(token.start));
            let known = reported_lines.contains(&line)
                || found_line.is_some_and(|line| reported_lines.contains(&line));
            if !near && !known {
                last = Some(at);
                reported_lines.push(line);
                reported_lines.extend(found_line);
                diagnostics.push(diagnostic);
            }
        }
    }

    /// The index of the token that could not stand where it stands, and what could; the number
    /// of tokens for the end of the source.
    fn locate(self, mistake: Mistake) -> (usize, Vec<String>) {
        match mistake {
            ParseError::UnrecognizedToken { token: (start, kind, _), expected } => {
                let from = self.tokens.partition_point(|token| token.start < start);
                let here = self.tokens.get(from..).unwrap_or(&[]);
                let past = here.iter().position(|token| token.kind == kind).unwrap_or(0);
                (from + past, expected)
            }
            ParseError::UnrecognizedEof { expected, .. } => (self.tokens.len(), expected),
            ParseError::InvalidToken { location }
            | ParseError::ExtraToken { token: (location, ..) } => {
                (self.tokens.partition_point(|token| token.start < location), Vec::new())
            }
            ParseError::User { error } => match error {},
        }
    }

    pub(super) fn token(self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    pub(super) fn before(self, at: usize) -> Option<Token> {
        at.checked_sub(1).and_then(|before| self.token(before))
    }

    fn span(self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }

    pub(super) fn text(self, token: Token) -> &'s str {
        self.source.get(self.span(token).range()).unwrap_or("")
    }

    /// The end of the last token: where something is missing at the end of the source.
    fn end(self) -> Span {
        match self.tokens.last() {
            Some(token) => self.span(*token).at_end(),
            None => Span::new(self.file, position(self.source.len()), position(self.source.len())),
        }
    }

    fn tell(self, at: usize, terminals: &[String]) -> Diagnostic {
        let expected = Expected::new(terminals);
        let mut list = expected.list(self.before(at).map(|token| token.kind));
        let found =
            self.token(at).map_or_else(|| "the end of the file".to_owned(), |t| self.found(t));
        let holes = self.token(at).is_some_and(|token| token.kind == Kind::TextHead);
        if holes && expected.has(Kind::Text) {
            list.push_str(" without holes");
        }
        // The first token of a line is seldom wrong when the line before it is unfinished.
        let unfinished = self
            .before(at)
            .filter(|before| !expected.may_end_here() && self.breaks_line(*before, at));
        let (span, message) = match unfinished {
            Some(before) => {
                let end = self.quoted(before);
                (self.span(before).at_end(), format!("expected {list} after {end}"))
            }
            None => (
                self.token(at).map_or_else(|| self.end(), |token| self.span(token)),
                format!("expected {list}, found {found}"),
            ),
        };
        let mut diagnostic = Diagnostic::new(Code::Unexpected, span, message);
        if unfinished.is_some()
            && let Some(token) = self.token(at)
        {
            diagnostic = diagnostic.label(self.span(token), format!("found {found} here"));
        }
        if let Some(open) = self.open_bracket(at).filter(|_| expected.may_close()) {
            diagnostic =
                diagnostic.label(self.span(open), format!("this {} is open", open.kind.name()));
        }
        match help::help(self, at, &expected) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn breaks_line(self, before: Token, at: usize) -> bool {
        self.token(at)
            .is_none_or(|token| self.lines.line(token.start) != self.lines.line(before.end))
    }

    /// What was found, in words.
    fn found(self, token: Token) -> String {
        match token.kind {
            Kind::TextMiddle | Kind::TextTail | Kind::TextHead => token.kind.name().to_owned(),
            _ => self.quoted(token),
        }
    }

    /// The token as the user wrote it, cut where it gets long.
    fn quoted(self, token: Token) -> String {
        const SHOWN_CHARS: usize = 40;
        let text = visible(self.text(token));
        if text.chars().count() <= SHOWN_CHARS {
            return if text.is_empty() {
                token.kind.name().to_owned()
            } else {
                format!("`{text}`")
            };
        }
        let cut: String = text.chars().take(SHOWN_CHARS).collect();
        format!("`{cut}…`")
    }

    /// The round or square bracket around a token that is not closed before it, if it stands on
    /// an earlier line.
    fn open_bracket(self, at: usize) -> Option<Token> {
        let mut closed = 0_usize;
        let here = self.token(at).map_or(u32::MAX, |token| self.lines.line(token.start));
        for token in self.tokens.get(..at).unwrap_or(&[]).iter().rev() {
            match token.kind {
                Kind::CloseParen | Kind::CloseBracket => closed += 1,
                Kind::OpenParen | Kind::OpenBracket if closed == 0 => {
                    return Some(*token).filter(|open| self.lines.line(open.start) != here);
                }
                Kind::OpenParen | Kind::OpenBracket => closed -= 1,
                Kind::OpenBrace | Kind::CloseBrace => return None,
                _ => {}
            }
        }
        None
    }
}
