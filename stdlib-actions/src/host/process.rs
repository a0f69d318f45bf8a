//! `std.host.process`: what runs, and killing it.

use std::thread;
use std::time::Duration;

use rye_core::adapter::Ending;
use rye_core::limit::PROCESSES_SHOWN_MAX;
use rye_core::value::{Name, Value};

use super::call::Asked;
use super::ending::{DONE, OWN, already, denied, not_found, refused, rejected, unknown};
use super::machine::{Inside, Machine};
use super::running::Running;
use super::{CarryOut, passwd};

pub(super) const VERBS: &[(&str, CarryOut)] =
    &[("kill", kill), ("is_running", is_running), ("at", at), ("running", running)];

/// Between two looks whether it has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// The process that the call names, if it still runs: what has its number now but
/// started at another time is another one.
fn process(inside: &Inside<'_>, asked: &Asked<'_>) -> Result<Option<Running>, Ending> {
    let pid = asked.part("process", "pid")?;
    let started = asked.part("process", "started")?;
    let number = pid.parse().ok().filter(|number: &i32| *number > 0 && number.to_string() == pid);
    let number = number.ok_or_else(|| rejected("this is no number of a process"))?;
    Ok(inside.process(number)?.filter(|process| process.started() == started))
}

fn kill(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let inside = machine.enter_for(asked, "process")?;
    let Some(process) = process(&inside, asked)? else {
        return Ok(already(asked.request, Value::None));
    };
    let own = machine.is_own() && u32::try_from(process.pid) == Ok(std::process::id());
    if own || process.pid == 1 {
        return Err(denied(OWN));
    }
    if process.is_kernel() {
        return Err(rejected("a thread of the kernel can't be killed"));
    }
    process.kill().map_err(|errno| refused(errno, "the process could not be killed"))?;
    while process.is_running() {
        if asked.is_late() {
            return Err(unknown("the process was killed, and did not end in time"));
        }
        thread::sleep(PAUSE);
    }
    Ok(DONE)
}

fn is_running(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let inside = machine.enter_for(asked, "process")?;
    Ok(Ending::Done(Value::Bool(process(&inside, asked)?.is_some())))
}

fn at(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let inside = machine.enter_for(asked, "host")?;
    let Value::Int(pid) = asked.value("pid") else { return Err(rejected("`pid` is no number")) };
    let process = i32::try_from(*pid).ok().filter(|pid| *pid > 0);
    let process = process.map(|pid| inside.process(pid)).transpose()?.flatten();
    let process = process.ok_or_else(|| not_found("no process runs under this number"))?;
    Ok(Ending::Done(details(&inside, &process, &passwd::names(&inside))))
}

fn running(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let inside = machine.enter_for(asked, "file")?;
    let path = asked.part("file", "path")?;
    let names = passwd::names(&inside);
    let processes = inside.processes()?;
    let found = processes.iter().filter(|process| process.program().as_deref() == Some(path));
    // One more than are shown says that there are more.
    let found =
        found.take(PROCESSES_SHOWN_MAX + 1).map(|process| details(&inside, process, &names));
    Ok(Ending::Done(Value::list(found)))
}

/// The record `ProcessDetails`.
fn details(inside: &Inside<'_>, process: &Running, names: &str) -> Value {
    let text = |text: String| Value::Text(text.into());
    let uid = process.uid().unwrap_or(u32::MAX);
    let asset = record(
        "HostProcess",
        [
            ("host", Value::text(inside.machine.name())),
            ("pid", text(process.pid.to_string())),
            ("started", text(process.started())),
        ],
    );
    record(
        "ProcessDetails",
        [
            ("process", Value::asset("HostProcess", asset)),
            ("parent", Value::Int(process.parent())),
            ("account", text(passwd::name_in(names, uid).unwrap_or_else(|| uid.to_string()))),
            ("program", text(process.program().unwrap_or_default())),
            ("command", text(process.command())),
        ],
    )
}

fn record<const N: usize>(name: &str, fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().map(|(field, value)| (Name::from(field), value)).collect();
    Value::Record { name: Name::from(name), fields }
}
