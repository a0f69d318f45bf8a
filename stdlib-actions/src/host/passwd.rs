//! The accounts of a machine: `/etc/passwd` says who they are, `/etc/shadow` until
//! when they may log in. Both are only read here.

use rye_core::adapter::Ending;
use rye_core::value::Time;

use super::ending::{OWN, denied, not_found, rejected};
use super::machine::Inside;

const PASSWD: &str = "/etc/passwd";
const SHADOW: &str = "/etc/shadow";

/// The longest name that Linux programs take.
const NAME_BYTES_MAX: usize = 255;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
}

impl Account {
    /// The account called `name`.
    pub(super) fn find(inside: &Inside<'_>, name: &str) -> Result<Self, Ending> {
        let strange = |character: char| {
            character.is_control() || character.is_whitespace() || "/:,".contains(character)
        };
        let is_name = !name.is_empty()
            && name.len() <= NAME_BYTES_MAX
            && !name.starts_with(['-', '+'])
            && !name.contains(strange);
        if !is_name {
            return Err(rejected("this is no name of an account"));
        }
        let text = inside.read(PASSWD)?;
        let mut named = accounts(&text).filter(|account| account.name == name);
        match (named.next(), named.next()) {
            (Some(account), None) => Ok(account),
            (None, _) => Err(not_found("the machine itself knows no such account")),
            (Some(_), Some(_)) => Err(rejected("the machine knows several accounts of this name")),
        }
    }

    /// Refuses accounts without which the machine or the daemon can't be: those that
    /// are root under any name, and the daemon's own.
    pub(super) fn may_be_touched(&self, inside: &Inside<'_>) -> Result<(), Ending> {
        let own = rustix::process::geteuid().as_raw();
        if self.uid == 0 || (inside.machine.is_own() && self.uid == own) {
            return Err(denied(OWN));
        }
        Ok(())
    }

    /// On which day since 1970 the account expires.
    pub(super) fn expiry(&self, inside: &Inside<'_>) -> Result<Option<i64>, Ending> {
        let unsupported = || {
            rejected("unsupported here: the account has no line in /etc/shadow to hold an expiry")
        };
        let text = inside.read(SHADOW)?;
        let line = lines(&text).find(|fields| fields.first() == Some(&self.name.as_str()));
        let fields = line.ok_or_else(unsupported)?;
        match fields.get(7) {
            None => Err(unsupported()),
            Some(&"") => Ok(None),
            // A negative day is how some programs write `never`.
            Some(day) => Ok(day.parse().ok().filter(|day| *day >= 0)),
        }
    }
}

/// The name of the account with this number.
pub(super) fn name_in(passwd: &str, uid: u32) -> Option<String> {
    accounts(passwd).find(|account| account.uid == uid).map(|account| account.name)
}

/// The name, on the daemon's own machine, of the account with this number.
pub(super) fn name_of(uid: u32) -> Option<String> {
    name_in(&std::fs::read_to_string(PASSWD).ok()?, uid)
}

/// The text in which names of accounts are looked up; empty where there is none.
pub(super) fn names(inside: &Inside<'_>) -> String {
    inside.read(PASSWD).unwrap_or_default()
}

/// The beginning of a day since 1970.
pub(super) fn begin_of(day: i64) -> Time {
    Time(day.saturating_mul(DAY_MICROS))
}

/// The day of an instant since 1970.
pub(super) fn day_of(time: Time) -> i64 {
    time.0.div_euclid(DAY_MICROS)
}

const DAY_MICROS: i64 = 86_400_000_000;

fn accounts(passwd: &str) -> impl Iterator<Item = Account> + '_ {
    lines(passwd).filter_map(|fields| {
        let [name, _, uid, ..] = fields.as_slice() else { return None };
        Some(Account { name: (*name).to_owned(), uid: uid.parse().ok()? })
    })
}

fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(':').collect())
}

#[cfg(test)]
mod tests;
