//! How a site binds `std.host`: which machine, where things are kept, and where
//! its programs are.

use std::path::PathBuf;

use serde::Deserialize;

use crate::config::{ConfigError, absolute};

/// The table `[host]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostConfig {
    /// How the machine is called, as alerts name it. Default: the name that it has.
    pub name: Option<String>,
    /// The file in which a container's runtime keeps the number of the container's
    /// first process. Default: the machine is the one that the daemon runs on.
    pub pid_file: Option<PathBuf>,
    /// The folder on the machine into which files are moved.
    pub quarantine: PathBuf,
    /// The folder on the daemon's machine that keeps archives of evidence.
    pub evidence: PathBuf,
    /// Where the program `chage` is.
    pub chage: PathBuf,
    /// Where the program `loginctl` is.
    pub loginctl: PathBuf,
    /// Where the program `systemctl` is.
    pub systemctl: PathBuf,
    /// Where the program `journalctl` is.
    pub journalctl: PathBuf,
    /// Where the program `last` is.
    pub last: PathBuf,
    /// Where the program `nft` is.
    pub nft: PathBuf,
    /// Where the program `ss` is.
    pub ss: PathBuf,
    /// Where the program `nsenter` is, on the daemon's machine; used only with a
    /// `pid_file`.
    pub nsenter: PathBuf,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            name: None,
            pid_file: None,
            quarantine: PathBuf::from("/var/lib/rye/quarantine"),
            evidence: PathBuf::from("/var/lib/rye/evidence"),
            chage: PathBuf::from("/usr/bin/chage"),
            loginctl: PathBuf::from("/usr/bin/loginctl"),
            systemctl: PathBuf::from("/usr/bin/systemctl"),
            journalctl: PathBuf::from("/usr/bin/journalctl"),
            last: PathBuf::from("/usr/bin/last"),
            nft: PathBuf::from("/usr/sbin/nft"),
            ss: PathBuf::from("/usr/bin/ss"),
            nsenter: PathBuf::from("/usr/bin/nsenter"),
        }
    }
}

impl HostConfig {
    /// Refuses paths that mean something else in another working directory.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (option, path) in [
            ("host.quarantine", &self.quarantine),
            ("host.evidence", &self.evidence),
            ("host.chage", &self.chage),
            ("host.loginctl", &self.loginctl),
            ("host.systemctl", &self.systemctl),
            ("host.journalctl", &self.journalctl),
            ("host.last", &self.last),
            ("host.nft", &self.nft),
            ("host.ss", &self.ss),
            ("host.nsenter", &self.nsenter),
        ] {
            absolute(option, path)?;
        }
        if let Some(path) = &self.pid_file {
            absolute("host.pid_file", path)?;
            if self.name.is_none() {
                return Err(ConfigError::new(
                    "host.name",
                    "a container without a name can't be named by a playbook",
                    "write the name by which alerts call it",
                ));
            }
        }
        Ok(())
    }
}
