//! What the kernel says of one network namespace: its addresses and gateways;
//! and its resolvers, as its files name them.
//!
//! Read from `/proc`, which is there without a program or a library, and which
//! shows the namespace of the thread that reads.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd;
use std::path::Path;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Where namespaces have names.
const NAMESPACES: &str = "/run/netns";

/// A host, as one network namespace shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) addresses: BTreeSet<IpAddr>,
    pub(super) broadcasts: BTreeSet<IpAddr>,
    /// With the device that leads there.
    pub(super) gateways: BTreeSet<(IpAddr, String)>,
    pub(super) resolvers: BTreeSet<IpAddr>,
}

/// The namespace of this process.
pub(super) fn here() -> io::Result<Host> {
    let mut host = read()?;
    for file in ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] {
        host.resolvers.extend(resolvers_in(Path::new(file))?);
    }
    Ok(host)
}

/// The namespace called `name`. A thread of its own goes there, reads, and ends.
pub(super) fn in_namespace(name: &str) -> io::Result<Host> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        let error = "the name of a namespace has letters, digits, `_` and `-`";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
    }
    let namespace = File::open(Path::new(NAMESPACES).join(name))?;
    let there = move || {
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
        read()
    };
    let thread = std::thread::Builder::new().name(format!("look into {name}")).spawn(there)?;
    let mut host = thread.join().unwrap_or_else(|_| Err(io::Error::other("the look failed")))?;
    host.resolvers = resolvers_in(&Path::new("/etc/netns").join(name).join("resolv.conf"))?;
    Ok(host)
}

fn read() -> io::Result<Host> {
    let proc = |name: &str| std::fs::read_to_string(Path::new("/proc/thread-self/net").join(name));
    let mut host = Host::default();
    fib_trie(&proc("fib_trie")?, &mut host);
    route(&proc("route")?, &mut host);
    // A kernel without IPv6 has neither.
    for (name, parse) in [("if_inet6", if_inet6 as fn(&str, &mut Host)), ("ipv6_route", ipv6_route)]
    {
        match proc(name) {
            Ok(text) => parse(&text, &mut host),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(host)
}

fn resolvers_in(file: &Path) -> io::Result<BTreeSet<IpAddr>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(resolv_conf(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

/// A tree of prefixes; a leaf is `|-- ADDRESS`, and the lines below it say of which
/// kind it is: `/32 host LOCAL`, `/32 link BROADCAST`, …
fn fib_trie(text: &str, host: &mut Host) {
    let mut leaf: Option<IpAddr> = None;
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse().ok();
        } else if let Some(ip) = leaf {
            if line.starts_with("/32 ") && line.ends_with(" LOCAL") {
                host.addresses.insert(ip);
            } else if line.starts_with("/32 ") && line.ends_with(" BROADCAST") {
                host.broadcasts.insert(ip);
            }
        }
    }
}

/// A table: device, destination, gateway, flags, … with addresses as the bytes lie
/// in memory.
fn route(text: &str, host: &mut Host) {
    for line in text.lines().skip(1) {
        let mut columns = line.split_whitespace();
        let (Some(device), Some(gateway)) = (columns.next(), columns.nth(1)) else { continue };
        let Ok(bits) = u32::from_str_radix(gateway, 16) else { continue };
        if bits != 0 {
            let gateway = IpAddr::V4(Ipv4Addr::from(bits.to_ne_bytes()));
            host.gateways.insert((gateway, device.to_owned()));
        }
    }
}

/// A table: address, index, prefix length, scope, flags, device.
fn if_inet6(text: &str, host: &mut Host) {
    let addresses = text.lines().filter_map(|line| six(line.split_whitespace().next()?));
    host.addresses.extend(addresses.map(IpAddr::V6));
}

/// A table: destination, length, source, length, next hop, four numbers, device.
fn ipv6_route(text: &str, host: &mut Host) {
    for line in text.lines() {
        let mut columns = line.split_whitespace();
        let (Some(hop), Some(device)) = (columns.nth(4).and_then(six), columns.last()) else {
            continue;
        };
        if !hop.is_unspecified() {
            host.gateways.insert((IpAddr::V6(hop), device.to_owned()));
        }
    }
}

/// The address that 32 hexadecimal digits are.
fn six(digits: &str) -> Option<Ipv6Addr> {
    rye_core::hex::decode_array::<16>(digits).map(Ipv6Addr::from)
}

/// `nameserver ADDRESS`, an IPv6 address perhaps with its device behind a `%`.
fn resolv_conf(text: &str) -> BTreeSet<IpAddr> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next()? == "nameserver").then_some(words.next()?)
    });
    lines.filter_map(|address| address.split('%').next()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips<const N: usize>(texts: [&str; N]) -> BTreeSet<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn own_and_broadcast_addresses_are_leaves_of_the_tree() {
        let mut host = Host::default();
        fib_trie(
            "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     \
             +-- 192.0.2.0/24 2 0 2\n        |-- 192.0.2.0\n           /24 link UNICAST\n        \
             |-- 192.0.2.7\n           /32 host LOCAL\n        |-- 192.0.2.255\n           \
             /32 link BROADCAST\nLocal:\n     |-- 127.0.0.0\n        /8 host LOCAL\n     \
             |-- 127.0.0.1\n        /32 host LOCAL\n",
            &mut host,
        );
        assert_eq!(host.addresses, ips(["192.0.2.7", "127.0.0.1"]));
        assert_eq!(host.broadcasts, ips(["192.0.2.255"]));
    }

    #[test]
    fn gateways_are_routes_with_a_next_hop() {
        let mut host = Host::default();
        let bits = u32::from_ne_bytes([192, 0, 2, 1]);
        route(
            &format!(
                "Iface\tDestination\tGateway \tFlags\n\
                 eth0\t00000000\t{bits:08X}\t0003\t0\t0\t0\t00000000\n\
                 eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n\
                 cut\n"
            ),
            &mut host,
        );
        let none = "0".repeat(32);
        ipv6_route(
            &format!(
                "{none} 00 {none} 00 20010db8000000000000000000000001 00000400 1 0 00450003 eth0\n\
                 fe80{zeros} 40 {none} 00 {none} 00000100 1 0 00000001 eth0\nx\n",
                zeros = "0".repeat(28)
            ),
            &mut host,
        );
        let expected = [("192.0.2.1", "eth0"), ("2001:db8::1", "eth0")];
        let expected = expected.map(|(ip, device)| (ip.parse().unwrap(), device.to_owned()));
        assert_eq!(host.gateways, BTreeSet::from(expected));
    }

    #[test]
    fn resolvers_and_own_ipv6_addresses() {
        let text =
            "# one\nnameserver 192.0.2.53\n nameserver fe80::1%eth0 \noptions x\nnameserver\n";
        assert_eq!(resolv_conf(text), ips(["192.0.2.53", "fe80::1"]));
        let mut host = Host::default();
        if_inet6("00000000000000000000000000000001 01 80 10 80       lo\nshort 1\n", &mut host);
        assert_eq!(host.addresses, ips(["::1"]));
    }

    #[test]
    fn any_text_is_read_without_harm() {
        use proptest::prelude::*;
        proptest!(|(text in "[ -~\n\u{e9}]{0,200}")| {
            let mut host = Host::default();
            fib_trie(&text, &mut host);
            route(&text, &mut host);
            if_inet6(&text, &mut host);
            ipv6_route(&text, &mut host);
            resolv_conf(&text);
        });
    }

    #[test]
    fn a_name_that_is_a_path_leads_nowhere() {
        for name in ["", "..", "a/b", "../../proc/self/ns/net"] {
            assert_eq!(in_namespace(name).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}
