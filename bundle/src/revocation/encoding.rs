//! The list's bytes: fixed order, nothing optional, every part strictly ascending,
//! so that one list has one form.

use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::limit::REVOKED_MAX;
use rye_core::wire::Writer;

use super::{Revocations, RevokedVersions, SPEC_VERSION};
use crate::error::Flaw;
use crate::field::FieldReader;
use crate::name::{BundleName, EnvironmentId, Label};
use crate::time::UnixSeconds;

/// Reads the fields; the rules between them are the caller's to check.
pub(super) fn read(payload: &[u8]) -> Result<Revocations, Flaw> {
    let mut reader = FieldReader::new(payload);
    let r = &mut reader;
    r.spec_version(SPEC_VERSION)?;
    let version = r.u64("version")?;
    let issued_at = UnixSeconds(r.u64("issued_at")?);
    let next_update = UnixSeconds(r.u64("next_update")?);
    let environment = r.name("environment", EnvironmentId::BYTES_MAX, EnvironmentId::new)?;
    let keys = r.ascending(
        "keys",
        0..=REVOKED_MAX,
        |r| Ok((KeyId(r.array("key_id")?), read_reason(r)?)),
        |(key_id, _)| *key_id,
    )?;
    let bundles = r.ascending(
        "bundles",
        0..=REVOKED_MAX,
        |r| Ok((Digest(r.array("digest")?), read_reason(r)?)),
        |(digest, _)| *digest,
    )?;
    let versions =
        r.ascending("versions", 0..=REVOKED_MAX, read_versions, |(name, _)| name.clone())?;
    reader.finish("end of the revocation list")?;
    Ok(Revocations {
        version,
        issued_at,
        next_update,
        environment,
        keys: keys.into_iter().collect(),
        bundles: bundles.into_iter().collect(),
        versions: versions.into_iter().collect(),
    })
}

fn read_reason(reader: &mut FieldReader<'_>) -> Result<Label, Flaw> {
    reader.name("reason", Label::BYTES_MAX, Label::new)
}

fn read_versions(reader: &mut FieldReader<'_>) -> Result<(BundleName, RevokedVersions), Flaw> {
    let name = reader.name("name", BundleName::BYTES_MAX, BundleName::new)?;
    let below = reader.u64("below")?;
    Ok((name, RevokedVersions { below, reason: read_reason(reader)? }))
}

/// Writes a list.
pub(super) fn write(list: &Revocations) -> Vec<u8> {
    let mut w = Writer::new();
    w.u16(SPEC_VERSION);
    w.u64(list.version);
    w.u64(list.issued_at.0);
    w.u64(list.next_update.0);
    w.text(list.environment.as_str());
    w.count(list.keys.len());
    for (key_id, reason) in &list.keys {
        w.raw(&key_id.0);
        w.text(reason.as_str());
    }
    w.count(list.bundles.len());
    for (digest, reason) in &list.bundles {
        w.raw(&digest.0);
        w.text(reason.as_str());
    }
    w.count(list.versions.len());
    for (name, RevokedVersions { below, reason }) in &list.versions {
        w.text(name.as_str());
        w.u64(*below);
        w.text(reason.as_str());
    }
    w.into_bytes()
}
