//! What a block does, and what its undo takes back.

use std::net::IpAddr;
use std::sync::Arc;
use std::thread;

use rye_core::adapter::{Adapter, Ending};
use rye_core::error::ErrorKind;
use rye_core::value::{Name, Value};
use rye_stdlib::firewall::Firewall;
use rye_tests::hostile;
use rye_tests::namespace::as_root;
use rye_tests::network::ATTACKER;

use crate::site::{ALREADY_SO, DONE, Site, config, request, with_reason};

#[test]
fn a_block_cuts_one_source_off_and_its_undo_lets_it_in_again() {
    as_root(|| {
        let site = Site::new();
        for [blocked, beside] in [[ATTACKER[0], ATTACKER[1]], [ATTACKER[3], ATTACKER[4]]] {
            assert!(site.can_connect(blocked) && !site.is_blocked(blocked));
            assert_eq!(site.block(blocked, 1), DONE);
            assert!(site.is_cut_off(blocked) && site.is_blocked(blocked));
            assert!(site.can_connect(beside) && !site.is_blocked(beside));
            assert_eq!(site.unblock(blocked, 1), DONE);
            assert!(site.can_connect(blocked) && !site.is_blocked(blocked));
        }
    });
}

#[test]
fn twice_is_once_and_an_undo_twice_or_of_nothing_is_safe() {
    as_root(|| {
        let site = Site::new();
        let attacker = ATTACKER[0];
        assert_eq!(site.unblock(attacker, 1), DONE, "there is no table yet");
        assert_eq!(site.block(attacker, 1), DONE);
        let once = site.nft("list ruleset");
        assert_eq!(site.block(attacker, 1), DONE, "the same key: it is our own");
        assert_eq!(site.nft("list ruleset"), once);
        assert_eq!(site.block(attacker, 2), ALREADY_SO, "another key: it is another's");
        assert_eq!(site.nft("list ruleset"), once);
        assert_eq!(site.unblock(attacker, 1), DONE);
        assert_eq!(site.unblock(attacker, 1), DONE);
        assert!(!site.is_blocked(attacker));
        assert_eq!(site.unblock(ATTACKER[1], 3), DONE, "it was never blocked");
    });
}

#[test]
fn networks_and_what_lies_in_them_come_and_go_by_themselves() {
    as_root(|| {
        let site = Site::new();
        for (networks, [inside, beside, outside]) in [
            (["203.0.113.0/29", "203.0.113.0/24", "203.0.0.0/9"], [0, 1, 2].map(|i| ATTACKER[i])),
            (
                ["2001:db8:bad::/125", "2001:db8:bad::/48", "2001:db8:8000::/33"],
                [3, 4, 5].map(|i| ATTACKER[i]),
            ),
        ] {
            let [narrow, wide, _] = networks;
            assert_eq!(site.block(inside, 1), DONE);
            assert_eq!(site.block(narrow, 2), DONE, "wider than what is blocked");
            assert_eq!(site.block(wide, 3), DONE, "wider still");
            assert!(site.is_cut_off(inside) && site.is_cut_off(beside));
            assert!(site.can_connect(outside));
            assert_eq!(site.block(beside, 4), ALREADY_SO, "inside a wider block");
            assert!(site.is_blocked(beside) && site.is_blocked(narrow) && site.is_blocked(wide));

            assert_eq!(site.unblock(narrow, 2), DONE);
            assert!(site.is_blocked(narrow), "the wide one still covers it");
            assert_eq!(site.unblock(wide, 3), DONE);
            assert!(!site.is_blocked(narrow) && !site.is_blocked(wide));
            assert!(site.is_cut_off(inside) && site.can_connect(beside));
            assert_eq!(site.unblock(inside, 1), DONE);
            assert!(site.can_connect(inside));
        }
        assert_eq!(site.block("203.0.0.0/9", 5), DONE);
        assert!(site.is_cut_off(ATTACKER[0]) && site.can_connect(ATTACKER[2]));
    });
}

#[test]
fn a_network_of_one_address_is_that_address() {
    as_root(|| {
        let site = Site::new();
        assert_eq!(site.block("203.0.113.7/32", 1), DONE);
        assert_eq!(site.block(ATTACKER[0], 2), ALREADY_SO);
        assert!(site.is_blocked(ATTACKER[0]));
    });
}

#[test]
fn a_direct_unblock_takes_back_nothing_of_anybody() {
    as_root(|| {
        let site = Site::new();
        assert_eq!(site.block(ATTACKER[0], 1), DONE);
        let unblock =
            |address: IpAddr| site.firewall.invoke(&request("unblock", &address.into(), 9));
        let ending = unblock(ATTACKER[0]);
        let Ending::Refused { error, perhaps: false } = ending else { panic!("{ending:?}") };
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(site.is_cut_off(ATTACKER[0]));
        assert_eq!(unblock(ATTACKER[1]), DONE, "nothing to take back");
    });
}

/// Abuse case 12: no reason ever reaches the packet filter.
#[test]
fn field_injection() {
    as_root(|| {
        let site = Site::new();
        for (key, reason) in (1..).zip(hostile::TEXTS) {
            let request = with_reason("block", &ATTACKER[0].into(), key, reason);
            assert_eq!(site.firewall.invoke(&request), DONE, "{reason:?}");
            let table = site.nft("list ruleset");
            let comments: Vec<_> = table.split("comment").skip(1).collect();
            let [comment] = comments.as_slice() else { panic!("{table}") };
            let mark = format!("\"rye:{}\"", format!("{key:02x}").repeat(16));
            assert!(comment.trim().starts_with(&mark), "{table}");
            assert_eq!(site.unblock(ATTACKER[0], key), DONE);
        }
    });
}

#[test]
fn what_is_no_target_is_rejected_without_a_look_at_the_filter() {
    as_root(|| {
        let site = Site::new();
        let mut nothing = request("block", &ATTACKER[0].into(), 1);
        nothing.call.arguments = Arc::from([(Name::from("address"), Value::text("203.0.113.7"))]);
        for request in [
            nothing,
            request("block_network", &"0.0.0.0/0".into(), 1),
            request("block_network", &"::/0".into(), 1),
            request("allow", &ATTACKER[0].into(), 1),
        ] {
            let ending = site.firewall.invoke(&request);
            let Ending::Refused { error, perhaps: false } = ending else { panic!("{ending:?}") };
            assert_eq!(error.kind, ErrorKind::Rejected);
        }
        assert_eq!(site.nft("list ruleset"), "");
    });
}

#[test]
fn many_at_once_leave_one_element_each() {
    as_root(|| {
        let site = Site::new();
        let namespace = site.network.victim.name();
        let endings: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> =
                (1..=6).map(|key| (key, scope.spawn(move || race(namespace, key)))).collect();
            running.into_iter().map(|(key, one)| (key, one.join().expect("no panic"))).collect()
        });
        let done: Vec<_> = endings.iter().filter(|(_, ending)| *ending == DONE).collect();
        let [(winner, _)] = done.as_slice() else { panic!("{endings:?}") };
        assert_eq!(endings.iter().filter(|(_, ending)| *ending == ALREADY_SO).count(), 5);
        assert_eq!(site.unblock(ATTACKER[0], *winner), DONE);
        assert!(site.can_connect(ATTACKER[0]));
    });
}

/// Blocks with a firewall of its own, so that several race in the kernel, as
/// processes would.
fn race(namespace: &str, key: u8) -> Ending {
    let firewall = Firewall::new(&config(namespace)).expect("the config is good");
    firewall.invoke(&request("block", &ATTACKER[0].into(), key))
}
