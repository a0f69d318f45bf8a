//! The words of assembler.

use super::AssembleError;

/// One word with the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// The line, from 1.
    pub(super) line: u32,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Letters, digits, `_` and `.`, from a letter on.
    Word(String),
    /// Digits, perhaps a fraction, perhaps a unit.
    Number(String),
    /// A text in quotes, without its escapes.
    Text(String),
    /// Any other sign.
    Sign(&'static str),
}

/// Longer ones first: the first that matches is meant.
const SIGNS: [&str; 15] =
    ["->", "..", "==", "(", ")", "[", "]", "{", "}", ",", ":", "=", "#", "-", "@"];

/// All words of `text`.
///
/// # Errors
/// For a sign that none begins with, and a text that doesn't end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, AssembleError> {
    let mut tokens = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let mut rest = content.trim_start();
        while !rest.is_empty() && !rest.starts_with(';') {
            let (kind, behind) = token(rest, line)?;
            tokens.push(Token { kind, line });
            rest = behind.trim_start();
        }
    }
    Ok(tokens)
}

fn token(rest: &str, line: u32) -> Result<(TokenKind, &str), AssembleError> {
    if let Some(inside) = rest.strip_prefix('"') {
        return quoted(inside, line);
    }
    if rest.starts_with(|first: char| first.is_ascii_digit()) {
        let (number, behind) = rest.split_at(number_length(rest));
        return Ok((TokenKind::Number(number.to_owned()), behind));
    }
    if rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
        let length = rest.bytes().take_while(|byte| word(*byte)).count();
        let (word, behind) = rest.split_at(length);
        return Ok((TokenKind::Word(word.to_owned()), behind));
    }
    for sign in SIGNS {
        if let Some(behind) = rest.strip_prefix(sign) {
            return Ok((TokenKind::Sign(sign), behind));
        }
    }
    let found = rest.chars().next().unwrap_or_default();
    Err(AssembleError {
        line,
        message: format!("`{}` begins no word of assembler", found.escape_default()),
        help: Some(String::from("texts stand in quotes, comments behind `;`")),
    })
}

/// Digits, a fraction if a digit follows the point, and letters: `10`, `0.5`,
/// `90s`; of `1..2` only the `1`.
fn number_length(rest: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    let behind = rest.get(whole..).unwrap_or_default();
    let fraction = behind.strip_prefix('.').map_or(0, digits);
    let number =
        if fraction == 0 { whole } else { whole.saturating_add(fraction).saturating_add(1) };
    let unit = rest.get(number..).unwrap_or_default();
    number.saturating_add(unit.bytes().take_while(u8::is_ascii_alphabetic).count())
}

fn quoted(inside: &str, line: u32) -> Result<(TokenKind, &str), AssembleError> {
    let wrong = |message: &str, help: &str| AssembleError {
        line,
        message: message.to_owned(),
        help: Some(help.to_owned()),
    };
    let mut text = String::new();
    let mut chars = inside.chars();
    loop {
        let next = chars.next().ok_or_else(|| {
            wrong("a text doesn't end on its line", "end it with `\"`; a line break is `\\n`")
        })?;
        match next {
            '"' => return Ok((TokenKind::Text(text), chars.as_str())),
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(same @ ('"' | '\\')) => text.push(same),
                Some('u') => {
                    let (code, behind) = chars
                        .as_str()
                        .strip_prefix('{')
                        .and_then(|rest| rest.split_once('}'))
                        .unwrap_or_default();
                    let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
                    text.push(character.ok_or_else(|| {
                        wrong("`\\u` names no character", "write it as `\\u{e9}`")
                    })?);
                    chars = behind.chars();
                }
                _ => {
                    let help = "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}`";
                    return Err(wrong("a text has an unknown escape", help));
                }
            },
            plain => text.push(plain),
        }
    }
}
