//! `ryec trust sign ROOT --key KEY`: an owner of a root key puts their name to it.

use std::collections::BTreeSet;
use std::path::Path;

use rye_bundle::name::OwnerId;
use rye_bundle::sign::{SignError, sign_successor, sign_trust_root};
use rye_bundle::trust::{AcceptedRoot, PinnedDigest, Trust, TrustRoot, Usage};
use rye_bundle::{Refusal, archive::Archive};
use rye_signer::KeyOptions;
use serde_json::json;

use super::{Opened, open};
use crate::failure::{Failure, Reason};
use crate::file::{self, word};
use crate::{clock, key, output};

pub(super) fn run(
    path: &Path,
    key: &KeyOptions,
    after: Option<&Path>,
    json: bool,
) -> Result<(), Failure> {
    let opened = open(path)?;
    let present = after.map(open).transpose()?;
    let key = key.signer()?;
    let signed = match &present {
        None => sign_trust_root(&opened.bytes, &*key),
        Some(present) => sign_successor(&opened.bytes, &present.root, &*key),
    };
    let bytes = signed.map_err(|error| match error {
        SignError::NoRootSigner(key_id) => Failure::refused(
            format!("key {key_id} is not in the root role of {}", path.display()),
            format!(
                "one of these owners has to sign it: {}; is `--key` the right file?",
                names(&owners_of_root(&opened.root))
            ),
        ),
        error => key::not_signed(path, &error),
    })?;
    let root = &opened.root;
    let key_id = key.public().id();
    let known = root.key(key_id).or_else(|| present.as_ref()?.root.key(key_id));
    let owner = known.map_or("", |key| key.owner.as_str());
    let digest = root.digest();
    // To believe it for its own digest says only whether enough owners signed.
    let missing = match AcceptedRoot::accept(&bytes, PinnedDigest::new(digest)) {
        Ok(_) => 0,
        Err(Refusal::RootThreshold { need, have }) => need.saturating_sub(have),
        Err(refusal) => return Err(Failure::of_reason(path, Reason::from(&refusal))),
    };
    let waiting = owners_to_come(root, &bytes)?;
    let of_present = match (&present, after) {
        (Some(present), Some(after)) => missing_of(present, after, path, &bytes)?,
        _ => 0,
    };
    file::write_container(path, &bytes)?;
    if json {
        let waiting: Vec<&str> = waiting.iter().map(OwnerId::as_str).collect();
        output::document(&json!({
            "root": path.display().to_string(),
            "digest": digest.to_string(),
            "owner": owner,
            "key_id": key_id.to_string(),
            "signers_missing": missing,
            "signers_of_present_missing": of_present,
            "may_sign": waiting,
        }));
        return Ok(());
    }
    let next = if missing == 0 && of_present > 0 {
        let waiting =
            present.as_ref().map_or(Ok(BTreeSet::new()), |it| owners_to_come(&it.root, &bytes))?;
        let names = names(&waiting);
        format!("next: {of_present} more of the root before must sign, of: {names}")
    } else if missing == 0 && after.is_some() {
        let word = word(path);
        format!(
            "enough owners of both signed; next: `ryed … --trust {word}`, beside the pinned one"
        )
    } else if missing == 0 {
        format!("enough owners signed; next: ryec trust pin {}", word(path))
    } else {
        format!("next: {missing} more must sign, of: {}", names(&waiting))
    };
    output::lines(&[
        format!("signed {} as {owner} with key {key_id}", path.display()),
        format!("  digest  {digest}"),
        next,
    ]);
    Ok(())
}

/// How many owners of the present root are missing before its daemons take the next.
fn missing_of(
    present: &Opened,
    present_path: &Path,
    path: &Path,
    bytes: &[u8],
) -> Result<usize, Failure> {
    let accepted = AcceptedRoot::accept(&present.bytes, PinnedDigest::new(present.root.digest()))
        .map_err(|refusal| Failure::of_reason(present_path, Reason::from(&refusal)))?;
    match Trust::new(accepted).take_root(bytes, clock::now()) {
        // Those of the next one are counted beside this.
        Ok(_) | Err(Refusal::RootThreshold { .. }) => Ok(0),
        Err(Refusal::RootPredecessor { need, have, .. }) => Ok(need.saturating_sub(have)),
        Err(refusal) => Err(Failure::of_reason(path, Reason::from(&refusal))),
    }
}

/// The owners of the keys that may sign a trust root.
pub(super) fn owners_of_root(root: &TrustRoot) -> BTreeSet<OwnerId> {
    let keys = root.signer_roles(Usage::Root).flat_map(|role| &role.keys);
    keys.filter_map(|key_id| root.key(*key_id)).map(|key| key.owner.clone()).collect()
}

/// Those of them whose signatures are not there yet.
fn owners_to_come(root: &TrustRoot, bytes: &[u8]) -> Result<BTreeSet<OwnerId>, Failure> {
    let archive = Archive::decode(bytes).map_err(|refusal| {
        Failure::input(format!("what was signed can't be read: {refusal}"), "try again")
    })?;
    let signed: BTreeSet<&OwnerId> = archive
        .signatures()
        .iter()
        .filter_map(|record| root.key(record.key_id))
        .map(|key| &key.owner)
        .collect();
    let mut owners = owners_of_root(root);
    owners.retain(|owner| !signed.contains(owner));
    Ok(owners)
}

fn names(owners: &BTreeSet<OwnerId>) -> String {
    owners.iter().map(OwnerId::as_str).collect::<Vec<_>>().join(", ")
}
