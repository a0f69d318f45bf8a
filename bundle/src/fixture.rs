//! A small site for tests: its people, its trust root, a bundle, all of it real.

use std::collections::{BTreeMap, BTreeSet};

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::impact::Impact;
use rye_core::mode::Mode;
use sha2::{Digest as _, Sha512};

use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::known::KnownVersions;
use crate::manifest::{Capability, CapabilityKind, EntryPoint, Limits, Manifest, WorstCase};
use crate::name::{
    ActionName, BundleName, EntryPointName, EnvironmentId, Label, OwnerId, RoleName,
};
use crate::payload::{Payload, Section};
use crate::sign::{sign_bundle, unsigned_bundle};
use crate::signature::{SecretKey, Signature};
use crate::time::UnixSeconds;
use crate::trust::{
    AcceptedRoot, BundleScope, ImpactPolicy, PinnedDigest, SignerRole, Trust, TrustRoot,
    TrustRootDraft, TrustedKey, Usage,
};
use crate::verify::{Conditions, DaemonVersion, Purpose, Supported};

/// When the tests take place.
pub(crate) const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

/// Who has which key; the number is the seed.
pub(crate) const ALICE: u8 = 1;
pub(crate) const BOB: u8 = 2;
pub(crate) const CI_MAIN: u8 = 3;
pub(crate) const CI_NIGHTLY: u8 = 4;
/// A second key of Alice's.
pub(crate) const ALICE_TOO: u8 = 5;
/// Approves and operates, signs no bundles.
pub(crate) const CAROL: u8 = 6;
pub(crate) const DORA: u8 = 7;
pub(crate) const ERIN: u8 = 8;
/// Signs bundles below `lab/` only.
pub(crate) const FRED: u8 = 9;
/// Signs revocation lists, where the trust root has a role for that.
pub(crate) const GITA: u8 = 10;
/// Signs them after her.
pub(crate) const HANS: u8 = 11;
/// Signs trust roots later.
pub(crate) const KARL: u8 = 12;
/// Nobody knows this one.
pub(crate) const MALLORY: u8 = 66;

pub(crate) fn secret(who: u8) -> SecretKey {
    SecretKey::from_seed(&[who; 32]).unwrap()
}

pub(crate) fn id(who: u8) -> KeyId {
    secret(who).public().id()
}

pub(crate) fn owner(text: &str) -> OwnerId {
    OwnerId::new(text).unwrap()
}

pub(crate) fn at(days: i64) -> UnixSeconds {
    UnixSeconds(NOW.0.checked_add_signed(days * 86_400).unwrap())
}

pub(crate) fn trusted(who: u8, name: &str, usages: &[Usage]) -> TrustedKey {
    TrustedKey {
        public: *secret(who).public(),
        owner: owner(name),
        not_before: at(-30),
        not_after: at(300),
        usages: usages.iter().copied().collect(),
    }
}

pub(crate) fn bundle_role(
    prefix: &str,
    max_impact: Impact,
    threshold: u8,
    who: &[u8],
) -> SignerRole {
    SignerRole {
        usage: Usage::Bundle,
        scope: Some(BundleScope {
            max_impact,
            prefixes: BTreeSet::from([prefix.parse().unwrap()]),
        }),
        threshold,
        keys: who.iter().map(|who| id(*who)).collect(),
    }
}

/// The site's trust root: everybody above but Mallory.
pub(crate) fn draft() -> TrustRootDraft {
    TrustRootDraft {
        version: 1,
        issued_at: at(-20),
        expires_at: at(200),
        environment: EnvironmentId::new("production").unwrap(),
        keys: vec![
            trusted(ALICE, "alice", &[Usage::Bundle]),
            trusted(ALICE_TOO, "alice", &[Usage::Bundle]),
            trusted(BOB, "bob@example.org", &[Usage::Bundle]),
            trusted(CI_MAIN, "ci:main", &[Usage::Bundle]),
            trusted(CI_NIGHTLY, "ci:nightly", &[Usage::Bundle]),
            trusted(CAROL, "carol", &[Usage::Approval, Usage::Operator]),
            trusted(DORA, "dora", &[Usage::Root]),
            trusted(ERIN, "erin", &[Usage::Root]),
            trusted(FRED, "fred", &[Usage::Bundle]),
        ],
        signer_roles: vec![
            SignerRole {
                usage: Usage::Root,
                scope: None,
                threshold: 2,
                keys: BTreeSet::from([id(DORA), id(ERIN)]),
            },
            bundle_role(
                "soc/",
                Impact::Destructive,
                1,
                &[ALICE, ALICE_TOO, BOB, CI_MAIN, CI_NIGHTLY],
            ),
            bundle_role("lab/", Impact::Destructive, 1, &[FRED]),
        ],
        people_roles: BTreeMap::from([(
            RoleName::new("soc_lead").unwrap(),
            BTreeSet::from([owner("carol")]),
        )]),
        impact_policy: ImpactPolicy::default(),
        reset_counters: BTreeSet::new(),
    }
}

pub(crate) fn signed_root(root: &TrustRoot, who: &[u8]) -> Vec<u8> {
    let mut file = Archive::decode(&root.unsigned_file().unwrap()).unwrap();
    let message = ObjectKind::TRUST_ROOT.signed_bytes(file.payload());
    for who in who {
        file.insert(secret(*who).sign(&message).unwrap()).unwrap();
    }
    file.encode()
}

/// A signature that holds, with another nonce than the standard asks for.
pub(crate) fn second_signature(who: u8, message: &[u8]) -> Signature {
    let hash = |parts: &[&[u8]]| -> [u8; 64] {
        let mut hasher = Sha512::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    };
    let expanded = hash(&[&[who; 32]]);
    let [low, ..] = expanded.as_chunks::<32>().0 else { panic!() };
    let key = Scalar::from_bytes_mod_order(clamp_integer(*low));
    let nonce = Scalar::from(1_234_567_u64);
    let commitment = EdwardsPoint::mul_base(&nonce).compress().to_bytes();
    let public = *secret(who).public().bytes();
    let challenge = hash(&[&commitment, &public, message]);
    let answer = nonce + Scalar::from_bytes_mod_order_wide(&challenge) * key;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&commitment);
    signature[32..].copy_from_slice(answer.as_bytes());
    Signature(signature)
}

/// Who is believed when this trust root is pinned.
pub(crate) fn accepted(draft: TrustRootDraft) -> Trust {
    let root = draft.build().unwrap();
    let file = signed_root(&root, &[DORA, ERIN]);
    Trust::new(AcceptedRoot::accept(&file, PinnedDigest::new(root.digest())).unwrap())
}

pub(crate) fn name(text: &str) -> BundleName {
    BundleName::new(text).unwrap()
}

pub(crate) fn manifest() -> Manifest {
    let capability = |name: &str, kind, impact| Capability {
        name: ActionName::new(name).unwrap(),
        kind,
        schema: Digest([name.len().to_le_bytes()[0]; 32]),
        impact,
    };
    Manifest {
        name: name("soc/contain_scanner"),
        version: 7,
        display_version: Label::new("1.2.0").unwrap(),
        rollback_floor: 5,
        audience: vec![
            EnvironmentId::new("production").unwrap(),
            EnvironmentId::new("staging").unwrap(),
        ],
        created_at: at(-2),
        not_before: at(-1),
        expires_at: at(90),
        isa_version: 1,
        language_edition: 1,
        cost_table_version: 1,
        min_daemon: DaemonVersion { major: 0, minor: 1, patch: 0 },
        compiler_name: Label::new("ryec").unwrap(),
        compiler_version: Label::new("0.1.0").unwrap(),
        source_digest: Digest([3; 32]),
        limits: Limits { fuel: 1_000_000, memory_bytes: 1 << 20 },
        entry_points: vec![EntryPoint {
            name: EntryPointName::new("contain_scanner").unwrap(),
            input_schema: Digest([4; 32]),
            max_mode: Mode::Enforce,
            impact: Impact::Destructive,
            worst_case: WorstCase {
                fuel: 5_000,
                waiting_micros: 3_600_000_000,
                queries: 1,
                uses: vec![2, 1, 3],
            },
        }],
        capabilities: vec![
            capability("std.firewall.block", CapabilityKind::Action, Impact::Reversible),
            capability("std.firewall.is_blocked", CapabilityKind::Query, Impact::Observe),
            capability("std.notify.analysts", CapabilityKind::Notice, Impact::Observe),
        ],
    }
}

pub(crate) fn payload() -> Payload {
    Payload {
        manifest: manifest(),
        sections: vec![
            Section { kind: 1, bytes: b"constants".to_vec() },
            Section { kind: 4, bytes: b"code".to_vec() },
            Section { kind: 12, bytes: Vec::new() },
        ],
    }
}

pub(crate) fn signed(payload: &Payload, who: &[u8]) -> Vec<u8> {
    who.iter().fold(unsigned_bundle(payload).unwrap(), |file, who| {
        sign_bundle(&file, &secret(*who)).unwrap()
    })
}

pub(crate) fn signed_manifest(manifest: Manifest, who: &[u8]) -> Vec<u8> {
    signed(&Payload { manifest, ..payload() }, who)
}

pub(crate) const SECTION_KINDS: &[u16] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

pub(crate) fn supported() -> Supported {
    Supported {
        isa_versions: 1..=2,
        language_editions: 1..=1,
        cost_table_versions: 1..=1,
        daemon: DaemonVersion { major: 0, minor: 1, patch: 3 },
    }
}

/// What a loader knows that has loaded nothing yet.
pub(crate) fn conditions<'a>(supported: &'a Supported, known: &'a KnownVersions) -> Conditions<'a> {
    Conditions {
        now: NOW,
        latest_seen: NOW,
        supported,
        section_kinds: SECTION_KINDS,
        known,
        purpose: Purpose::Load,
    }
}
