//! Carries out `std.firewall` with nftables, on this machine or in one of its
//! network namespaces.
//!
//! Everything stands in one table of its own; no other is ever touched. Every
//! block is one element of a set, marked with the key of the effect that made it,
//! so that only that effect's undo removes it. How long it stands is the engine's
//! business: there are no kernel time-outs, by which something would end without
//! an entry in the journal.
//!
//! A set holds the blocks of one family and one prefix length. So a network and the
//! networks and addresses inside it are elements of different sets: each comes and
//! goes by itself, and none can refuse, swallow or split another, as they would in
//! one set of intervals.

mod change;
mod flow;
mod group;
mod host;
mod ruleset;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::effect::Call;
use rye_core::error::ErrorKind;
use rye_core::id::IdempotencyKey;
use rye_core::value::{Cidr, Value};
use serde::Deserialize;

use crate::config::{ConfigError, absolute};
use change::{NOT_AS_MADE, Plan, mark};
use host::{Failure, Host};

/// The module whose verbs this adapter carries out.
pub const MODULE: &str = "std.firewall";

/// How a site binds `std.firewall`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirewallConfig {
    /// The network namespace whose packet filter is used, by its name in
    /// `/run/netns`. Default: the daemon's own.
    pub namespace: Option<String>,
    /// The nftables table, of family `inet`, that holds all blocks; letters,
    /// digits and `_`, at most 32. Nothing else may live in it. Default: `rye`.
    pub table: String,
    /// Where the program `nft` is. Default: `/usr/sbin/nft`.
    pub nft: PathBuf,
    /// Where the program `ss` is. Default: `/usr/bin/ss`.
    pub ss: PathBuf,
    /// Where the program `nsenter` is; used only with a `namespace`. Default:
    /// `/usr/bin/nsenter`.
    pub nsenter: PathBuf,
}

impl Default for FirewallConfig {
    fn default() -> Self {
        Self {
            namespace: None,
            table: String::from("rye"),
            nft: PathBuf::from("/usr/sbin/nft"),
            ss: PathBuf::from("/usr/bin/ss"),
            nsenter: PathBuf::from("/usr/bin/nsenter"),
        }
    }
}

/// What a verb does with its target.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Block,
    Unblock,
    IsBlocked,
    EndFlows,
    CountFlows,
}

/// The verbs of the interface: name, operation, and the parameter that is its target.
const VERBS: &[(&str, Operation, &str)] = &[
    ("block", Operation::Block, "address"),
    ("unblock", Operation::Unblock, "address"),
    ("is_blocked", Operation::IsBlocked, "address"),
    ("end_flows", Operation::EndFlows, "address"),
    ("flows", Operation::CountFlows, "address"),
    ("block_network", Operation::Block, "network"),
    ("unblock_network", Operation::Unblock, "network"),
    ("is_network_blocked", Operation::IsBlocked, "network"),
    ("end_network_flows", Operation::EndFlows, "network"),
    ("network_flows", Operation::CountFlows, "network"),
];

/// How often a change is planned anew when somebody else changed the table
/// between the look and the change.
const PLANS_MAX: usize = 4;

/// The adapter of `std.firewall`.
#[derive(Debug)]
pub struct Firewall {
    host: Host,
    table: String,
    /// One change of ours at a time: nothing of our own comes between the look at
    /// an element's mark and its removal.
    changing: Mutex<()>,
}

impl Firewall {
    /// The adapter that `config` describes. It doesn't look at the machine yet:
    /// a namespace may come later.
    ///
    /// # Errors
    /// When an option makes no sense.
    pub fn new(config: &FirewallConfig) -> Result<Self, ConfigError> {
        plain_name("firewall.table", &config.table)?;
        if let Some(namespace) = &config.namespace {
            plain_name("firewall.namespace", namespace)?;
        }
        absolute("firewall.nft", &config.nft)?;
        absolute("firewall.ss", &config.ss)?;
        absolute("firewall.nsenter", &config.nsenter)?;
        Ok(Self { host: Host::new(config), table: config.table.clone(), changing: Mutex::new(()) })
    }

    /// The names of the verbs that the adapter carries out.
    pub fn verbs() -> impl Iterator<Item = &'static str> {
        VERBS.iter().map(|(name, _, _)| *name)
    }

    fn carry_out(&self, request: &Request) -> Result<Ending, Failure> {
        let name = request.call.action.strip_prefix(MODULE).and_then(|rest| rest.strip_prefix('.'));
        let verb = VERBS.iter().find(|(verb, _, _)| Some(*verb) == name);
        let Some((_, operation, parameter)) = verb else {
            return Ok(rejected("the firewall has no such verb"));
        };
        let target = match target(&request.call, parameter) {
            Ok(target) => target,
            Err(refusal) => return Ok(refusal),
        };
        let now = Instant::now();
        let deadline = now.checked_add(request.timeout.to_std()).unwrap_or(now);
        match operation {
            Operation::Block => self.block(target, request.key, deadline),
            Operation::Unblock => self.unblock(target, request.undoes, deadline),
            Operation::IsBlocked => {
                let ruleset = self.host.list(&self.table, deadline)?;
                Ok(Ending::Done(Value::Bool(ruleset.drops(target))))
            }
            Operation::EndFlows => flow::end(&self.host, target, deadline),
            Operation::CountFlows => flow::count(&self.host, target, deadline),
        }
    }

    fn block(
        &self,
        target: Cidr,
        key: IdempotencyKey,
        deadline: Instant,
    ) -> Result<Ending, Failure> {
        let mark = mark(key);
        self.change(deadline, |ruleset| change::block(&self.table, ruleset, target, &mark))
    }

    fn unblock(
        &self,
        target: Cidr,
        undoes: Option<IdempotencyKey>,
        deadline: Instant,
    ) -> Result<Ending, Failure> {
        let mark = undoes.map(mark);
        self.change(deadline, |ruleset| {
            change::unblock(&self.table, ruleset, target, mark.as_deref())
        })
    }

    /// Looks, plans, and carries the plan out in one transaction; again when the
    /// table changed in between.
    fn change(
        &self,
        deadline: Instant,
        plan: impl Fn(&ruleset::Ruleset) -> Plan,
    ) -> Result<Ending, Failure> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..PLANS_MAX {
            let ruleset = self.host.list(&self.table, deadline).map_err(Failure::before_the_act)?;
            let (commands, ending) = match plan(&ruleset) {
                Plan::Nothing(ending) => return Ok(ending),
                Plan::Apply(commands, ending) => (commands, ending),
            };
            match self.host.apply(&commands, deadline) {
                Ok(()) => return Ok(ending),
                Err(Failure::Changed) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(Ending::refused(ErrorKind::Conflict, NOT_AS_MADE))
    }
}

impl Adapter for Firewall {
    fn place(&self) -> String {
        format!("table `inet {}` of {}", self.table, self.host.place())
    }

    fn invoke(&self, request: &Request) -> Ending {
        self.carry_out(request).unwrap_or_else(Failure::ending)
    }
}

fn rejected(text: &str) -> Ending {
    Ending::refused(ErrorKind::Rejected, text)
}

/// The network that a call is about; an address is a network of one.
fn target(call: &Call, parameter: &str) -> Result<Cidr, Ending> {
    let target = match call.argument(parameter).map(Value::bare) {
        Some(Value::Ip(ip)) => Cidr::single(*ip),
        Some(Value::Cidr(network)) => *network,
        _ => return Err(rejected("the target is neither an address nor a network")),
    };
    if target.length() == 0 {
        return Err(rejected("a network of all addresses is no target"));
    }
    Ok(target)
}

/// Refuses a name that could be anything but a name, to nftables or as a file.
fn plain_name(option: &str, name: &str) -> Result<(), ConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let dash = option == "firewall.namespace";
    let fits = name.len() <= 32
        && name.bytes().all(|byte| plain(byte) && (dash || byte != b'-'))
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if fits {
        return Ok(());
    }
    Err(ConfigError::new(
        option,
        format!("{name:?} is not a usable name"),
        "begin with a letter, go on with letters, digits and `_`, at most 32 in all",
    ))
}

#[cfg(test)]
mod tests;
