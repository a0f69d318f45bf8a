//! Every instruction that computes, with its edges. Each case is executed in both
//! styles of lowering, and its fuel is counted a second way.

use std::net::IpAddr;

use rye_core::value::{Name, Value};

use crate::Reason::*;
use crate::testing::*;

const YES: Result<Value, crate::CallError> = Ok(Value::Bool(true));

const NO: Result<Value, crate::CallError> = Ok(Value::Bool(false));

#[test]
fn integers_are_checked() {
    let two = "a: int, b: int -> int";
    let cases = [
        ("add.int r, a, b", 2, 3, Ok(int(5))),
        ("add.int r, a, b", i64::MAX, 1, error(Overflow)),
        ("subtract.int r, a, b", i64::MIN, 1, error(Overflow)),
        ("subtract.int r, a, b", 2, 3, Ok(int(-1))),
        ("multiply.int r, a, b", i64::MAX, 2, error(Overflow)),
        ("multiply.int r, a, b", -4, 5, Ok(int(-20))),
        ("divide.int r, a, b", -7, 2, Ok(int(-3))),
        ("divide.int r, a, b", 1, 0, error(DivisionByZero)),
        ("divide.int r, a, b", i64::MIN, -1, error(Overflow)),
        ("remainder.int r, a, b", -7, 2, Ok(int(-1))),
        ("remainder.int r, a, b", 1, 0, error(DivisionByZero)),
        ("remainder.int r, a, b", i64::MIN, -1, Ok(int(0))),
        ("xor.int r, a, b", 6, 3, Ok(int(5))),
        ("shift_left.int r, a, b", 1, 63, Ok(int(i64::MIN))),
        ("shift_left.int r, a, b", 1, 64, error(ShiftDistance)),
        ("shift_left.int r, a, b", 1, -1, error(ShiftDistance)),
        ("shift_right.int r, a, b", -1, 63, Ok(int(1))),
        ("shift_right.int r, a, b", -1, 64, error(ShiftDistance)),
        ("wrapping_add.int r, a, b", i64::MAX, 1, Ok(int(i64::MIN))),
        ("wrapping_multiply.int r, a, b", i64::MAX, 2, Ok(int(-2))),
    ];
    for (instruction, a, b, expected) in cases {
        assert_eq!(one(two, instruction, &[int(a), int(b)]), expected, "{instruction} {a} {b}");
    }
    let cases = [
        ("negate.int r, a", 5, Ok(int(-5))),
        ("negate.int r, a", i64::MIN, error(Overflow)),
        ("absolute.int r, a", -5, Ok(int(5))),
        ("absolute.int r, a", i64::MIN, error(Overflow)),
        ("move r, a", 5, Ok(int(5))),
    ];
    for (instruction, a, expected) in cases {
        assert_eq!(one("a: int -> int", instruction, &[int(a)]), expected, "{instruction} {a}");
    }
}

#[test]
fn floats_stay_finite_and_never_become_negative_zero() {
    let cases = [
        ("add.float r, a, b", 1.5, 2.0, Ok(float(3.5))),
        ("add.float r, a, b", f64::MAX, f64::MAX, error(NotFinite)),
        ("subtract.float r, a, b", -f64::MAX, f64::MAX, error(NotFinite)),
        ("multiply.float r, a, b", 1e200, 1e200, error(NotFinite)),
        ("multiply.float r, a, b", 0.0, -1.0, Ok(float(0.0))),
        ("divide.float r, a, b", 1.0, 0.0, error(NotFinite)),
        ("divide.float r, a, b", 0.0, 0.0, error(NotFinite)),
        ("divide.float r, a, b", 1.0, 4.0, Ok(float(0.25))),
    ];
    for (instruction, a, b, expected) in cases {
        let found = one("a: float, b: float -> float", instruction, &[float(a), float(b)]);
        assert_eq!(found, expected, "{instruction} {a} {b}");
    }
    let unary = [
        ("negate.float r, a", 0.0, float(0.0)),
        ("negate.float r, a", 1.5, float(-1.5)),
        ("absolute.float r, a", -1.5, float(1.5)),
    ];
    for (instruction, a, expected) in unary {
        assert_eq!(one("a: float -> float", instruction, &[float(a)]), Ok(expected));
    }
}

#[test]
fn floats_and_integers_become_each_other() {
    assert_eq!(one("a: int -> float", "float.int r, a", &[int(-3)]), Ok(float(-3.0)));
    let cases = [
        ("int.float r, a", -2.9, Ok(int(-2))),
        ("int.float r, a", 9_223_372_036_854_775_808.0, error(NotInteger)),
        ("int.float r, a", -9_223_372_036_854_775_808.0, Ok(int(i64::MIN))),
        ("int.float r, a", 1e300, error(NotInteger)),
        ("round.float r, a", 2.5, Ok(int(3))),
        ("round.float r, a", -2.5, Ok(int(-3))),
        ("round.float r, a", -1e300, error(NotInteger)),
    ];
    for (instruction, a, expected) in cases {
        assert_eq!(one("a: float -> int", instruction, &[float(a)]), expected, "{instruction} {a}");
    }
}

#[test]
fn time_and_durations_are_checked() {
    let end = i64::MAX;
    let cases = [
        ("a: time, b: duration -> time", "add.time r, a, b", time(5), duration(-7), Ok(time(-2))),
        (
            "a: time, b: duration -> time",
            "add.time r, a, b",
            time(end),
            duration(1),
            error(Overflow),
        ),
        (
            "a: time, b: duration -> time",
            "subtract.time r, a, b",
            time(5),
            duration(7),
            Ok(time(-2)),
        ),
        (
            "a: time, b: time -> duration",
            "between.time r, a, b",
            time(5),
            time(7),
            Ok(duration(-2)),
        ),
        (
            "a: time, b: time -> duration",
            "between.time r, a, b",
            time(-2),
            time(end),
            error(Overflow),
        ),
        (
            "a: duration, b: duration -> duration",
            "add.duration r, a, b",
            duration(1),
            duration(2),
            Ok(duration(3)),
        ),
        (
            "a: duration, b: duration -> duration",
            "subtract.duration r, a, b",
            duration(1),
            duration(2),
            Ok(duration(-1)),
        ),
        (
            "a: duration, b: int -> duration",
            "scale.duration r, a, b",
            duration(3),
            int(-2),
            Ok(duration(-6)),
        ),
        (
            "a: duration, b: int -> duration",
            "scale.duration r, a, b",
            duration(end),
            int(2),
            error(Overflow),
        ),
        (
            "a: duration, b: int -> duration",
            "divide.duration r, a, b",
            duration(7),
            int(2),
            Ok(duration(3)),
        ),
        (
            "a: duration, b: int -> duration",
            "divide.duration r, a, b",
            duration(7),
            int(0),
            error(DivisionByZero),
        ),
        (
            "a: duration, b: duration -> float",
            "ratio.duration r, a, b",
            duration(3),
            duration(2),
            Ok(float(1.5)),
        ),
        (
            "a: duration, b: duration -> float",
            "ratio.duration r, a, b",
            duration(3),
            duration(0),
            error(DivisionByZero),
        ),
    ];
    for (signature, instruction, a, b, expected) in cases {
        assert_eq!(
            one(signature, instruction, &[a.clone(), b.clone()]),
            expected,
            "{instruction} {a} {b}"
        );
    }
    let duration_of = |instruction, a| one("a: duration -> duration", instruction, &[duration(a)]);
    assert_eq!(duration_of("negate.duration r, a", 4), Ok(duration(-4)));
    assert_eq!(duration_of("absolute.duration r, a", i64::MIN), error(Overflow));
}

#[test]
fn every_scalar_is_compared_by_its_value() {
    let pairs = [
        ("int", int(-1), int(1)),
        ("float", float(-0.5), float(0.25)),
        ("text", text("a"), text("ab")),
        ("time", time(-3), time(4)),
        ("duration", duration(-3), duration(4)),
        ("bool", Value::Bool(false), Value::Bool(true)),
        ("port", Value::Port(80), Value::Port(443)),
        ("ip", ip("10.0.0.1"), ip("192.168.0.1")),
        ("ip", ip("255.255.255.255"), ip("::1")),
        ("ip", ip("2001:db8::1"), ip("2001:db8::2")),
        ("cidr", cidr("10.0.0.0/8"), cidr("10.0.0.0/9")),
        ("cidr", cidr("10.0.0.0/8"), cidr("2001:db8::/32")),
        ("url", url("http://a.b/"), url("http://a.c/")),
        ("hash", hash(&"ff".repeat(16)), hash(&"00".repeat(20))),
        ("address", Value::asset("Address", ip("10.0.0.1")), Value::asset("Address", ip("::1"))),
    ];
    for (ty, small, large) in pairs {
        let signature = format!("a: {ty}, b: {ty} -> bool");
        let holds = |instruction, a: &Value, b: &Value| {
            one(&signature, instruction, &[a.clone(), b.clone()])
        };
        assert!(small < large, "{small} {large}");
        assert_eq!(holds("equal r, a, b", &small, &small), YES, "{small}");
        assert_eq!(holds("equal r, a, b", &small, &large), NO, "{small} {large}");
        for (instruction, same) in [("less r, a, b", NO), ("less_equal r, a, b", YES)] {
            assert_eq!(holds(instruction, &small, &large), YES, "{instruction} {small} {large}");
            assert_eq!(holds(instruction, &large, &small), NO, "{instruction} {large} {small}");
            assert_eq!(holds(instruction, &small, &small), same, "{instruction} {small}");
        }
    }
    assert_eq!(one("a: bool -> bool", "not r, a", &[Value::Bool(true)]), NO);
}

#[test]
fn compound_values_are_equal_when_all_parts_are() {
    let equal = |ty: &str, a: &Value, b: &Value| {
        one(&format!("a: {ty}, b: {ty} -> bool"), "equal r, a, b", &[a.clone(), b.clone()])
    };
    let values = [
        ("login", login("ann", "10.0.0.1", None, &["x"])),
        ("login", login("ann", "::1", Some(0), &["x"])),
        ("login", login("ann", "::1", Some(0), &["x", "y"])),
        ("login", login("ann", "::1", None, &[])),
        ("ints", ints(&[1, 2])),
        ("ints", ints(&[1, 2, 3])),
        ("int_opt", Value::None),
        ("int_opt", int(0)),
        ("kind", variant("user", &[])),
        ("kind", variant("service", &[text("x"), int(1)])),
        ("kind", variant("service", &[text("x"), int(2)])),
        ("tally", map(&[(text("a"), int(1))])),
        ("tally", map(&[(text("a"), int(2))])),
        ("bytes", Value::Bytes([1, 2][..].into())),
        ("bytes", Value::Bytes([1, 3][..].into())),
    ];
    for (ty, a) in &values {
        for (_, b) in values.iter().filter(|(other, _)| other == ty) {
            assert_eq!(equal(ty, a, b), Ok(Value::Bool(a == b)), "{a} {b}");
        }
    }
}

pub(super) fn login(user: &str, from: &str, at: Option<i64>, tags: &[&str]) -> Value {
    let fields = [
        ("user", Value::asset("Account", text(user))),
        ("from", ip(from)),
        ("at", at.map_or(Value::None, time)),
        ("tags", texts(tags)),
    ];
    let fields = fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect();
    Value::Record { name: Name::from("Login"), fields }
}

pub(super) fn variant(name: &str, payload: &[Value]) -> Value {
    Value::Variant { name: Name::from("Kind"), variant: Name::from(name), payload: payload.into() }
}

pub(super) fn map(entries: &[(Value, Value)]) -> Value {
    Value::Map(entries.into())
}

#[test]
fn texts_are_cut_searched_and_joined() {
    let unary = |signature: &str, instruction, a: &str| one(signature, instruction, &[text(a)]);
    assert_eq!(unary("a: text -> int", "length.text r, a", "äöü€𝄞"), Ok(int(5)));
    assert_eq!(unary("a: text -> text", "lower.text r, a", "ÄbC"), Ok(text("äbc")));
    assert_eq!(unary("a: text -> text", "trim.text r, a", " \t\u{a0}x y\n"), Ok(text("x y")));
    assert_eq!(unary("a: text -> text", "trim.text r, a", "  "), Ok(text("")));
    // 'İ' is two bytes; in lower case it is three.
    let grows = "İ".repeat(32_768);
    assert_eq!(unary("a: text -> text", "lower.text r, a", &grows), error(TextTooLong));

    let two = |instruction, a: &str, b: &str| {
        one("a: text, b: text -> bool", instruction, &[text(a), text(b)])
    };
    assert_eq!(two("contains.text r, a, b", "abc", "bc"), YES);
    assert_eq!(two("contains.text r, a, b", "abc", ""), YES);
    assert_eq!(two("contains.text r, a, b", "b", "abc"), NO);
    assert_eq!(two("starts_with.text r, a, b", "abc", "ab"), YES);
    assert_eq!(two("starts_with.text r, a, b", "abc", "bc"), NO);
    assert_eq!(two("ends_with.text r, a, b", "abc", "bc"), YES);
    assert_eq!(two("ends_with.text r, a, b", "abc", "ab"), NO);

    let split =
        |signature, a: &str, by: &str| one(signature, "split.text r, a, b", &[text(a), text(by)]);
    let all = "a: text, b: text -> texts";
    assert_eq!(split(all, "a,b,,c", ","), Ok(texts(&["a", "b", "", "c"])));
    assert_eq!(split(all, "", ","), Ok(texts(&[""])));
    assert_eq!(split(all, "a", ""), error(EmptySeparator));
    assert_eq!(split("a: text, b: text -> two_texts", "a,b,c", ","), error(ListTooLong));
}

#[test]
fn a_template_joins_pieces_and_values() {
    let constant = "constant pieces: texts = list [\"<\", \"|\", \"|\", \">\"]";
    let signature = "a: text, b: int, c: login -> text";
    let arguments = [text("x"), int(i64::MIN), login("ann", "::1", None, &["t"])];
    let found = with(constant, signature, "template r, pieces, [a, b, c]", &arguments);
    let expected = format!("<{}|{}|{}>", arguments[0], arguments[1], arguments[2]);
    assert_eq!(found, Ok(text(&expected)));

    let constant = "constant pieces: texts = list [\"\", \"\", \"\"]";
    let half = "x".repeat(32_768);
    let join = |b: &str| {
        let arguments = [text(&half), text(b)];
        with(constant, "a: text, b: text -> text", "template r, pieces, [a, b]", &arguments)
    };
    assert_eq!(join(&half), Ok(text(&"x".repeat(65_536))));
    assert_eq!(join(&"x".repeat(32_769)), error(TextTooLong));
}

#[test]
fn a_text_may_name_a_value() {
    let parse = |ty: &str, a: &str| one(&format!("a: text -> {ty}"), "parse.text r, a", &[text(a)]);
    let good = [
        ("int_opt", "-12", int(-12)),
        ("float_opt", "1.5e1", float(15.0)),
        ("float_opt", "-0", float(0.0)),
        ("time_opt", "1970-01-01T00:00:01Z", time(1_000_000)),
        ("duration_opt", "1h30m", duration(5_400_000_000)),
        ("duration_opt", "-250ms", duration(-250_000)),
        ("ip_opt", "::ffff:10.0.0.1", ip("10.0.0.1")),
        ("cidr_opt", "10.0.0.0/8", cidr("10.0.0.0/8")),
        ("url_opt", "HTTP://Example.org", url("http://example.org/")),
        ("domain_opt", "Example.ORG.", Value::Domain("example.org".into())),
        ("email_opt", "a@B.org", Value::Email("a@b.org".into())),
        ("hash_opt", &"AB".repeat(16), hash(&"ab".repeat(16))),
        ("host_opt", "DC1.Example.", Value::asset("Host", text("dc1.example"))),
        ("account_opt", " Ann ", Value::asset("Account", text("ann"))),
    ];
    for (ty, name, expected) in good {
        assert_eq!(parse(ty, name), Ok(expected), "{ty} {name}");
    }
    let bad = [
        ("int_opt", "+1"),
        ("int_opt", "01"),
        ("int_opt", ""),
        ("int_opt", "1.0"),
        ("int_opt", "9223372036854775808"),
        ("float_opt", "nan"),
        ("float_opt", "1e999"),
        ("float_opt", ".5"),
        ("time_opt", "yesterday"),
        ("duration_opt", "5"),
        ("duration_opt", ""),
        ("duration_opt", "-"),
        ("ip_opt", "010.0.0.1"),
        ("cidr_opt", "10.0.0.1/8"),
        ("url_opt", "example.org"),
        ("domain_opt", "10.0.0.1"),
        ("email_opt", "a b@c.d"),
        ("hash_opt", "abc"),
        ("host_opt", ""),
        ("account_opt", "  "),
    ];
    for (ty, name) in bad {
        assert_eq!(parse(ty, name), Ok(Value::None), "{ty} {name:?}");
    }
}

#[test]
fn addresses_lie_in_blocks() {
    let cases = [
        ("10.1.2.3", "10.0.0.0/8", true),
        ("11.1.2.3", "10.0.0.0/8", false),
        ("11.1.2.3", "0.0.0.0/0", true),
        ("10.0.0.1", "10.0.0.1/32", true),
        ("2001:db8::1", "2001:db8::/32", true),
        ("2001:db9::1", "2001:db8::/32", false),
        ("2001:db9::1", "::/0", true),
        ("10.0.0.1", "::/0", false),
        ("2001:db8::1", "0.0.0.0/0", false),
    ];
    for (address, block, holds) in cases {
        let arguments = [ip(address), cidr(block)];
        let found = one("a: ip, b: cidr -> bool", "in.cidr r, a, b", &arguments);
        assert_eq!(found, Ok(Value::Bool(holds)), "{address} {block}");
        let list = Value::list([cidr("172.16.0.0/12"), cidr(block)]);
        let found = one("a: ip, b: cidrs -> bool", "in.cidrs r, a, b", &[ip(address), list]);
        assert_eq!(found, Ok(Value::Bool(holds)), "{address} {block} in a list");
    }
    let nowhere = [ip("10.0.0.1"), Value::list([])];
    assert_eq!(one("a: ip, b: cidrs -> bool", "in.cidrs r, a, b", &nowhere), NO);
}

#[test]
fn blocks_cover_and_surround() {
    let covers = [
        ("10.1.0.0/16", "10.0.0.0/8", true),
        ("10.0.0.0/8", "10.0.0.0/8", true),
        ("10.0.0.0/8", "10.1.0.0/16", false),
        ("10.0.0.0/8", "10.0.0.0/16", false),
        ("2001:db8:1::/48", "2001:db8::/32", true),
        ("10.0.0.0/8", "::/0", false),
    ];
    for (a, b, holds) in covers {
        let found = one("a: cidr, b: cidr -> bool", "covers.cidr r, a, b", &[cidr(a), cidr(b)]);
        assert_eq!(found, Ok(Value::Bool(holds)), "{a} {b}");
    }
    let around = [
        ("10.1.2.3", 24, Ok(cidr("10.1.2.0/24"))),
        ("10.1.2.3", 0, Ok(cidr("0.0.0.0/0"))),
        ("10.1.2.3", 33, error(PrefixLength)),
        ("10.1.2.3", -1, error(PrefixLength)),
        ("2001:db8::1", 64, Ok(cidr("2001:db8::/64"))),
        ("2001:db8::1", 129, error(PrefixLength)),
    ];
    for (address, length, expected) in around {
        let found = one("a: ip, b: int -> cidr", "network r, a, b", &[ip(address), int(length)]);
        assert_eq!(found, expected, "{address} {length}");
    }
    for block in ["10.0.0.0/8", "2001:db8::/32"] {
        let Value::Cidr(value) = cidr(block) else { panic!() };
        let address: IpAddr = value.address();
        assert_eq!(
            one("a: cidr -> ip", "address.cidr r, a", &[cidr(block)]),
            Ok(Value::Ip(address))
        );
        let length = int(i64::from(value.length()));
        assert_eq!(one("a: cidr -> int", "length.cidr r, a", &[cidr(block)]), Ok(length));
    }
}

#[test]
fn urls_and_assets_have_parts() {
    let part =
        |instruction| one("a: url -> text", instruction, &[url("https://u@Host.org:1/p/q?x#y")]);
    assert_eq!(part("scheme.url r, a"), Ok(text("https")));
    assert_eq!(part("host.url r, a"), Ok(text("host.org")));
    assert_eq!(part("path.url r, a"), Ok(text("/p/q")));
    let address = Value::asset("Address", ip("::1"));
    let wrapped = one("a: ip -> address", "wrap.asset r, a", &[ip("::1")]);
    assert_eq!(wrapped, Ok(address.clone()));
    assert_eq!(one("a: address -> ip", "unwrap.asset r, a", &[address]), Ok(ip("::1")));
    let host = Value::asset("Host", text("h"));
    assert_eq!(one("a: host -> text", "unwrap.asset r, a", &[host]), Ok(text("h")));
}

#[test]
fn lists_are_taken_apart_and_joined() {
    let list = ints(&[5, 6, 7]);
    let indexed = |instruction, count| {
        one("a: ints, b: int -> ints", instruction, &[list.clone(), int(count)])
    };
    for (count, taken, dropped) in [
        (0, &[][..], &[5, 6, 7][..]),
        (2, &[5, 6], &[7]),
        (3, &[5, 6, 7], &[]),
        (i64::MAX, &[5, 6, 7], &[]),
        (-1, &[], &[5, 6, 7]),
        (i64::MIN, &[], &[5, 6, 7]),
    ] {
        assert_eq!(indexed("take.list r, a, b", count), Ok(ints(taken)), "take {count}");
        assert_eq!(indexed("drop.list r, a, b", count), Ok(ints(dropped)), "drop {count}");
    }
    for (index, expected) in [(0, int(5)), (2, int(7)), (3, Value::None), (-1, Value::None)] {
        let found =
            one("a: ints, b: int -> int_opt", "get.list r, a, b", &[list.clone(), int(index)]);
        assert_eq!(found, Ok(expected), "{index}");
    }
    assert_eq!(one("a: ints -> int", "length.list r, a", std::slice::from_ref(&list)), Ok(int(3)));
    let new = one("a: int, b: int -> ints", "new.list r, [a, b, a]", &[int(1), int(2)]);
    assert_eq!(new, Ok(ints(&[1, 2, 1])));
    assert_eq!(one("a: int -> ints", "new.list r, []", &[int(1)]), Ok(ints(&[])));
    let nested = Value::list([ints(&[1, 2]), ints(&[]), ints(&[3])]);
    assert_eq!(one("a: listlist -> ints", "flat.list r, a", &[nested]), Ok(ints(&[1, 2, 3])));
    let long = Value::list([ints(&[1, 2]), ints(&[3, 4])]);
    assert_eq!(one("a: listlist -> three", "flat.list r, a", &[long]), error(ListTooLong));
    let joined = one("a: ints, b: ints -> ints", "join.list r, a, b", &[ints(&[1]), ints(&[2, 3])]);
    assert_eq!(joined, Ok(ints(&[1, 2, 3])));
    let joined =
        one("a: three, b: three -> three", "join.list r, a, b", &[ints(&[1, 2]), ints(&[3, 4])]);
    assert_eq!(joined, error(ListTooLong));
}

#[test]
fn lists_are_searched() {
    let cases = [
        ("int", "ints", int(2), ints(&[1, 2]), true),
        ("int", "ints", int(3), ints(&[1, 2]), false),
        ("int", "ints", int(3), ints(&[]), false),
        ("text", "texts", text("prod"), texts(&["dev", "prod"]), true),
        ("text", "texts", text("pro"), texts(&["dev", "prod"]), false),
        ("ip", "ips", ip("::1"), Value::list([ip("10.0.0.1"), ip("::1")]), true),
        ("hash", "hashes", hash(&"00".repeat(16)), Value::list([hash(&"00".repeat(16))]), true),
        (
            "login",
            "logins",
            login("a", "::1", None, &[]),
            Value::list([login("a", "::1", Some(0), &[])]),
            false,
        ),
        (
            "login",
            "logins",
            login("a", "::1", None, &[]),
            Value::list([login("a", "::1", None, &[])]),
            true,
        ),
    ];
    for (element, list, a, values, holds) in cases {
        let signature = format!("a: {element}, b: {list} -> bool");
        let found = one(&signature, "in.list r, a, b", &[a.clone(), values.clone()]);
        assert_eq!(found, Ok(Value::Bool(holds)), "{a} {values}");
    }
}

#[test]
fn lists_are_sorted_by_their_keys() {
    let names = texts(&["a", "b", "c", "d"]);
    let sort = |keys_type: &str, keys: Value, descending: u8| {
        let signature = format!("a: texts, b: {keys_type} -> texts");
        one(&signature, &format!("sort.list r, a, b, {descending}"), &[names.clone(), keys])
    };
    assert_eq!(sort("ints", ints(&[2, -1, 2, 0]), 0), Ok(texts(&["b", "d", "a", "c"])));
    assert_eq!(sort("ints", ints(&[2, -1, 2, 0]), 1), Ok(texts(&["a", "c", "d", "b"])));
    let floats = Value::list([0.5, -2.0, -1.0, 0.0].map(float));
    assert_eq!(sort("floats", floats, 0), Ok(texts(&["b", "c", "d", "a"])));
    assert_eq!(sort("texts", texts(&["z", "y", "z", "yy"]), 1), Ok(texts(&["a", "c", "d", "b"])));
    let ips = Value::list(["::1", "10.0.0.2", "9.0.0.1", "::"].map(ip));
    assert_eq!(sort("ips", ips, 0), Ok(texts(&["c", "b", "d", "a"])));
    assert_eq!(sort("ints", ints(&[1]), 0), error(UnequalLists));
}

#[test]
fn lists_become_distinct_and_are_counted() {
    let distinct =
        |ty: &str, list: Value| one(&format!("a: {ty} -> {ty}"), "distinct.list r, a", &[list]);
    assert_eq!(distinct("ints", ints(&[3, 1, 3, 2, 1])), Ok(ints(&[3, 1, 2])));
    assert_eq!(distinct("texts", texts(&["b", "a", "b"])), Ok(texts(&["b", "a"])));
    assert_eq!(distinct("ints", ints(&[])), Ok(ints(&[])));
    let logins =
        [login("a", "::1", None, &[]), login("b", "::1", None, &[]), login("a", "::1", None, &[])];
    let found = distinct("logins", Value::list(logins.clone()));
    assert_eq!(found, Ok(Value::list(logins[..2].to_vec())));
    let tally = one("a: texts -> tally", "tally r, a", &[texts(&["b", "a", "b"])]);
    assert_eq!(tally, Ok(map(&[(text("a"), int(1)), (text("b"), int(2))])));
    let ips = Value::list(["::1", "10.0.0.1", "::1"].map(ip));
    let tally = one("a: ips -> ip_tally", "tally r, a", &[ips]);
    assert_eq!(tally, Ok(map(&[(ip("10.0.0.1"), int(1)), (ip("::1"), int(2))])));
}

#[test]
fn maps_are_built_and_searched() {
    let built = map(&[(text("a"), int(3)), (text("b"), int(2))]);
    let new = |keys: &[&str], values: &[i64]| {
        one("a: texts, b: ints -> tally", "new.map r, a, b", &[texts(keys), ints(values)])
    };
    assert_eq!(new(&["a", "b", "a"], &[1, 2, 3]), Ok(built.clone()));
    assert_eq!(new(&["a"], &[1, 2]), error(UnequalLists));
    assert_eq!(new(&[], &[]), Ok(map(&[])));
    assert_eq!(one("a: tally -> int", "length.map r, a", std::slice::from_ref(&built)), Ok(int(2)));
    assert_eq!(
        one("a: tally -> texts", "keys.map r, a", std::slice::from_ref(&built)),
        Ok(texts(&["a", "b"]))
    );
    assert_eq!(
        one("a: tally -> ints", "values.map r, a", std::slice::from_ref(&built)),
        Ok(ints(&[3, 2]))
    );
    for (key, expected) in [("a", int(3)), ("b", int(2)), ("", Value::None), ("c", Value::None)] {
        let get =
            one("a: tally, b: text -> int_opt", "get.map r, a, b", &[built.clone(), text(key)]);
        assert_eq!(get, Ok(expected.clone()), "{key}");
        let has = one("a: text, b: tally -> bool", "in.map r, a, b", &[text(key), built.clone()]);
        assert_eq!(has, Ok(Value::Bool(expected != Value::None)), "{key}");
    }
}

#[test]
fn records_enums_and_optionals_hold_values() {
    let login = login("ann", "::1", Some(7), &["x"]);
    let fields =
        [("account", 0, "user"), ("ip", 1, "from"), ("time_opt", 2, "at"), ("texts", 3, "tags")];
    for (ty, number, name) in fields {
        let found = one(
            &format!("a: login -> {ty}"),
            &format!("field r, a, {number}"),
            std::slice::from_ref(&login),
        );
        assert_eq!(found, Ok(login.field(name).expect("it is there").clone()), "{name}");
    }
    let arguments: Vec<Value> = ["user", "from", "at", "tags"]
        .map(|name| login.field(name).expect("it is there").clone())
        .into();
    let signature = "a: account, b: ip, c: time_opt, d: texts -> login";
    assert_eq!(one(signature, "new.record r, [a, b, c, d]", &arguments), Ok(login));

    let service = variant("service", &[text("x"), int(1)]);
    let new = one("a: text, b: int -> kind", "new.variant r, 1, [a, b]", &[text("x"), int(1)]);
    assert_eq!(new, Ok(service.clone()));
    assert_eq!(one("a: int -> kind", "new.variant r, 0, []", &[int(1)]), Ok(variant("user", &[])));

    assert_eq!(one("a: int -> int_opt", "some r, a", &[int(0)]), Ok(int(0)));
    assert_eq!(one("a: int -> int_opt", "none r", &[int(0)]), Ok(Value::None));
    assert_eq!(one("a: int_opt -> int_opt", "move r, a", &[int(4)]), Ok(int(4)));
    assert_eq!(one("a: int_opt -> int", "require r, a", &[int(4)]), Ok(int(4)));
    assert_eq!(one("a: int_opt -> int", "require r, a", &[Value::None]), error(Nothing));
}

#[test]
fn constants_of_every_kind_are_loaded() {
    for (ty, literal, expected) in [
        ("int", "5", int(5)),
        ("int", "-9223372036854775808", int(i64::MIN)),
        ("float", "1.5", float(1.5)),
        ("text", "\"x\"", text("x")),
        ("ip", "ip \"::1\"", ip("::1")),
        ("cidr", "cidr \"2001:db8::/32\"", cidr("2001:db8::/32")),
        ("int_opt", "none", Value::None),
        ("int_opt", "5", int(5)),
        ("ints", "list [1, 2]", ints(&[1, 2])),
        ("tally", "map [\"a\": 1]", map(&[(text("a"), int(1))])),
        (
            "kind",
            "variant \"Kind\" \"service\" (\"x\", 1)",
            variant("service", &[text("x"), int(1)]),
        ),
    ] {
        let constant = format!("constant k: {ty} = {literal}");
        let found = with(&constant, &format!("a: int -> {ty}"), "constant r, k", &[int(0)]);
        assert_eq!(found, Ok(expected), "{ty} {literal}");
    }
}

#[test]
fn equal_addresses_are_equal_wherever_they_come_from() {
    let constant = "constant k: ip = ip \"2001:db8::7\"";
    let text = format!(
        "{constant} function f \"f\" pure (a: ip, b: texts) -> bool registers (r: bool, k: ip) {{
            constant k, k equal r, a, k return r }}"
    );
    let (found, _) = call(&text, &[ip("2001:db8::7"), texts(&[])]);
    assert_eq!(found, YES);
    let (found, _) = call(&text, &[ip("2001:db8::8"), texts(&[])]);
    assert_eq!(found, NO);
}

#[test]
fn builders_have_exactly_the_room_they_were_given() {
    let build = |capacity: i64, pushes: usize, list: &str| {
        let push = "push.builder builder, a ".repeat(pushes);
        let text = format!(
            "function f \"f\" pure (a: int, capacity: int) -> {list}
             registers (r: {list}, builder: builder) {{
             new.builder builder, capacity {push} list.builder r, builder return r }}"
        );
        call(&text, &[int(9), int(capacity)]).0
    };
    assert_eq!(build(0, 0, "ints"), Ok(ints(&[])));
    assert_eq!(build(3, 2, "ints"), Ok(ints(&[9, 9])));
    assert_eq!(build(2, 2, "ints"), Ok(ints(&[9, 9])));
    assert_eq!(build(1, 2, "ints"), error(NoRoom));
    assert_eq!(build(-1, 0, "ints"), error(ListTooLong));
    assert_eq!(build(1_000_001, 0, "ints"), error(ListTooLong));
    assert_eq!(build(5, 4, "three"), error(ListTooLong));
}

#[test]
fn texts_give_up_what_they_contain() {
    let found =
        |ty: &str, a: &str| one(&format!("a: text -> {ty}"), "extract.text r, a", &[text(a)]);
    let ips = found("ips", "from 10.0.0.1:80 and [2001:db8::1], not 10.0.0.256");
    assert_eq!(ips, Ok(Value::list(["10.0.0.1", "2001:db8::1"].map(ip))));
    let urls = found("urls", "see https://Example.org/a.");
    assert_eq!(urls, Ok(Value::list([url("https://example.org/a")])));
    let domains = found("domains", "a.example.org, 10.0.0.1");
    assert_eq!(domains, Ok(Value::list([Value::Domain("a.example.org".into())])));
    let emails = found("emails", "<Ann@Example.org>");
    assert_eq!(emails, Ok(Value::list([Value::Email("Ann@example.org".into())])));
    let digest = "0123456789abcdef".repeat(2);
    assert_eq!(found("hashes", &digest), Ok(Value::list([hash(&digest)])));
    let many = "10.0.0.1 ".repeat(1_001);
    let Ok(Value::List(all)) = found("ips", &many) else { panic!("no list") };
    assert_eq!(all.len(), 1_000);
}
