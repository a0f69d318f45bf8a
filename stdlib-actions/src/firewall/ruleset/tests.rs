use proptest::prelude::*;
use serde_json::json;

use super::*;

fn network(text: &str) -> Cidr {
    Cidr::parse(text).unwrap()
}

fn group(text: &str) -> Group {
    Group::of(network(text)).unwrap()
}

fn read(objects: &[Json]) -> Ruleset {
    Ruleset::read(json!({ "nftables": objects }).to_string().as_bytes()).unwrap()
}

fn chain(direction: Direction) -> Json {
    json!({"chain": {
        "name": direction.chain(), "type": "filter", "hook": direction.hook(),
        "prio": direction.priority(),
    }})
}

fn rule(direction: Direction, handle: u64, expression: &Json) -> Json {
    json!({"rule": {"chain": direction.chain(), "handle": handle, "expr": expression}})
}

fn ours(direction: Direction, group: Group) -> Json {
    json!([group.condition(direction), {"counter": {"packets": 3, "bytes": 4}}, {"drop": null}])
}

/// A table in which `10.0.0.0/8` is blocked.
fn table() -> Vec<Json> {
    let ten = group("10.0.0.0/8");
    let elem = json!([{"elem": {"val": "10.0.0.0", "comment": "rye:1"}}]);
    let mut objects = vec![
        json!({"table": {"family": "inet", "name": "rye"}}),
        json!({"set": {"name": "block4_8", "type": "ipv4_addr", "elem": elem}}),
    ];
    for direction in Direction::ALL {
        objects.push(chain(direction));
        objects.push(rule(direction, 7, &ours(direction, ten)));
    }
    objects
}

#[test]
fn a_block_drops_what_it_covers() {
    let ruleset = read(&table());
    for (target, dropped) in [
        ("10.0.0.0/8", true),
        ("10.1.2.3/32", true),
        ("10.0.0.0/7", false),
        ("11.0.0.0/8", false),
        ("a00::/8", false),
    ] {
        assert_eq!(ruleset.drops(network(target)), dropped, "{target}");
    }
    assert_eq!(ruleset.comment(network("10.0.0.0/8")), Some("rye:1"));
    assert_eq!(ruleset.comment(network("10.1.2.3/32")), None);
}

#[test]
fn a_block_without_all_of_its_surroundings_drops_nothing() {
    let whole = table();
    for (index, object) in whole.iter().enumerate().skip(1) {
        let mut objects = whole.clone();
        objects.remove(index);
        assert!(!read(&objects).drops(network("10.0.0.0/8")), "without {object}");
    }
    let mut asleep = whole.clone();
    asleep[0] = json!({"table": {"name": "rye", "flags": "dormant"}});
    assert!(!read(&asleep).drops(network("10.0.0.0/8")));
    let mut hooked_elsewhere = whole;
    hooked_elsewhere[2]["chain"]["hook"] = json!("input");
    assert!(!read(&hooked_elsewhere).drops(network("10.0.0.0/8")));
}

#[test]
fn only_the_rule_that_we_write_is_ours() {
    let (incoming, ten) = (Direction::Incoming, group("10.0.0.0/8"));
    let condition = ten.condition(incoming);
    for expression in [
        json!([condition, {"accept": null}]),
        json!([condition, {"limit": {"rate": 1}}, {"drop": null}]),
        json!([{"drop": null}]),
        json!([ten.condition(Direction::Outgoing), {"drop": null}]),
        json!([group("10.0.0.0/9").condition(incoming), {"drop": null}]),
        json!([]),
        json!("drop"),
    ] {
        let mut objects = table();
        objects[3] = rule(incoming, 7, &expression);
        let ruleset = read(&objects);
        assert!(!ruleset.drops(network("10.0.0.0/8")), "{expression}");
        assert_eq!(ruleset.handles(incoming, ten).count(), 0, "{expression}");
    }
}

#[test]
fn a_rule_behind_anothers_does_not_count() {
    let (incoming, ten) = (Direction::Incoming, group("10.0.0.0/8"));
    let mut objects = table();
    objects.insert(3, rule(incoming, 6, &json!([{"accept": null}])));
    let ruleset = read(&objects);
    assert!(!ruleset.in_force(ten));
    assert_eq!(ruleset.handles(incoming, ten).collect::<Vec<_>>(), [7]);
    // Behind ours it is in nobody's way.
    let mut objects = table();
    objects.insert(4, rule(incoming, 8, &json!([{"accept": null}])));
    assert!(read(&objects).in_force(ten));
}

#[test]
fn elements_that_are_no_block_are_passed_over() {
    let elem = json!([
        "10.0.0.0", "10.0.0.1", "::", "x", 7, null, {"elem": {}}, {"elem": {"val": {"range": []}}},
        {"prefix": {"addr": "10.0.0.0", "len": 8}}, {"elem": {"val": "11.0.0.0", "comment": 3}},
    ]);
    let mut objects = table();
    objects[1]["set"]["elem"] = elem;
    let ruleset = read(&objects);
    assert_eq!(ruleset.comment(network("10.0.0.0/8")), Some(""));
    assert_eq!(ruleset.comment(network("11.0.0.0/8")), Some(""));
    assert!(!ruleset.drops(network("12.0.0.0/8")));
}

#[test]
fn a_set_or_chain_of_another_kind_is_in_our_way() {
    let ten = group("10.0.0.0/8");
    assert!(read(&table()).can_take(ten) && Ruleset::default().can_take(ten));
    for (index, key, value) in [
        (1, "type", json!("ipv6_addr")),
        (1, "flags", json!(["timeout"])),
        (1, "auto-merge", json!(true)),
        (2, "prio", json!(0)),
    ] {
        let mut objects = table();
        let kind = if index == 1 { "set" } else { "chain" };
        objects[index][kind][key] = value;
        assert!(!read(&objects).can_take(ten), "{key}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, cut in 0_usize..2000, flip in 0_usize..2000) {
        let _ = Ruleset::read(&bytes);
        let mut listing = json!({ "nftables": table() }).to_string().into_bytes();
        listing.truncate(listing.len().saturating_sub(cut % 3));
        if let Some(byte) = listing.get_mut(flip) {
            *byte ^= 1 << (cut % 8);
        }
        if let Some(ruleset) = Ruleset::read(&listing) {
            // Whatever was read can be asked.
            let _ = (ruleset.drops(network("10.1.0.0/16")), ruleset.groups().count());
        }
    }
}
