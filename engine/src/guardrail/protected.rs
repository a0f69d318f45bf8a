//! Assets that nothing may touch: the machine's own addresses, its gateways and
//! resolvers, and what the site's list names. Undos are not asked.

use rye_core::effect::Act;
use rye_core::value::{Cidr, Name, Value};

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

    /// Why `act` may not be done; `None` if nothing protects what it touches.
    pub(super) fn refuses(&self, act: &Act) -> Option<String> {
        act.affects.iter().find_map(|asset| {
            let (_, reason) = self.entries.iter().find(|(guarded, _)| guarded.guards(asset))?;
            Some(format!("{asset} is protected ({reason})"))
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
                other == kind && (**named == *value || has_part(named, value))
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
    }
}
