//! How a trust root comes to be believed: by a digest that people pinned, never
//! because it was there first.

use std::collections::BTreeSet;

use rye_core::digest::Digest;

use super::{SignerRole, TrustRoot, Usage};
use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::Refusal;
use crate::revocation::Revocations;
use crate::signature::FoundToHold;
use crate::time::UnixSeconds;
use crate::verify::{Standing, judge_signatures};

/// The digest of the trust root that people agreed on, from a place that only
/// they can write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedDigest(Digest);

impl PinnedDigest {
    /// States that `digest` came from people, and not from the file that it is
    /// to be compared with.
    pub fn new(digest: Digest) -> Self {
        Self(digest)
    }

    /// The digest.
    pub fn digest(self) -> Digest {
        self.0
    }
}

/// A trust root that is believed.
#[derive(Clone, Debug)]
pub struct AcceptedRoot {
    root: TrustRoot,
    digest: Digest,
}

impl AcceptedRoot {
    /// Believes the trust root in `bytes` if it is the pinned one, and if enough
    /// of those who may sign its successor have signed it, which shows that they
    /// hold their keys.
    ///
    /// Keys are judged as of the moment when the root was issued. Whether the
    /// root is still in force is asked when a bundle is loaded: under an expired
    /// root nothing is loaded, but what runs can still be held and undone.
    ///
    /// # Errors
    /// A refusal of the container, then the first of [`Refusal::RootPin`],
    /// `RootForm`, `RootKey`, `SignatureInvalid`, `RootThreshold`.
    pub fn accept(bytes: &[u8], pin: PinnedDigest) -> Result<Self, Refusal> {
        let archive = Archive::decode(bytes)?;
        let digest = ObjectKind::TRUST_ROOT.digest(archive.payload());
        if digest != pin.0 {
            return Err(Refusal::RootPin { pinned: pin.0, found: digest });
        }
        let root = TrustRoot::decode(archive.payload())?;
        Self::signed(root, digest, &archive, None)
    }

    /// Believes a root that somebody vouches for, if its own signers have signed it.
    pub(super) fn signed(
        root: TrustRoot,
        digest: Digest,
        archive: &Archive,
        revoked: Option<&Revocations>,
    ) -> Result<Self, Refusal> {
        let have = root_owners(&root, archive, root.issued_at, revoked)?;
        let need = root_threshold(&root);
        if have < need {
            return Err(Refusal::RootThreshold { need, have });
        }
        Ok(Self { root, digest })
    }

    /// What it says.
    pub fn root(&self) -> &TrustRoot {
        &self.root
    }

    /// What it is known by.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// How many owners must sign a trust root and its successor.
pub(super) fn root_threshold(root: &TrustRoot) -> usize {
    // INVARIANT: a trust root has exactly one role with this usage.
    root.signer_roles(Usage::Root).map(|role| usize::from(role.threshold)).next().unwrap_or(1)
}

/// How many distinct owners of the root role signed a trust root.
pub(super) fn root_owners(
    root: &TrustRoot,
    archive: &Archive,
    at: UnixSeconds,
    revoked: Option<&Revocations>,
) -> Result<usize, Refusal> {
    let role = root.signer_roles(Usage::Root).next();
    role.map_or(Ok(0), |role| {
        counted_owners(root, role, ObjectKind::TRUST_ROOT, archive, at, revoked)
    })
}

/// How many distinct owners of the role's keys signed an object.
pub(super) fn counted_owners(
    root: &TrustRoot,
    role: &SignerRole,
    object: ObjectKind,
    archive: &Archive,
    at: UnixSeconds,
    revoked: Option<&Revocations>,
) -> Result<usize, Refusal> {
    let none = FoundToHold::default();
    let judged = judge_signatures(archive, object, root, revoked, role.usage, at, &none)?;
    let owners: BTreeSet<_> = judged
        .iter()
        .filter(|(key_id, standing)| *standing == Standing::Counts && role.keys.contains(key_id))
        .filter_map(|(key_id, _)| root.key(*key_id))
        .map(|key| &key.owner)
        .collect();
    Ok(owners.len())
}
