//! Who is believed, for what, until when: the trust root.
//!
//! People write a [`TrustRootDraft`]; [`TrustRootDraft::build`] checks it; a
//! [`TrustRoot`] is sound but proves nothing. Only an [`AcceptedRoot`] is
//! believed: the one whose digest people pinned, and what its signers and its
//! successors' put in its place. [`Trust`] is who is believed now.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::impact::Impact;

use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::{Flaw, Refusal};
use crate::name::{BundleName, EnvironmentId, NamePrefix, OwnerId, RoleName};
use crate::signature::PublicKey;
use crate::time::UnixSeconds;

mod accept;
mod check;
mod current;
mod encoding;
mod listing;
mod usage;

pub use accept::{AcceptedRoot, PinnedDigest};
pub use current::{Taken, Trust};
pub use usage::{Usage, Usages};

/// The version of the trust root's form that this crate reads and writes.
pub const SPEC_VERSION: u16 = 1;

/// A trust root as people write it. The order of keys and roles doesn't matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustRootDraft {
    /// Counts up by one with each change, from 1.
    pub version: u64,
    /// When it was made.
    pub issued_at: UnixSeconds,
    /// From when on no bundle is loaded under it.
    pub expires_at: UnixSeconds,
    /// The installation that it is for; bundles must name it in their audience.
    pub environment: EnvironmentId,
    /// Every key that can count for anything.
    pub keys: Vec<TrustedKey>,
    /// Which keys together may sign what.
    pub signer_roles: Vec<SignerRole>,
    /// Which people answer as what.
    pub people_roles: BTreeMap<RoleName, BTreeSet<OwnerId>>,
    /// How many owners must sign, by impact.
    pub impact_policy: ImpactPolicy,
    /// Bundles whose known versions are forgotten when this root is taken: the only
    /// way on which a version that was loaded can be gone back on.
    pub reset_counters: BTreeSet<BundleName>,
}

/// A public key, who answers for it, when, and for what it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// The key.
    pub public: PublicKey,
    /// Who answers for it. Thresholds count owners, never keys.
    pub owner: OwnerId,
    /// From when on it counts.
    pub not_before: UnixSeconds,
    /// From when on it no longer counts.
    pub not_after: UnixSeconds,
    /// What it may be used for.
    pub usages: Usages,
}

/// Keys that together may sign one sort of object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignerRole {
    /// What they sign; each of the keys must allow it.
    pub usage: Usage,
    /// Which bundles, for the usage `bundle` and for no other.
    pub scope: Option<BundleScope>,
    /// How many distinct owners must sign before the role speaks.
    pub threshold: u8,
    /// The keys.
    pub keys: BTreeSet<KeyId>,
}

/// Which bundles a role may sign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundleScope {
    /// The worst that such a bundle may do.
    pub max_impact: Impact,
    /// What it may be called.
    pub prefixes: BTreeSet<NamePrefix>,
}

/// How many distinct owners must have signed, and how many of them are people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Distinct owners, at least 1.
    pub owners: u8,
    /// People among them.
    pub humans: u8,
}

/// What each class of impact asks for. A bundle can't lower it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpactPolicy {
    /// For bundles that only read.
    pub observe: Requirement,
    /// For what can be undone and interrupts nobody.
    pub reversible: Requirement,
    /// For what interrupts work.
    pub disruptive: Requirement,
    /// For what can't be undone.
    pub destructive: Requirement,
}

impl ImpactPolicy {
    /// What a bundle of this impact needs.
    pub const fn requirement(&self, impact: Impact) -> Requirement {
        match impact {
            Impact::Observe => self.observe,
            Impact::Reversible => self.reversible,
            Impact::Disruptive => self.disruptive,
            Impact::Destructive => self.destructive,
        }
    }
}

/// One owner for what is harmless; two, of whom one is a person, for what
/// interrupts or can't be undone.
impl Default for ImpactPolicy {
    fn default() -> Self {
        let one = Requirement { owners: 1, humans: 0 };
        let two = Requirement { owners: 2, humans: 1 };
        Self { observe: one, reversible: one, disruptive: two, destructive: two }
    }
}

/// A trust root whose fields are sound and fit together. It proves nothing yet:
/// anybody can write one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustRoot {
    version: u64,
    issued_at: UnixSeconds,
    expires_at: UnixSeconds,
    environment: EnvironmentId,
    keys: BTreeMap<KeyId, TrustedKey>,
    signer_roles: BTreeSet<SignerRole>,
    people_roles: BTreeMap<RoleName, BTreeSet<OwnerId>>,
    impact_policy: ImpactPolicy,
    reset_counters: BTreeSet<BundleName>,
}

impl TrustRootDraft {
    /// Checks the draft.
    ///
    /// # Errors
    /// What is wrong with it: which field, what was expected, what was found.
    pub fn build(self) -> Result<TrustRoot, Flaw> {
        check::check(&self)?;
        Ok(TrustRoot {
            version: self.version,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            environment: self.environment,
            keys: self.keys.into_iter().map(|key| (key.public.id(), key)).collect(),
            signer_roles: self.signer_roles.into_iter().collect(),
            people_roles: self.people_roles,
            impact_policy: self.impact_policy,
            reset_counters: self.reset_counters,
        })
    }
}

impl TrustRoot {
    /// Reads the payload of a trust root.
    ///
    /// # Errors
    /// [`Refusal::RootForm`] or [`Refusal::RootKey`].
    pub fn decode(payload: &[u8]) -> Result<Self, Refusal> {
        encoding::read(payload)?.build().map_err(Refusal::RootForm)
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Vec<u8> {
        encoding::write(self)
    }

    /// The file that its signers sign, without signatures.
    ///
    /// # Errors
    /// [`Refusal::Length`], for a root that is larger than any file may be.
    pub fn unsigned_file(&self) -> Result<Vec<u8>, Refusal> {
        Ok(Archive::unsigned(self.encode())?.encode())
    }

    /// What people pin: the digest of the payload. Signatures don't change it.
    pub fn digest(&self) -> Digest {
        ObjectKind::TRUST_ROOT.digest(&self.encode())
    }

    /// The root as a draft, to make the next version from.
    pub fn to_draft(&self) -> TrustRootDraft {
        TrustRootDraft {
            version: self.version,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            environment: self.environment.clone(),
            keys: self.keys.values().cloned().collect(),
            signer_roles: self.signer_roles.iter().cloned().collect(),
            people_roles: self.people_roles.clone(),
            impact_policy: self.impact_policy,
            reset_counters: self.reset_counters.clone(),
        }
    }

    /// Counts up by one with each change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it was made.
    pub fn issued_at(&self) -> UnixSeconds {
        self.issued_at
    }

    /// From when on no bundle is loaded under it.
    pub fn expires_at(&self) -> UnixSeconds {
        self.expires_at
    }

    /// The installation that it is for.
    pub fn environment(&self) -> &EnvironmentId {
        &self.environment
    }

    /// The key of this name.
    pub fn key(&self, key_id: KeyId) -> Option<&TrustedKey> {
        self.keys.get(&key_id)
    }

    /// All keys, ascending by key id.
    pub fn keys(&self) -> impl Iterator<Item = &TrustedKey> {
        self.keys.values()
    }

    /// The signer roles for one usage.
    pub fn signer_roles(&self, usage: Usage) -> impl Iterator<Item = &SignerRole> {
        self.signer_roles.iter().filter(move |role| role.usage == usage)
    }

    /// The names of the people's roles, each with the owners who hold it.
    pub fn people_roles(&self) -> &BTreeMap<RoleName, BTreeSet<OwnerId>> {
        &self.people_roles
    }

    /// Whether `owner` answers as `role`.
    pub fn has_role(&self, owner: &OwnerId, role: &RoleName) -> bool {
        self.people_roles.get(role).is_some_and(|owners| owners.contains(owner))
    }

    /// How many owners must sign, by impact.
    pub fn impact_policy(&self) -> &ImpactPolicy {
        &self.impact_policy
    }

    /// Bundles whose known versions are forgotten when this root is taken.
    pub fn reset_counters(&self) -> &BTreeSet<BundleName> {
        &self.reset_counters
    }

    /// The role that signs revocation lists. A root that has one asks for a list.
    pub fn revocation_role(&self) -> Option<&SignerRole> {
        self.signer_roles(Usage::Revocation).next()
    }
}

#[cfg(test)]
pub(crate) mod tests;
