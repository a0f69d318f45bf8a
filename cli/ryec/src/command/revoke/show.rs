//! `ryec revoke show LIST`: what a list says, and whether it would be believed.

use std::path::Path;

use rye_bundle::Refusal;
use rye_bundle::trust::{AcceptedRoot, PinnedDigest, Trust};
use rye_core::id::KeyId;
use serde_json::{Map, Value, json};

use super::open;
use crate::command::trust;
use crate::failure::{Failure, Reason};
use crate::{clock, output};

pub(super) fn run(path: &Path, root: Option<&Path>, json: bool) -> Result<(), Failure> {
    let opened = open(path)?;
    let list = &opened.list;
    let signers: Vec<KeyId> =
        opened.archive.signatures().iter().map(|record| record.key_id).collect();
    let refusal = root.map(|root| judge(&opened.bytes, root)).transpose()?;
    if json {
        let reasons = |items: Vec<(String, &str)>| -> Map<String, Value> {
            items.into_iter().map(|(what, reason)| (what, json!(reason))).collect()
        };
        let keys = list.keys.iter().map(|(key, reason)| (key.to_string(), reason.as_str()));
        let bundles = list.bundles.iter().map(|(it, reason)| (it.to_string(), reason.as_str()));
        let below: Map<String, Value> = list
            .versions
            .iter()
            .map(|(name, it)| {
                let below = json!({ "below": it.below, "reason": it.reason.as_str() });
                (name.to_string(), below)
            })
            .collect();
        output::document(&json!({
            "digest": list.digest().to_string(),
            "environment": list.environment.as_str(),
            "version": list.version,
            "issued_at": list.issued_at.to_string(),
            "next_update": list.next_update.to_string(),
            "keys": reasons(keys.collect()),
            "bundles": reasons(bundles.collect()),
            "versions": below,
            "signatures": signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "refusal": refusal.flatten().map(|refusal| refusal.to_string()),
        }));
        return Ok(());
    }
    let mut lines: Vec<String> = list.to_string().lines().map(str::to_owned).collect();
    if signers.is_empty() {
        lines.push(String::from("nobody has signed it yet"));
    }
    lines.extend(signers.iter().map(|key_id| format!("signed by key {key_id}")));
    match refusal {
        None => {}
        Some(None) => lines.push(String::from("enough owners of its role signed it")),
        Some(Some(refusal)) => lines.push(format!("not to be believed: {refusal}")),
    }
    output::lines(&lines);
    Ok(())
}

/// Why a daemon that believes the trust root would not believe the list, now.
pub(super) fn judge(bytes: &[u8], root: &Path) -> Result<Option<Refusal>, Failure> {
    let opened = trust::open(root)?;
    let pin = PinnedDigest::new(opened.root.digest());
    let accepted = AcceptedRoot::accept(&opened.bytes, pin)
        .map_err(|refusal| Failure::of_reason(root, Reason::from(&refusal)))?;
    let mut trust = Trust::new(accepted);
    let taken = trust.take_revocations(bytes, clock::now());
    Ok(taken.and_then(|_| trust.check_in_force(clock::now())).err())
}
