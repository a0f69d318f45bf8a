//! `ryec trust sign ROOT --key KEY`: an owner of a root key puts their name to it.

use std::collections::BTreeSet;
use std::path::Path;

use rye_bundle::name::OwnerId;
use rye_bundle::sign::{SignError, sign_trust_root};
use rye_bundle::trust::{AcceptedRoot, PinnedDigest, TrustRoot, Usage};
use rye_bundle::{Refusal, archive::Archive};
use serde_json::json;

use super::open;
use crate::failure::{Failure, Reason};
use crate::file::{self, word};
use crate::{key, output};

pub(super) fn run(path: &Path, key: &Path, json: bool) -> Result<(), Failure> {
    let opened = open(path)?;
    let key = key::secret(key)?;
    let bytes = sign_trust_root(&opened.bytes, &key).map_err(|error| match error {
        SignError::Refused(refusal) => Failure::unusable(path, Reason::from(&refusal)),
        SignError::NoRootSigner(key_id) => Failure::refused(
            format!("key {key_id} is not in the root role of {}", path.display()),
            format!(
                "one of these owners has to sign it: {}; is `--key` the right file?",
                names(&owners_of_root(&opened.root))
            ),
        ),
        SignError::Fault(fault) => Failure::input(
            format!("{} can't be signed: {fault}", path.display()),
            "sign on another machine, and don't trust this one",
        ),
    })?;
    let root = &opened.root;
    let key_id = key.public().id();
    let owner = root.key(key_id).map_or("", |key| key.owner.as_str());
    let digest = root.digest();
    // To believe it for its own digest says only whether enough owners signed.
    let missing = match AcceptedRoot::accept(&bytes, PinnedDigest::new(digest)) {
        Ok(_) => 0,
        Err(Refusal::RootThreshold { need, have }) => need.saturating_sub(have),
        Err(refusal) => return Err(Failure::of_reason(path, Reason::from(&refusal))),
    };
    let waiting = owners_to_come(root, &bytes)?;
    file::write_container(path, &bytes)?;
    if json {
        let waiting: Vec<&str> = waiting.iter().map(OwnerId::as_str).collect();
        output::document(&json!({
            "root": path.display().to_string(),
            "digest": digest.to_string(),
            "owner": owner,
            "key_id": key_id.to_string(),
            "signers_missing": missing,
            "may_sign": waiting,
        }));
        return Ok(());
    }
    let next = if missing == 0 {
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
