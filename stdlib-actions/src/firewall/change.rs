//! What has to be changed in the table, as one transaction: planned from what is
//! there, without looking or acting.

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_core::hex;
use rye_core::id::IdempotencyKey;
use rye_core::value::{Cidr, Value};
use serde_json::{Value as Json, json};

use super::group::{Direction, Group};
use super::ruleset::Ruleset;

/// What to do, and how the attempt has ended when it is done.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing has to be done.
    Nothing(Ending),
    /// These commands, all or none. They fail without effect if the table is no
    /// longer as it was when they were planned.
    Apply(Vec<Json>, Ending),
}

/// The answer to a table in which something of ours was replaced by something else.
pub(super) const NOT_AS_MADE: &str = "the firewall's table is not as this adapter makes it; \
                                      delete the table, or set firewall.table to another name";

/// The comment of an element that was added under `key`: enough digits that two
/// keys never share them, and not the key itself.
pub(super) fn mark(key: IdempotencyKey) -> String {
    let (digits, _) = key.0.split_at(16);
    format!("rye:{}", hex::encode(digits))
}

/// Blocks `target` under `mark`.
pub(super) fn block(table: &str, ruleset: &Ruleset, target: Cidr, mark: &str) -> Plan {
    let Some(group) = Group::of(target).filter(|group| ruleset.can_take(*group)) else {
        return Plan::Nothing(Ending::refused(ErrorKind::Conflict, NOT_AS_MADE));
    };
    let existing = ruleset.comment(target);
    let own = existing == Some(mark);
    let ending = || if own { Ending::Done(Value::None) } else { Ending::AlreadySo(Value::None) };
    let standing = if existing.is_some() { ruleset.in_force(group) } else { ruleset.drops(target) };
    if standing {
        return Plan::Nothing(ending());
    }
    let mut commands = set_up(table, ruleset, group);
    if existing.is_some() {
        // Somebody took the rules away and left the element, which is not ours to
        // re-mark: with the rules back it takes effect again.
        return Plan::Apply(commands, ending());
    }
    // `create` and not `add`: whoever came first since the look keeps the element.
    commands.push(json!({"create": {"element": {
        "family": "inet", "table": table, "name": group.to_string(),
        "elem": [{"elem": {"val": target.address().to_string(), "comment": mark}}],
    }}}));
    Plan::Apply(commands, Ending::Done(Value::None))
}

/// Takes the block of `target` back that was made under `mark`; without a mark
/// there is none to take back. A block under another mark is left alone, which is
/// answered with [`Ending::AlreadySo`].
pub(super) fn unblock(table: &str, ruleset: &Ruleset, target: Cidr, mark: Option<&str>) -> Plan {
    let done = Ending::Done(Value::None);
    let (Some(group), Some(comment)) = (Group::of(target), ruleset.comment(target)) else {
        return Plan::Nothing(done);
    };
    let Some(mark) = mark else {
        return Plan::Nothing(Ending::refused(
            ErrorKind::Conflict,
            "this block belongs to an effect or to somebody else; release the effect instead",
        ));
    };
    if comment != mark {
        return Plan::Nothing(Ending::AlreadySo(Value::None));
    }
    let delete = json!({"delete": {"element": {
        "family": "inet", "table": table, "name": group.to_string(),
        "elem": [target.address().to_string()],
    }}});
    Plan::Apply(vec![delete], done)
}

/// Makes table, set and chains where they are missing, and puts every rule of ours
/// that is missing, or that stands behind others', to the front of its chain.
/// Rules of others stay where they are.
fn set_up(table: &str, ruleset: &Ruleset, group: Group) -> Vec<Json> {
    // `add table` also wakes a table that was put to sleep.
    let mut commands = vec![
        json!({"add": {"table": {"family": "inet", "name": table}}}),
        json!({"add": {"set": {
            "family": "inet", "table": table, "name": group.to_string(),
            "type": group.element_type(),
        }}}),
    ];
    for direction in Direction::ALL {
        commands.push(json!({"add": {"chain": {
            "family": "inet", "table": table, "name": direction.chain(),
            "type": "filter", "hook": direction.hook(), "prio": direction.priority(),
            "policy": "accept",
        }}}));
        let missing = (ruleset.groups().filter(|other| *other != group))
            .chain([group])
            .filter(|group| !ruleset.rule_stands(direction, *group));
        for group in missing {
            commands.extend(replace_rule(table, ruleset, direction, group));
        }
    }
    commands
}

fn replace_rule(
    table: &str,
    ruleset: &Ruleset,
    direction: Direction,
    group: Group,
) -> impl Iterator<Item = Json> {
    let chain = direction.chain();
    let deletions = ruleset.handles(direction, group).map(move |handle| {
        json!({"delete": {"rule": {
            "family": "inet", "table": table, "chain": chain, "handle": handle,
        }}})
    });
    let expression = json!([group.condition(direction), {"counter": null}, {"drop": null}]);
    deletions.chain([json!({"insert": {"rule": {
        "family": "inet", "table": table, "chain": chain, "expr": expression,
    }}})])
}
