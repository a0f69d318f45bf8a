//! Times that people agree on, in UTC: `[business_hours]`, and when something is under
//! `[maintenance]`.

use rye_core::value::{Duration, Time};
use rye_engine::schedule::{BusinessHours, When};
use toml::de::DeTable;

use super::tree::{Found, Walk, join};

const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const HELP: &str = "write UTC such as `\"sun 02:00-04:00\"`, `\"mon-fri 08:00-18:00\"`, \
    `\"daily 02:00-04:00\"`, the day `\"2026-12-25\"` or \
    `\"2026-12-01T22:00:00Z to 2026-12-02T04:00:00Z\"`, or a list of such";

/// The table `[business_hours]`.
pub(super) fn business_hours(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<BusinessHours> {
    let table = walk.table(root, "", "business_hours")?;
    walk.known_only(table, "business_hours");
    let at = root.get_key_value("business_hours").map(|(name, _)| name.span().start);
    let when = required(walk, table, at, "business_hours");
    let closed = match table.get("closed") {
        Some(found) => times(walk, found, "business_hours.closed"),
        None => Vec::new(),
    };
    Some(BusinessHours { when, closed })
}

/// The option `when` of the table at `path`, which stands at `at`.
pub(super) fn required(
    walk: &mut Walk<'_>,
    table: &DeTable<'_>,
    at: Option<usize>,
    path: &str,
) -> Vec<When> {
    let option = join(path, "when");
    if let Some(found) = table.get("when") {
        return times(walk, found, &option);
    }
    walk.mistake(at, &option, "this option is required, and it is missing", HELP);
    Vec::new()
}

fn times(walk: &mut Walk<'_>, found: Found<'_, '_>, path: &str) -> Vec<When> {
    walk.texts(found, path, HELP, read).into_iter().flatten().collect()
}

/// `sun 02:00-04:00`, `mon-fri 08:00-18:00`, `daily 02:00-04:00`, a day, or an instant
/// `to` another.
fn read(text: &str) -> Result<Vec<When>, String> {
    let form = || format!("expected a time, found `{}`", text.escape_debug());
    if let Some((from, until)) = text.split_once(" to ") {
        let instant = |text: &str| Time::parse(text.trim()).ok_or_else(form);
        let (from, until) = (instant(from)?, instant(until)?);
        return if from < until {
            Ok(vec![When::Once { from, until }])
        } else {
            Err(format!("expected an end after the beginning, found `{text}`"))
        };
    }
    if let Some(from) = Time::parse(&format!("{}T00:00:00Z", text.trim())) {
        return Ok(vec![When::Once { from, until: from.saturating_add(DAY) }]);
    }
    let (days, times) = text.split_once(' ').ok_or_else(form)?;
    let (from, until) = times.split_once('-').ok_or_else(form)?;
    let (from, until) = (clock(from).ok_or_else(form)?, clock(until).ok_or_else(form)?);
    // An end that is not after the beginning is the next day's.
    let span = Duration(until.0.saturating_sub(from.0).rem_euclid(DAY.0));
    let span = if span == Duration::ZERO { DAY } else { span };
    if days == "daily" {
        return Ok(vec![When::Every { period: DAY, from, span }]);
    }
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (first, last) = (day(first)?, day(last)?);
    // `fri-mon` goes over the end of the week.
    let count = last.saturating_sub(first).rem_euclid(7);
    let on = |after: i64| {
        let day = first.saturating_add(after).rem_euclid(7);
        let from = Duration(from.0.saturating_add(day.saturating_mul(DAY.0)));
        When::Every { period: WEEK, from, span }
    };
    Ok((0..=count).map(on).collect())
}

/// The number of a day of the week, Monday being 0.
fn day(text: &str) -> Result<i64, String> {
    let found = (0_i64..).zip(DAYS).find(|(_, day)| *day == text);
    found.map(|(index, _)| index).ok_or_else(|| {
        let days = DAYS.join("`, `");
        format!("expected `daily` or a day (`{days}`), found `{}`", text.escape_debug())
    })
}

/// A time of day, `00:00` to `24:00`, from midnight on.
fn clock(text: &str) -> Option<Duration> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { text.parse::<u32>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minutes = (minutes < 60).then_some(hours.saturating_mul(60).saturating_add(minutes))?;
    (minutes <= 24 * 60).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}
