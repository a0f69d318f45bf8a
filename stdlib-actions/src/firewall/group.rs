//! Which set and which rules hold a block: one set per family and prefix length,
//! and for each set one rule per direction.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rye_core::value::Cidr;
use serde_json::{Value as Json, json};

/// All blocks of one family and one prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    v6: bool,
    /// From 1 to the family's width.
    length: u8,
}

impl Group {
    /// The group that `network` belongs to; `None` for the network of all
    /// addresses, for which there is no set.
    pub(super) fn of(network: Cidr) -> Option<Self> {
        let group = Self { v6: network.address().is_ipv6(), length: network.length() };
        (group.length > 0).then_some(group)
    }

    /// The group whose set has this name.
    pub(super) fn from_set(name: &str) -> Option<Self> {
        let (family, length) = name.strip_prefix("block")?.split_once('_')?;
        let v6 = match family {
            "4" => false,
            "6" => true,
            _ => return None,
        };
        let group = Self { v6, length: length.parse().ok()? };
        let fits = (1..=group.width()).contains(&group.length) && group.to_string() == name;
        fits.then_some(group)
    }

    fn width(self) -> u8 {
        if self.v6 { 128 } else { 32 }
    }

    /// The group's prefix length, if `address` is of its family.
    pub(super) fn length_for(self, address: IpAddr) -> Option<u8> {
        (address.is_ipv6() == self.v6).then_some(self.length)
    }

    /// The type of the set's elements.
    pub(super) fn element_type(self) -> &'static str {
        if self.v6 { "ipv6_addr" } else { "ipv4_addr" }
    }

    /// The network that the element `address` stands for; `None` when it is none
    /// of this group.
    pub(super) fn network(self, address: IpAddr) -> Option<Cidr> {
        // A block inside `::ffff:0:0/96` would be read as IPv4: no element is one.
        let network = Cidr::new(address, self.length).ok()?;
        (Self::of(network) == Some(self)).then_some(network)
    }

    fn mask(self) -> IpAddr {
        let behind = u32::from(self.width().saturating_sub(self.length));
        if self.v6 {
            IpAddr::V6(Ipv6Addr::from_bits(u128::MAX.checked_shl(behind).unwrap_or(0)))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(u32::MAX.checked_shl(behind).unwrap_or(0)))
        }
    }

    /// The condition under which a packet of `direction` is hit.
    pub(super) fn condition(self, direction: Direction) -> Json {
        let protocol = if self.v6 { "ip6" } else { "ip" };
        let field = json!({"payload": {"protocol": protocol, "field": direction.field()}});
        let masked = if self.length == self.width() {
            field
        } else {
            json!({"&": [field, self.mask().to_string()]})
        };
        json!({"match": {"op": "==", "left": masked, "right": format!("@{self}")}})
    }
}

/// The name of the group's set.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block{}_{}", if self.v6 { 6 } else { 4 }, self.length)
    }
}

/// Which packets: those from a blocked address, or those to one. Each direction
/// has one chain, at a hook that every packet of the machine passes, forwarded
/// ones too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// Caught before connection tracking and address translation, so that the
    /// address is the sender's own.
    Incoming,
    /// Caught after routing and translation of the target.
    Outgoing,
}

impl Direction {
    pub(super) const ALL: [Self; 2] = [Self::Incoming, Self::Outgoing];

    /// The name of its chain.
    pub(super) fn chain(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }

    /// The direction whose chain has this name.
    pub(super) fn from_chain(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.chain() == name)
    }

    /// Where its chain is hooked in.
    pub(super) fn hook(self) -> &'static str {
        match self {
            Self::Incoming => "prerouting",
            Self::Outgoing => "postrouting",
        }
    }

    /// The place of its chain among others at that hook.
    pub(super) fn priority(self) -> i64 {
        match self {
            Self::Incoming => -300,
            Self::Outgoing => 300,
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Incoming => "saddr",
            Self::Outgoing => "daddr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_names_name_one_group_each() {
        for v6 in [false, true] {
            for length in 1..=if v6 { 128 } else { 32 } {
                let group = Group { v6, length };
                assert_eq!(Group::from_set(&group.to_string()), Some(group));
            }
        }
        for name in
            ["block4_0", "block4_33", "block6_129", "block5_1", "block4_08", "block4_+8", "x"]
        {
            assert_eq!(Group::from_set(name), None, "{name}");
        }
    }

    #[test]
    fn conditions_mask_only_where_there_is_something_behind_the_prefix() {
        let text = |network: &str, direction| {
            let network = Cidr::parse(network).unwrap();
            Group::of(network).unwrap().condition(direction).to_string()
        };
        let single = text("203.0.113.7/32", Direction::Incoming);
        assert!(single.contains("saddr") && !single.contains('&'), "{single}");
        let wide = text("2001:db8::/61", Direction::Outgoing);
        assert!(wide.contains("daddr") && wide.contains("ffff:ffff:ffff:fff8::"), "{wide}");
        assert!(text("10.0.0.0/9", Direction::Incoming).contains("255.128.0.0"));
    }
}
