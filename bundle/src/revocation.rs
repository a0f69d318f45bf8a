//! What is no longer believed: keys, single bundles, and versions of a bundle below
//! a number. A list of its own, because it changes faster than the trust root and
//! is signed by fewer.
//!
//! A [`Revocations`] is sound but proves nothing; whether it is believed,
//! [`crate::trust::Trust`] decides. It always says all that is revoked: what a later
//! list leaves out is revoked no longer.

use std::collections::BTreeMap;

use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::limit::{REVOCATIONS_LIFE_SECONDS_MAX, REVOKED_MAX};

use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::{Flaw, Refusal};
use crate::name::{BundleName, EnvironmentId, Label};
use crate::time::UnixSeconds;

mod encoding;
mod listing;

/// The version of the list's form that this crate reads and writes.
pub const SPEC_VERSION: u16 = 1;

/// A revocation list, as people write it and as a reader finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocations {
    /// Counts up by one or more with each change, from 1.
    pub version: u64,
    /// When it was made.
    pub issued_at: UnixSeconds,
    /// When the next one is there at the latest.
    pub next_update: UnixSeconds,
    /// The installation that it is for.
    pub environment: EnvironmentId,
    /// Keys that count for nothing, whatever date their signatures claim.
    pub keys: BTreeMap<KeyId, Label>,
    /// Bundles, by the digests of their payloads.
    pub bundles: BTreeMap<Digest, Label>,
    /// Bundles of a name, below a version.
    pub versions: BTreeMap<BundleName, RevokedVersions>,
}

/// The versions of one name that are revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedVersions {
    /// All below this one.
    pub below: u64,
    /// Why, for people.
    pub reason: Label,
}

impl Revocations {
    /// Reads the payload of a list.
    ///
    /// # Errors
    /// [`Refusal::RevocationsForm`].
    pub fn decode(payload: &[u8]) -> Result<Self, Refusal> {
        encoding::read(payload)
            .and_then(|list| list.check().map(|()| list))
            .map_err(Refusal::RevocationsForm)
    }

    /// The file that its signers sign, without signatures.
    ///
    /// # Errors
    /// [`Refusal::RevocationsForm`] when its fields contradict each other.
    pub fn unsigned_file(&self) -> Result<Vec<u8>, Refusal> {
        self.check().map_err(Refusal::RevocationsForm)?;
        Ok(Archive::unsigned(self.encode())?.encode())
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Vec<u8> {
        encoding::write(self)
    }

    /// What the list is known by: the digest of its payload.
    pub fn digest(&self) -> Digest {
        ObjectKind::REVOCATIONS.digest(&self.encode())
    }

    /// Why a bundle is revoked, if it is.
    pub fn refusal_of(&self, name: &BundleName, version: u64, digest: Digest) -> Option<Refusal> {
        if let Some(reason) = self.bundles.get(&digest) {
            return Some(Refusal::RevokedBundle { digest, reason: reason.clone() });
        }
        let versions = self.versions.get(name).filter(|versions| version < versions.below)?;
        let (name, floor) = (name.clone(), versions.below);
        Some(Refusal::Revoked { name, version, floor })
    }

    fn check(&self) -> Result<(), Flaw> {
        expect(self.version >= 1, "version", "1 or more", self.version)?;
        let life = self.next_update.saturating_since(self.issued_at);
        let latest = self.issued_at.saturating_add(REVOCATIONS_LIFE_SECONDS_MAX);
        expect(
            (1..=REVOCATIONS_LIFE_SECONDS_MAX).contains(&life),
            "next_update",
            format_args!("later than `issued_at`, {}, until {latest}", self.issued_at),
            self.next_update,
        )?;
        for (field, count) in [
            ("keys", self.keys.len()),
            ("bundles", self.bundles.len()),
            ("versions", self.versions.len()),
        ] {
            expect(count <= REVOKED_MAX, field, format_args!("at most {REVOKED_MAX}"), count)?;
        }
        for (name, versions) in &self.versions {
            let field = format!("versions.{name}.below");
            expect(versions.below >= 1, &field, "1 or more", versions.below)?;
        }
        Ok(())
    }
}

fn expect(
    holds: bool,
    field: &str,
    expected: impl core::fmt::Display,
    found: impl core::fmt::Display,
) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::new(field, expected, found)) }
}

#[cfg(test)]
pub(crate) mod tests;
