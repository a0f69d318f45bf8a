//! What a site says about the standard adapters, and what is wrong with it.
//!
//! The types are read from a table of the site's configuration; an option that
//! nobody knows is an error. They are plain data: making an adapter from them
//! checks them, and reads the files that they name.

use core::fmt;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rye_core::limit::ADAPTER_FILE_BYTES_MAX;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::binding::{HttpConfig, ProcessConfig};
use crate::firewall::FirewallConfig;
use crate::host::HostConfig;
use crate::notify::NotifyConfig;

/// Which standard adapters a site binds, and how. What isn't there isn't bound:
/// a playbook that needs it is refused before it runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The packet filter: `[firewall]`. Default: not bound.
    pub firewall: Option<FirewallConfig>,
    /// One machine's accounts, processes, services and files: `[host]`. Default: not
    /// bound.
    pub host: Option<HostConfig>,
    /// Webhooks for notices: `[notify]`. Default: not bound.
    pub notify: Option<NotifyConfig>,
    /// Programs for the site's own actions, by the modules that declare them:
    /// `[process."MODULE"]`. Default: none.
    #[serde(default)]
    pub process: BTreeMap<String, ProcessConfig>,
    /// Services for the site's own actions, by the modules that declare them:
    /// `[http."MODULE"]`. Default: none.
    #[serde(default)]
    pub http: BTreeMap<String, HttpConfig>,
}

/// An option that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The option's path inside the adapters' table, such as `firewall.table`.
    pub option: String,
    /// What is wrong with its value.
    pub problem: String,
    /// What to do about it.
    pub help: String,
}

impl ConfigError {
    pub(crate) fn new(
        option: impl Into<String>,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { option: option.into(), problem: problem.into(), help: help.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}; help: {}", self.option, self.problem, self.help)
    }
}

impl core::error::Error for ConfigError {}

/// Refuses a path that means something else in another working directory.
pub(crate) fn absolute(option: &str, path: &Path) -> Result<(), ConfigError> {
    if path.is_absolute() {
        return Ok(());
    }
    Err(ConfigError::new(
        option,
        format!("`{}` is not an absolute path", path.display()),
        "write the whole path, beginning with `/`",
    ))
}

/// The bytes of a file that `option` names.
pub(crate) fn read_file(option: &str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    absolute(option, path)?;
    let unreadable = |error: std::io::Error| {
        ConfigError::new(
            option,
            format!("`{}` can't be read: {error}", path.display()),
            "create the file, and let the daemon's user read it",
        )
    };
    let limit = u64::try_from(ADAPTER_FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > ADAPTER_FILE_BYTES_MAX {
        return Err(ConfigError::new(
            option,
            format!("`{}` is larger than {limit} bytes", path.display()),
            "name the right file",
        ));
    }
    Ok(bytes)
}

/// The secret in a file that `option` names, without line breaks at its end.
pub(crate) fn read_secret(option: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    private(option, path)?;
    let mut bytes = Zeroizing::new(read_file(option, path)?);
    let end = bytes.iter().rposition(|byte| !b"\r\n".contains(byte));
    bytes.truncate(end.map_or(0, |last| last.saturating_add(1)));
    Ok(bytes)
}

/// Refuses a file that everybody on the machine may read.
fn private(option: &str, path: &Path) -> Result<(), ConfigError> {
    let Ok(metadata) = path.metadata() else { return Ok(()) };
    let everybody = metadata.permissions().mode() & 0o007;
    if everybody == 0 {
        return Ok(());
    }
    Err(ConfigError::new(
        option,
        format!("everybody may use `{}`, which holds a secret", path.display()),
        "take the right away: `chmod o= FILE`",
    ))
}

/// A file that others could change: how, and what to do about it.
pub(crate) struct Unguarded {
    pub problem: String,
    pub help: String,
}

/// Refuses a file that somebody other than root and this process's user could change:
/// the file itself, or by a folder that leads to it.
pub(crate) fn check_guarded(path: &Path) -> Result<(), Unguarded> {
    let missing = |error: std::io::Error| Unguarded {
        problem: format!("`{}` can't be used: {error}", path.display()),
        help: String::from("create the file, and let the daemon's user read it"),
    };
    let file = path.canonicalize().map_err(missing)?;
    let own = rustix::process::geteuid().as_raw();
    for (index, path) in file.ancestors().enumerate() {
        let metadata = path.metadata().map_err(missing)?;
        let (mode, shown) = (metadata.mode(), path.display());
        // In a folder such as `/tmp`, only who owns a file may replace it.
        let is_sticky = index > 0 && mode & 0o1000 != 0;
        if metadata.uid() != 0 && metadata.uid() != own {
            return Err(Unguarded {
                problem: format!("`{shown}` belongs to somebody else"),
                help: format!("`chown root {shown}`, after looking at what it holds"),
            });
        }
        if mode & 0o022 != 0 && !is_sticky {
            return Err(Unguarded {
                problem: format!("others may change `{shown}` (mode {:o})", mode & 0o7777),
                help: format!("`chmod go-w {shown}`, after looking at what it holds"),
            });
        }
    }
    Ok(())
}

/// Refuses a file that `option` names and that others could change.
pub(crate) fn guarded(option: &str, path: &Path) -> Result<(), ConfigError> {
    absolute(option, path)?;
    check_guarded(path)
        .map_err(|Unguarded { problem, help }| ConfigError::new(option, problem, help))
}
