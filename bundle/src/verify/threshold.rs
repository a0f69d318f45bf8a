//! Steps 7 and 14: which roles speak for a bundle, and whether they are enough.
//!
//! What is counted is always distinct owners: never signatures, never keys. A
//! role speaks when as many distinct owners of its keys signed as its threshold
//! says, for bundles of its prefixes up to its impact. The owners of all roles
//! that speak are then counted together against the impact policy.

use std::collections::BTreeSet;

use rye_core::impact::Impact;

use super::Signer;
use crate::error::{OwnerCount, Refusal};
use crate::name::{BundleName, OwnerId};
use crate::trust::{ImpactPolicy, SignerRole, TrustRoot, Usage};

/// What the counted signatures of one bundle amount to.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    voices: Vec<Voice>,
    policy: ImpactPolicy,
}

/// A role that speaks for the bundle.
#[derive(Clone, Debug)]
struct Voice {
    max_impact: Impact,
    owners: BTreeSet<OwnerId>,
}

impl Authority {
    /// Step 7: every counted signer must have a role for bundles of this name.
    pub(super) fn of(
        root: &TrustRoot,
        name: &BundleName,
        signers: &[Signer],
    ) -> Result<Self, Refusal> {
        let roles: Vec<(&SignerRole, Impact)> = root
            .signer_roles(Usage::Bundle)
            .filter_map(|role| role.scope.as_ref().map(|scope| (role, scope)))
            .filter(|(_, scope)| scope.prefixes.iter().any(|prefix| prefix.covers(name)))
            .map(|(role, scope)| (role, scope.max_impact))
            .collect();
        for Signer { key_id, owner } in signers {
            if !roles.iter().any(|(role, _)| role.keys.contains(key_id)) {
                let (key_id, owner) = (*key_id, owner.clone());
                return Err(Refusal::Delegation { key_id, owner, name: name.clone() });
            }
        }
        let voices = roles
            .into_iter()
            .map(|(role, max_impact)| (role, Voice { max_impact, owners: owners(role, signers) }))
            .filter(|(role, voice)| voice.owners.len() >= usize::from(role.threshold))
            .map(|(_, voice)| voice)
            .collect();
        Ok(Self { voices, policy: *root.impact_policy() })
    }

    /// Step 14: whether those who speak for `impact` are enough.
    pub(super) fn check(&self, impact: Impact) -> Result<(), Refusal> {
        let all: BTreeSet<&OwnerId> = self.voices.iter().flat_map(|voice| &voice.owners).collect();
        let speaking = self.voices.iter().filter(|voice| voice.max_impact >= impact);
        let owners: BTreeSet<&OwnerId> = speaking.flat_map(|voice| &voice.owners).collect();
        let humans = owners.iter().filter(|owner| owner.is_human()).count();
        let have = OwnerCount { owners: owners.len(), humans };
        let need = self.policy.requirement(impact);
        if have.owners < usize::from(need.owners) || have.humans < usize::from(need.humans) {
            let milder = all.difference(&owners).count();
            return Err(Refusal::Threshold { impact, need, have, milder });
        }
        Ok(())
    }
}

/// The distinct owners of the role's keys who signed.
fn owners(role: &SignerRole, signers: &[Signer]) -> BTreeSet<OwnerId> {
    signers
        .iter()
        .filter(|signer| role.keys.contains(&signer.key_id))
        .map(|signer| signer.owner.clone())
        .collect()
}
