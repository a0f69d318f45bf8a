//! The table as the kernel has it now, and what follows from it.
//!
//! What is read is data of whoever may change the packet filter: anything
//! unexpected in it is nobody's block, and no rule of ours.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rye_core::value::Cidr;
use serde_json::Value as Json;

use super::group::{Direction, Group};

/// The content of the table; empty when there is no table.
#[derive(Clone, Debug, Default)]
pub(super) struct Ruleset {
    /// Whether the table has a flag: one of them puts all its rules to sleep, and
    /// none is set by us.
    flagged: bool,
    sets: BTreeMap<Group, Set>,
    chains: BTreeMap<Direction, Chain>,
}

/// The blocks of one group.
#[derive(Clone, Debug, Default)]
struct Set {
    /// Whether it is a set as we make it: of the right type, without intervals
    /// and without elements that end by themselves.
    usable: bool,
    /// What is blocked, each with its comment; the empty text when it has none.
    elements: BTreeMap<Cidr, String>,
}

#[derive(Clone, Debug, Default)]
struct Chain {
    /// Whether it is hooked in where it must be.
    hooked: bool,
    /// In their order.
    rules: Vec<Rule>,
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    handle: u64,
    /// The group whose packets it drops; `None` for a rule that is not ours.
    drops: Option<Group>,
}

impl Ruleset {
    /// Reads what nftables lists; `None` when that is no list.
    pub(super) fn read(listing: &[u8]) -> Option<Self> {
        let listing: Json = serde_json::from_slice(listing).ok()?;
        let mut ruleset = Self::default();
        for object in listing.get("nftables")?.as_array()? {
            if let Some(table) = object.get("table") {
                ruleset.flagged = table.get("flags").is_some();
            } else if let Some(set) = object.get("set") {
                ruleset.read_set(set);
            } else if let Some(chain) = object.get("chain") {
                ruleset.read_chain(chain);
            } else if let Some(rule) = object.get("rule") {
                ruleset.read_rule(rule);
            }
        }
        Some(ruleset)
    }

    fn read_set(&mut self, json: &Json) {
        let Some(group) = text(json, "name").and_then(Group::from_set) else { return };
        let ours = text(json, "type") == Some(group.element_type());
        let special =
            ["flags", "timeout", "auto-merge", "map"].iter().any(|key| json.get(key).is_some());
        let elements = json.get("elem").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let elements = elements.iter().filter_map(|element| read_element(group, element)).collect();
        self.sets.insert(group, Set { usable: ours && !special, elements });
    }

    fn read_chain(&mut self, json: &Json) {
        let Some(direction) = text(json, "name").and_then(Direction::from_chain) else { return };
        self.chains.entry(direction).or_default().hooked = text(json, "type") == Some("filter")
            && text(json, "hook") == Some(direction.hook())
            && json.get("prio").and_then(Json::as_i64) == Some(direction.priority());
    }

    fn read_rule(&mut self, json: &Json) {
        let Some(direction) = text(json, "chain").and_then(Direction::from_chain) else { return };
        let Some(handle) = json.get("handle").and_then(Json::as_u64) else { return };
        let rule = Rule { handle, drops: dropped_group(direction, json) };
        self.chains.entry(direction).or_default().rules.push(rule);
    }

    /// The comment of the block of exactly `network`, if there is such a block; the
    /// empty text when it has none.
    pub(super) fn comment(&self, network: Cidr) -> Option<&str> {
        let set = self.sets.get(&Group::of(network)?)?;
        set.elements.get(&network).map(String::as_str)
    }

    /// Whether every packet from and to all of `network` is dropped, by one block.
    pub(super) fn drops(&self, network: Cidr) -> bool {
        self.sets.iter().any(|(group, set)| {
            let wider = group
                .length_for(network.address())
                .and_then(|length| Cidr::around(network.address(), length))
                .filter(|wider| wider.covers(network));
            wider.is_some_and(|wider| set.elements.contains_key(&wider)) && self.in_force(*group)
        })
    }

    /// Whether the group's blocks take effect: in both directions, and before
    /// anything that others put into our chains.
    pub(super) fn in_force(&self, group: Group) -> bool {
        !self.flagged && Direction::ALL.iter().all(|direction| self.rule_stands(*direction, group))
    }

    /// Whether the rule of `group` stands in the chain of `direction`, with none
    /// but ours before it.
    pub(super) fn rule_stands(&self, direction: Direction, group: Group) -> bool {
        self.chains.get(&direction).is_some_and(|chain| {
            chain.hooked
                && chain.rules.iter().map_while(|rule| rule.drops).any(|dropped| dropped == group)
        })
    }

    /// The rules of `group` in the chain of `direction`, wherever they stand.
    pub(super) fn handles(&self, direction: Direction, group: Group) -> impl Iterator<Item = u64> {
        let rules = self.chains.get(&direction).map_or(&[][..], |chain| chain.rules.as_slice());
        rules.iter().filter(move |rule| rule.drops == Some(group)).map(|rule| rule.handle)
    }

    /// Whether the set of `group` and both chains are as we make them, or not
    /// there at all. What is otherwise is somebody else's, and in our way.
    pub(super) fn can_take(&self, group: Group) -> bool {
        self.sets.get(&group).is_none_or(|set| set.usable)
            && self.chains.values().all(|chain| chain.hooked)
    }

    /// Every group that has a set.
    pub(super) fn groups(&self) -> impl Iterator<Item = Group> {
        self.sets.keys().copied()
    }
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str()
}

/// `"10.0.0.1"`, or `{"elem": {"val": "10.0.0.1", "comment": "…"}}`.
fn read_element(group: Group, json: &Json) -> Option<(Cidr, String)> {
    let (value, comment) = match json.get("elem") {
        Some(element) => (element.get("val")?, text(element, "comment").unwrap_or_default()),
        None => (json, ""),
    };
    let address: IpAddr = value.as_str()?.parse().ok()?;
    Some((group.network(address)?, comment.to_owned()))
}

/// The group whose packets a rule drops, if it does that and, beside counting
/// them, nothing else.
fn dropped_group(direction: Direction, rule: &Json) -> Option<Group> {
    let mut statements =
        rule.get("expr")?.as_array()?.iter().filter(|statement| statement.get("counter").is_none());
    let condition = statements.next()?;
    let verdict = statements.next()?;
    if verdict.get("drop").is_none() || statements.next().is_some() {
        return None;
    }
    let set = condition.pointer("/match/right")?.as_str()?.strip_prefix('@')?;
    let group = Group::from_set(set)?;
    (group.condition(direction) == *condition).then_some(group)
}

#[cfg(test)]
mod tests;
