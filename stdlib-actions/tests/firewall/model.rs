//! The packet filter against a model of a few lines: any order of blocks and undos
//! leaves the same blocked, and answers the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rye_core::adapter::{Adapter, Ending};
use rye_core::id::IdempotencyKey;
use rye_core::value::{Cidr, Value};
use rye_stdlib::firewall::Firewall;
use rye_tests::namespace::{Namespace, as_root};

use crate::site::{ALREADY_SO, DONE, Target, config, request};

/// Who blocked what: at most one each, first come.
#[derive(Default)]
struct Model(BTreeMap<Cidr, u8>);

impl Model {
    fn is_blocked(&self, target: Cidr) -> bool {
        self.0.keys().any(|blocked| blocked.covers(target))
    }

    fn block(&mut self, target: Cidr, key: u8) -> Ending {
        match self.0.get(&target) {
            Some(holder) if *holder == key => DONE,
            None if !self.is_blocked(target) => {
                self.0.insert(target, key);
                DONE
            }
            _ => ALREADY_SO,
        }
    }

    fn unblock(&mut self, target: Cidr, key: u8) -> Ending {
        match self.0.get(&target) {
            Some(holder) if *holder != key => ALREADY_SO,
            _ => {
                self.0.remove(&target);
                DONE
            }
        }
    }
}

/// Networks of both families that often contain each other.
fn network() -> impl Strategy<Value = Cidr> {
    let bases = prop_oneof![
        Just("10.129.0.0/9"),
        Just("10.128.64.1/9"),
        Just("2001:db8:8000::1/33"),
        Just("2001:db8::/33"),
    ];
    (bases, 1_u8..=128).prop_map(|(base, length)| {
        let (address, _) = base.split_once('/').expect("an address and a length");
        let address: std::net::IpAddr = address.parse().expect("an address");
        let length = if address.is_ipv4() { length.div_ceil(4) } else { length };
        Cidr::around(address, length).expect("the length fits")
    })
}

#[test]
fn any_order_of_blocks_and_undos_agrees_with_the_model() {
    as_root(|| {
        let steps = proptest::collection::vec((any::<bool>(), network(), 1_u8..4), 1..30);
        let mut runner = TestRunner::new(Config { cases: 12, ..Config::default() });
        let outcome = runner.run(&steps, |steps| {
            let namespace = Namespace::new("model");
            let firewall = Firewall::new(&config(namespace.name())).expect("the config is good");
            let mut model = Model::default();
            for (blocks, target, key) in &steps {
                let asset = Target::Network(*target);
                let (ending, expected) = if *blocks {
                    let request = request(&asset.verb("block"), &asset, *key);
                    (firewall.invoke(&request), model.block(*target, *key))
                } else {
                    let mut request = request(&asset.verb("unblock"), &asset, *key + 100);
                    request.undoes = Some(IdempotencyKey([*key; 32]));
                    (firewall.invoke(&request), model.unblock(*target, *key))
                };
                prop_assert_eq!(ending, expected, "{} {}", target, key);
                let proof = firewall.invoke(&request("is_network_blocked", &asset, 250));
                let expected = Ending::Done(Value::Bool(model.is_blocked(*target)));
                prop_assert_eq!(proof, expected, "{}", target);
            }
            Ok(())
        });
        outcome.expect("the packet filter and the model agree");
    });
}
