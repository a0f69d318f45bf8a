use proptest::prelude::*;

use super::*;
use crate::ty::AssetForm;
use crate::value::{Cidr, Duration, Finite, Hash, Time};

/// One type of every kind.
fn types() -> TypeTable {
    let name = Name::from;
    let field = |field: &str, ty: u16| Field { name: Name::from(field), ty: TypeId(ty) };
    TypeTable::new(vec![
        Type::Bool,
        Type::Int,
        Type::Float,
        Type::Text { max: 40 },
        Type::Time,
        Type::Duration,
        Type::Ip,
        Type::Cidr,
        Type::Port,
        Type::Domain,
        Type::Hash,
        Type::Bytes { max: 8 },
        Type::Asset { name: name("Address"), form: AssetForm::Value, of: TypeId(6) },
        Type::Asset { name: name("Account"), form: AssetForm::Text, of: TypeId(3) },
        Type::Optional { inner: TypeId(1) },
        Type::Record { name: name("Login"), fields: vec![field("by", 13), field("count", 14)] },
        Type::Enum {
            name: name("Verdict"),
            variants: vec![
                Variant { name: name("clean"), payload: vec![] },
                Variant { name: name("bad"), payload: vec![TypeId(3), TypeId(1)] },
                Variant { name: name("other"), payload: vec![] },
            ],
            open: true,
        },
        Type::List { element: TypeId(15), max: 2 },
        Type::Map { key: TypeId(6), value: TypeId(16), max: 2 },
        Type::Unit,
        Type::Secret,
    ])
}

fn read(ty: u16, text: &str) -> Result<Value, String> {
    let json: Json = serde_json::from_str(text).unwrap();
    from_json(&types(), TypeId(ty), &json).map_err(|misfit| misfit.to_string())
}

#[test]
fn what_is_said_becomes_what_is_declared() {
    for (ty, text, shown) in [
        (1, "-9223372036854775808", "-9223372036854775808"),
        (2, "3", "3.0"),
        (4, "\"2026-03-01T10:30:00+0100\"", "2026-03-01T09:30:00Z"),
        (5, "\"-1h30m\"", "-1h30m"),
        (6, "\"::ffff:203.0.113.7\"", "203.0.113.7"),
        (11, "\"AAH/\"", "0001ff"),
        (13, "\" Ann@EXAMPLE \"", "ann@example"),
        (14, "null", "none"),
        (15, r#"{"by": "ann", "unknown": [1]}"#, "Login(by: ann, count: none)"),
        (16, r#"{"bad": ["why", 3]}"#, "bad(why, 3)"),
        (16, "\"unheard of\"", "other"),
        (
            18,
            r#"{"2001:db8::1": "clean", "10.0.0.1": "clean"}"#,
            "[10.0.0.1: clean, 2001:db8::1: clean]",
        ),
        (19, "null", "none"),
    ] {
        assert_eq!(read(ty, text).unwrap().to_string(), shown, "{text}");
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_path() {
    for (ty, text, said) in [
        (1, "1.0", "expected an integer of 64 bits, found another number"),
        (1, "9223372036854775808", "expected an integer of 64 bits, found another number"),
        (8, "65536", "expected a port (0 to 65535), found another number"),
        (0, "\"true\"", "expected true or false, found another text"),
        (11, "\"AAAAAAAAAAAAAAAA\"", "expected at most 8 bytes, found 12"),
        (
            15,
            r#"{"count": 3}"#,
            "`.by`: expected a text that names a Account, found no such member",
        ),
        (
            17,
            r#"[{"by": "a"}, {"by": "b", "count": "3"}]"#,
            "`[1].count`: expected an integer of 64 bits, found another text",
        ),
        (
            17,
            r#"[{"by": "a"}, {"by": "b"}, {"by": "c"}]"#,
            "expected a list of at most 2 elements, found 3",
        ),
        (
            16,
            r#"{"bad": ["why", "3"]}"#,
            "`.bad[1]`: expected an integer of 64 bits, found another text",
        ),
        (
            18,
            r#"{"10.0.0.1": "clean", "::ffff:10.0.0.1": "clean"}"#,
            "`[key ::ffff:10.0.0.1]`: expected each key once, found another text",
        ),
        (
            20,
            "\"token\"",
            "expected nothing: a secret never comes from outside, found another text",
        ),
    ] {
        let found = read(ty, text).unwrap_err();
        assert_eq!(found, said, "{text}");
    }
    for text in ["\"bad\"", r#"{"bad": ["why"]}"#, r#"{"clean": [], "bad": []}"#, "[]", "7"] {
        assert!(read(16, text).unwrap_err().contains("one of Verdict"), "{text}");
    }
}

/// A value of one of the types, with that type.
fn value() -> impl Strategy<Value = (u16, Value)> {
    let account = "[a-z]{1,8}".prop_map(|name| Value::asset("Account", Value::text(name)));
    let login = (account.clone(), proptest::option::of(any::<i64>())).prop_map(|(by, count)| {
        let count = count.map_or(Value::None, Value::Int);
        let fields = [(Name::from("by"), by), (Name::from("count"), count)];
        Value::Record { name: Name::from("Login"), fields: Arc::new(fields) }
    });
    let verdict = prop_oneof![
        Just(("clean", vec![])),
        Just(("other", vec![])),
        (".{0,10}", any::<i64>())
            .prop_map(|(why, n)| ("bad", vec![Value::text(why), Value::Int(n)])),
    ]
    .prop_map(|(variant, payload)| Value::Variant {
        name: Name::from("Verdict"),
        variant: Name::from(variant),
        payload: payload.into(),
    });
    let ip = any::<u32>().prop_map(|bits| Value::Ip(std::net::Ipv4Addr::from_bits(bits).into()));
    let map = proptest::collection::btree_map(ip.clone(), verdict.clone(), 0..3);
    prop_oneof![
        any::<bool>().prop_map(|value| (0, Value::Bool(value))),
        any::<i64>().prop_map(|value| (1, Value::Int(value))),
        any::<f64>().prop_filter_map("finite", |value| {
            Finite::new(value).map(|value| (2, Value::Float(value)))
        }),
        ".{0,10}".prop_map(|text| (3, Value::text(text))),
        (-60_000_000_000_000_000..200_000_000_000_000_000_i64)
            .prop_map(|micros| (4, Value::Time(Time(micros)))),
        any::<i64>().prop_map(|micros| (5, Value::Duration(Duration(micros)))),
        ip.clone().prop_map(|ip| (6, ip)),
        (any::<u32>(), 0..=32_u8).prop_map(|(bits, length)| {
            let ip = std::net::Ipv4Addr::from_bits(bits).into();
            (7, Value::Cidr(Cidr::around(ip, length).unwrap()))
        }),
        any::<u16>().prop_map(|port| (8, Value::Port(port))),
        Just((9, Value::Domain("dc1.example".into()))),
        any::<[u8; 32]>().prop_map(|bytes| (10, Value::Hash(Hash::from_bytes(&bytes).unwrap()))),
        proptest::collection::vec(any::<u8>(), 0..8)
            .prop_map(|bytes| (11, Value::Bytes(bytes.into()))),
        ip.prop_map(|ip| (12, Value::asset("Address", ip))),
        account.prop_map(|account| (13, account)),
        login.clone().prop_map(|login| (15, login)),
        verdict.prop_map(|verdict| (16, verdict)),
        proptest::collection::vec(login, 0..3).prop_map(|logins| (17, Value::list(logins))),
        map.prop_map(|map| (18, Value::Map(map.into_iter().collect()))),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again((ty, value) in value()) {
        let text = to_json(&value).to_string();
        prop_assert_eq!(read(ty, &text), Ok(value), "{}", text);
    }
}
