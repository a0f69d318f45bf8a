//! Maintenance: times in which people work on something, and nothing else may act on
//! it. By the wall clock, as people agree on times. Undos are not asked.

use rye_core::effect::Act;
use rye_core::value::{Name, Time, Value};

use super::is_of;
use crate::schedule::{When, last_end};
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

impl Maintenance {
    /// Until when it lasts, if it is that time at `now`.
    pub fn until(&self, now: Time) -> Option<Time> {
        last_end(&self.when, now)
    }

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
        let until = maintenance.until(now.wall)?;
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
}
