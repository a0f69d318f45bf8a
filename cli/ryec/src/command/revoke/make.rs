//! `ryec revoke new` and `ryec revoke next`: lists to be signed.

use std::collections::BTreeMap;
use std::path::Path;

use rye_bundle::archive::Archive;
use rye_bundle::name::BundleName;
use rye_bundle::payload::{Payload, payload_digest};
use rye_bundle::revocation::{Revocations, RevokedVersions};
use rye_core::digest::Digest;
use rye_core::id::KeyId;
use serde_json::json;

use super::{Next, Times, open};
use crate::command::trust;
use crate::failure::{Failure, Reason};
use crate::file::{self, word};
use crate::{clock, key, output};

/// The first list of a trust root.
pub(super) fn new(root: &Path, times: Times, out: &Path, json: bool) -> Result<(), Failure> {
    let root = trust::open(root)?.root;
    if root.revocation_role().is_none() {
        return Err(Failure::input(
            "the trust root has no signer role with the usage `revocation`, so no list would be \
             believed",
            "add such a role to the next version of the trust root",
        ));
    }
    let issued_at = times.issued_at.unwrap_or_else(clock::now);
    let list = Revocations {
        version: 1,
        issued_at,
        next_update: issued_at.saturating_add(times.next_update),
        environment: root.environment().clone(),
        keys: BTreeMap::new(),
        bundles: BTreeMap::new(),
        versions: BTreeMap::new(),
    };
    if out.symlink_metadata().is_ok() {
        return Err(Failure::call(
            format!("{} exists already", out.display()),
            "name another file; `ryec revoke next` makes the list after the one that is there",
        ));
    }
    write(&list, out, json)
}

/// The list after another one.
pub(super) fn next(next: &Next) -> Result<(), Failure> {
    let before = open(&next.list)?.list;
    let issued_at = next.times.issued_at.unwrap_or_else(clock::now);
    let mut list = Revocations {
        version: before.version.saturating_add(1),
        issued_at,
        next_update: issued_at.saturating_add(next.times.next_update),
        ..before
    };
    for text in &next.forget {
        forget(&mut list, text)?;
    }
    for text in &next.keys {
        list.keys.insert(key_id(text)?, next.reason.clone());
    }
    for text in &next.bundles {
        list.bundles.insert(digest(text)?, next.reason.clone());
    }
    for text in &next.below {
        let (name, below) = name_and_version(text)?;
        list.versions.insert(name, RevokedVersions { below, reason: next.reason.clone() });
    }
    write(&list, &next.out, next.json)
}

fn write(list: &Revocations, out: &Path, json: bool) -> Result<(), Failure> {
    let bytes =
        list.unsigned_file().map_err(|refusal| Failure::unusable(out, Reason::from(&refusal)))?;
    file::write_container(out, &bytes)?;
    if json {
        output::document(&json!({
            "list": out.display().to_string(),
            "digest": list.digest().to_string(),
            "environment": list.environment.as_str(),
            "version": list.version,
            "next_update": list.next_update.to_string(),
        }));
        return Ok(());
    }
    let mut lines: Vec<String> = list.to_string().lines().map(str::to_owned).collect();
    lines.push(format!("next: ryec revoke sign {} --key KEY", word(out)));
    output::lines(&lines);
    Ok(())
}

/// A key by its id, or by the file of its public half.
fn key_id(text: &str) -> Result<KeyId, Failure> {
    match KeyId::from_hex(text) {
        Some(key_id) => Ok(key_id),
        None => Ok(key::public(Path::new(text))?.id()),
    }
}

/// A bundle by its digest, or by its file.
fn digest(text: &str) -> Result<Digest, Failure> {
    if let Some(digest) = Digest::from_hex(text) {
        return Ok(digest);
    }
    let path = Path::new(text);
    let unusable = |refusal| Failure::unusable(path, Reason::from(&refusal));
    let archive = Archive::decode(&file::read_container(path)?).map_err(unusable)?;
    Payload::decode(archive.payload()).map_err(unusable)?;
    Ok(payload_digest(archive.payload()))
}

fn name_and_version(text: &str) -> Result<(BundleName, u64), Failure> {
    let parts = text.split_once('=').and_then(|(name, version)| {
        Some((BundleName::new(name).ok()?, version.parse().ok().filter(|it| *it > 0)?))
    });
    parts.ok_or_else(|| {
        let what = format!("`--revoke-below`: expected a name and a version, found `{text}`");
        Failure::call(what, "write it as `soc/block=4`: versions 1 to 3 are revoked then")
    })
}

fn forget(list: &mut Revocations, text: &str) -> Result<(), Failure> {
    let key = KeyId::from_hex(text).and_then(|key_id| list.keys.remove(&key_id));
    let bundle = Digest::from_hex(text).and_then(|digest| list.bundles.remove(&digest));
    let versions = BundleName::new(text).ok().and_then(|name| list.versions.remove(&name));
    if key.is_none() && bundle.is_none() && versions.is_none() {
        let what = format!("`--forget`: the list doesn't revoke `{text}`");
        return Err(Failure::call(what, "`ryec revoke show LIST` says what it revokes"));
    }
    Ok(())
}
