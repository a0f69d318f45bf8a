//! Words that begin with a digit: one literal, or one mistake that is explained.
//!
//! The lexer cuts such words wide, so nothing is ever read as a literal and a
//! rest. Here a word is decoded, or it is said what is wrong with it.

mod duration;
mod network;
mod time;

use crate::ast::Literal;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::token::Kind;

/// Why a word is no literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    code: Code,
    message: String,
    help: Option<String>,
}

impl Problem {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The complaint about the word at `span`.
    pub(crate) fn at(self, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::new(self.code, span, self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// Reads a word that begins with a digit, or has colons like an address.
///
/// 2^63 is read as `i64::MIN`: only the parser knows whether a minus stands before it.
pub(crate) fn read(word: &str) -> Result<(Kind, Literal), Problem> {
    if time::is_date(word) {
        return time::read(word).map(|micros| (Kind::Time, Literal::Time(micros)));
    }
    if word.contains(':') {
        return Err(network::bare(word));
    }
    if word.contains('/') {
        let found = network::block(word);
        return found.map(|(address, prefix)| (Kind::Cidr, Literal::Cidr { address, prefix }));
    }
    match word.matches('.').count() {
        0 => whole(word),
        1 => float(word),
        3 => network::address(word).map(|ip| (Kind::Ip, Literal::Ip(ip))),
        _ => Err(Problem::new(Code::BadAddress, format!("`{word}` is no number and no address"))
            .help("an address has four numbers: `10.0.0.1`; other texts stand in quotes")),
    }
}

/// A number, a duration, or a word that is neither.
fn whole(word: &str) -> Result<(Kind, Literal), Problem> {
    let end = word.find(|c: char| c != '_' && !c.is_ascii_digit()).unwrap_or(word.len());
    let (digits, tail) = word.split_at_checked(end).unwrap_or((word, ""));
    if tail.is_empty() {
        check_digits(word, digits)?;
        return integer(digits)
            .map(|number| (Kind::Int, Literal::Int(number)))
            .ok_or_else(|| too_large(word));
    }
    let Some(unit) = duration::unit(tail).filter(|_| !digits.ends_with('_')) else {
        return Err(no_literal(word, digits, tail));
    };
    check_digits(word, digits)?;
    duration::of(word, integer(digits), unit)
        .map(|micros| (Kind::Duration, Literal::Duration(micros)))
}

/// The story of a word that begins with digits and goes on with letters.
fn no_literal(word: &str, digits: &str, tail: &str) -> Problem {
    duration::explain(word, digits, tail)
        .or_else(|| explain_radix(word, digits, tail))
        .unwrap_or_else(|| explain_word(word, digits, tail))
}

/// `0x1f`, `0o17`, `0b101`.
fn explain_radix(word: &str, digits: &str, tail: &str) -> Option<Problem> {
    let radix = match tail.chars().next().filter(|_| digits == "0")? {
        'x' | 'X' => 16,
        'o' | 'O' => 8,
        'b' | 'B' => 2,
        _ => return None,
    };
    let value = i64::from_str_radix(&tail.get(1..)?.replace('_', ""), radix);
    let problem = Problem::new(Code::BadNumber, format!("`{word}` is no number"));
    Some(match value {
        Ok(value) => problem.help(format!("numbers are decimal: `{value}`")),
        Err(_) => problem.help("numbers are decimal"),
    })
}

fn explain_word(word: &str, digits: &str, tail: &str) -> Problem {
    let exponent = tail.strip_prefix(['e', 'E']);
    if exponent.is_some_and(|power| power.bytes().all(|byte| byte.is_ascii_digit())) {
        return Problem::new(Code::BadNumber, format!("`{word}` is no number"))
            .help("numbers have no exponent; write all digits, with `_` between them");
    }
    let problem = Problem::new(Code::BadWord, format!("`{word}` is neither a number nor a name"));
    if Kind::of_word(tail).is_some_and(|kind| kind != Kind::Name) {
        return problem.help(format!("write a blank between the two: `{digits} {tail}`"));
    }
    problem.help(
        "a name begins with a letter; a duration has one of the units `us` `ms` `s` `m` `h` `d`",
    )
}

fn float(word: &str) -> Result<(Kind, Literal), Problem> {
    let (before, after) = word.split_once('.').unwrap_or((word, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte == b'_' || byte.is_ascii_digit());
    if !plain(before) || !plain(after) {
        let unit = after.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit());
        let digits = after.strip_suffix(unit).unwrap_or("");
        if plain(before)
            && let Some(micros) = duration::unit(unit)
        {
            return Err(duration::explain_fraction(word, before, digits, micros));
        }
        return Err(Problem::new(Code::BadNumber, format!("`{word}` is no number"))
            .help("a number is written `1.5`, without exponent or unit"));
    }
    check_digits(word, before)?;
    check_underscores(word, after)?;
    let number: f64 = word.replace('_', "").parse().unwrap_or(f64::INFINITY);
    if number.is_finite() {
        Ok((Kind::Float, Literal::Float(number)))
    } else {
        Err(too_large(word))
    }
}

fn check_digits(word: &str, digits: &str) -> Result<(), Problem> {
    check_underscores(word, digits)?;
    if digits.len() > 1 && digits.starts_with('0') {
        let plain = digits.trim_start_matches(['0', '_']);
        let rest = word.get(digits.len()..).unwrap_or("");
        let number = if plain.is_empty() { "0" } else { plain };
        return Err(Problem::new(Code::BadNumber, format!("`{word}` begins with a zero"))
            .help(format!("write `{number}{rest}`")));
    }
    Ok(())
}

fn check_underscores(word: &str, digits: &str) -> Result<(), Problem> {
    let twice = digits.as_bytes().windows(2).any(|pair| pair == b"__");
    if digits.starts_with('_') || digits.ends_with('_') || twice {
        return Err(Problem::new(Code::BadNumber, format!("`{word}` has a misplaced `_`"))
            .help("one `_` may stand between two digits"));
    }
    Ok(())
}

/// Digits as a number; 2^63 is `i64::MIN`, what is greater is nothing.
fn integer(digits: &str) -> Option<i64> {
    let mut digits = digits.bytes().filter(u8::is_ascii_digit);
    let number = digits.try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })?;
    if number == i64::MIN.unsigned_abs() { Some(i64::MIN) } else { i64::try_from(number).ok() }
}

/// The complaint about a number that doesn't fit.
pub(crate) fn too_large(word: &str) -> Problem {
    let help = if word.contains('.') {
        "a number with a fraction is at most about 1.8 times 10^308"
    } else {
        "a whole number is at most `9_223_372_036_854_775_807`"
    };
    Problem::new(Code::NumberTooLarge, format!("the number `{word}` is too large")).help(help)
}

#[cfg(test)]
mod tests;
