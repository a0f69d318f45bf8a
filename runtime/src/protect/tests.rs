use std::process::Command;

use rye_tests::namespace::{Namespace, as_root};

use super::*;
use crate::clock::Clock;

/// Which reason protects the address, if any does.
fn reason(watch: &Watch, address: &str) -> Option<String> {
    let ip: IpAddr = address.parse().unwrap();
    let protected = watch.protected();
    let found = protected.entries().iter().find(|(guarded, _)| match guarded {
        Guarded::Network(network) => network.contains(ip),
        Guarded::Asset { .. } => false,
    });
    found.map(|(_, reason)| reason.to_string())
}

#[test]
fn what_means_everybody_or_nobody_is_always_protected() {
    let now = Clock::new().unwrap().now();
    let watch = Watch::begin(Surroundings::default(), now).unwrap();
    for address in
        ["0.0.0.0", "127.0.0.1", "127.9.9.9", "::1", "::", "169.254.1.1", "fe80::1", "224.0.0.1"]
    {
        assert!(reason(&watch, address).is_some(), "{address}");
    }
    assert_eq!(reason(&watch, "203.0.113.7"), None);
    assert!(ALWAYS.iter().all(|(network, _)| Cidr::parse(network).is_ok()));
}

#[test]
fn endpoints_are_protected_by_address_and_by_name() {
    let now = Clock::new().unwrap().now();
    let endpoint = |host: &str| Endpoint { host: host.into(), port: 443, what: "the chat".into() };
    let endpoints = vec![endpoint("198.51.100.9"), endpoint("chat.invalid")];
    let surroundings = Surroundings { endpoints, ..Surroundings::default() };
    let watch = Watch::begin(surroundings, now).unwrap();
    assert_eq!(reason(&watch, "198.51.100.9").as_deref(), Some("the chat"));
    let protected = watch.protected();
    let named = Guarded::Asset { kind: "Host".into(), value: Value::text("chat.invalid") };
    assert!(protected.entries().iter().any(|(guarded, _)| *guarded == named));
}

#[test]
fn a_namespace_shows_its_addresses_and_gateways_when_it_comes_and_after_it_went() {
    as_root(|| {
        let clock = Clock::new().unwrap();
        let namespace = Namespace::new("protect");
        let surroundings = Surroundings {
            namespaces: vec![namespace.name().to_owned()],
            ..Surroundings::default()
        };
        let ip = |words: &str| {
            let all = ["-n", namespace.name()].into_iter().chain(words.split(' '));
            let status = Command::new("ip").args(all).status().unwrap();
            assert!(status.success(), "ip {words}");
        };
        ip("link add d0 type veth peer name d1");
        ip("link set d1 up");
        ip("addr add 198.51.100.2/24 dev d0");
        ip("addr add 2001:db8:5::2/64 dev d0 nodad");
        ip("link set d0 up");
        ip("route add default via 198.51.100.1");
        let mut watch = Watch::begin(surroundings, clock.now()).unwrap();
        let inside = format!(" in the namespace {}", namespace.name());
        for (address, what) in [
            ("198.51.100.1", "a gateway of d0"),
            ("198.51.100.2", "an address of this machine"),
            ("198.51.100.255", "a broadcast address"),
            ("2001:db8:5::2", "an address of this machine"),
        ] {
            assert_eq!(reason(&watch, address), Some(format!("{what}{inside}")), "{address}");
        }
        ip("addr add 198.51.100.3/24 dev d0");
        let (now, later) = (clock.now(), |seconds: u32| {
            let now = clock.now();
            let monotonic = Duration(now.monotonic.0 + Duration::from_secs(seconds).0);
            Stamp { wall: now.wall.saturating_add(Duration::from_secs(seconds)), monotonic, ..now }
        });
        assert!(!watch.refresh(now) && reason(&watch, "198.51.100.3").is_none());
        assert!(watch.refresh(later(61)) && reason(&watch, "198.51.100.3").is_some());
        drop(namespace);
        assert!(watch.refresh(later(200)));
        assert!(reason(&watch, "198.51.100.1").is_some(), "what was known stays known");
    });
}

#[test]
fn a_namespace_that_comes_later_is_seen_at_the_next_look() {
    as_root(|| {
        let clock = Clock::new().unwrap();
        let gone = Namespace::new("late");
        let name = gone.name().to_owned();
        drop(gone);
        let surroundings =
            Surroundings { namespaces: vec![name.clone()], ..Surroundings::default() };
        let mut watch = Watch::begin(surroundings, clock.now()).unwrap();
        assert!(!watch.refresh(clock.now()), "it is not there");
        rye_tests::namespace::ip(["netns", "add", &name]);
        assert!(watch.refresh(clock.now()));
        assert!(!watch.refresh(clock.now()), "now it waits for its time");
        rye_tests::namespace::ip(["netns", "delete", &name]);
    });
}
