//! Assets that nothing may touch: the machine's own addresses, its gateways and
//! resolvers, and what the site's list names. Undos are not asked.

use rye_core::asset::host_of;
use rye_core::effect::Act;
use rye_core::value::{Cidr, Name, Value};

/// The kind of asset that a machine is.
const HOST: &str = "Host";

/// What nothing may touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    entries: Vec<(Guarded, Name)>,
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Every address of a block, and every block that shares one with it.
    Network(Cidr),
    /// One asset, in canonical form; of a kind that consists of several parts, each
    /// that has this part.
    Asset {
        /// Its kind.
        kind: Name,
        /// What names it, or a part of it.
        value: Value,
    },
}

impl Protected {
    /// A list of entries with the reason for each.
    pub fn new(entries: Vec<(Guarded, Name)>) -> Self {
        Self { entries }
    }

    /// The entries with their reasons.
    pub fn entries(&self) -> &[(Guarded, Name)] {
        &self.entries
    }

    /// Why `asset` may not be touched; `None` if no entry guards it.
    fn reason(&self, asset: &Value) -> Option<&Name> {
        self.entries.iter().find(|(guarded, _)| guarded.guards(asset)).map(|(_, reason)| reason)
    }

    /// Why `act` may not be done; `None` if nothing protects what it touches.
    pub(super) fn refuses(&self, act: &Act) -> Option<String> {
        act.affects.iter().find_map(|asset| {
            if let Some(reason) = self.reason(asset) {
                return Some(format!("{asset} is protected ({reason})"));
            }
            // What is on a machine is touched by touching the machine.
            let host = Value::asset(HOST, host_of(asset)?);
            let reason = self.reason(&host)?;
            Some(format!("{asset} is on {host}, which is protected ({reason})"))
        })
    }
}

impl Guarded {
    fn guards(&self, asset: &Value) -> bool {
        match self {
            Self::Network(network) => match asset.bare() {
                Value::Ip(ip) => network.contains(*ip),
                Value::Cidr(cidr) => network.overlaps(*cidr),
                // A host may be named by its address.
                Value::Text(text) => text.parse().is_ok_and(|ip| network.contains(ip)),
                _ => false,
            },
            Self::Asset { kind, value } => {
                let Value::Asset { kind: other, value: named } = asset else { return false };
                // A machine is the same in every spelling; the other parts have one.
                let is_on = || host_of(asset).as_ref() == Some(value);
                other == kind && (**named == *value || has_part(named, value) || is_on())
            }
        }
    }
}

fn has_part(named: &Value, part: &Value) -> bool {
    matches!(named, Value::Record { fields, .. } if fields.iter().any(|(_, value)| value == part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardrail::tests::act;

    fn network(text: &str) -> Guarded {
        Guarded::Network(Cidr::parse(text).unwrap())
    }

    fn address(text: &str) -> Value {
        Value::asset("Address", Value::Ip(text.parse().unwrap()))
    }

    #[test]
    fn an_address_and_any_block_around_it_are_guarded() {
        let gateway = network("192.0.2.1/32");
        assert!(gateway.guards(&address("192.0.2.1")));
        assert!(!gateway.guards(&address("192.0.2.2")));
        let block = Value::asset("Network", Value::Cidr(Cidr::parse("192.0.2.0/24").unwrap()));
        assert!(gateway.guards(&block));
        assert!(gateway.guards(&Value::asset("Host", Value::text("192.0.2.1"))));
    }

    #[test]
    fn an_asset_is_guarded_by_kind_and_name() {
        let guarded = Guarded::Asset { kind: "Account".into(), value: Value::text("ceo") };
        assert!(guarded.guards(&Value::asset("Account", Value::text("ceo"))));
        assert!(!guarded.guards(&Value::asset("Host", Value::text("ceo"))));
    }

    #[test]
    fn what_is_on_a_protected_machine_is_protected_however_it_is_named() {
        let host = Guarded::Asset { kind: HOST.into(), value: Value::text("dc1.example") };
        let listed = vec![
            (host, "it knows all passwords".into()),
            (network("192.0.2.0/28"), "our servers".into()),
        ];
        let protected = Protected::new(listed);
        let file = |host: &str| {
            let fields = [("host", host), ("path", "/tmp/x")];
            let fields = fields.map(|(name, text)| (Name::from(name), Value::text(text)));
            let value = Value::Record { name: "HostFile".into(), fields: fields.into() };
            protected.refuses(&act(&[Value::asset("HostFile", value)]))
        };
        for (host, reason) in [
            ("dc1.example", "is on dc1.example, which is protected (it knows all passwords)"),
            ("DC1.Example.", "is on dc1.example, which is protected (it knows all passwords)"),
            ("192.0.2.7", "is on 192.0.2.7, which is protected (our servers)"),
            ("::ffff:192.0.2.7", "is on 192.0.2.7, which is protected (our servers)"),
        ] {
            let said = file(host).unwrap();
            assert!(said.ends_with(reason), "{host}: {said}");
        }
        assert_eq!(file("dc2.example"), None);
        assert_eq!(file("192.0.2.16"), None);
        // An account of the identity provider is on no machine.
        let account = Value::asset("Account", Value::text("dc1.example"));
        assert_eq!(protected.refuses(&act(&[account])), None);
    }

    #[test]
    fn an_asset_of_several_parts_is_guarded_by_each_of_them() {
        let service = |host: &str, unit: &str| {
            let parts = [("host", host), ("unit", unit)];
            let fields = parts.iter().map(|(name, text)| (Name::from(*name), Value::text(text)));
            let value = Value::Record { name: "Service".into(), fields: fields.collect() };
            Value::asset("Service", value)
        };
        let guarded = Guarded::Asset { kind: "Service".into(), value: Value::text("dns.service") };
        assert!(guarded.guards(&service("web-1", "dns.service")));
        assert!(!guarded.guards(&service("web-1", "dns.service2")));
        let guarded = Guarded::Asset { kind: "Service".into(), value: Value::text("web-1") };
        assert!(guarded.guards(&service("web-1", "dns.service")));
        assert!(!guarded.guards(&service("web-2", "dns.service")));
        assert!(guarded.guards(&service("WEB-1.", "dns.service")), "the machine, however written");
        assert!(!guarded.guards(&service("web-2", "WEB-1.")), "a unit has one spelling");
    }
}
