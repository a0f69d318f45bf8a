//! Times that people agree on, by the wall clock and in UTC: when something is
//! maintained, when a site works.

use rye_core::value::{Duration, Time};

/// A time that people agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once.
    Once {
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
    },
    /// Again and again.
    Every {
        /// After how long it begins anew: a day, or a week.
        period: Duration,
        /// From when in the period: a week begins on Monday, in UTC.
        from: Duration,
        /// How long.
        span: Duration,
    },
}

/// The times at which people of the site work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    /// When they work.
    pub when: Vec<When>,
    /// When they don't after all: holidays.
    pub closed: Vec<When>,
}

/// 1970 began on a Thursday.
const FIRST_MONDAY: Duration = Duration::from_secs(4 * 86_400);

impl When {
    /// Until when it lasts, if it is that time at `now`.
    fn lasts_until(self, now: Time) -> Option<Time> {
        match self {
            Self::Once { from, until } => (from..until).contains(&now).then_some(until),
            Self::Every { period, from, span } => {
                let begin = FIRST_MONDAY.0.saturating_add(from.0);
                let passed = now.0.saturating_sub(begin).checked_rem_euclid(period.0)?;
                let left = span.0.saturating_sub(passed);
                (left > 0).then(|| now.saturating_add(Duration(left)))
            }
        }
    }
}

impl BusinessHours {
    /// Whether people work at `now`.
    pub fn is_open(&self, now: Time) -> bool {
        last_end(&self.when, now).is_some() && last_end(&self.closed, now).is_none()
    }
}

/// When the last of those ends that it is the time of at `now`.
pub(crate) fn last_end(all: &[When], now: Time) -> Option<Time> {
    all.iter().filter_map(|when| when.lasts_until(now)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn hours(count: u32) -> Duration {
        Duration::from_secs(count * 3_600)
    }

    #[test]
    fn a_week_begins_on_monday_and_a_window_may_reach_into_the_next() {
        // From Sunday 23:00 to Monday 02:00.
        let when = When::Every { period: hours(168), from: hours(167), span: hours(3) };
        // 2026-11-29 is a Sunday.
        for (now, until) in [
            ("2026-11-29T22:59:59Z", None),
            ("2026-11-29T23:00:00Z", Some("2026-11-30T02:00:00Z")),
            ("2026-11-30T01:59:59Z", Some("2026-11-30T02:00:00Z")),
            ("2026-11-30T02:00:00Z", None),
            ("2026-11-28T23:30:00Z", None),
            ("1969-12-29T01:00:00Z", Some("1969-12-29T02:00:00Z")),
        ] {
            assert_eq!(when.lasts_until(at(now)), until.map(at), "{now}");
        }
        let daily = When::Every { period: hours(24), from: hours(2), span: hours(1) };
        let lasts = |now| daily.lasts_until(at(now)).is_some();
        assert!(lasts("2026-11-25T02:30:00Z") && lasts("2026-11-26T02:00:00Z"));
        assert!(!lasts("2026-11-26T03:00:00Z"));
    }

    #[test]
    fn a_site_works_at_its_hours_but_for_its_holidays() {
        // Mondays 08:00 to 18:00, but not on 2026-11-30.
        let open = When::Every { period: hours(168), from: hours(8), span: hours(10) };
        let (from, until) = (at("2026-11-30T00:00:00Z"), at("2026-12-01T00:00:00Z"));
        let site = BusinessHours { when: vec![open], closed: vec![When::Once { from, until }] };
        for (now, works) in [
            ("2026-11-23T07:59:59Z", false),
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T17:59:59Z", true),
            ("2026-11-23T18:00:00Z", false),
            ("2026-11-24T12:00:00Z", false),
            ("2026-11-30T12:00:00Z", false),
            ("2026-12-07T12:00:00Z", true),
        ] {
            assert_eq!(site.is_open(at(now)), works, "{now}");
        }
    }
}
