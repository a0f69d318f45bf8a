//! Units as systemd tells of them, and masks of our own.
//!
//! A unit is masked by a link to `/dev/null` in `/etc/systemd/system.control`, the
//! folder that systemd looks into first. So units are masked whose file lies in
//! `/etc/systemd/system`, where `systemctl mask` gives up and where intruders put
//! theirs, and no file or mask of anybody else is ever replaced.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use rye_core::adapter::Ending;

use super::call::Asked;
use super::ending::{before_the_act, conflict, not_sent, refused, rejected};
use super::machine::Inside;
use crate::program::{self, Output, ProgramError};

/// Services without which a machine can't be looked after: no playbook stops them.
pub(super) const VITAL: &[&str] = &[
    "dbus.service",
    "dbus-broker.service",
    "systemd-journald.service",
    "systemd-logind.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-udevd.service",
    "systemd-user-sessions.service",
];

const FOLDER: &str = "/etc/systemd";
const CONTROL: &str = "system.control";
const NOWHERE: &str = "/dev/null";

/// The longest name that systemd takes.
const NAME_BYTES_MAX: usize = 255;

/// What systemd knows of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) name: String,
    load: String,
    active: String,
    /// Sockets, timers and paths that start it.
    pub(super) triggers: Vec<String>,
    pub(super) group: String,
}

impl Unit {
    pub(super) fn exists(&self) -> bool {
        self.load != "not-found"
    }

    pub(super) fn is_masked(&self) -> bool {
        self.load == "masked"
    }

    /// Whether it runs, or is about to.
    pub(super) fn is_active(&self) -> bool {
        matches!(self.active.as_str(), "active" | "reloading" | "activating" | "refreshing")
    }

    /// Whether nothing of it runs.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.active.as_str(), "inactive" | "failed")
    }
}

/// Refuses what is no name of one service.
pub(super) fn check_service(name: &str) -> Result<(), Ending> {
    if is_unit(name) && name.ends_with(".service") {
        return Ok(());
    }
    Err(rejected("this is no whole name of one service, such as `nginx.service`"))
}

/// Whether this is the name of one unit: no pattern, no option, no template, no
/// path.
pub(super) fn is_unit(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
    name.len() <= NAME_BYTES_MAX
        && !name.starts_with(['-', '.'])
        && name.bytes().all(plain)
        && name.rsplit_once('.').is_some_and(|(stem, _)| !stem.is_empty() && !stem.ends_with('@'))
}

/// Whether the service is systemd's own.
pub(super) fn is_vital(name: &str) -> bool {
    name.starts_with("systemd-") || VITAL.contains(&name)
}

/// The names of the control groups that the daemon itself is in, of every hierarchy.
pub(super) fn own_groups() -> impl Iterator<Item = String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let parts = groups.lines().flat_map(|line| line.split('/')).map(str::to_owned);
    parts.collect::<Vec<_>>().into_iter()
}

/// The service that the daemon itself runs in, if it runs in one.
pub(super) fn own() -> Option<String> {
    own_groups().find(|group| group.ends_with(".service"))
}

/// What systemd knows of these units, in the same order.
pub(super) fn show(
    inside: &Inside<'_>,
    names: &[&str],
    asked: &Asked<'_>,
) -> Result<Vec<Unit>, Ending> {
    let arguments = ["show", "--property=Id,LoadState,ActiveState,TriggeredBy,ControlGroup", "--"];
    let output = systemctl(inside, &[&arguments, names].concat(), asked)?;
    let output = output.map_err(before_the_act)?;
    if !output.success {
        return Err(complaint(&output));
    }
    let units = parse(&String::from_utf8_lossy(&output.stdout));
    if units.len() == names.len() { Ok(units) } else { Err(not_sent(SILENT)) }
}

const SILENT: &str = "systemd did not answer";

fn parse(text: &str) -> Vec<Unit> {
    let unit = |block: &str| {
        let mut unit = Unit::default();
        for (key, value) in block.lines().filter_map(|line| line.split_once('=')) {
            match key {
                "Id" => value.clone_into(&mut unit.name),
                "LoadState" => value.clone_into(&mut unit.load),
                "ActiveState" => value.clone_into(&mut unit.active),
                "ControlGroup" => value.clone_into(&mut unit.group),
                "TriggeredBy" => {
                    unit.triggers = value.split_ascii_whitespace().map(str::to_owned).collect();
                }
                _ => {}
            }
        }
        unit
    };
    text.split("\n\n").filter(|block| !block.trim().is_empty()).map(unit).collect()
}

/// Runs `systemctl` on the machine.
pub(super) fn systemctl(
    inside: &Inside<'_>,
    arguments: &[&str],
    asked: &Asked<'_>,
) -> Result<Result<Output, ProgramError>, Ending> {
    let mut command = inside.command(
        &inside.machine.config.systemctl,
        "unsupported here: the program systemctl is missing; services are known where systemd \
         runs, or set host.systemctl",
    )?;
    command.args(arguments);
    Ok(program::run(&mut command, b"", asked.deadline))
}

/// Lets systemd read its files anew.
pub(super) fn reload(inside: &Inside<'_>, asked: &Asked<'_>) -> Result<(), Ending> {
    let output = systemctl(inside, &["daemon-reload"], asked)?.map_err(before_the_act)?;
    if output.success { Ok(()) } else { Err(complaint(&output)) }
}

/// What systemctl complains of where it changed nothing.
pub(super) fn complaint(output: &Output) -> Ending {
    if output.stderr.contains("not been booted with systemd") {
        rejected("unsupported here: the machine does not run systemd")
    } else {
        not_sent(SILENT)
    }
}

/// Masks a unit, if we haven't masked it already.
pub(super) fn mask(inside: &Inside<'_>, unit: &str) -> Result<(), Ending> {
    let folder = control(inside, true)?;
    match rustix::fs::symlinkat(NOWHERE, &folder, unit) {
        Ok(()) => {}
        Err(Errno::EXIST) if is_ours(&folder, unit) => {}
        Err(Errno::EXIST) => {
            return Err(conflict("somebody else controls this unit in system.control"));
        }
        Err(errno) => return Err(refused(errno, "the unit could not be masked")),
    }
    // What is not on the disk doesn't mask after a restart.
    rustix::fs::fsync(&folder).map_err(|errno| refused(errno, "the unit could not be masked"))
}

/// Removes our mask of a unit; whether there was one.
pub(super) fn unmask(inside: &Inside<'_>, unit: &str) -> Result<bool, Ending> {
    let folder = match control(inside, false) {
        Ok(folder) => folder,
        Err(Ending::Refused { .. }) => return Ok(false),
        Err(ending) => return Err(ending),
    };
    if !is_ours(&folder, unit) {
        return Ok(false);
    }
    let failed = |errno| refused(errno, "the unit could not be unmasked");
    rustix::fs::unlinkat(&folder, unit, AtFlags::empty()).map_err(failed)?;
    rustix::fs::fsync(&folder).map_err(failed)?;
    Ok(true)
}

fn is_ours(folder: &OwnedFd, unit: &str) -> bool {
    let target = rustix::fs::readlinkat(folder, unit, Vec::new());
    target.is_ok_and(|target| target.as_bytes() == NOWHERE.as_bytes())
}

fn control(inside: &Inside<'_>, make: bool) -> Result<OwnedFd, Ending> {
    const UNSUPPORTED: &str = "unsupported here: the machine has no folder /etc/systemd";
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = inside.open(FOLDER, flags).map_err(|_| rejected(UNSUPPORTED))?;
    if make {
        match rustix::fs::mkdirat(&folder, CONTROL, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(refused(errno, "the unit could not be masked")),
        }
    }
    rustix::fs::openat(&folder, CONTROL, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT => conflict("nothing is masked"),
        errno => refused(errno, "the unit could not be masked"),
    })
}

#[cfg(test)]
mod tests;
