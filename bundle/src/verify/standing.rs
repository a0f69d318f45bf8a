//! Steps 4 and 5: what each signature is worth.

use core::fmt;

use rye_core::id::KeyId;

use super::Signer;
use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::Refusal;
use crate::revocation::Revocations;
use crate::signature::{FoundToHold, InvalidSignature};
use crate::time::UnixSeconds;
use crate::trust::{Trust, TrustRoot, TrustedKey, Usage};

/// What a signature is worth. A signature of a known key that doesn't hold has
/// no standing: it refuses the whole object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Counts,
    /// The trust root doesn't know the key.
    UnknownKey,
    /// The key doesn't count yet.
    NotYetValid {
        /// From when on it does.
        not_before: UnixSeconds,
    },
    /// The key no longer counts.
    Expired {
        /// Since when.
        not_after: UnixSeconds,
    },
    /// The key was revoked.
    Revoked,
    /// The key is not for objects of this sort.
    WrongUsage {
        /// What it would have to be for.
        wanted: Usage,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counts => f.write_str("counts"),
            Self::UnknownKey => f.write_str("not in the trust root"),
            Self::NotYetValid { not_before } => write!(f, "counts only from {not_before} on"),
            Self::Expired { not_after } => write!(f, "expired at {not_after}"),
            Self::Revoked => f.write_str("revoked"),
            Self::WrongUsage { wanted } => write!(f, "has not the usage `{wanted}`"),
        }
    }
}

impl Standing {
    /// What a good signature of `key` is worth, at `now`, for `wanted`.
    pub(crate) fn of(
        key: &TrustedKey,
        revoked: Option<&Revocations>,
        wanted: Usage,
        now: UnixSeconds,
    ) -> Self {
        if revoked.is_some_and(|list| list.keys.contains_key(&key.public.id())) {
            Self::Revoked
        } else if !key.usages.contains(wanted) {
            Self::WrongUsage { wanted }
        } else if now < key.not_before {
            Self::NotYetValid { not_before: key.not_before }
        } else if now >= key.not_after {
            Self::Expired { not_after: key.not_after }
        } else {
            Self::Counts
        }
    }
}

/// Verifies every signature of a known key that was not `found` to hold before, in
/// order, and says what each is worth. Signatures of unknown keys are not verified: they
/// can't harm.
///
/// # Errors
/// [`Refusal::SignatureInvalid`] for the first known key whose signature is not
/// over this object.
pub(crate) fn judge_signatures(
    archive: &Archive,
    object: ObjectKind,
    root: &TrustRoot,
    revoked: Option<&Revocations>,
    wanted: Usage,
    now: UnixSeconds,
    found: &FoundToHold,
) -> Result<Vec<(KeyId, Standing)>, Refusal> {
    let message = object.signed_bytes(archive.payload());
    let mut judged = Vec::with_capacity(archive.signatures().len());
    for record in archive.signatures() {
        let standing = match root.key(record.key_id) {
            None => Standing::UnknownKey,
            Some(key) => {
                found.verify_strict(&key.public, &message, &record.signature).map_err(
                    |InvalidSignature| Refusal::SignatureInvalid {
                        key_id: record.key_id,
                        owner: key.owner.clone(),
                    },
                )?;
                Standing::of(key, revoked, wanted, now)
            }
        };
        judged.push((record.key_id, standing));
    }
    Ok(judged)
}

/// The signers of a bundle whose signatures count, at least one.
pub(super) fn counted_signers(
    archive: &Archive,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Vec<Signer>, Refusal> {
    let (root, revoked) = (trust.root(), trust.revocations());
    let object = ObjectKind::BUNDLE;
    let found = trust.found_to_hold();
    let standings = judge_signatures(archive, object, root, revoked, Usage::Bundle, now, found)?;
    let signers: Vec<Signer> = standings
        .iter()
        .filter(|(_, standing)| *standing == Standing::Counts)
        .filter_map(|(key_id, _)| root.key(*key_id))
        .map(|key| Signer { key_id: key.public.id(), owner: key.owner.clone() })
        .collect();
    if signers.is_empty() {
        return Err(Refusal::NoTrustedSignature { standings });
    }
    Ok(signers)
}
