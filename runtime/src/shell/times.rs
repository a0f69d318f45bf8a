//! The verbs of `std.clock`, as `stdlib-actions/interface/clock.rye` declares them:
//! answered by this process, because only it reads the clock and knows what the site
//! says about times.

use rye_core::adapter::Ending;
use rye_core::effect::Call;
use rye_core::error::{Error, ErrorKind};
use rye_core::value::{Name, Time, Value};
use rye_engine::guardrail::Maintenance;
use rye_engine::schedule::BusinessHours;

use crate::config::Site;

/// What the site says about times.
#[derive(Debug)]
pub(super) struct Times {
    business_hours: Option<BusinessHours>,
    maintenance: Vec<Maintenance>,
}

impl Times {
    pub(super) fn of(site: &Site) -> Self {
        Self { business_hours: site.business_hours.clone(), maintenance: site.maintenance.clone() }
    }

    /// What `call` is answered at `now`; `None` if it is another module's.
    pub(super) fn answer(&self, call: &Call, now: Time) -> Option<Ending> {
        Some(match call.action.strip_prefix("std.clock.")? {
            "now" => Ending::Done(Value::Time(now)),
            "business_hours" => self.business_hours(now),
            "maintenance" => Ending::Done(self.maintenance(now)),
            // No bundle is loaded that asks for more.
            _ => return None,
        })
    }

    fn business_hours(&self, now: Time) -> Ending {
        if let Some(hours) = &self.business_hours {
            return Ending::Done(Value::Bool(hours.is_open(now)));
        }
        let text = "the site's configuration has no `[business_hours]`";
        Ending::Refused { error: Error::new(ErrorKind::NotFound, text), perhaps: false }
    }

    fn maintenance(&self, now: Time) -> Value {
        let on = |one: &Maintenance| {
            let until = one.until(now)?;
            let what = one.what.iter().cloned().map(Value::Text);
            let fields = [
                ("name", Value::Text(one.name.clone())),
                ("what", Value::list(what)),
                ("until", Value::Time(until)),
            ];
            let fields = fields.into_iter().map(|(name, value)| (Name::from(name), value));
            Some(Value::Record { name: Name::from("Maintenance"), fields: fields.collect() })
        };
        Value::list(self.maintenance.iter().filter_map(on))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What a site with `more` in its file answers to `verb` then.
    fn asked(more: &str, verb: &str, now: &str) -> String {
        let digest = "2aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a4e70466d";
        let text = format!("environment = \"lab\"\ntrust_root_digest = \"{digest}\"\n{more}");
        let site = Site::parse(Path::new("site.toml"), text).unwrap();
        let call = Call { action: Name::from(verb), arguments: [].into() };
        match Times::of(&site).answer(&call, Time::parse(now).unwrap()) {
            Some(Ending::Done(value)) => value.to_string(),
            Some(Ending::Refused { error, .. }) => error.kind.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn business_hours_are_what_the_site_says() {
        let hours = "[business_hours]\nwhen = [\"mon-fri 08:00-18:00\", \"fri-sat 22:00-02:00\"]\n\
                     closed = [\"2026-12-25\", \"2026-11-30T12:00:00Z to 2026-11-30T13:00:00Z\"]\n";
        for (now, open) in [
            // A Monday, a Friday, a Sunday.
            ("2026-11-30T07:59:59Z", "false"),
            ("2026-11-30T08:00:00Z", "true"),
            ("2026-11-30T12:30:00Z", "false"),
            ("2026-12-04T17:59:59Z", "true"),
            ("2026-12-04T18:00:00Z", "false"),
            ("2026-12-06T01:30:00Z", "true"),
            ("2026-12-06T12:00:00Z", "false"),
            ("2026-12-25T12:00:00Z", "false"),
            ("2026-12-28T12:00:00Z", "true"),
        ] {
            assert_eq!(asked(hours, "std.clock.business_hours", now), open, "{now}");
        }
        let over_the_week = "[business_hours]\nwhen = \"sun-mon 10:00-11:00\"\n";
        for (now, open) in [
            ("2026-11-29T10:00:00Z", "true"),
            ("2026-11-30T10:00:00Z", "true"),
            ("2026-12-01T10:00:00Z", "false"),
            ("2026-11-28T10:00:00Z", "false"),
        ] {
            assert_eq!(asked(over_the_week, "std.clock.business_hours", now), open, "{now}");
        }
        assert_eq!(asked("", "std.clock.business_hours", "2026-11-30T08:00:00Z"), "not_found");
    }

    #[test]
    fn maintenance_is_told_while_it_lasts() {
        let rules = "[maintenance.switches]\nwhen = \"2026-12-01\"\nwhat = [\"std.firewall\", \"Host\"]\n\
                     [maintenance.\"all of it\"]\nwhen = [\"daily 23:00-01:00\", \"tue 23:30-00:30\"]\n";
        let at = |now| asked(rules, "std.clock.maintenance", now);
        assert_eq!(at("2026-11-30T12:00:00Z"), "[]");
        let switches =
            "Maintenance(name: switches, what: [std.firewall, Host], until: 2026-12-02T00:00:00Z)";
        assert_eq!(at("2026-12-01T12:00:00Z"), format!("[{switches}]"));
        let all = "Maintenance(name: all of it, what: [], until: 2026-12-02T01:00:00Z)";
        assert_eq!(at("2026-12-01T23:45:00Z"), format!("[{all}, {switches}]"));
        assert_eq!(asked("", "std.clock.maintenance", "2026-12-01T12:00:00Z"), "[]");
    }

    #[test]
    fn the_verbs_of_other_modules_are_not_answered() {
        let now = "2026-11-30T08:00:00Z";
        assert_eq!(asked("", "std.clock.now", now), now);
        assert_eq!(asked("", "std.notify.analysts", now), "None");
        assert_eq!(asked("", "std.clock.tomorrow", now), "None");
    }
}
