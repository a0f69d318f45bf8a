//! The world's verbs, and the adapters that ship with Rye.
//!
//! `interface/` declares the verbs, one file per module of the language;
//! [`adapters`] gives what carries them out, as a site configured it. The verbs
//! of `std.clock` are answered by whoever runs the playbook, because only it
//! reads the clock.
//!
//! An adapter knows nothing about playbooks, bytecode or the journal: it gets one
//! call with typed values, and says how the attempt ended. No argument of a call
//! ever becomes a part of a program's text, of a command line's options or of a
//! path.

pub mod config;
pub mod firewall;
pub mod host;
pub mod notify;
mod program;
mod schema;

use std::collections::BTreeMap;

use rye_core::adapter::Adapter;

pub use config::{Config, ConfigError};
pub use schema::SCHEMAS;

/// The source text of every standard interface, by the name of its module.
pub const INTERFACES: &[(&str, &str)] = &[
    ("std.asset", include_str!("../interface/asset.rye")),
    ("std.clock", include_str!("../interface/clock.rye")),
    (firewall::MODULE, include_str!("../interface/firewall.rye")),
    ("std.host.account", include_str!("../interface/host/account.rye")),
    ("std.host.evidence", include_str!("../interface/host/evidence.rye")),
    ("std.host.file", include_str!("../interface/host/file.rye")),
    ("std.host.process", include_str!("../interface/host/process.rye")),
    ("std.host.service", include_str!("../interface/host/service.rye")),
    (notify::MODULE, include_str!("../interface/notify.rye")),
];

/// The adapters that `config` binds, by the module whose verbs they carry out.
///
/// # Errors
/// When an option makes no sense, or a file that one names can't be used.
pub fn adapters(config: &Config) -> Result<BTreeMap<&'static str, Box<dyn Adapter>>, ConfigError> {
    let mut adapters: BTreeMap<&'static str, Box<dyn Adapter>> = BTreeMap::new();
    if let Some(config) = &config.firewall {
        adapters.insert(firewall::MODULE, Box::new(firewall::Firewall::new(config)?));
    }
    if let Some(config) = &config.host {
        adapters.extend(host::Host::adapters(config)?);
    }
    if let Some(config) = &config.notify {
        adapters.insert(notify::MODULE, Box::new(notify::Notify::new(config)?));
    }
    Ok(adapters)
}
