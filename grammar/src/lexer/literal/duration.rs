//! Durations: one whole number and one unit.

use super::{Problem, integer};
use crate::diagnostic::Code;

/// The units of durations, with their microseconds.
const UNITS: &[(&str, i64)] = &[
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

/// What people write for a unit, and the unit.
const UNIT_NAMES: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("S", "s"),
    ("M", "m"),
    ("H", "h"),
    ("D", "d"),
];

/// The microseconds of a unit.
pub(super) fn unit(name: &str) -> Option<i64> {
    UNITS.iter().find(|unit| unit.0 == name).map(|unit| unit.1)
}

/// The microseconds of a number of units.
pub(super) fn of(word: &str, number: Option<i64>, unit: i64) -> Result<i64, Problem> {
    number.filter(|number| *number >= 0).and_then(|number| number.checked_mul(unit)).ok_or_else(
        || {
            Problem::new(Code::NumberTooLarge, format!("the duration `{word}` is too long"))
                .help("a duration has at most 2^63 - 1 microseconds, some 292,000 years")
        },
    )
}

/// Why a word that looks like a duration is none; nothing if it doesn't look like one.
pub(super) fn explain(word: &str, digits: &str, tail: &str) -> Option<Problem> {
    let problem = || Problem::new(Code::BadDuration, format!("`{word}` is no duration"));
    if let Some((_, unit)) = UNIT_NAMES.iter().find(|known| known.0 == tail) {
        return Some(problem().help(format!("write `{digits}{unit}`")));
    }
    if let Some(parts) = parts(word) {
        let problem = Problem::new(Code::BadDuration, format!("`{word}` has more than one unit"));
        return Some(problem.help(format!("a duration has one: {}", one_unit(&parts))));
    }
    if !matches!(tail, "w" | "week" | "weeks") {
        return None;
    }
    Some(match integer(digits).and_then(|weeks| weeks.checked_mul(7)) {
        Some(days) => problem().help(format!("weeks are written in days: `{days}d`")),
        None => problem().help("weeks are written in days"),
    })
}

/// `1.5h`: the same in a smaller unit, when there is one. `digits` stand behind the point.
pub(super) fn explain_fraction(word: &str, before: &str, digits: &str, unit: i64) -> Problem {
    let problem = Problem::new(Code::BadDuration, format!("`{word}` is no duration"));
    let exact = || {
        let scale = 10_i64.checked_pow(u32::try_from(digits.len()).ok()?)?;
        let number: i64 = format!("{before}{digits}").parse().ok()?;
        let total = number.checked_mul(unit)?;
        (total % scale == 0).then_some(total / scale)
    };
    match exact() {
        Some(total) => {
            problem.help(format!("a duration is a whole number: {}", one_unit(&[(total, 1)])))
        }
        None => problem.help("a duration is a whole number with one unit: `90m`"),
    }
}

/// The numbers and units of `1h30m`, if the word is nothing else.
fn parts(word: &str) -> Option<Vec<(i64, i64)>> {
    let mut parts = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let letters = rest.get(digits..)?;
        let unit_end = letters.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(letters.len());
        let unit = UNITS.iter().find(|unit| letters.get(..unit_end) == Some(unit.0))?;
        parts.push((rest.get(..digits)?.parse().ok()?, unit.1));
        rest = letters.get(unit_end..)?;
    }
    (parts.len() > 1).then_some(parts)
}

/// The same duration in the greatest unit that divides it.
fn one_unit(parts: &[(i64, i64)]) -> String {
    let total = parts.iter().try_fold(0_i64, |sum, part| {
        part.0.checked_mul(part.1).and_then(|micros| sum.checked_add(micros))
    });
    let fitting = |total: i64| UNITS.iter().rev().find(|unit| total % unit.1 == 0);
    match total.and_then(|total| fitting(total).map(|unit| (total / unit.1, unit.0))) {
        Some((number, unit)) => format!("`{number}{unit}`"),
        None => "`90m`, for example".to_owned(),
    }
}
