//! The place in the text, the names that are defined, and what every part of
//! the assembler asks for.

use std::collections::BTreeMap;

use rye_core::ty::TypeId;
use rye_core::value::{Duration, Name};

use super::AssembleError;
use super::token::{Token, TokenKind};
use crate::instruction::operand::Register;

pub(super) type Result<T> = core::result::Result<T, AssembleError>;

/// What a name can stand for: one space of indices each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    Type,
    Constant,
    Setting,
    Action,
    Site,
    Question,
    Function,
}

/// The words that begin a definition with a name.
const SPACES: [(&str, Space); 7] = [
    ("type", Space::Type),
    ("constant", Space::Constant),
    ("setting", Space::Setting),
    ("action", Space::Action),
    ("site", Space::Site),
    ("question", Space::Question),
    ("function", Space::Function),
];

/// Reads from the front of the text.
#[derive(Debug)]
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    names: BTreeMap<(Space, String), u16>,
}

impl Parser {
    /// A parser that knows every definition's name before it reads the first.
    pub(super) fn new(tokens: Vec<Token>) -> Result<Self> {
        let mut parser = Self { tokens, at: 0, names: BTreeMap::new() };
        parser.collect()?;
        parser.at = 0;
        Ok(parser)
    }

    /// Notes what is defined: a word of [`SPACES`] outside of all brackets, and
    /// the name behind it.
    fn collect(&mut self) -> Result<()> {
        let mut counts: BTreeMap<Space, u16> = BTreeMap::new();
        let mut depth = 0_i64;
        let mut begins = true;
        while let Some(token) = self.tokens.get(self.at) {
            self.at = self.at.saturating_add(1);
            let word = match &token.kind {
                TokenKind::Sign("(" | "[" | "{") => {
                    depth = depth.saturating_add(1);
                    continue;
                }
                TokenKind::Sign(")" | "]" | "}") => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                TokenKind::Word(word) if depth == 0 => word.as_str(),
                _ => continue,
            };
            let space = SPACES.iter().find_map(|(begin, space)| (*begin == word).then_some(*space));
            let Some(space) = space else { continue };
            // `action` is also a verb behind an action's own name.
            if !core::mem::replace(&mut begins, true) {
                continue;
            }
            let Some(Token { kind: TokenKind::Word(name), .. }) = self.tokens.get(self.at) else {
                continue;
            };
            let key = (space, name.clone());
            self.at = self.at.saturating_add(1);
            begins = !matches!(
                self.tokens.get(self.at),
                Some(Token { kind: TokenKind::Word(verb), .. }) if space == Space::Action && verb == "action"
            );
            let count = counts.entry(space).or_default();
            if self.names.insert(key, *count).is_some() {
                return Err(self.wrong_before("this name is defined twice", "rename one of them"));
            }
            *count = count
                .checked_add(1)
                .ok_or_else(|| self.wrong("there are too many definitions of a kind", None))?;
        }
        Ok(())
    }

    /// The place, for [`Parser::rewind`].
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a place.
    pub(super) fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Whether the text is read.
    pub(super) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// What comes next.
    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |token| token.line)
    }

    /// An error at the next word.
    pub(super) fn wrong(&self, message: impl Into<String>, help: Option<String>) -> AssembleError {
        AssembleError { line: self.line(), message: message.into(), help }
    }

    /// An error at the word that was just read.
    pub(super) fn wrong_before(&self, message: impl Into<String>, help: &str) -> AssembleError {
        let line = self.tokens.get(self.at.saturating_sub(1)).map_or(1, |token| token.line);
        AssembleError { line, message: message.into(), help: Some(help.to_owned()) }
    }

    /// An error that says what stands here instead of `expected`.
    pub(super) fn expected(&self, expected: &str) -> AssembleError {
        let found = match self.peek() {
            None => String::from("the end of the text"),
            Some(TokenKind::Word(word) | TokenKind::Number(word)) => format!("`{word}`"),
            Some(TokenKind::Text(text)) => format!("{text:?}"),
            Some(TokenKind::Sign(sign)) => format!("`{sign}`"),
        };
        self.wrong(format!("expected {expected}, found {found}"), None)
    }

    /// Goes on behind the next word.
    pub(super) fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Whether `sign` comes next; it is read if so.
    pub(super) fn accept(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Sign(found)) if *found == sign);
        if found {
            self.advance();
        }
        found
    }

    /// Reads `sign`.
    pub(super) fn sign(&mut self, sign: &str) -> Result<()> {
        if self.accept(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    /// Whether `word` comes next; it is read if so.
    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Word(found)) if found == word);
        if found {
            self.advance();
        }
        found
    }

    /// Reads `word`.
    pub(super) fn keyword(&mut self, word: &str) -> Result<()> {
        if self.accept_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    /// Reads any word; `expected` says which are meant.
    pub(super) fn word(&mut self, expected: &str) -> Result<String> {
        let Some(TokenKind::Word(word)) = self.peek() else { return Err(self.expected(expected)) };
        let word = word.clone();
        self.advance();
        Ok(word)
    }

    /// Reads a text.
    pub(super) fn text(&mut self, expected: &str) -> Result<Name> {
        let Some(TokenKind::Text(text)) = self.peek() else { return Err(self.expected(expected)) };
        let text = Name::from(text.as_str());
        self.advance();
        Ok(text)
    }

    /// Reads a word that `from` knows.
    pub(super) fn one_of<T>(
        &mut self,
        expected: &str,
        from: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        let found = match self.peek() {
            Some(TokenKind::Word(word)) => from(word),
            _ => None,
        };
        let found = found.ok_or_else(|| self.expected(expected))?;
        self.advance();
        Ok(found)
    }

    /// Reads digits, with `-` in front and all that stands behind them.
    pub(super) fn literal(&mut self, expected: &str) -> Result<String> {
        let minus = self.accept("-");
        let Some(TokenKind::Number(number)) = self.peek() else {
            return Err(self.expected(expected));
        };
        let number = if minus { format!("-{number}") } else { number.clone() };
        self.advance();
        Ok(number)
    }

    /// Reads a whole number that `T` can hold.
    pub(super) fn number<T: core::str::FromStr>(&mut self, expected: &str) -> Result<T> {
        let literal = self.literal(expected)?;
        let help = "the number doesn't fit here";
        literal
            .parse()
            .map_err(|_| self.wrong_before(format!("expected {expected}, found `{literal}`"), help))
    }

    /// Reads a duration such as `90s` or `-250ms`.
    pub(super) fn duration(&mut self) -> Result<Duration> {
        let literal = self.literal("a duration such as `90s`")?;
        super::value::duration(&literal).ok_or_else(|| {
            self.wrong_before(format!("`{literal}` is no duration"), "write it as `90s` or `15m`")
        })
    }

    /// Reads a name of `space`, or `#NUMBER`.
    pub(super) fn reference(&mut self, space: Space, expected: &str) -> Result<u16> {
        if self.accept("#") {
            return self.number("an index");
        }
        let word = self.word(expected)?;
        self.names.get(&(space, word.clone())).copied().ok_or_else(|| {
            self.wrong_before(
                format!("`{word}` is not defined"),
                &format!("expected {expected}; an index is written `#3`"),
            )
        })
    }

    /// Reads a type's name.
    pub(super) fn ty(&mut self) -> Result<TypeId> {
        self.reference(Space::Type, "a type").map(TypeId)
    }

    /// Reads `rN`, or one of `names`.
    pub(super) fn register(&mut self, names: &BTreeMap<String, u8>) -> Result<Register> {
        let word = self.word("a register")?;
        let number = word.strip_prefix('r').and_then(|number| number.parse().ok());
        number.or_else(|| names.get(&word).copied()).map(Register).ok_or_else(|| {
            let help = "registers are named in the function's head; `r3` is the fourth";
            self.wrong_before(format!("`{word}` is no register"), help)
        })
    }

    /// Reads what `each` reads, separated by commas, up to `end`.
    pub(super) fn until<T>(
        &mut self,
        end: &str,
        mut each: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while !self.accept(end) {
            all.push(each(self)?);
            if !self.accept(",") {
                self.sign(end)?;
                break;
            }
        }
        Ok(all)
    }
}
