//! The tokens of a source without mistakes, and what stands in the gaps between them.

use crate::lexer;
use crate::span::{FileId, offset};
use crate::token::{Kind, Token};

/// What stands before a token: line breaks and comments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gap {
    /// In order.
    pub(crate) comments: Vec<Comment>,
    /// Whether a blank line stands right before the token.
    pub(crate) blank: bool,
    /// Whether the token begins a line.
    pub(crate) breaks: bool,
}

/// A comment, of whichever kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// From its slashes on, without blanks at its end.
    pub(crate) text: String,
    /// Whether it stands on the line of the token before it.
    pub(crate) trails: bool,
    /// Whether a blank line stands right before it.
    pub(crate) blank: bool,
}

/// Tokens and gaps.
#[derive(Debug)]
pub(crate) struct Source<'s> {
    text: &'s str,
    tokens: Vec<Token>,
    /// One before each token, and one at the end.
    gaps: Vec<Gap>,
}

impl<'s> Source<'s> {
    pub(crate) fn new(file: FileId, text: &'s str) -> Self {
        let tokens = lexer::lex(file, text).tokens;
        // An editor may have put a mark at the start.
        let mut from = text.len() - text.trim_start_matches('\u{feff}').len();
        let mut gaps = Vec::with_capacity(tokens.len() + 1);
        for token in &tokens {
            let between = text.get(from..offset(token.start)).unwrap_or("");
            gaps.push(Gap::read(between, !gaps.is_empty()));
            from = offset(token.end);
        }
        gaps.push(Gap::read(text.get(from..).unwrap_or(""), !gaps.is_empty()));
        Self { text, tokens, gaps }
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The kind of a token; that of nothing behind the last one.
    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The text of the tokens from `first` to `last`, with all that is between them.
    pub(crate) fn slice(&self, first: usize, last: usize) -> &'s str {
        let start = self.tokens.get(first).map_or(0, |token| offset(token.start));
        let end = self.tokens.get(last).map_or(0, |token| offset(token.end));
        self.text.get(start..end).unwrap_or("")
    }

    /// What stands before a token; before the end for the number behind the last one.
    pub(crate) fn gap(&self, at: usize) -> &Gap {
        const EMPTY: &Gap = &Gap { comments: Vec::new(), blank: false, breaks: false };
        self.gaps.get(at).unwrap_or(EMPTY)
    }

    /// Hands what stands before a token that won't be printed to the next token.
    pub(crate) fn pass_on(&mut self, at: usize) {
        let Some(passed) = self.gaps.get_mut(at).map(std::mem::take) else { return };
        let Some(next) = self.gaps.get_mut(at + 1) else { return };
        if !passed.comments.is_empty() {
            next.comments.iter_mut().for_each(|comment| comment.trails = false);
        }
        next.comments.splice(0..0, passed.comments);
        next.breaks |= passed.breaks;
    }
}

impl Gap {
    fn read(between: &str, follows: bool) -> Self {
        let mut gap = Self::default();
        let mut breaks = 0;
        for (line, text) in between.split('\n').enumerate() {
            breaks += usize::from(line > 0);
            let text = text.trim();
            if !text.is_empty() {
                let trails = line == 0 && follows;
                gap.comments.push(Comment { text: text.to_owned(), trails, blank: breaks > 1 });
                breaks = 0;
            }
        }
        gap.blank = breaks > 1;
        gap.breaks = between.contains('\n');
        gap
    }
}
