//! Which addresses a destination may have: those of the internet, and the networks
//! that the site allows it by name. Whoever answers for a name may be lying or
//! wrong, and must not lead an adapter to this machine, to its neighbours or to the
//! place where a cloud keeps credentials.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use rye_core::value::Cidr;
use rye_core::value::net::{canonical_ip, parse_ip};

use crate::config::ConfigError;

/// Networks that are nobody's public address.
const DENIED: &[&str] = &[
    // This host, and nobody; in IPv6 both are among the ways to say an IPv4 address.
    "0.0.0.0/8",
    "127.0.0.0/8",
    // Private networks, also those of carriers, of protocols and of benchmarks.
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "fc00::/7",
    "fec0::/10",
    // Link-local, where clouds answer with credentials; and the one that doesn't lie there.
    "169.254.0.0/16",
    "fe80::/10",
    "168.63.129.16/32",
    // Many hosts, and what is reserved.
    "224.0.0.0/4",
    "240.0.0.0/4",
    "ff00::/8",
    // Ways to say an IPv4 address in IPv6.
    "::/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2001::/32",
    "2002::/16",
];

/// What is said of a destination with an address that it may not have.
pub(crate) const DENIED_TEXT: &str =
    "the destination has an address that it may not have; if it is right, set its networks";

/// Where a destination may be.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    allowed: Vec<Cidr>,
    denied: Vec<Cidr>,
}

/// Why a destination has no address to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// Nobody knows the name.
    Unknown,
    /// The name was not resolved in time.
    Timeout,
    /// It has an address that it must not have.
    Denied,
}

impl Reach {
    /// The internet, and `networks`, `option` being their path in the configuration.
    pub(crate) fn new(option: &str, networks: &[String]) -> Result<Self, ConfigError> {
        let network = |text: &String| {
            let single = parse_ip(text).map(Cidr::single);
            single.or_else(|| Cidr::parse(text).ok()).ok_or_else(|| {
                let problem = format!("{text:?} is no network");
                ConfigError::new(option, problem, "write networks such as `\"10.1.2.0/24\"`")
            })
        };
        let allowed = networks.iter().map(network).collect::<Result<_, _>>()?;
        Ok(Self {
            allowed,
            denied: DENIED.iter().filter_map(|text| Cidr::parse(text).ok()).collect(),
        })
    }

    /// Whether a destination may have this address.
    pub(crate) fn allows(&self, ip: IpAddr) -> bool {
        let ip = canonical_ip(ip);
        let within = |networks: &[Cidr]| networks.iter().any(|network| network.contains(ip));
        within(&self.allowed) || !within(&self.denied)
    }

    /// The addresses of `host`, all of them checked.
    pub(crate) fn resolve(
        &self,
        host: &str,
        port: u16,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, Unreachable> {
        let addresses = match parse_ip(host) {
            Some(ip) => vec![SocketAddr::new(ip, port)],
            None => look_up(host.to_owned(), port, deadline)?,
        };
        if addresses.is_empty() {
            return Err(Unreachable::Unknown);
        }
        if !addresses.iter().all(|address| self.allows(address.ip())) {
            return Err(Unreachable::Denied);
        }
        Ok(addresses)
    }
}

/// Asks the system's resolver, which knows no time limit, from a thread of its own.
fn look_up(host: String, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, Unreachable> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        // Nobody listens any more when the time was over.
        let _ = sender.send(found.map(Vec::from_iter));
    });
    let left = deadline.saturating_duration_since(Instant::now());
    match receiver.recv_timeout(left) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(_)) => Err(Unreachable::Unknown),
        Err(_) => Err(Unreachable::Timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(networks: &[&str]) -> Result<Reach, ConfigError> {
        let networks: Vec<String> = networks.iter().map(|text| (*text).to_owned()).collect();
        Reach::new("d.networks", &networks)
    }

    #[test]
    fn only_public_addresses_are_allowed_unless_the_site_says_so() {
        assert_eq!(reach(&[]).unwrap().denied.len(), DENIED.len(), "each is a network");
        for (address, allowed) in [
            ("203.0.113.7", true),
            ("2001:db8::1", true),
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("168.63.129.16", false),
            ("100.100.100.200", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("::127.0.0.1", false),
            ("::a9fe:a9fe", false),
            ("::ffff:0:127.0.0.1", false),
            ("2001:0:7f00:1::", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("0.0.0.0", false),
            ("::", false),
        ] {
            let ip: IpAddr = address.parse().unwrap();
            assert_eq!(reach(&[]).unwrap().allows(ip), allowed, "{address}");
            assert!(reach(&["0.0.0.0/0", "::/0"]).unwrap().allows(ip), "{address}");
        }
        let lan = reach(&["10.1.2.0/24", "10.9.9.9"]).unwrap();
        for (address, allowed) in [("10.1.2.3", true), ("10.1.3.3", false), ("10.9.9.9", true)] {
            assert_eq!(lan.allows(address.parse().unwrap()), allowed, "{address}");
        }
    }

    #[test]
    fn one_denied_address_denies_the_name() {
        let soon = Instant::now() + std::time::Duration::from_secs(10);
        let resolve = |networks, host| reach(networks).unwrap().resolve(host, 443, soon);
        assert_eq!(resolve(&[], "localhost"), Err(Unreachable::Denied));
        assert_eq!(resolve(&[], "127.0.0.1"), Err(Unreachable::Denied));
        assert!(resolve(&["127.0.0.0/8", "::1"], "localhost").is_ok());
    }

    #[test]
    fn what_is_no_network_is_told() {
        let error = reach(&["10.1.2.3/24"]).unwrap_err();
        let found = (error.option.as_str(), error.problem.as_str());
        assert_eq!(found, ("d.networks", "\"10.1.2.3/24\" is no network"));
    }
}
