//! What is signed: any bytes are refused, or are the one encoding of what they say.

use std::collections::{BTreeMap, BTreeSet};

use rye_bundle::archive::Archive;
use rye_bundle::manifest::{EntryPoint, Limits, Manifest, WorstCase};
use rye_bundle::name::{BundleName, EntryPointName, EnvironmentId, Label, OwnerId};
use rye_bundle::payload::{Payload, Section};
use rye_bundle::revocation::{Revocations, RevokedVersions};
use rye_bundle::sign::{sign_bundle, unsigned_bundle};
use rye_bundle::signature::SecretKey;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{
    ImpactPolicy, SignerRole, TrustRoot, TrustRootDraft, TrustedKey, Usage, Usages,
};
use rye_bundle::verify::DaemonVersion;
use rye_bytecode::encode;
use rye_core::digest::Digest;
use rye_core::impact::Impact;
use rye_core::mode::Mode;

use crate::source;

const DAY: UnixSeconds = UnixSeconds(1_800_000_000);
const NEXT_DAY: UnixSeconds = UnixSeconds(DAY.0 + 86_400);

pub(crate) fn check_bundle(bytes: &[u8]) -> bool {
    let Ok(archive) = Archive::decode(bytes) else { return false };
    assert_eq!(archive.encode(), bytes, "a container has one encoding");
    let Ok(payload) = Payload::decode(archive.payload()) else { return false };
    let encoded = payload.encode().expect("what can be read can be written");
    assert_eq!(encoded, archive.payload(), "a payload has one encoding");
    true
}

pub(crate) fn bundle_seeds() -> Vec<Vec<u8>> {
    let sections = encode(&source::ours(0).module).expect("a module of ours");
    let sections = sections.into_iter().map(|(kind, bytes)| Section { kind, bytes }).collect();
    let payload = Payload { manifest: manifest(), sections };
    let unsigned = unsigned_bundle(&payload).expect("a payload of ours");
    let signed = sign_bundle(&unsigned, &secret()).expect("a key of ours");
    vec![unsigned, signed]
}

pub(crate) fn check_trust_root(bytes: &[u8]) -> bool {
    let Ok(root) = TrustRoot::decode(bytes) else { return false };
    assert_eq!(root.encode(), bytes, "a trust root has one encoding");
    true
}

pub(crate) fn trust_root_seeds() -> Vec<Vec<u8>> {
    let public = *secret().public();
    let key_id = public.id();
    let key = TrustedKey {
        public,
        owner: OwnerId::new("ann@example.org").expect("a name"),
        not_before: DAY,
        not_after: NEXT_DAY,
        usages: Usages::from_iter([Usage::Root]),
    };
    let role = SignerRole {
        usage: Usage::Root,
        scope: None,
        threshold: 1,
        keys: BTreeSet::from([key_id]),
    };
    let draft = TrustRootDraft {
        version: 1,
        issued_at: DAY,
        expires_at: NEXT_DAY,
        environment: EnvironmentId::new("lab").expect("a name"),
        keys: vec![key],
        signer_roles: vec![role],
        people_roles: BTreeMap::new(),
        reset_counters: BTreeSet::new(),
        impact_policy: ImpactPolicy::default(),
    };
    vec![draft.build().expect("a trust root of ours").encode()]
}

pub(crate) fn check_revocations(bytes: &[u8]) -> bool {
    let Ok(list) = Revocations::decode(bytes) else { return false };
    assert_eq!(list.encode(), bytes, "a revocation list has one encoding");
    true
}

pub(crate) fn revocations_seeds() -> Vec<Vec<u8>> {
    let reason = || Label::new("a laptop was stolen").expect("a text");
    let name = BundleName::new("soc/block").expect("a name");
    let list = Revocations {
        version: 3,
        issued_at: DAY,
        next_update: NEXT_DAY,
        environment: EnvironmentId::new("lab").expect("a name"),
        keys: BTreeMap::from([(secret().public().id(), reason())]),
        bundles: BTreeMap::from([(Digest([1; 32]), reason())]),
        versions: BTreeMap::from([(name, RevokedVersions { below: 4, reason: reason() })]),
    };
    vec![list.encode()]
}

fn secret() -> SecretKey {
    SecretKey::from_seed(&[1; 32]).expect("a good seed")
}

fn manifest() -> Manifest {
    Manifest {
        name: BundleName::new("lab/contain_scanner").expect("a name"),
        version: 1,
        display_version: Label::new("1").expect("a label"),
        rollback_floor: 0,
        audience: vec![EnvironmentId::new("lab").expect("a name")],
        created_at: DAY,
        not_before: DAY,
        expires_at: NEXT_DAY,
        isa_version: 1,
        language_edition: 1,
        cost_table_version: 1,
        min_daemon: DaemonVersion::default(),
        compiler_name: Label::new("ryec").expect("a label"),
        compiler_version: Label::new("1").expect("a label"),
        source_digest: Digest([3; 32]),
        limits: Limits { fuel: 1, memory_bytes: 1 },
        entry_points: vec![EntryPoint {
            name: EntryPointName::new("contain_scanner").expect("a name"),
            input_schema: Digest([4; 32]),
            max_mode: Mode::Shadow,
            impact: Impact::Observe,
            worst_case: WorstCase { fuel: 1, waiting_micros: 0, queries: 0, uses: Vec::new() },
        }],
        capabilities: Vec::new(),
    }
}
