//! `ryec trust show ROOT`: what a trust root says, for those who sign or pin it.

use std::path::Path;

use rye_bundle::envelope::ObjectKind;
use rye_bundle::name::{NamePrefix, OwnerId};
use rye_bundle::signature::SignatureRecord;
use rye_bundle::trust::{AcceptedRoot, PinnedDigest, TrustRoot, Usage};
use rye_core::hex;
use rye_core::impact::Impact;
use serde_json::{Value, json};

use super::{Opened, open};
use crate::failure::Failure;
use crate::output;

pub(super) fn run(path: &Path, json: bool) -> Result<(), Failure> {
    let opened = open(path)?;
    if json {
        output::document(&document(&opened));
        return Ok(());
    }
    let mut lines: Vec<String> = opened.root.to_string().lines().map(str::to_owned).collect();
    lines.push(String::from("signatures"));
    for record in opened.archive.signatures() {
        let owner = opened.root.key(record.key_id).map_or("nobody", |key| key.owner.as_str());
        lines.push(format!("  {}  {owner}: {}", record.key_id, worth(&opened, record)));
    }
    lines.push(match refusal(&opened) {
        None => String::from("enough owners of root keys signed it"),
        Some(refusal) => format!("not to be believed: {refusal}"),
    });
    output::lines(&lines);
    Ok(())
}

/// What a signature is worth, in a word.
fn worth(opened: &Opened, record: &SignatureRecord) -> &'static str {
    let Some(key) = opened.root.key(record.key_id) else { return "not a key of this trust root" };
    let message = ObjectKind::TRUST_ROOT.signed_bytes(opened.archive.payload());
    match key.public.verify_strict(&message, &record.signature) {
        Ok(()) => "holds",
        Err(_) => "DOES NOT HOLD: the file was altered, or something else was signed",
    }
}

/// Why a daemon would not believe it, were its digest pinned.
fn refusal(opened: &Opened) -> Option<String> {
    let pin = PinnedDigest::new(opened.root.digest());
    AcceptedRoot::accept(&opened.bytes, pin).err().map(|refusal| refusal.to_string())
}

fn document(opened: &Opened) -> Value {
    let Opened { root, archive, .. } = opened;
    let signatures: Vec<Value> = archive
        .signatures()
        .iter()
        .map(|record| {
            let owner = root.key(record.key_id).map(|key| key.owner.as_str());
            let worth = worth(opened, record);
            json!({ "key_id": record.key_id.to_string(), "owner": owner, "worth": worth })
        })
        .collect();
    let people: serde_json::Map<String, Value> = root
        .people_roles()
        .iter()
        .map(|(role, owners)| {
            let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
            (role.to_string(), json!(owners))
        })
        .collect();
    let policy: serde_json::Map<String, Value> = Impact::ALL
        .iter()
        .map(|impact| {
            let need = root.impact_policy().requirement(*impact);
            (impact.to_string(), json!({ "owners": need.owners, "people": need.humans }))
        })
        .collect();
    json!({
        "digest": root.digest().to_string(),
        "environment": root.environment().as_str(),
        "version": root.version(),
        "issued_at": root.issued_at().to_string(),
        "expires_at": root.expires_at().to_string(),
        "keys": keys(root),
        "signer_roles": signer_roles(root),
        "people": people,
        "impact_policy": policy,
        "signatures": signatures,
        "refusal": refusal(opened),
    })
}

fn keys(root: &TrustRoot) -> Vec<Value> {
    root.keys()
        .map(|key| {
            json!({
                "key_id": key.public.id().to_string(),
                "public_key": hex::encode(key.public.bytes()),
                "owner": key.owner.as_str(),
                "not_before": key.not_before.to_string(),
                "not_after": key.not_after.to_string(),
                "usages": key.usages.iter().map(Usage::name).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn signer_roles(root: &TrustRoot) -> Vec<Value> {
    let roles = Usage::ALL.iter().flat_map(|usage| root.signer_roles(*usage));
    roles
        .map(|role| {
            let scope = role.scope.as_ref();
            json!({
                "usage": role.usage.name(),
                "max_impact": scope.map(|scope| scope.max_impact.name()),
                "prefixes": scope.map(|scope| {
                    scope.prefixes.iter().map(NamePrefix::as_str).collect::<Vec<_>>()
                }),
                "threshold": role.threshold,
                "keys": role.keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
        .collect()
}
