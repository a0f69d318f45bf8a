//! Beside others in the same packet filter, who add, damage and remove.

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_tests::namespace::as_root;
use rye_tests::network::ATTACKER;

use crate::site::{ALREADY_SO, DONE, Site};

#[test]
fn what_others_blocked_is_respected_and_never_removed() {
    as_root(|| {
        let site = Site::new();
        assert_eq!(site.block(ATTACKER[0], 1), DONE);
        for (element, address) in
            [("203.0.113.8", ATTACKER[1]), ("192.0.2.7 comment \"by hand\"", ATTACKER[2])]
        {
            site.nft(&format!("add element inet rye block4_32 {{ {element} }}"));
            assert!(site.is_blocked(address) && site.is_cut_off(address));
            assert_eq!(site.block(address, 2), ALREADY_SO);
            assert_eq!(site.unblock(address, 2), ALREADY_SO, "left alone");
            assert!(site.is_blocked(address));
        }
        // Ours was taken away and another put its own there: nothing of ours is left.
        site.nft("delete element inet rye block4_32 { 203.0.113.7 }");
        assert_eq!(site.block(ATTACKER[0], 3), DONE);
        assert_eq!(site.unblock(ATTACKER[0], 1), ALREADY_SO);
        assert!(site.is_cut_off(ATTACKER[0]));
        assert_eq!(site.unblock(ATTACKER[0], 3), DONE);
    });
}

#[test]
fn the_rules_of_others_stay_also_inside_our_table() {
    as_root(|| {
        let site = Site::new();
        site.nft("add table inet other");
        site.nft("add chain inet other input { type filter hook input priority 0; }");
        site.nft("add rule inet other input tcp dport 9 drop");
        let other = site.nft("list table inet other");
        assert_eq!(site.block(ATTACKER[0], 1), DONE);

        site.nft("insert rule inet rye incoming ip saddr 203.0.113.0/24 accept");
        assert!(!site.is_blocked(ATTACKER[0]), "one direction is open");
        site.nft("insert rule inet rye outgoing ip daddr 203.0.113.0/24 accept");
        assert!(site.can_connect(ATTACKER[0]), "their rules come first");
        assert!(!site.is_blocked(ATTACKER[0]), "and the proof knows");
        assert_eq!(site.block(ATTACKER[0], 1), DONE, "repaired");
        assert!(site.is_blocked(ATTACKER[0]) && site.is_cut_off(ATTACKER[0]));
        assert!(site.nft("list chain inet rye incoming").contains("203.0.113.0/24 accept"));
        let rules = site.nft("list table inet rye");
        assert_eq!(rules.matches("@block4_32").count(), 2, "one per direction: {rules}");
        assert_eq!(site.nft("list table inet other"), other);
    });
}

#[test]
fn a_block_without_its_rules_is_none_and_is_repaired() {
    as_root(|| {
        let site = Site::new();
        let (attacker, network) = (ATTACKER[0], "2001:db8:bad::/48");
        assert_eq!(site.block(attacker, 1), DONE);
        assert_eq!(site.block(network, 2), DONE);
        for damage in [
            "flush table inet rye",
            "flush chain inet rye incoming",
            "flush chain inet rye outgoing",
            "delete chain inet rye incoming",
            "add table inet rye { flags dormant; }",
            "delete table inet rye",
        ] {
            if damage.starts_with("delete chain") {
                site.nft("flush chain inet rye incoming");
            }
            site.nft(damage);
            assert!(!site.is_blocked(attacker) && !site.is_blocked(network), "{damage}");
            assert_eq!(site.block(attacker, 1), DONE, "{damage}");
            assert!(site.is_blocked(attacker) && site.is_cut_off(attacker), "{damage}");
            if !damage.starts_with("delete table") {
                assert!(site.is_blocked(network), "every block is in force again: {damage}");
                assert_eq!(site.block(network, 7), ALREADY_SO, "{damage}");
            }
        }
        // An element that is not ours to mark takes effect again, and is left alone.
        site.nft("flush table inet rye");
        assert_eq!(site.block(attacker, 8), ALREADY_SO);
        assert!(site.is_cut_off(attacker));
        assert_eq!(site.unblock(attacker, 8), ALREADY_SO);
    });
}

#[test]
fn an_undo_without_its_rules_removes_the_element_all_the_same() {
    as_root(|| {
        let site = Site::new();
        assert_eq!(site.block(ATTACKER[0], 1), DONE);
        site.nft("flush table inet rye");
        assert_eq!(site.unblock(ATTACKER[0], 1), DONE);
        assert!(!site.nft("list table inet rye").contains("203.0.113.7"));
    });
}

#[test]
fn a_table_that_is_not_as_we_make_it_is_a_conflict() {
    as_root(|| {
        let site = Site::new();
        let conflicts = |site: &Site| {
            let ending = site.block(ATTACKER[0], 1);
            matches!(ending, Ending::Refused { error, perhaps: false }
                if error.kind == ErrorKind::Conflict && error.text.contains("delete the table"))
        };
        for foreign in [
            "add set inet rye block4_32 { type ipv4_addr; flags timeout; }",
            "add set inet rye block4_32 { type inet_service; }",
            "add chain inet rye incoming { type filter hook input priority 5; }",
            "add chain inet rye incoming",
        ] {
            site.nft("add table inet rye");
            site.nft(foreign);
            assert!(conflicts(&site), "{foreign}");
            assert!(!site.is_blocked(ATTACKER[0]), "{foreign}");
            site.nft("delete table inet rye");
        }
    });
}
