//! Carries out `std.host.…`: the accounts, processes, services and files of one
//! machine, and what it shows of itself. The machine is the one that the daemon
//! runs on, or a container on it.
//!
//! Every asset names its machine, and a call for another one is refused: an alert
//! about `web-1` never ends in an act on whatever machine the daemon happens to
//! run on. What would end the machine or the daemon itself is refused here once
//! more, after names have been resolved: an alias of `root` is `root`.

mod account;
mod call;
mod cgroup;
mod config;
mod ending;
mod evidence;
mod file;
mod machine;
mod passwd;
mod process;
mod running;
mod service;
mod store;
mod unit;

use std::collections::BTreeMap;
use std::sync::Arc;

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::value::Value;

use crate::config::ConfigError;
use call::Asked;
use ending::rejected;
use machine::Machine;

pub use config::HostConfig;

/// What carries out one verb.
type CarryOut = fn(&Machine, &Asked<'_>) -> Result<Ending, Ending>;

/// Each module, the source text of its interface, and its verbs.
const MODULES: &[(&str, &[(&str, CarryOut)])] = &[
    ("std.host.account", account::VERBS),
    ("std.host.evidence", evidence::VERBS),
    ("std.host.file", file::VERBS),
    ("std.host.process", process::VERBS),
    ("std.host.service", service::VERBS),
];

/// The adapter of one module of `std.host`.
#[derive(Debug)]
pub struct Host {
    module: &'static str,
    verbs: &'static [(&'static str, CarryOut)],
    machine: Arc<Machine>,
}

impl Host {
    /// The adapters of all modules for the machine that `config` names. They don't
    /// look at the machine yet: a container may come later.
    ///
    /// # Errors
    /// When an option makes no sense.
    pub fn adapters(
        config: &HostConfig,
    ) -> Result<BTreeMap<&'static str, Box<dyn Adapter>>, ConfigError> {
        let machine = Arc::new(Machine::new(config)?);
        let adapter = |(module, verbs): &(&'static str, &'static [(&'static str, CarryOut)])| {
            let host = Self { module, verbs, machine: Arc::clone(&machine) };
            (*module, Box::new(host) as Box<dyn Adapter>)
        };
        Ok(MODULES.iter().map(adapter).collect())
    }

    /// The names of the verbs that are carried out for `module`.
    pub fn verbs(module: &str) -> impl Iterator<Item = &'static str> {
        let of_module = MODULES.iter().filter(move |(name, _)| *name == module);
        of_module.flat_map(|(_, verbs)| verbs.iter().map(|(verb, _)| *verb))
    }

    /// What no action may touch on the machine that `config` names, whatever a site
    /// says: kind of asset, what names it or a part of it, the reason.
    ///
    /// # Errors
    /// When an option makes no sense.
    pub fn protected(
        config: &HostConfig,
    ) -> Result<Vec<(&'static str, Value, &'static str)>, ConfigError> {
        Machine::new(config).map(|machine| machine.protected())
    }
}

impl Adapter for Host {
    fn invoke(&self, request: &Request) -> Ending {
        let verb = request.call.action.strip_prefix(self.module);
        let verb = verb.and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
        let Some((_, carry_out)) = self.verbs.iter().find(|(name, _)| *name == verb) else {
            return rejected("this module of std.host has no such verb");
        };
        let asked = Asked::new(request);
        carry_out(&self.machine, &asked).unwrap_or_else(|ending| ending)
    }
}
