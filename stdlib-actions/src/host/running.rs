//! Processes, by their folders in `/proc`.
//!
//! A folder that was opened belongs to its process for ever: when that has ended,
//! its files can't be read and it takes no signal, whoever has its number now. So
//! nothing that is read or done through it can meet another process.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Dir, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::Signal;
use rye_core::limit::COMMAND_LINE_CHARS_MAX;
use rye_core::visible::visible;

use super::machine::read;

/// The mark of the kernel's own threads in a process's flags.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// A process that ran when it was opened.
#[derive(Debug)]
pub(super) struct Running {
    folder: OwnedFd,
    pub(super) pid: i32,
    stat: Stat,
}

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    state: u8,
    parent: i64,
    flags: u64,
    threads: i64,
    /// In ticks of the clock since the machine was started.
    started: u64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The program's name stands in parentheses and may contain anything.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number.checked_sub(3)?).copied();
        Some(Self {
            state: *field(3)?.as_bytes().first()?,
            parent: field(4)?.parse().ok()?,
            flags: field(9)?.parse().ok()?,
            threads: field(20)?.parse().ok()?,
            started: field(22)?.parse().ok()?,
        })
    }

    /// Whether nothing of it runs any more. The first thread of a process may end
    /// before the others: then it looks dead, and they live.
    fn has_ended(self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x') && self.threads <= 1
    }
}

impl Running {
    /// The process with this number, if there is one that runs.
    pub(super) fn open(proc: &OwnedFd, pid: i32) -> Result<Option<Self>, Errno> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = match rustix::fs::openat(proc, pid.to_string(), flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(Errno::NOENT | Errno::SRCH) => return Ok(None),
            Err(errno) => return Err(errno),
        };
        let stat = text(&folder, "stat").and_then(|text| Stat::parse(&text));
        Ok(stat.filter(|stat| !stat.has_ended()).map(|stat| Self { folder, pid, stat }))
    }

    /// When it started, in words that no other process with this number has: of
    /// another start of the machine neither.
    pub(super) fn started(&self) -> String {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let (boot, _) = boot.split_once('-').unwrap_or_default();
        format!("{boot}-{}", self.stat.started)
    }

    /// In the order in which processes started.
    pub(super) fn age(&self) -> u64 {
        self.stat.started
    }

    pub(super) fn parent(&self) -> i64 {
        self.stat.parent
    }

    pub(super) fn is_kernel(&self) -> bool {
        self.stat.flags & KERNEL_THREAD != 0
    }

    pub(super) fn is_running(&self) -> bool {
        let stat = text(&self.folder, "stat").and_then(|text| Stat::parse(&text));
        stat.is_some_and(|stat| !stat.has_ended())
    }

    /// Kills it. One that has ended is no error.
    pub(super) fn kill(&self) -> Result<(), Errno> {
        match rustix::process::pidfd_send_signal(&self.folder, Signal::KILL) {
            Err(Errno::SRCH) => Ok(()),
            other => other,
        }
    }

    /// The number of the account for which it runs: who started it, not whose rights
    /// it has taken on for a while.
    pub(super) fn uid(&self) -> Option<u32> {
        let status = text(&self.folder, "status")?;
        let numbers = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        numbers.split_ascii_whitespace().next()?.parse().ok()
    }

    /// The path of its program, without the mark of a deleted one.
    pub(super) fn program(&self) -> Option<String> {
        let path = rustix::fs::readlinkat(&self.folder, "exe", Vec::new()).ok()?;
        let path = path.to_str().ok()?;
        Some(path.strip_suffix(" (deleted)").unwrap_or(path).to_owned())
    }

    /// Its arguments on one line.
    pub(super) fn command(&self) -> String {
        let line = text(&self.folder, "cmdline").unwrap_or_default();
        let line = line.trim_end_matches('\0').replace('\0', " ");
        visible(&line).chars().take(COMMAND_LINE_CHARS_MAX).collect()
    }
}

/// Every process that runs, the oldest first.
pub(super) fn all(proc: &OwnedFd) -> Result<Vec<Running>, Errno> {
    let mut found = Vec::new();
    for entry in Dir::read_from(proc)? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().ok().and_then(|name| name.parse().ok()) else {
            continue;
        };
        found.extend(Running::open(proc, pid)?);
    }
    found.sort_by_key(|process| (process.age(), process.pid));
    Ok(found)
}

fn text(folder: impl AsFd, name: &str) -> Option<String> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty()).ok()?;
    read(file)
}

#[cfg(test)]
mod tests;
