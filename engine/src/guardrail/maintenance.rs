//! Maintenance: times in which people work on something, and nothing else may act on
//! it. By the wall clock, as people agree on times. Undos are not asked.

use rye_core::effect::Act;
use rye_core::value::{Duration, Name, Time, Value};

use super::is_of;
use crate::stamp::Stamp;

/// Something that people work on, at these times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// What it is, for people.
    pub name: Name,
    /// When.
    pub when: Vec<When>,
    /// What waits meanwhile: actions, modules of actions and kinds of assets, by
    /// their names; everything where none is named.
    pub what: Vec<Name>,
}

/// A time of maintenance.
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

/// 1970 began on a Thursday.
const FIRST_MONDAY: Duration = Duration::from_secs(4 * 86_400);

impl When {
    /// Until when it lasts, if it is that time now.
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

impl Maintenance {
    fn concerns(&self, act: &Act) -> bool {
        let touches = |name: &Name| {
            let is_kind =
                |asset: &Value| matches!(asset, Value::Asset { kind, .. } if kind == name);
            is_of(&act.call.action, name) || act.affects.iter().any(is_kind)
        };
        self.what.is_empty() || self.what.iter().any(touches)
    }
}

/// Why `act` has to wait; `None` if it doesn't.
pub(super) fn refuses(act: &Act, all: &[Maintenance], now: Stamp) -> Option<String> {
    all.iter().filter(|maintenance| maintenance.concerns(act)).find_map(|maintenance| {
        let until = maintenance.when.iter().filter_map(|when| when.lasts_until(now.wall)).max()?;
        let (action, name) = (&act.call.action, &maintenance.name);
        Some(format!("`{action}` has to wait for the end of maintenance ({name}) at {until}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardrail::tests::act;

    fn at(text: &str) -> Stamp {
        Stamp { wall: Time::parse(text).unwrap(), ..Stamp::default() }
    }

    fn hours(count: u32) -> Duration {
        Duration::from_secs(count * 3_600)
    }

    fn all(when: When, what: &[&str]) -> [Maintenance; 1] {
        let what = what.iter().map(|name| Name::from(*name)).collect();
        [Maintenance { name: "new switches".into(), when: vec![when], what }]
    }

    #[test]
    fn what_is_under_maintenance_waits_for_its_end() {
        let (from, until) = (at("2026-12-01T22:00:00Z").wall, at("2026-12-02T04:00:00Z").wall);
        let once = |what: &[&str]| all(When::Once { from, until }, what);
        let act = act(&[Value::asset("Account", Value::text("ann"))]);
        let refuses = |what: &[&str], now| refuses(&act, &once(what), at(now));
        for what in [&["std.firewall"][..], &["std.firewall.swap"], &["Account"], &[]] {
            assert_eq!(
                refuses(what, "2026-12-01T22:00:00Z").as_deref(),
                Some(
                    "`std.firewall.swap` has to wait for the end of maintenance (new switches) \
                     at 2026-12-02T04:00:00Z"
                )
            );
            assert_eq!(refuses(what, "2026-12-01T21:59:59Z"), None);
            assert_eq!(refuses(what, "2026-12-02T04:00:00Z"), None);
        }
        for what in ["std", "std.fire", "std.firewall.swa", "Host"] {
            assert_eq!(refuses(&[what], "2026-12-01T23:00:00Z"), None, "{what}");
        }
    }

    #[test]
    fn a_week_begins_on_monday_and_a_window_may_reach_into_the_next() {
        // From Sunday 23:00 to Monday 02:00.
        let when = When::Every { period: hours(168), from: hours(167), span: hours(3) };
        let act = act(&[]);
        let is_refused = |now| refuses(&act, &all(when, &[]), at(now)).is_some();
        // 2026-11-29 is a Sunday.
        for (now, refused) in [
            ("2026-11-29T22:59:59Z", false),
            ("2026-11-29T23:00:00Z", true),
            ("2026-11-30T01:59:59Z", true),
            ("2026-11-30T02:00:00Z", false),
            ("2026-11-28T23:30:00Z", false),
            ("1969-12-29T01:00:00Z", true),
        ] {
            assert_eq!(is_refused(now), refused, "{now}");
        }
        let daily = When::Every { period: hours(24), from: hours(2), span: hours(1) };
        let is_refused = |now| refuses(&act, &all(daily, &[]), at(now)).is_some();
        assert!(is_refused("2026-11-25T02:30:00Z") && is_refused("2026-11-26T02:00:00Z"));
        assert!(!is_refused("2026-11-26T03:00:00Z"));
    }
}
