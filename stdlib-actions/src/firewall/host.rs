//! The machine, or its network namespace, whose packet filter and connections are
//! meant: starts nftables and `ss` there, and says in fixed words what went wrong.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use serde_json::{Value as Json, json};

use super::ruleset::Ruleset;
use super::{FirewallConfig, rejected};
use crate::program::{self, Output, ProgramError};

#[derive(Debug)]
pub(super) struct Host {
    namespace: Option<PathBuf>,
    nft: PathBuf,
    ss: PathBuf,
    nsenter: PathBuf,
}

/// Why a look or a change did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A program is missing; its name.
    Missing(&'static str),
    /// The namespace is missing.
    NoNamespace,
    /// The daemon may not do it.
    Denied,
    /// This machine's kernel can't do it.
    Unsupported,
    /// The table is no longer as it was when the change was planned. Nothing was
    /// changed.
    Changed,
    /// A change that was not taken. Nothing was changed.
    NotTaken,
    /// An answer that makes no sense, or is too large.
    Unreadable,
    /// No answer in time, or no answer at all.
    Silent,
    /// As [`Failure::Silent`], but nothing was to be changed yet.
    SilentBefore,
}

impl Failure {
    /// The same failure where nothing has been changed so far.
    pub(super) fn before_the_act(self) -> Self {
        if self == Self::Silent { Self::SilentBefore } else { self }
    }

    /// How the attempt ended.
    pub(super) fn ending(self) -> Ending {
        match self {
            Self::Missing("nft") => rejected(
                "unsupported here: the program nft is missing; install nftables, or set \
                 firewall.nft",
            ),
            Self::Missing("nsenter") => rejected(
                "unsupported here: the program nsenter is missing; install util-linux, or set \
                 firewall.nsenter",
            ),
            Self::Missing(_) => rejected(
                "unsupported here: the program ss is missing; install iproute2, or set firewall.ss",
            ),
            Self::NoNamespace => not_sent(
                "the network namespace does not exist; create it, or set firewall.namespace",
            ),
            Self::Denied => Ending::refused(
                ErrorKind::Denied,
                "the daemon may not use the packet filter; give it CAP_NET_ADMIN, and \
                 CAP_SYS_ADMIN to enter a network namespace",
            ),
            Self::Unsupported => rejected(
                "unsupported here: the kernel lacks what this needs of nftables or inet_diag",
            ),
            Self::Changed | Self::NotTaken => not_sent("the kernel did not carry out the request"),
            Self::Unreadable => {
                rejected("the answer of the packet filter makes no sense or is too large")
            }
            Self::Silent => Ending::Unknown(Arc::from("no answer in time")),
            Self::SilentBefore => not_sent("the packet filter did not answer in time"),
        }
    }
}

fn not_sent(text: &str) -> Ending {
    Ending::NotSent(Arc::from(text))
}

impl Host {
    /// Whose packet filter it is, for people.
    pub(super) fn place(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("the network namespace {}", namespace.display()),
            None => String::from("this machine"),
        }
    }

    pub(super) fn new(config: &FirewallConfig) -> Self {
        Self {
            namespace: config.namespace.as_ref().map(|name| Path::new("/run/netns").join(name)),
            nft: config.nft.clone(),
            ss: config.ss.clone(),
            nsenter: config.nsenter.clone(),
        }
    }

    /// The table as it is now.
    pub(super) fn list(&self, table: &str, deadline: Instant) -> Result<Ruleset, Failure> {
        let command = json!({"list": {"table": {"family": "inet", "name": table}}});
        let output = self.nft(&[command], deadline)?;
        if output.success {
            return Ruleset::read(&output.stdout).ok_or(Failure::Unreadable);
        }
        match complaint(&output.stderr) {
            // There is no such table.
            Failure::Changed => Ok(Ruleset::default()),
            failure => Err(failure),
        }
    }

    /// Carries out `commands`, all or none.
    pub(super) fn apply(&self, commands: &[Json], deadline: Instant) -> Result<(), Failure> {
        let output = self.nft(commands, deadline)?;
        if output.success { Ok(()) } else { Err(complaint(&output.stderr)) }
    }

    fn nft(&self, commands: &[Json], deadline: Instant) -> Result<Output, Failure> {
        let mut command = self.command("nft", &self.nft)?;
        command.args(["-j", "-f", "-"]);
        let input = json!({ "nftables": commands }).to_string();
        program::run(&mut command, input.as_bytes(), deadline).map_err(failure)
    }

    /// What `ss` answers to these options.
    pub(super) fn ss(&self, options: &[&str], deadline: Instant) -> Result<Output, Failure> {
        let mut command = self.command("ss", &self.ss)?;
        command.args(options);
        program::run(&mut command, b"", deadline).map_err(failure)
    }

    fn command(&self, name: &'static str, program: &Path) -> Result<Command, Failure> {
        let installed = |name, path: &Path| {
            if path.is_file() { Ok(()) } else { Err(Failure::Missing(name)) }
        };
        installed(name, program)?;
        let Some(namespace) = &self.namespace else { return Ok(Command::new(program)) };
        installed("nsenter", &self.nsenter)?;
        if !namespace.exists() {
            return Err(Failure::NoNamespace);
        }
        let mut command = Command::new(&self.nsenter);
        let mut net = OsString::from("--net=");
        net.push(namespace);
        command.arg(net).arg("--").arg(program);
        Ok(command)
    }
}

fn failure(error: ProgramError) -> Failure {
    match error {
        ProgramError::NotStarted => Failure::NotTaken,
        ProgramError::Timeout | ProgramError::Killed => Failure::Silent,
        ProgramError::TooMuch => Failure::Unreadable,
    }
}

/// What a program's complaint means. The words are those of the C library in the
/// locale `C`, which an empty environment gives.
pub(super) fn complaint(stderr: &str) -> Failure {
    let says = |words: &str| stderr.contains(words);
    if says("Operation not permitted") || says("Permission denied") {
        Failure::Denied
    } else if stderr.starts_with("nsenter:") {
        // It went away between the look for it and the start.
        Failure::NoNamespace
    } else if says("not supported") {
        Failure::Unsupported
    } else if says("No such file or directory") || says("File exists") || says("does not exist") {
        Failure::Changed
    } else {
        Failure::NotTaken
    }
}
