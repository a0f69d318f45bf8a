use proptest::prelude::*;

use super::*;
use crate::value::net::canonical_ip;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter_map("finite", Finite::new).prop_map(Value::Float),
        ".{0,8}".prop_map(Value::text),
        any::<i64>().prop_map(|micros| Value::Time(Time(micros))),
        any::<i64>().prop_map(|micros| Value::Duration(Duration(micros))),
        any::<IpAddr>().prop_map(|ip| Value::Ip(canonical_ip(ip))),
        (any::<IpAddr>(), 0..=32_u8)
            .prop_filter_map("fits", |(ip, length)| Cidr::around(ip, length))
            .prop_map(Value::Cidr),
        any::<u16>().prop_map(Value::Port),
        any::<[u8; 20]>().prop_map(|bytes| Value::Hash(Hash::Sha1(bytes))),
        any::<Vec<u8>>().prop_map(|bytes| Value::Bytes(bytes.into())),
        ".{1,8}".prop_map(|text| Value::asset("Host", Value::text(text))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            many.clone().prop_map(Value::list),
            prop::collection::btree_map(inner.clone(), inner.clone(), 0..4)
                .prop_map(|map| Value::Map(map.into_iter().collect())),
            many.clone().prop_map(|values| Value::Record {
                name: "R".into(),
                fields: values.into_iter().map(|value| (Name::from("f"), value)).collect(),
            }),
            many.prop_map(|values| Value::Variant {
                name: "E".into(),
                variant: "v".into(),
                payload: values.into(),
            }),
        ]
    })
}

proptest! {
    #[test]
    fn decoding_is_the_inverse_of_encoding(value in value()) {
        prop_assert_eq!(decode(&encode(&value)), Ok(value));
    }

    #[test]
    fn any_bytes_are_a_value_with_exactly_these_bytes_or_an_error(bytes: Vec<u8>) {
        if let Ok(value) = decode(&bytes) {
            prop_assert_eq!(encode(&value), bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_another_value_or_an_error(value in value(), at: usize, bit in 0..8_u8) {
        let bytes = encode(&value);
        let mut changed = bytes.clone();
        let at = at % changed.len();
        changed[at] ^= 1 << bit;
        if let Ok(other) = decode(&changed) {
            prop_assert_ne!(&other, &value);
            prop_assert_eq!(encode(&other), changed);
        }
    }
}

#[test]
fn what_encode_never_writes_is_refused() {
    let mapped = [&[tag::IPV6][..], &[0; 10], &[0xff, 0xff, 10, 0, 0, 1]].concat();
    let negative_zero = [&[tag::FLOAT][..], &(-0.0_f64).to_bits().to_be_bytes()].concat();
    let unsorted = [tag::MAP, 0, 0, 0, 2, tag::TRUE, tag::NONE, tag::FALSE, tag::NONE].to_vec();
    let host_bits = vec![tag::CIDR, 8, tag::IPV4, 10, 0, 0, 1];
    let deep = [[tag::LIST, 0, 0, 0, 1].repeat(VALUE_DEPTH_MAX), vec![tag::NONE]].concat();
    let huge_count = vec![tag::LIST, 0xff, 0xff, 0xff, 0xff];
    for bytes in [mapped, negative_zero, unsorted, host_bits, deep, huge_count, vec![99], vec![]] {
        assert!(decode(&bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_block_of_mapped_addresses_is_no_second_form_of_an_ipv4_block() {
    let block = Value::Cidr(Cidr::parse("10.0.0.0/8").unwrap());
    let mut mapped = vec![tag::CIDR, 104, tag::IPV6];
    mapped.extend([0; 10].into_iter().chain([0xff, 0xff, 10, 0, 0, 0]));
    assert!(decode(&mapped).is_err());
    assert_eq!(decode(&encode(&block)), Ok(block));
}
