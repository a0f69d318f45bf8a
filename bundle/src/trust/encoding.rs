//! The trust root's bytes: fixed order, nothing optional, every list strictly
//! ascending, so that one root has one form.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::id::KeyId;
use rye_core::impact::Impact;
use rye_core::limit::{RESET_COUNTERS_MAX, TRUST_KEYS_MAX, TRUST_ROLES_MAX};
use rye_core::wire::Writer;

use super::{
    BundleScope, ImpactPolicy, Requirement, SPEC_VERSION, SignerRole, TrustRoot, TrustRootDraft,
    TrustedKey, Usage, Usages,
};
use crate::error::{Flaw, Refusal};
use crate::field::FieldReader;
use crate::name::{BundleName, EnvironmentId, NamePrefix, OwnerId, RoleName};
use crate::signature::PublicKey;
use crate::time::UnixSeconds;

/// A key as it stands in the bytes, before it is admitted.
struct RawKey {
    public: [u8; 32],
    owner: OwnerId,
    not_before: UnixSeconds,
    not_after: UnixSeconds,
    usages: Usages,
}

/// Reads the fields; the rules between them are the caller's to check.
pub(super) fn read(payload: &[u8]) -> Result<TrustRootDraft, Refusal> {
    let (draft, raw_keys) = read_fields(payload).map_err(Refusal::RootForm)?;
    let mut keys = Vec::with_capacity(raw_keys.len());
    for (index, raw) in raw_keys.into_iter().enumerate() {
        let public =
            PublicKey::admit(&raw.public).map_err(|flaw| Refusal::RootKey { index, flaw })?;
        let RawKey { owner, not_before, not_after, usages, .. } = raw;
        keys.push(TrustedKey { public, owner, not_before, not_after, usages });
    }
    Ok(TrustRootDraft { keys, ..draft })
}

/// The draft without its keys, and the keys.
fn read_fields(payload: &[u8]) -> Result<(TrustRootDraft, Vec<RawKey>), Flaw> {
    let mut reader = FieldReader::new(payload);
    let r = &mut reader;
    r.spec_version(SPEC_VERSION)?;
    let version = r.u64("version")?;
    let issued_at = UnixSeconds(r.u64("issued_at")?);
    let expires_at = UnixSeconds(r.u64("expires_at")?);
    let environment = r.name("environment", EnvironmentId::BYTES_MAX, EnvironmentId::new)?;
    let keys =
        r.ascending("keys", 1..=TRUST_KEYS_MAX, read_key, |key| PublicKey::id_of(&key.public))?;
    let signer_roles =
        r.ascending("signer_roles", 1..=TRUST_ROLES_MAX, read_signer_role, Clone::clone)?;
    let people_roles =
        r.ascending("people_roles", 0..=TRUST_ROLES_MAX, read_people, |role| role.0.clone())?;
    let impact_policy = ImpactPolicy {
        observe: read_requirement(r)?,
        reversible: read_requirement(r)?,
        disruptive: read_requirement(r)?,
        destructive: read_requirement(r)?,
    };
    let reset_counters = r.ascending(
        "reset_counters",
        0..=RESET_COUNTERS_MAX,
        |r| r.name("name", BundleName::BYTES_MAX, BundleName::new),
        Clone::clone,
    )?;
    reader.finish("end of the trust root")?;
    let people_roles = people_roles.into_iter().collect();
    let draft = TrustRootDraft {
        version,
        issued_at,
        expires_at,
        environment,
        keys: Vec::new(),
        signer_roles,
        people_roles,
        impact_policy,
        reset_counters: reset_counters.into_iter().collect(),
    };
    Ok((draft, keys))
}

fn read_key(reader: &mut FieldReader<'_>) -> Result<RawKey, Flaw> {
    let public = reader.array("public_key")?;
    let owner = read_owner(reader)?;
    let not_before = UnixSeconds(reader.u64("not_before")?);
    let not_after = UnixSeconds(reader.u64("not_after")?);
    let at = reader.position();
    let bits = reader.u16("usages")?;
    let usages = Usages::from_bits(bits).ok_or_else(|| {
        Flaw::new("usages", "known bits only", format_args!("{bits:#018b}")).at_byte(at)
    })?;
    Ok(RawKey { public, owner, not_before, not_after, usages })
}

fn read_owner(reader: &mut FieldReader<'_>) -> Result<OwnerId, Flaw> {
    reader.name("owner", OwnerId::BYTES_MAX, OwnerId::new)
}

fn read_signer_role(reader: &mut FieldReader<'_>) -> Result<SignerRole, Flaw> {
    let usage = reader.coded("usage", "0 to 8", Usage::from_bit)?;
    let scope = (usage == Usage::Bundle).then(|| read_scope(reader)).transpose()?;
    let threshold = reader.u8("threshold")?;
    let keys = reader.ascending("keys", 1..=TRUST_KEYS_MAX, read_key_id, |key_id| *key_id)?;
    Ok(SignerRole { usage, scope, threshold, keys: keys.into_iter().collect() })
}

fn read_key_id(reader: &mut FieldReader<'_>) -> Result<KeyId, Flaw> {
    reader.array("key_id").map(KeyId)
}

fn read_scope(reader: &mut FieldReader<'_>) -> Result<BundleScope, Flaw> {
    let max_impact = reader.coded("max_impact", "0 to 3", Impact::from_code)?;
    let prefixes = reader.ascending(
        "prefixes",
        1..=TRUST_ROLES_MAX,
        |r| r.name("prefix", NamePrefix::BYTES_MAX, NamePrefix::new),
        Clone::clone,
    )?;
    Ok(BundleScope { max_impact, prefixes: prefixes.into_iter().collect() })
}

fn read_people(reader: &mut FieldReader<'_>) -> Result<(RoleName, BTreeSet<OwnerId>), Flaw> {
    let role = reader.name("name", RoleName::BYTES_MAX, RoleName::new)?;
    let owners = reader.ascending("owners", 1..=TRUST_KEYS_MAX, read_owner, Clone::clone)?;
    Ok((role, owners.into_iter().collect()))
}

fn read_requirement(reader: &mut FieldReader<'_>) -> Result<Requirement, Flaw> {
    Ok(Requirement {
        owners: reader.u8("impact_policy.owners")?,
        humans: reader.u8("impact_policy.humans")?,
    })
}

/// Writes a root, whose rules hold by its type.
pub(super) fn write(root: &TrustRoot) -> Vec<u8> {
    let mut w = Writer::new();
    w.u16(SPEC_VERSION);
    w.u64(root.version);
    w.u64(root.issued_at.0);
    w.u64(root.expires_at.0);
    w.text(root.environment.as_str());
    w.count(root.keys.len());
    for key in root.keys.values() {
        w.raw(key.public.bytes());
        w.text(key.owner.as_str());
        w.u64(key.not_before.0);
        w.u64(key.not_after.0);
        w.u16(key.usages.bits());
    }
    w.count(root.signer_roles.len());
    for role in &root.signer_roles {
        write_signer_role(&mut w, role);
    }
    write_people(&mut w, &root.people_roles);
    for impact in Impact::ALL {
        let Requirement { owners, humans } = root.impact_policy.requirement(impact);
        w.u8(owners);
        w.u8(humans);
    }
    w.count(root.reset_counters.len());
    for name in &root.reset_counters {
        w.text(name.as_str());
    }
    w.into_bytes()
}

fn write_signer_role(w: &mut Writer, role: &SignerRole) {
    w.u8(role.usage.bit());
    if let Some(scope) = &role.scope {
        w.u8(scope.max_impact.code());
        w.count(scope.prefixes.len());
        for prefix in &scope.prefixes {
            w.text(prefix.as_str());
        }
    }
    w.u8(role.threshold);
    w.count(role.keys.len());
    for key_id in &role.keys {
        w.raw(&key_id.0);
    }
}

fn write_people(w: &mut Writer, roles: &BTreeMap<RoleName, BTreeSet<OwnerId>>) {
    w.count(roles.len());
    for (role, owners) in roles {
        w.text(role.as_str());
        w.count(owners.len());
        for owner in owners {
            w.text(owner.as_str());
        }
    }
}
