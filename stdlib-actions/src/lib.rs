//! The world's verbs, and the adapters that ship with Rye.
//!
//! `interface/` declares the verbs, one file per module of the language;
//! [`Bound`] is what carries them out, as a site configured it. The verbs of
//! `std.clock` are answered by whoever runs the playbook, because only it reads the
//! clock, and those of `std.effects` by the engine, which knows what runs hold. A site's own verbs come from its own interface files, and are carried out
//! by its own programs and services ([`binding`]).
//!
//! An adapter knows nothing about playbooks, bytecode or the journal: it gets one
//! call with typed values, and says how the attempt ended. No argument of a call
//! ever becomes a part of a program's text, of a command line's options or of a
//! path.

pub mod binding;
pub mod config;
pub mod firewall;
pub mod host;
mod http;
pub mod notify;
mod program;
mod reach;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use rye_core::adapter::Adapter;
use rye_core::digest::Digest;
use rye_core::value::Name;

pub use config::{Config, ConfigError};
pub use http::HeaderConfig;
pub use schema::{ACTIONS, KINDS, SCHEMAS};

/// The source text of every standard interface, by the name of its module.
pub const INTERFACES: &[(&str, &str)] = &[
    ("std.asset", include_str!("../interface/asset.rye")),
    ("std.clock", include_str!("../interface/clock.rye")),
    ("std.effects", include_str!("../interface/effects.rye")),
    (firewall::MODULE, include_str!("../interface/firewall.rye")),
    ("std.host.account", include_str!("../interface/host/account.rye")),
    ("std.host.evidence", include_str!("../interface/host/evidence.rye")),
    ("std.host.file", include_str!("../interface/host/file.rye")),
    ("std.host.process", include_str!("../interface/host/process.rye")),
    ("std.host.service", include_str!("../interface/host/service.rye")),
    (notify::MODULE, include_str!("../interface/notify.rye")),
];

/// The modules whose verbs need no adapter.
const OWN: [&str; 2] = ["std.clock", "std.effects"];

/// What a site binds.
#[derive(Default)]
pub struct Bound {
    /// Who carries verbs out, by the module that declares them.
    pub adapters: BTreeMap<String, Box<dyn Adapter>>,
    /// What is carried out: the digest of each verb's declaration, by its full name.
    pub schemas: BTreeMap<Name, Digest>,
    /// What of it changes something, and every standard action, by full name.
    pub actions: BTreeSet<Name>,
    /// The kinds of assets that any of these verbs, or a standard one, knows.
    pub kinds: BTreeSet<Name>,
}

impl Bound {
    /// What `config` binds.
    ///
    /// # Errors
    /// When an option makes no sense, or a file that one names can't be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let names = |names: &[&str]| names.iter().copied().map(Name::from).collect();
        let mut bound = Self { actions: names(ACTIONS), kinds: names(KINDS), ..Self::default() };
        for module in OWN {
            bound.add_standard(module);
        }
        if let Some(config) = &config.firewall {
            bound.add(firewall::MODULE, Box::new(firewall::Firewall::new(config)?));
        }
        if let Some(config) = &config.host {
            for (module, adapter) in host::Host::adapters(config)? {
                bound.add(module, adapter);
            }
        }
        if let Some(config) = &config.notify {
            bound.add(notify::MODULE, Box::new(notify::Notify::new(config)?));
        }
        for (module, binding) in binding::bindings(config)? {
            let interface = binding.interface();
            bound.schemas.extend(interface.schemas());
            bound.actions.extend(interface.actions().cloned());
            bound.kinds.extend(interface.kinds().cloned());
            bound.adapters.insert(module, Box::new(binding));
        }
        Ok(bound)
    }

    /// The adapter of a standard module.
    fn add(&mut self, module: &str, adapter: Box<dyn Adapter>) {
        self.add_standard(module);
        self.adapters.insert(module.to_owned(), adapter);
    }

    /// The verbs of a standard module.
    fn add_standard(&mut self, module: &str) {
        let of_module = |name: &str| name.rsplit_once('.').is_some_and(|(of, _)| of == module);
        let rows = SCHEMAS.iter().filter(|(name, _)| of_module(name));
        let schemas =
            rows.filter_map(|(name, hex)| Some((Name::from(*name), Digest::from_hex(hex)?)));
        self.schemas.extend(schemas);
    }
}

impl core::fmt::Debug for Bound {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bound")
            .field("adapters", &self.adapters.keys())
            .field("schemas", &self.schemas)
            .field("actions", &self.actions)
            .field("kinds", &self.kinds)
            .finish()
    }
}
