//! Connections that were there before: what a block and `end_flows` do to them.

use rye_tests::namespace::as_root;
use rye_tests::network::{ATTACKER, Connection};

use crate::site::{DONE, Site};

#[test]
fn an_established_connection_is_cut_off_in_both_directions() {
    as_root(|| {
        let site = Site::new();
        let mut connection = site.network.connect(ATTACKER[0], &site.listener);
        assert_eq!(site.block(ATTACKER[0], 1), DONE);
        assert!(connection.is_cut_off());
        assert_eq!(site.end_flows(ATTACKER[0]), 1);
        assert_eq!(site.flows(ATTACKER[0]), 0);
        assert!(connection.is_cut_off(), "not even the end gets out");
    });
}

#[test]
fn ending_flows_is_seen_by_the_peer_and_by_nobody_else() {
    as_root(|| {
        let site = Site::new();
        for [ended, beside] in [[ATTACKER[0], ATTACKER[1]], [ATTACKER[3], ATTACKER[4]]] {
            let mut connections = [(); 2].map(|()| site.network.connect(ended, &site.listener));
            let mut other = site.network.connect(beside, &site.listener);
            assert_eq!((site.flows(ended), site.flows(beside)), (2, 1));
            assert_eq!(site.end_flows(ended), 2);
            assert!(connections.iter_mut().all(Connection::was_reset));
            assert_eq!(site.end_flows(ended), 0, "twice is once");
            assert!(other.echoes());
            assert_eq!(site.flows(beside), 1);
        }
    });
}

#[test]
fn the_flows_of_a_network_are_those_of_its_addresses() {
    as_root(|| {
        let site = Site::new();
        for (network, [a, b, outside]) in [
            ("203.0.113.0/24", [ATTACKER[0], ATTACKER[1], ATTACKER[2]]),
            ("2001:db8:bad::/48", [ATTACKER[3], ATTACKER[4], ATTACKER[5]]),
        ] {
            let mut inside = [a, b].map(|from| site.network.connect(from, &site.listener));
            let mut other = site.network.connect(outside, &site.listener);
            assert_eq!(site.flows(network), 2);
            assert_eq!(site.end_flows(network), 2);
            assert!(inside.iter_mut().all(Connection::was_reset));
            assert!(other.echoes());
        }
    });
}
