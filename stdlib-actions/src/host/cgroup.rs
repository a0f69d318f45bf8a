//! Control groups of version 2, and their freezer: what is frozen keeps its memory,
//! its files and its connections, and computes nothing.
//!
//! systemd gives each service and each session a group of its own, and what they
//! start is born in it. Where the hierarchy lies differs from machine to machine
//! (some mount it beside the older one), so it is looked up.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use rustix::fs::{Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rye_core::adapter::Ending;
use rye_core::limit::CONTROL_GROUP_DEPTH_MAX;
use rye_core::value::Value;

use super::call::Asked;
use super::ending::{DONE, OWN, already, conflict, denied, refused, rejected, unknown};
use super::machine::{Inside, read};

/// Between two looks whether all of a group stands still.
const PAUSE: Duration = Duration::from_millis(5);

const UNSUPPORTED: &str =
    "unsupported here: the machine has no control groups of version 2 with a freezer";

#[derive(Debug)]
pub(super) struct Group {
    folder: OwnedFd,
}

impl Group {
    /// The group at `path` of the hierarchy, if it exists.
    pub(super) fn find(inside: &Inside<'_>, path: &str) -> Result<Option<Self>, Ending> {
        let root = hierarchy(inside)?;
        match open(&root, path.trim_start_matches('/'), OFlags::DIRECTORY) {
            Ok(folder) => Ok(Some(Self { folder })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(refused(errno, "the control group can't be reached")),
        }
    }

    pub(super) fn freeze(&self, asked: &Asked<'_>) -> Result<Ending, Ending> {
        if self.is_frozen() {
            return Ok(already(asked.request, Value::None));
        }
        if self.has_daemon(CONTROL_GROUP_DEPTH_MAX) {
            return Err(denied(OWN));
        }
        self.write("1")?;
        self.wait_until(true, asked)
    }

    pub(super) fn thaw(&self, asked: &Asked<'_>) -> Result<Ending, Ending> {
        self.write("0")?;
        self.wait_until(false, asked)
    }

    /// Whether all of it stands still.
    pub(super) fn is_frozen(&self) -> bool {
        let events = open(&self.folder, "cgroup.events", OFlags::RDONLY).ok().and_then(read);
        events.is_some_and(|events| events.lines().any(|line| line == "frozen 1"))
    }

    fn write(&self, word: &str) -> Result<(), Ending> {
        let file =
            open(&self.folder, "cgroup.freeze", OFlags::WRONLY).map_err(|errno| match errno {
                Errno::NOENT => rejected(UNSUPPORTED),
                errno => refused(errno, "the control group can't be reached"),
            })?;
        let written = File::from(file).write_all(word.as_bytes());
        written.map_err(|_| conflict("the control group can't be frozen or thawed now"))
    }

    fn wait_until(&self, frozen: bool, asked: &Asked<'_>) -> Result<Ending, Ending> {
        while self.is_frozen() != frozen {
            if asked.is_late() {
                return Err(unknown("the control group did not follow in time"));
            }
            thread::sleep(PAUSE);
        }
        Ok(DONE)
    }

    /// Whether this very process is in the group, or deeper in it. What can't be
    /// looked into may hold it.
    fn has_daemon(&self, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        let own = std::process::id().to_string();
        let processes = open(&self.folder, "cgroup.procs", OFlags::RDONLY).ok().and_then(read);
        if processes.is_none_or(|processes| processes.lines().any(|pid| pid == own)) {
            return true;
        }
        let Ok(entries) = Dir::read_from(&self.folder) else { return true };
        entries.flatten().any(|entry| {
            let name = entry.file_name().to_str().unwrap_or_default();
            let is_group = entry.file_type().is_dir() && name != "." && name != "..";
            let inner = is_group.then(|| open(&self.folder, name, OFlags::DIRECTORY).ok());
            // A group that ended since the listing holds nobody.
            inner.flatten().is_some_and(|folder| Self { folder }.has_daemon(depth))
        })
    }
}

/// The root of the hierarchy, wherever the machine has mounted it.
fn hierarchy(inside: &Inside<'_>) -> Result<OwnedFd, Ending> {
    let mounts = open(&inside.proc, "1/mountinfo", OFlags::RDONLY)
        .map_err(|errno| refused(errno, "the machine's mounts can't be read"))?;
    let mounts = read(mounts).unwrap_or_default();
    let point = mounts.lines().find_map(mount_point).ok_or_else(|| rejected(UNSUPPORTED))?;
    inside.open(&point, OFlags::DIRECTORY).map_err(|_| rejected(UNSUPPORTED))
}

/// Where a line of `mountinfo` mounts the hierarchy, if it does.
fn mount_point(line: &str) -> Option<String> {
    let (mount, source) = line.split_once(" - ")?;
    if source.split(' ').next() != Some("cgroup2") {
        return None;
    }
    // Blanks are written as octal escapes, and no such path has one.
    mount.split(' ').nth(4).filter(|path| !path.contains('\\')).map(str::to_owned)
}

fn open(at: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    rustix::fs::openat2(at, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
}

#[cfg(test)]
mod tests;
