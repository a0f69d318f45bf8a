//! Brackets before parsing: how deep they nest, and where a `}` is missing.
//!
//! A missing `}` is noticed by a parser only at the next item or at the end of
//! the file, far from the mistake. People indent, so the indentation tells
//! where it belongs: it is put in there, without width, and the `{` is reported.
//!
//! The depth is limited here as well as in the tree, because the parser's own
//! stack, which recovery searches again and again, grows with open brackets.

use rye_core::limit::NESTING_DEPTH_MAX;

use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Lines, Span};
use crate::token::{Class, Kind, Token};

/// Tokens whose braces are balanced, as far as closing ones were missing.
#[derive(Debug)]
pub(crate) struct Balanced {
    pub(crate) tokens: Vec<Token>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where the tokens end before the source does, because it nests too deep.
    pub(crate) cut_at: Option<u32>,
}

/// Puts in the missing `}` and ends the tokens where they nest too deep.
pub(crate) fn balance(file: FileId, lines: &Lines, mut tokens: Vec<Token>) -> Balanced {
    let mut diagnostics = Vec::new();
    let cut = first_too_deep(&tokens);
    let cut_at = cut.and_then(|at| tokens.get(at)).map(|token| token.start);
    if let Some(at) = cut {
        diagnostics.extend(tokens.get(at).map(|token| too_deep(file, *token)));
        tokens.truncate(at);
    }
    let done = Vec::with_capacity(tokens.len());
    let mut repair = Repair { file, lines, open: Vec::new(), missing: 0, done, diagnostics };
    let reports = repair.diagnostics.len();
    for item in items(lines, &tokens) {
        repair.item(item);
    }
    if cut.is_some() {
        // What the cut left open is no mistake of its own.
        repair.diagnostics.truncate(reports);
    }
    Balanced { tokens: repair.done, diagnostics: repair.diagnostics, cut_at }
}

fn too_deep(file: FileId, token: Token) -> Diagnostic {
    let span = Span::new(file, token.start, token.end);
    let message = format!("this nests more than {NESTING_DEPTH_MAX} levels deep");
    Diagnostic::new(Code::TooDeep, span, message)
        .help("give a part of it a name with `let`, or put it into a `fn` or `task`")
        .note("what follows was not read")
}

/// The index of the first token that opens one level too many.
fn first_too_deep(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    // Types nest by `<`, which is also an operator: what stands between two of a type is told
    // by the other signs. Nobody compares so often without one.
    let mut angles = 0_usize;
    tokens.iter().position(|token| {
        match token.kind {
            Kind::OpenParen | Kind::OpenBracket | Kind::OpenBrace | Kind::TextHead => depth += 1,
            Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace | Kind::TextTail => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        angles = match token.kind {
            Kind::Less => angles + 1,
            Kind::Greater => angles.saturating_sub(1),
            Kind::Name | Kind::Dot | Kind::Comma | Kind::Int | Kind::Question => angles,
            kind if kind.is_soft() => angles,
            _ => 0,
        };
        depth.max(angles) > NESTING_DEPTH_MAX
    })
}

/// The tokens of each item: one begins where a word like `playbook` stands without indentation
/// and a name or text follows on its line. No statement begins like that.
fn items<'t>(lines: &Lines, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let begins = |pair: &[Token]| match pair {
        [word, next] => {
            word.kind.class() == Class::Item
                && lines.start(lines.line(word.start)) == word.start
                && (next.kind.is_word() || next.kind == Kind::Text)
                && lines.line(next.start) == lines.line(word.start)
        }
        _ => false,
    };
    let mut starts: Vec<usize> =
        tokens.windows(2).enumerate().filter(|(_, pair)| begins(pair)).map(|(at, _)| at).collect();
    starts.insert(0, 0);
    starts.push(tokens.len());
    starts
        .windows(2)
        .filter_map(|range| match range {
            [start, end] => tokens.get(*start..*end),
            _ => None,
        })
        .collect()
}

/// A `{` that waits for its `}`.
#[derive(Clone, Copy)]
struct Open {
    brace: Token,
    /// How far its line is indented, in bytes.
    indent: u32,
}

struct Repair<'l> {
    file: FileId,
    lines: &'l Lines,
    open: Vec<Open>,
    /// How many `}` the item still lacks.
    missing: usize,
    done: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl Repair<'_> {
    fn item(&mut self, tokens: &[Token]) {
        self.missing = missing_braces(tokens);
        if self.missing == 0 {
            // As nearly always.
            self.done.extend_from_slice(tokens);
            return;
        }
        let mut line = 0;
        let mut indent = 0;
        for token in tokens {
            let token_line = self.lines.line(token.start);
            let first = token_line != line;
            if first {
                line = token_line;
                indent = token.start - self.lines.start(line);
                self.close_before(*token, indent);
            }
            match token.kind {
                Kind::OpenBrace => self.open.push(Open { brace: *token, indent }),
                Kind::CloseBrace => {
                    self.open.pop();
                }
                _ => {}
            }
            self.done.push(*token);
        }
        while let Some(open) = self.open.pop() {
            self.close(open);
        }
    }

    /// Closes what by its indentation can't be open any more at the first token of a line.
    fn close_before(&mut self, token: Token, indent: u32) {
        while self.missing > 0
            && let Some(open) = self.open.last().copied()
            && (open.indent > indent || (open.indent == indent && token.kind != Kind::CloseBrace))
        {
            self.open.pop();
            self.missing -= 1;
            self.close(open);
        }
    }

    fn close(&mut self, open: Open) {
        let end = self.done.last().map_or(open.brace.end, |token| token.end);
        self.done.push(Token { kind: Kind::CloseBrace, start: end, end });
        let span = Span::new(self.file, open.brace.start, open.brace.end);
        self.diagnostics.push(
            Diagnostic::new(Code::Unclosed, span, "this `{` is never closed")
                .label(Span::new(self.file, end, end), "by the indentation, its `}` belongs here"),
        );
    }
}

/// How many `{` of the tokens have no `}`.
fn missing_braces(tokens: &[Token]) -> usize {
    tokens.iter().fold(0, |open: usize, token| match token.kind {
        Kind::OpenBrace => open + 1,
        Kind::CloseBrace => open.saturating_sub(1),
        _ => open,
    })
}

#[cfg(test)]
mod tests;
