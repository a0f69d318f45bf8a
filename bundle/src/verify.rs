//! `Unverified` → `Verified` → `Authorised`: how the bytes of a bundle become
//! something that may be loaded. Each arrow is the only way across, there is no
//! flag that skips one, and the order of the checks is part of the contract:
//! the first that fails is the one that is reported.
//!
//! | step | check | by |
//! | --- | --- | --- |
//! | 1, 2 | the container's form; 1 to 16 signatures, ascending | [`open`] |
//! | 3 | clock, trust root and revocation list | [`Bundle::authenticate`] |
//! | 4, 5 | signatures; at least one counts, before the payload is parsed | |
//! | 6 | manifest and section table | |
//! | 7 | audience; every counted signer has a role for the name | |
//! | 8, 9 | times; supported versions | |
//! | 10, 11 | revocation and floor; rollback and equivocation | |
//! | 13 | the manifest admits what the code was proved to do | [`Bundle::check_claims`] |
//! | 14 | enough distinct owners for the proved impact | [`Bundle::check_threshold`] |
//!
//! Step 12, verifying the code, belongs to the bytecode; what else is checked
//! (the file before, the site's policy after) to the runtime.

use core::ops::RangeInclusive;

use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::impact::Impact;

use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::Refusal;
use crate::known::KnownVersions;
use crate::manifest::{Capability, EntryPoint, Manifest};
use crate::name::OwnerId;
use crate::payload::Payload;
use crate::time::UnixSeconds;
use crate::trust::Trust;

mod admit;
mod claim;
mod daemon;
mod standing;
mod threshold;

pub use daemon::DaemonVersion;
pub use standing::Standing;
pub(crate) use standing::judge_signatures;

use threshold::Authority;

/// A bundle and how far it is believed.
#[must_use]
#[derive(Clone, Debug)]
pub struct Bundle<S> {
    archive: Archive,
    digest: Digest,
    state: S,
}

/// Well-formed, and nothing else is known.
#[derive(Clone, Debug)]
pub struct Unverified(());

/// Signed by somebody whom the trust root lets sign bundles of this name, meant
/// for this place and time, and not older than what was loaded. Its code has
/// not been verified yet.
#[derive(Clone, Debug)]
pub struct Verified {
    payload: Payload,
    signers: Vec<Signer>,
    authority: Authority,
}

/// Signed by enough owners for what its code was proved to do.
#[derive(Clone, Debug)]
pub struct Authorised {
    verified: Verified,
    impact: Impact,
}

/// Somebody whose signature counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Which key.
    pub key_id: KeyId,
    /// Who answers for it.
    pub owner: OwnerId,
}

/// What the loader knows when a bundle comes.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// The time, read once for the whole check.
    pub now: UnixSeconds,
    /// The latest time that the journal has seen; the clock may be behind it by
    /// a little, never by more.
    pub latest_seen: UnixSeconds,
    /// What can be run here.
    pub supported: &'a Supported,
    /// The kinds of section that the bytecode knows.
    pub section_kinds: &'a [u16],
    /// What was loaded before.
    pub known: &'a KnownVersions,
    /// What the bundle is wanted for.
    pub purpose: Purpose,
}

/// The versions that can be run here. The lowest of each is what stops a
/// downgrade to rules that were found wanting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supported {
    /// Instruction sets.
    pub isa_versions: RangeInclusive<u16>,
    /// Editions of the language.
    pub language_editions: RangeInclusive<u16>,
    /// Tables of fuel prices.
    pub cost_table_versions: RangeInclusive<u16>,
    /// The running version.
    pub daemon: DaemonVersion,
}

/// What a bundle is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Loading it, for runs to come: it must not be older than what was loaded.
    Load,
    /// Going on with a run that began with the bundle of this digest, whatever
    /// was loaded since.
    Resume(Digest),
}

/// What the bytecode verifier proved, in the manifest's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The playbooks, ascending by name. Their `max_mode` is the author's wish,
    /// which no code can prove, and is not compared.
    pub entry_points: Vec<EntryPoint>,
    /// What the code uses, ascending by name.
    pub capabilities: Vec<Capability>,
}

/// Steps 1 and 2: reads a bundle that is to be loaded.
///
/// # Errors
/// A refusal of the container, or [`Refusal::SignatureCount`] for a bundle that
/// nobody signed.
pub fn open(bytes: &[u8]) -> Result<Bundle<Unverified>, Refusal> {
    let archive = Archive::decode(bytes)?;
    if archive.signatures().is_empty() {
        return Err(Refusal::SignatureCount { found: 0 });
    }
    let digest = ObjectKind::BUNDLE.digest(archive.payload());
    Ok(Bundle { archive, digest, state: Unverified(()) })
}

impl<S> Bundle<S> {
    /// What the bundle is known by everywhere: the digest of its payload.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The whole bundle with its signatures, to store for as long as a run needs it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.archive.encode()
    }

    /// The keys that are said to have signed, ascending: for the journal's entry
    /// about a refusal.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.archive.signatures().iter().map(|record| record.key_id)
    }
}

impl Bundle<Unverified> {
    /// Steps 3 to 11. Nothing of the payload is parsed before a signature counts,
    /// and nothing outside changes: what was seen is recorded by whoever loads it.
    ///
    /// # Errors
    /// The first refusal in the order of the steps.
    pub fn authenticate(
        self,
        trust: &Trust,
        conditions: &Conditions<'_>,
    ) -> Result<Bundle<Verified>, Refusal> {
        let now = admit::check_in_force(trust, self.digest, conditions)?;
        let signers = standing::counted_signers(&self.archive, trust, now)?;
        let payload = Payload::decode(self.archive.payload())?;
        payload.check_kinds(conditions.section_kinds)?;
        let manifest = &payload.manifest;
        admit::check_audience(manifest, trust.root())?;
        let authority = Authority::of(trust.root(), &manifest.name, &signers)?;
        admit::check_times(manifest, now)?;
        admit::check_supported(manifest, conditions.supported)?;
        admit::check_revoked(manifest, self.digest, trust)?;
        admit::check_history(manifest, self.digest, conditions)?;
        let state = Verified { payload, signers, authority };
        Ok(Bundle { archive: self.archive, digest: self.digest, state })
    }
}

impl Bundle<Verified> {
    /// What the bundle says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.state.payload.manifest
    }

    /// Manifest and sections.
    pub fn payload(&self) -> &Payload {
        &self.state.payload
    }

    /// Those whose signatures count, ascending by key id.
    pub fn signers(&self) -> &[Signer] {
        &self.state.signers
    }

    /// Step 13: compares the manifest with what was proved from the code.
    ///
    /// # Errors
    /// [`Refusal::CapabilityMismatch`] or [`Refusal::Impact`].
    pub fn check_claims(&self, proved: &Proved) -> Result<(), Refusal> {
        claim::check(self.manifest(), proved)
    }

    /// Step 14: whether enough distinct owners signed for `proved`, the worst
    /// impact that the code was proved to have.
    ///
    /// # Errors
    /// [`Refusal::Impact`] when the manifest doesn't admit that impact, else
    /// [`Refusal::Threshold`].
    pub fn check_threshold(self, proved: Impact) -> Result<Bundle<Authorised>, Refusal> {
        let declared = self.manifest().impact();
        if proved > declared {
            return Err(Refusal::Impact { declared, proved });
        }
        self.state.authority.check(proved)?;
        let state = Authorised { verified: self.state, impact: proved };
        Ok(Bundle { archive: self.archive, digest: self.digest, state })
    }
}

impl Bundle<Authorised> {
    /// What the bundle says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.state.verified.payload.manifest
    }

    /// Manifest and sections.
    pub fn payload(&self) -> &Payload {
        &self.state.verified.payload
    }

    /// Those whose signatures count, ascending by key id.
    pub fn signers(&self) -> &[Signer] {
        &self.state.verified.signers
    }

    /// The impact that the signatures suffice for.
    pub fn impact(&self) -> Impact {
        self.state.impact
    }

    /// Whether the bundle may be used still, under those who are believed now: asked
    /// again before each act of its runs. Until when the answer holds if nobody says
    /// anything else.
    ///
    /// # Errors
    /// The first refusal among steps 4 to 14 that may have come about since.
    pub fn recheck(&self, trust: &Trust, now: UnixSeconds) -> Result<UnixSeconds, Refusal> {
        let manifest = self.manifest();
        let signers = standing::counted_signers(&self.archive, trust, now)?;
        let authority = Authority::of(trust.root(), &manifest.name, &signers)?;
        admit::check_times(manifest, now)?;
        admit::check_revoked(manifest, self.digest, trust)?;
        authority.check(self.state.impact)?;
        let keys = signers.iter().filter_map(|signer| trust.root().key(signer.key_id));
        let ends = keys.map(|key| key.not_after).chain([manifest.expires_at]);
        Ok(ends.min().unwrap_or(now))
    }
}

#[cfg(test)]
mod tests;
