//! Times: a date, a time of day, and a `Z`, because the language knows UTC only.

use super::Problem;
use crate::diagnostic::Code;

/// Whether a word begins like a date.
pub(super) fn is_date(word: &str) -> bool {
    word.len() >= 8
        && word.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && word.as_bytes().get(4) == Some(&b'-')
}

/// The microseconds since 1970 of `2026-03-01T09:30:00Z`.
pub(super) fn read(word: &str) -> Result<i64, Problem> {
    let problem =
        |help: String| Problem::new(Code::BadTime, format!("`{word}` is no time")).help(help);
    let form = || problem("a time is written `2026-03-01T09:30:00Z`, always in UTC".to_owned());
    let body = word.strip_suffix('Z').ok_or_else(form)?;
    let (date, clock) = body.split_once('T').ok_or_else(form)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [year, month, day] = fields(date, '-', [4, 2, 2]).ok_or_else(form)?;
    let [hour, minute, second] = fields(clock, ':', [2, 2, 2]).ok_or_else(form)?;
    let micros = fraction_micros(fraction)
        .ok_or_else(|| problem("at most six digits may follow the seconds".to_owned()))?;
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return Err(problem(format!("there is no day `{date}`")));
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(problem(format!("there is no time of day `{clock}`")));
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Ok(seconds * 1_000_000 + micros)
}

/// Three numbers with exactly so many digits.
fn fields(text: &str, separator: char, lengths: [usize; 3]) -> Option<[i64; 3]> {
    let mut found = [0; 3];
    let mut parts = text.split(separator);
    for (field, length) in found.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *field = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn fraction_micros(digits: &str) -> Option<i64> {
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<6}").parse().ok()
}

pub(super) fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

pub(super) fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; the year begins in March, so that
/// the leap day is its last.
pub(super) fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
