//! `ryec trust diff ROOT NEXT`: what another trust root changes, in words.

use std::collections::BTreeSet;
use std::path::Path;

use rye_bundle::trust::TrustRoot;
use serde_json::json;

use super::open;
use crate::change::Changes;
use crate::failure::Failure;
use crate::output;

pub(super) fn run(before: &Path, after: &Path, json: bool) -> Result<(), Failure> {
    let (before, after) = (open(before)?.root, open(after)?.root);
    let changes = Changes::between(&statements(&before), &statements(&after));
    if json {
        output::document(&json!({
            "before": before.version(),
            "after": after.version(),
            "changes": changes.to_json(),
        }));
    } else {
        output::lines(&to_lines(&before, &after));
    }
    Ok(())
}

/// What `after` says otherwise than `before`, one line each.
pub(super) fn to_lines(before: &TrustRoot, after: &TrustRoot) -> Vec<String> {
    let changes = Changes::between(&statements(before), &statements(after));
    let mut lines = vec![format!("from version {} to {}", before.version(), after.version())];
    lines.extend(changes.to_lines());
    lines
}

/// All that a trust root says, one statement each.
fn statements(root: &TrustRoot) -> BTreeSet<String> {
    let mut all = BTreeSet::from([
        format!("environment {}", root.environment()),
        format!("expires at {}", root.expires_at()),
    ]);
    for key in root.keys() {
        let (id, owner) = (key.public.id(), &key.owner);
        all.insert(format!("key of {owner}: {id}, for {}", key.usages));
        // A span that is only the root's own is no statement of the key's.
        if (key.not_before, key.not_after) != (root.issued_at(), root.expires_at()) {
            let (from, until) = (key.not_before, key.not_after);
            all.insert(format!("key {id} counts from {from} until {until}"));
        }
    }
    let usages = rye_bundle::trust::Usage::ALL.iter();
    for role in usages.flat_map(|usage| root.signer_roles(*usage)) {
        let scope = role.scope.as_ref().map_or_else(String::new, |scope| {
            let prefixes: Vec<String> =
                scope.prefixes.iter().map(|prefix| format!("`{prefix}`")).collect();
            format!(" {} up to {}", prefixes.join(", "), scope.max_impact)
        });
        let keys = role.keys.iter().filter_map(|key_id| root.key(*key_id));
        let owners: BTreeSet<String> = keys.map(|key| key.owner.to_string()).collect();
        let owners: Vec<String> = owners.into_iter().collect();
        let (usage, need) = (role.usage, role.threshold);
        all.insert(format!("{need} of {} sign {usage}{scope}", owners.join(", ")));
    }
    for (role, owners) in root.people_roles() {
        let owners: Vec<String> = owners.iter().map(ToString::to_string).collect();
        all.insert(format!("{} answer as {role}", owners.join(", ")));
    }
    for impact in rye_core::impact::Impact::ALL {
        let need = root.impact_policy().requirement(impact);
        let (owners, people) = (need.owners, need.humans);
        all.insert(format!("{impact} bundles need {owners} owners, {people} of them people"));
    }
    for name in root.reset_counters() {
        all.insert(format!("versions of {name} begin anew"));
    }
    all
}
