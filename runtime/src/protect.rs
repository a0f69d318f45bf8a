//! What nothing may touch because it would cut off this machine, the people who
//! help, or the response itself: built in, found out on the machine, and read anew
//! while something runs.
//!
//! Each source that can't be read keeps what was last known of it. One that was
//! never read is tried again at every look.

mod network;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, channel};

use rye_core::asset;
use rye_core::ty::AssetForm;
use rye_core::value::{Cidr, Duration, Name, Value};
use rye_engine::guardrail::{Guarded, Protected};
use rye_engine::stamp::Stamp;

use network::Host;

/// Between two looks at the same source.
const LOOK_PAUSE: Duration = Duration::from_secs(60);

/// How long the first look waits for the names of endpoints.
const NAMES_WAIT: core::time::Duration = core::time::Duration::from_secs(2);

/// Networks that mean this machine, nobody, or everybody.
const ALWAYS: &[(&str, &str)] = &[
    ("0.0.0.0/8", "addresses that mean no host"),
    ("::/128", "the address that means no host"),
    ("127.0.0.0/8", "loopback: this machine itself"),
    ("::1/128", "loopback: this machine itself"),
    ("169.254.0.0/16", "link-local addresses"),
    ("fe80::/10", "link-local addresses"),
    ("224.0.0.0/4", "multicast: many hosts at once"),
    ("ff00::/8", "multicast: many hosts at once"),
    ("255.255.255.255/32", "broadcast: every host of a network"),
];

/// Where to look for what is protected.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// What the site's list names, with the reasons.
    pub listed: Vec<(Guarded, Name)>,
    /// Network namespaces that adapters work in, by their names in `/run/netns`.
    pub namespaces: Vec<String>,
    /// Hosts that adapters talk to.
    pub endpoints: Vec<Endpoint>,
}

impl Surroundings {
    /// Protects one asset, or all of a kind that have a part: `value` is canonical.
    pub fn protect(&mut self, kind: &str, value: Value, reason: &str) {
        let guarded = Guarded::Asset { kind: Name::from(kind), value };
        self.listed.push((guarded, Name::from(reason)));
    }
}

/// A host that an adapter talks to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Its name or address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What it is, for people, such as "the destination `analysts`".
    pub what: String,
}

/// This machine's own addresses can't be found out, so nothing may be done.
#[derive(Debug)]
pub struct ProtectError {
    reason: String,
}

impl fmt::Display for ProtectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this machine's own addresses can't be found out: {}", self.reason)
    }
}

impl core::error::Error for ProtectError {}

/// A standing watch over what is protected.
#[derive(Debug)]
pub struct Watch {
    surroundings: Surroundings,
    looked: Option<Stamp>,
    own: Vec<(Guarded, Name)>,
    namespaces: BTreeMap<String, Vec<(Guarded, Name)>>,
    endpoints: BTreeMap<Endpoint, BTreeSet<IpAddr>>,
    asked: Option<Receiver<(Endpoint, Vec<IpAddr>)>>,
}

impl Watch {
    /// Takes the first look.
    ///
    /// # Errors
    /// When the machine's own addresses can't be read: without them there is no
    /// telling what an action would cut off.
    pub fn begin(surroundings: Surroundings, now: Stamp) -> Result<Self, ProtectError> {
        let own = network::here().map_err(|error| ProtectError { reason: error.to_string() })?;
        let mut watch = Self {
            surroundings,
            looked: None,
            own: own.guarded(""),
            namespaces: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            asked: None,
        };
        watch.look(now);
        watch.take_names(Some(NAMES_WAIT));
        Ok(watch)
    }

    /// Looks again if it is time to; whether it did.
    pub fn refresh(&mut self, now: Stamp) -> bool {
        let named = self.take_names(None);
        let due = self.looked.is_none_or(|looked| now.has_passed(looked, LOOK_PAUSE));
        if due {
            self.look(now);
        }
        let found = !due && self.look_for_missing();
        due || found || named
    }

    /// All that is protected now.
    pub fn protected(&self) -> Protected {
        let always = ALWAYS.iter().filter_map(|(network, reason)| {
            let network = Cidr::parse(network).ok()?;
            Some((Guarded::Network(network), Name::from(*reason)))
        });
        let endpoints = self.surroundings.endpoints.iter().flat_map(|endpoint| {
            let reason = Name::from(endpoint.what.as_str());
            let addresses = self.endpoints.get(endpoint).into_iter().flatten();
            let networks = addresses.map(|ip| Guarded::Network(Cidr::single(*ip)));
            networks.chain(named_host(&endpoint.host)).map(move |it| (it, reason.clone()))
        });
        Protected::new(
            always
                .chain(self.own.iter().cloned())
                .chain(self.namespaces.values().flatten().cloned())
                .chain(endpoints)
                .chain(self.surroundings.listed.iter().cloned())
                .collect(),
        )
    }

    fn look(&mut self, now: Stamp) {
        self.looked = Some(now);
        match network::here() {
            Ok(host) => self.own = host.guarded(""),
            Err(error) => tracing::warn!(%error, "own addresses stay as they were"),
        }
        for name in self.surroundings.namespaces.clone() {
            if let Err(error) = self.look_into(&name) {
                tracing::warn!(%error, name, "the namespace stays as it was");
            }
        }
        self.ask_names();
    }

    fn look_into(&mut self, namespace: &str) -> std::io::Result<()> {
        let host = network::in_namespace(namespace)?;
        let place = format!(" in the namespace {namespace}");
        self.namespaces.insert(namespace.to_owned(), host.guarded(&place));
        Ok(())
    }

    /// Looks for the namespaces that were never seen; whether one has come.
    fn look_for_missing(&mut self) -> bool {
        let wanted = self.surroundings.namespaces.iter();
        let missing: Vec<String> =
            wanted.filter(|name| !self.namespaces.contains_key(*name)).cloned().collect();
        missing.iter().any(|name| self.look_into(name).is_ok())
    }

    /// Lets a thread look up the endpoints' addresses: that may take its time.
    fn ask_names(&mut self) {
        if self.asked.is_some() || self.surroundings.endpoints.is_empty() {
            return;
        }
        let endpoints = self.surroundings.endpoints.clone();
        let (told, asked) = channel();
        let look_up = move || {
            for endpoint in endpoints {
                let found = (endpoint.host.as_str(), endpoint.port).to_socket_addrs();
                let Ok(found) = found else { continue };
                let addresses = found.map(|found: SocketAddr| found.ip().to_canonical()).collect();
                if told.send((endpoint, addresses)).is_err() {
                    return;
                }
            }
        };
        let named = std::thread::Builder::new().name(String::from("names")).spawn(look_up);
        if named.is_ok() {
            self.asked = Some(asked);
        }
    }

    /// Takes what the look-up has found so far; waits for all of it only if told so.
    fn take_names(&mut self, wait: Option<core::time::Duration>) -> bool {
        let Some(asked) = &self.asked else { return false };
        let mut named = false;
        loop {
            use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
            let next = match wait {
                Some(wait) => asked.recv_timeout(wait).map_err(|error| match error {
                    RecvTimeoutError::Timeout => TryRecvError::Empty,
                    RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
                }),
                None => asked.try_recv(),
            };
            match next {
                Ok((endpoint, addresses)) => {
                    named = true;
                    // One name may have many addresses, told in turns: none is forgotten.
                    self.endpoints.entry(endpoint).or_default().extend(addresses);
                }
                Err(TryRecvError::Empty) => return named,
                Err(TryRecvError::Disconnected) => {
                    self.asked = None;
                    return named;
                }
            }
        }
    }
}

/// A host as an asset that an action may name.
fn named_host(host: &str) -> Option<Guarded> {
    let value = asset::canonical(AssetForm::Name, Value::text(host))?;
    Some(Guarded::Asset { kind: Name::from("Host"), value })
}

impl Host {
    /// What is known of a host's network, `place` being said of each.
    fn guarded(&self, place: &str) -> Vec<(Guarded, Name)> {
        let entry = |ip: IpAddr, what: String| {
            (
                Guarded::Network(Cidr::single(ip.to_canonical())),
                Name::from(format!("{what}{place}")),
            )
        };
        let own = self.addresses.iter().map(|ip| entry(*ip, "an address of this machine".into()));
        let all = self.broadcasts.iter().map(|ip| entry(*ip, "a broadcast address".into()));
        let gateways =
            self.gateways.iter().map(|(ip, device)| entry(*ip, format!("a gateway of {device}")));
        let resolvers = self.resolvers.iter().map(|ip| entry(*ip, "a resolver".into()));
        gateways.chain(resolvers).chain(own).chain(all).collect()
    }
}

#[cfg(test)]
mod tests;
