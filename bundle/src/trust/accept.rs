//! How a trust root comes to be believed: by a digest that people pinned, never
//! because it was there first.

use std::collections::BTreeSet;

use rye_core::digest::Digest;

use super::{TrustRoot, Usage};
use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::Refusal;
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
        check_signers(&root, &archive)?;
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

fn check_signers(root: &TrustRoot, archive: &Archive) -> Result<(), Refusal> {
    let judged =
        judge_signatures(archive, ObjectKind::TRUST_ROOT, root, Usage::Root, root.issued_at)?;
    // INVARIANT: a trust root has exactly one role with this usage.
    let Some(role) = root.signer_roles(Usage::Root).next() else {
        return Err(Refusal::RootThreshold { need: 1, have: 0 });
    };
    let owners: BTreeSet<_> = judged
        .iter()
        .filter(|(key_id, standing)| *standing == Standing::Counts && role.keys.contains(key_id))
        .filter_map(|(key_id, _)| root.key(*key_id))
        .map(|key| &key.owner)
        .collect();
    let need = usize::from(role.threshold);
    if owners.len() < need {
        return Err(Refusal::RootThreshold { need, have: owners.len() });
    }
    Ok(())
}
