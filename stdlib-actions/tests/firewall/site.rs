//! A network whose victim is defended by the adapter under test, and short words for
//! what is asked of it.

use std::net::IpAddr;
use std::sync::Arc;

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::effect::Call;
use rye_core::id::{IdempotencyKey, RunId};
use rye_core::value::{Cidr, Duration, Name, Value};
use rye_stdlib::firewall::{Firewall, FirewallConfig};
use rye_tests::network::{Listener, Network};

pub(crate) const DONE: Ending = Ending::Done(Value::None);
pub(crate) const ALREADY_SO: Ending = Ending::AlreadySo(Value::None);

/// A network whose victim is defended by the adapter.
pub(crate) struct Site {
    pub(crate) network: Network,
    pub(crate) listener: Listener,
    pub(crate) firewall: Firewall,
}

impl Site {
    pub(crate) fn new() -> Self {
        let network = Network::two_hosts();
        let firewall = Firewall::new(&config(network.victim.name())).expect("the config is good");
        Self { listener: network.listen(), network, firewall }
    }

    pub(crate) fn block(&self, target: impl Into<Target>, key: u8) -> Ending {
        let target = target.into();
        self.firewall.invoke(&request(&target.verb("block"), &target, key))
    }

    /// The undo of what was done under `key`.
    pub(crate) fn unblock(&self, target: impl Into<Target>, key: u8) -> Ending {
        let target = target.into();
        let mut request = request(&target.verb("unblock"), &target, key.wrapping_add(100));
        request.undoes = Some(IdempotencyKey([key; 32]));
        self.firewall.invoke(&request)
    }

    pub(crate) fn is_blocked(&self, target: impl Into<Target>) -> bool {
        match self.ask(target, "is_blocked", "is_network_blocked") {
            Value::Bool(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn flows(&self, target: impl Into<Target>) -> i64 {
        number(&self.ask(target, "flows", "network_flows"))
    }

    pub(crate) fn end_flows(&self, target: impl Into<Target>) -> i64 {
        number(&self.ask(target, "end_flows", "end_network_flows"))
    }

    fn ask(&self, target: impl Into<Target>, address: &str, network: &str) -> Value {
        let target = target.into();
        let verb = if matches!(target, Target::Address(_)) { address } else { network };
        match self.firewall.invoke(&request(verb, &target, 250)) {
            Ending::Done(value) => value,
            other => panic!("{other:?}"),
        }
    }

    /// Runs `nft` as somebody else on the victim would.
    pub(crate) fn nft(&self, command: &str) -> String {
        self.network.victim.program("nft", [command])
    }

    pub(crate) fn can_connect(&self, from: IpAddr) -> bool {
        self.network.can_connect(from, &self.listener)
    }

    pub(crate) fn is_cut_off(&self, from: IpAddr) -> bool {
        self.network.is_cut_off(from, &self.listener)
    }
}

/// An address or a network, as an asset of the language.
pub(crate) enum Target {
    Address(IpAddr),
    Network(Cidr),
}

impl From<IpAddr> for Target {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl From<&str> for Target {
    fn from(text: &str) -> Self {
        match text.parse() {
            Ok(address) => Self::Address(address),
            Err(_) => Self::Network(Cidr::parse(text).expect("a network")),
        }
    }
}

impl Target {
    pub(crate) fn verb(&self, verb: &str) -> String {
        match self {
            Self::Address(_) => verb.to_owned(),
            Self::Network(_) => format!("{verb}_network"),
        }
    }

    fn argument(&self) -> (Name, Value) {
        let (kind, value) = match self {
            Self::Address(address) => ("address", Value::asset("Address", Value::Ip(*address))),
            Self::Network(network) => ("network", Value::asset("Network", Value::Cidr(*network))),
        };
        (Name::from(kind), value)
    }
}

pub(crate) fn config(namespace: &str) -> FirewallConfig {
    FirewallConfig { namespace: Some(namespace.to_owned()), ..FirewallConfig::default() }
}

pub(crate) fn request(verb: &str, target: &Target, key: u8) -> Request {
    with_reason(verb, target, key, "a test")
}

pub(crate) fn with_reason(verb: &str, target: &Target, key: u8, reason: &str) -> Request {
    let reason = (Name::from("reason"), Value::text(reason));
    let arguments: Arc<[(Name, Value)]> = Arc::from([target.argument(), reason]);
    Request {
        call: Call { action: Name::from(format!("std.firewall.{verb}")), arguments },
        key: IdempotencyKey([key; 32]),
        undoes: None,
        run: RunId([1; 16]),
        attempt: 1,
        timeout: Duration::from_secs(30),
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Int(number) => *number,
        other => panic!("{other:?}"),
    }
}
