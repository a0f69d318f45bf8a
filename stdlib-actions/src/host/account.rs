//! `std.host.account`: who may log in, what runs for them, and holding that still.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rye_core::adapter::Ending;
use rye_core::value::{Time, Value};

use super::CarryOut;
use super::call::Asked;
use super::cgroup::Group;
use super::ending::{DONE, OWN, already, conflict, denied, in_the_act, not_sent, refused, unknown};
use super::machine::{Inside, Machine};
use super::passwd::{self, Account};
use super::running::Running;
use super::unit;
use crate::program;

pub(super) const VERBS: &[(&str, CarryOut)] = &[
    ("expire", expire),
    ("restore", restore),
    ("expiry", expiry),
    ("is_expired", is_expired),
    ("end_sessions", end_sessions),
    ("processes", processes),
    ("freeze", freeze),
    ("thaw", thaw),
    ("is_frozen", is_frozen),
];

/// The day on which an account expires that we let expire: long ago. Day 0 is read
/// as `never` by some programs.
const EXPIRED: i64 = 1;

/// Between two looks at what is being ended.
const PAUSE: Duration = Duration::from_millis(10);

/// The account that the call names, on the machine that it names.
fn account<'a>(machine: &'a Machine, asked: &Asked<'_>) -> Result<(Inside<'a>, Account), Ending> {
    let inside = machine.enter_for(asked, "account")?;
    let account = Account::find(&inside, asked.part("account", "name")?)?;
    Ok((inside, account))
}

fn expire(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    account.may_be_touched(&inside)?;
    if has_passed(account.expiry(&inside)?) {
        return Ok(already(asked.request, Value::None));
    }
    set_expiry(&inside, &account, EXPIRED, asked)
}

fn restore(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    asked.must_undo()?;
    let (inside, account) = account(machine, asked)?;
    let before = match asked.value("expiry") {
        Value::Time(time) => Some(passwd::day_of(*time)),
        _ => None,
    };
    match account.expiry(&inside)? {
        now if now == before => Ok(DONE),
        Some(EXPIRED) => set_expiry(&inside, &account, before.unwrap_or(-1), asked),
        // Somebody else has said something about it since.
        _ => Ok(Ending::AlreadySo(Value::None)),
    }
}

fn set_expiry(
    inside: &Inside<'_>,
    account: &Account,
    day: i64,
    asked: &Asked<'_>,
) -> Result<Ending, Ending> {
    let mut command = inside.command(
        &inside.machine.config.chage,
        "unsupported here: the program chage is missing; install passwd, or set host.chage",
    )?;
    command.arg(format!("--expiredate={day}")).arg("--").arg(&account.name);
    let output = program::run(&mut command, b"", asked.deadline).map_err(in_the_act)?;
    if output.success {
        return Ok(DONE);
    }
    // It writes the whole file anew, or not at all.
    Err(if output.stderr.contains("Permission denied") {
        denied("the daemon may not change accounts; run it as root")
    } else {
        not_sent("chage did not change the account")
    })
}

fn expiry(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    let day = account.expiry(&inside)?;
    let time: Option<Time> = day.map(passwd::begin_of);
    Ok(Ending::Done(time.map_or(Value::None, Value::Time)))
}

fn is_expired(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    Ok(Ending::Done(Value::Bool(has_passed(account.expiry(&inside)?))))
}

fn has_passed(expiry: Option<i64>) -> bool {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let today = i64::try_from(since.as_secs() / 86_400).unwrap_or(i64::MAX);
    expiry.is_some_and(|day| (EXPIRED..=today).contains(&day))
}

fn end_sessions(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    account.may_be_touched(&inside)?;
    // Root may have been taken on, and the daemon started, in a session of this account.
    if machine.is_own() && unit::own_groups().any(|group| group == slice(&account)) {
        return Err(denied(OWN));
    }
    let count = running(&inside, &account)?.len();
    let count = Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    terminate(&inside, &account, asked);
    // What logind doesn't know, or what begins while others end.
    loop {
        let left = running(&inside, &account)?;
        if left.is_empty() {
            return Ok(Ending::Done(count));
        }
        for process in left {
            process.kill().map_err(|errno| refused(errno, "a process could not be killed"))?;
        }
        if asked.is_late() {
            return Err(unknown("processes of the account still run"));
        }
        thread::sleep(PAUSE);
    }
}

/// Lets logind end the sessions, with all that was started in them for others. Where
/// there is no logind, or it knows no session, there is nothing to end.
fn terminate(inside: &Inside<'_>, account: &Account, asked: &Asked<'_>) {
    if let Ok(mut command) = inside.command(&inside.machine.config.loginctl, "") {
        command.args(["terminate-user", "--", &account.uid.to_string()]);
        let _ = program::run(&mut command, b"", asked.deadline);
    }
}

fn processes(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    let count = running(&inside, &account)?.len();
    Ok(Ending::Done(Value::Int(i64::try_from(count).unwrap_or(i64::MAX))))
}

fn running(inside: &Inside<'_>, account: &Account) -> Result<Vec<Running>, Ending> {
    let mut processes = inside.processes()?;
    processes.retain(|process| process.uid() == Some(account.uid));
    Ok(processes)
}

/// The name that systemd gives to all sessions of the account.
fn slice(account: &Account) -> String {
    format!("user-{}.slice", account.uid)
}

/// The control group of all sessions of the account.
fn sessions(inside: &Inside<'_>, account: &Account) -> Result<Option<Group>, Ending> {
    Group::find(inside, &format!("/user.slice/{}", slice(account)))
}

fn freeze(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    account.may_be_touched(&inside)?;
    let Some(group) = sessions(&inside, &account)? else {
        return Err(conflict("the account has no session to hold still"));
    };
    group.freeze(asked)
}

fn thaw(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    asked.must_undo()?;
    let (inside, account) = account(machine, asked)?;
    sessions(&inside, &account)?.map_or(Ok(DONE), |group| group.thaw(asked))
}

fn is_frozen(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, account) = account(machine, asked)?;
    let group = sessions(&inside, &account)?;
    Ok(Ending::Done(Value::Bool(group.is_some_and(|group| group.is_frozen()))))
}
