use std::sync::Arc;

use super::*;
use crate::ty::{AssetForm, Field, Variant};
use crate::value::{Duration, Name};

fn types() -> TypeTable {
    let name = Name::from;
    TypeTable::new(vec![
        Type::Text { max: 5 },
        Type::Int,
        Type::Asset { name: name("Host"), form: AssetForm::Name, of: TypeId(0) },
        Type::List { element: TypeId(2), max: 2 },
        Type::Optional { inner: TypeId(3) },
        Type::Record {
            name: name("Alert"),
            fields: vec![
                Field { name: name("hosts"), ty: TypeId(4) },
                Field { name: name("risk"), ty: TypeId(1) },
            ],
        },
        Type::Enum {
            name: name("Verdict"),
            variants: vec![
                Variant { name: name("clean"), payload: vec![] },
                Variant { name: name("bad"), payload: vec![TypeId(0)] },
            ],
            open: false,
        },
        Type::Map { key: TypeId(0), value: TypeId(1), max: 1 },
        Type::Domain,
    ])
}

fn host(text: &str) -> Value {
    Value::asset("Host", Value::text(text))
}

fn alert(hosts: Value) -> Value {
    let fields = [(Name::from("hosts"), hosts), (Name::from("risk"), Value::Int(7))];
    Value::Record { name: Name::from("Alert"), fields: Arc::new(fields) }
}

fn verdict(variant: &str, payload: &[Value]) -> Value {
    Value::Variant {
        name: Name::from("Verdict"),
        variant: Name::from(variant),
        payload: payload.into(),
    }
}

#[test]
fn what_fits_fits() {
    for (ty, value) in [
        (0, Value::text("abcde")),
        (4, Value::None),
        (4, Value::list([host("a.b")])),
        (5, alert(Value::None)),
        (5, alert(Value::list([host("a"), host("b")]))),
        (6, verdict("clean", &[])),
        (6, verdict("bad", &[Value::text("x")])),
        (7, Value::Map(Arc::new([(Value::text("k"), Value::Int(1))]))),
        (8, Value::Domain(Arc::from("example.org"))),
    ] {
        assert_eq!(fits(&types(), TypeId(ty), &value), Ok(()), "{value}");
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_path() {
    for (ty, value, expected) in [
        (0, Value::text("abcdef"), "expected at most 5 bytes, found 6"),
        (1, Value::Duration(Duration(1)), "expected `Int`, found a duration"),
        (2, host("A.B"), "expected the canonical form of `Host`, found `A.B`"),
        (2, Value::text("a"), "expected `Host`, found a text"),
        (
            5,
            alert(Value::list([host("a"), Value::Int(3)])),
            "`.hosts[1]`: expected `Host`, found an integer",
        ),
        (
            5,
            alert(Value::list([host("a"), host("b"), host("c")])),
            "`.hosts`: expected at most 2 elements, found 3",
        ),
        (6, verdict("odd", &[]), "expected an alternative of `Verdict`, found `odd` with 0 values"),
        (6, verdict("bad", &[Value::None]), "`.bad[0]`: expected `Text`, found nothing"),
        (
            7,
            Value::Map(Arc::new([(Value::Int(1), Value::Int(1))])),
            "`[key 1]`: expected `Text`, found an integer",
        ),
        (
            8,
            Value::Domain(Arc::from("Example.org.")),
            "expected `example.org`, found `Example.org.`",
        ),
        (99, Value::None, "expected a type, found none"),
    ] {
        let misfit = fits(&types(), TypeId(ty), &value).unwrap_err();
        assert_eq!(misfit.to_string(), expected);
    }
}
