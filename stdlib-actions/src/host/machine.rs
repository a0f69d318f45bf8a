//! The machine that is acted on, and the way into it: its root folder and its
//! `/proc` as held file descriptors, and its programs.
//!
//! A container is entered through its first process. The file that names it is read
//! at each call, because a container that is started again has another one. From
//! then on its folder in `/proc` is held open: should the number become another
//! process, nothing of that one is ever reached.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags};
use rustix::io::Errno;
use rye_core::adapter::Ending;
use rye_core::asset;
use rye_core::limit::PROGRAM_OUTPUT_BYTES_MAX;
use rye_core::ty::AssetForm;
use rye_core::value::Value;

use super::HostConfig;
use super::call::Asked;
use super::ending::{not_found, not_sent, refused, rejected};
use super::running::{self, Running};
use super::{passwd, unit};
use crate::config::ConfigError;

/// The namespaces of a container that its programs run in.
const NAMESPACES: [(&str, &str); 5] =
    [("mount", "mnt"), ("uts", "uts"), ("ipc", "ipc"), ("net", "net"), ("pid", "pid")];

#[derive(Debug)]
pub(super) struct Machine {
    pub(super) config: HostConfig,
    name: String,
}

/// The machine, entered for one call.
#[derive(Debug)]
pub(super) struct Inside<'a> {
    pub(super) machine: &'a Machine,
    pub(super) root: OwnedFd,
    pub(super) proc: OwnedFd,
    /// The container's namespaces; none for the daemon's own machine.
    namespaces: Vec<(&'static str, OwnedFd)>,
}

impl Machine {
    pub(super) fn new(config: &HostConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let named = match &config.name {
            Some(name) => name.clone(),
            None => std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default(),
        };
        match asset::canonical(AssetForm::Name, Value::text(named.trim())) {
            Some(Value::Text(name)) => Ok(Self { config: config.clone(), name: name.to_string() }),
            _ => Err(ConfigError::new(
                "host.name",
                format!("{:?} is no name of a machine", named.trim()),
                "write the name by which alerts call the machine",
            )),
        }
    }

    /// Enters the machine, if it is the one that `asset` of the call names.
    pub(super) fn enter_for(&self, asked: &Asked<'_>, asset: &str) -> Result<Inside<'_>, Ending> {
        match asked.value(asset) {
            Value::Text(host) => self.enter(host),
            _ => self.enter(asked.part(asset, "host")?),
        }
    }

    /// Enters the machine, if `host` is its name.
    pub(super) fn enter(&self, host: &str) -> Result<Inside<'_>, Ending> {
        if host != self.name {
            return Err(not_found("no machine of this name is bound here; see host.name"));
        }
        let Some(pid_file) = &self.config.pid_file else {
            let root = open(CWD, "/", OFlags::DIRECTORY)?;
            return Inside::new(self, root, Vec::new());
        };
        let first = first_process(pid_file)?;
        let root = open(&first, "root", OFlags::DIRECTORY)?;
        let namespace = |(option, name): (&'static str, &str)| {
            Ok((option, open(&first, &format!("ns/{name}"), OFlags::empty())?))
        };
        let namespaces = NAMESPACES.into_iter().map(namespace).collect::<Result<_, Ending>>()?;
        Inside::new(self, root, namespaces)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the machine is the one that the daemon runs on.
    pub(super) fn is_own(&self) -> bool {
        self.config.pid_file.is_none()
    }

    /// See [`super::Host::protected`].
    pub(super) fn protected(&self) -> Vec<(&'static str, Value, &'static str)> {
        const OWN: &str = "the daemon itself";
        let mut protected = vec![
            ("HostAccount", Value::text("root"), "the account that administers the machine"),
            ("HostProcess", Value::text("1"), "the first process, which all others depend on"),
        ];
        for unit in unit::VITAL {
            protected.push(("HostService", Value::text(unit), "the machine depends on it"));
        }
        if self.is_own() {
            protected.push(("HostProcess", Value::text(std::process::id().to_string()), OWN));
            let account = passwd::name_of(rustix::process::geteuid().as_raw());
            protected.extend(account.map(|name| ("HostAccount", Value::text(name), OWN)));
            protected.extend(unit::own().map(|unit| ("HostService", Value::text(unit), OWN)));
        }
        protected
    }
}

impl<'a> Inside<'a> {
    fn new(
        machine: &'a Machine,
        root: OwnedFd,
        namespaces: Vec<(&'static str, OwnedFd)>,
    ) -> Result<Self, Ending> {
        let proc = open(&root, "proc", OFlags::DIRECTORY | OFlags::NOFOLLOW)?;
        let found = rustix::fs::fstatfs(&proc).map_err(|errno| refused(errno, UNREACHABLE))?;
        if found.f_type != PROC_SUPER_MAGIC {
            return Err(rejected("unsupported here: the machine's /proc is no proc file system"));
        }
        Ok(Self { machine, root, proc, namespaces })
    }

    /// Opens what `path` names, seen from the machine's root: links never lead out
    /// of it.
    pub(super) fn open(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(&self.root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
    }

    /// The text of a small file of the machine.
    pub(super) fn read(&self, path: &str) -> Result<String, Ending> {
        let file = self.open(path, OFlags::RDONLY).map_err(|errno| match errno {
            Errno::NOENT => not_found("the machine has no such file"),
            errno => refused(errno, UNREACHABLE),
        })?;
        read(file).ok_or_else(|| not_sent(UNREACHABLE))
    }

    /// A command that runs `program` of the machine there; `missing` says that the
    /// machine lacks it.
    pub(super) fn command(&self, program: &Path, missing: &str) -> Result<Command, Ending> {
        let path = program.to_str().unwrap_or_default();
        if self.open(path, OFlags::PATH).is_err() {
            return Err(rejected(missing));
        }
        if self.namespaces.is_empty() {
            return Ok(Command::new(program));
        }
        let nsenter = &self.machine.config.nsenter;
        if !nsenter.is_file() {
            return Err(rejected(
                "unsupported here: the program nsenter is missing; install util-linux, or set \
                 host.nsenter",
            ));
        }
        let mut command = Command::new(nsenter);
        let ours = std::process::id();
        for (option, namespace) in &self.namespaces {
            // Our own descriptor, so that it is the namespace that was checked.
            command.arg(format!("--{option}=/proc/{ours}/fd/{}", namespace.as_raw_fd()));
        }
        command.arg("--").arg(program);
        Ok(command)
    }

    /// The process that runs now under this number.
    pub(super) fn process(&self, pid: i32) -> Result<Option<Running>, Ending> {
        Running::open(&self.proc, pid).map_err(|errno| refused(errno, UNREACHABLE))
    }

    /// Every process of the machine.
    pub(super) fn processes(&self) -> Result<Vec<Running>, Ending> {
        running::all(&self.proc).map_err(|errno| refused(errno, UNREACHABLE))
    }
}

const UNREACHABLE: &str = "the machine's files can't be reached";

const NO_CONTAINER: &str = "the container does not run; see host.pid_file";

/// The folder in `/proc` of the container's first process.
fn first_process(pid_file: &PathBuf) -> Result<OwnedFd, Ending> {
    let gone = || not_sent(NO_CONTAINER);
    let text = File::open(pid_file).ok().and_then(|file| read(file.into())).ok_or_else(gone)?;
    let pid: u32 = text.trim().parse().map_err(|_| gone())?;
    let first = open(CWD, &format!("/proc/{pid}"), OFlags::DIRECTORY).map_err(|_| gone())?;
    let status = open(&first, "status", OFlags::empty()).ok().and_then(read).ok_or_else(gone)?;
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    let numbers: Vec<&str> = numbers.split_ascii_whitespace().collect();
    if numbers.len() < 2 || numbers.last() != Some(&"1") {
        return Err(rejected("the file of host.pid_file names no container's first process"));
    }
    let user = |process: &OwnedFd| rustix::fs::readlinkat(process, "ns/user", Vec::new()).ok();
    let own = open(CWD, "/proc/self", OFlags::DIRECTORY)?;
    if user(&first) != user(&own) {
        return Err(rejected(
            "unsupported here: the container has a user namespace of its own, in which accounts \
             have other numbers",
        ));
    }
    Ok(first)
}

fn open(at: impl AsFd, path: &str, flags: OFlags) -> Result<OwnedFd, Ending> {
    rustix::fs::openat(at, path, flags | OFlags::CLOEXEC, Mode::empty())
        .map_err(|errno| refused(errno, UNREACHABLE))
}

/// All of a small file as text; nothing if it is not small. Others write names and
/// arguments into these files: what is no UTF-8 there matches nothing.
pub(super) fn read(file: OwnedFd) -> Option<String> {
    let limit = u64::try_from(PROGRAM_OUTPUT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = File::from(file).take(limit).read_to_end(&mut bytes).ok()?;
    (read < PROGRAM_OUTPUT_BYTES_MAX).then(|| String::from_utf8_lossy(&bytes).into_owned())
}
