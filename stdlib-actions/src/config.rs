//! What a site says about the standard adapters, and what is wrong with it.
//!
//! The types are read from a table of the site's configuration; an option that
//! nobody knows is an error. They are plain data: making an adapter from them
//! checks them, and reads the files that they name.

use core::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rye_core::limit::ADAPTER_FILE_BYTES_MAX;
use serde::Deserialize;

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
