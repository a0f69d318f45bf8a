//! Every reason to refuse: how it comes about, and what a person is told.

use super::*;
use crate::name::Label;
use crate::revocation::tests::{after, list, list_draft, offered};
use crate::sign::unsigned_bundle;
use crate::trust::{AcceptedRoot, PinnedDigest};

/// Every variant has its number here; one that is added has to be added to
/// [`examples`] as well, or the test below fails.
fn number(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::Size { .. } => 0,
        Refusal::Magic(_) => 1,
        Refusal::ContainerVersion(_) => 2,
        Refusal::Flags(_) => 3,
        Refusal::Length(_) => 4,
        Refusal::Trailing(_) => 5,
        Refusal::SignatureCount { .. } => 6,
        Refusal::SignatureOrder(_) => 7,
        Refusal::RootPin { .. } => 8,
        Refusal::RootForm(_) => 9,
        Refusal::RootKey { .. } => 10,
        Refusal::RootThreshold { .. } => 11,
        Refusal::Clock { .. } => 12,
        Refusal::RootExpired { .. } => 13,
        Refusal::SignatureInvalid { .. } => 14,
        Refusal::NoTrustedSignature { .. } => 15,
        Refusal::Manifest(_) => 16,
        Refusal::SectionLength(_) => 17,
        Refusal::SectionOrder(_) => 18,
        Refusal::SectionUnknown(_) => 19,
        Refusal::Audience { .. } => 20,
        Refusal::Delegation { .. } => 21,
        Refusal::NotYetValid { .. } => 22,
        Refusal::Expired { .. } => 23,
        Refusal::Lifetime { .. } => 24,
        Refusal::Isa { .. } => 25,
        Refusal::DaemonTooOld { .. } => 26,
        Refusal::Revoked { .. } => 27,
        Refusal::Equivocation { .. } => 28,
        Refusal::Rollback { .. } => 29,
        Refusal::RunBundle { .. } => 30,
        Refusal::CapabilityMismatch(_) => 31,
        Refusal::Impact { .. } => 32,
        Refusal::Threshold { .. } => 33,
        Refusal::RootPredecessor { .. } => 34,
        Refusal::RootSkip { .. } => 35,
        Refusal::RootRollback { .. } => 36,
        Refusal::RootEquivocation { .. } => 37,
        Refusal::RevocationsForm(_) => 38,
        Refusal::RevocationsThreshold { .. } => 39,
        Refusal::RevocationsRollback { .. } => 40,
        Refusal::RevocationsEquivocation { .. } => 41,
        Refusal::Freshness { .. } => 42,
        Refusal::RevokedBundle { .. } => 43,
    }
}

const VARIANTS: usize = 44;

fn spoiled(change: impl FnOnce(&mut Vec<u8>)) -> Refusal {
    let mut file = signed(&payload(), &[ALICE]);
    change(&mut file);
    refused(&file)
}

/// A bundle of bytes that no encoder writes, signed all the same.
fn spoiled_payload(change: impl FnOnce(&mut Vec<u8>)) -> Refusal {
    let mut bytes = payload().encode().unwrap();
    change(&mut bytes);
    let record = secret(ALICE).sign(&ObjectKind::BUNDLE.signed_bytes(&bytes)).unwrap();
    let mut file = Archive::unsigned(bytes).unwrap();
    file.insert(record).unwrap();
    refused(&file.encode())
}

fn container() -> Vec<Refusal> {
    let size = crate::archive::CONTAINER_BYTES_MAX + 1;
    vec![
        spoiled(|f| f.resize(size, 0)),
        spoiled(|f| f[0] = b'r'),
        spoiled(|f| f[5] = 9),
        spoiled(|f| f[7] = 1),
        spoiled(|f| f.truncate(40)),
        spoiled(|f| f.push(0)),
        refused(&unsigned_bundle(&payload()).unwrap()),
        spoiled(|f| {
            f[12] = 2;
            f.extend_from_within(f.len() - 96..);
        }),
    ]
}

fn roots() -> Vec<Refusal> {
    let root = draft().build().unwrap();
    let pin = PinnedDigest::new(root.digest());
    let other = TrustRootDraft { version: 2, ..draft() }.build().unwrap();
    let accept = |file: &[u8], pin| AcceptedRoot::accept(file, pin).unwrap_err();
    let pinned_as_is = |payload: Vec<u8>| {
        let pin = PinnedDigest::new(ObjectKind::TRUST_ROOT.digest(&payload));
        accept(&Archive::unsigned(payload).unwrap().encode(), pin)
    };
    // A single key has no order among keys to break.
    let mut single = draft();
    single.keys.retain(|key| key.owner == owner("dora"));
    single.signer_roles.truncate(1);
    (single.signer_roles[0].threshold, single.signer_roles[0].keys) = (1, [id(DORA)].into());
    single.people_roles.clear();
    let mut weak = single.build().unwrap().encode();
    let public = *secret(DORA).public().bytes();
    let at_key = weak.windows(32).position(|window| window == public).unwrap();
    // A point of order 4.
    weak[at_key..at_key + 32].fill(0);
    vec![
        accept(&signed_root(&other, &[DORA, ERIN]), pin),
        pinned_as_is(b"no trust root".to_vec()),
        pinned_as_is(weak),
        accept(&signed_root(&root, &[DORA]), pin),
    ]
}

fn trust() -> Vec<Refusal> {
    vec![
        refused_when(|c| c.now = at(-1)),
        load_with(&signed(&payload(), &[ALICE]), draft(), |c| {
            (c.now, c.latest_seen) = (at(201), at(201));
        })
        .unwrap_err(),
        spoiled(|f| *f.last_mut().unwrap() ^= 1),
        refused(&signed(&payload(), &[MALLORY])),
        spoiled_payload(|p| p[5] = 2),
        spoiled_payload(|p| p.push(0)),
        spoiled_payload(|p| {
            let table = 4 + manifest().encode().unwrap().len();
            p[table + 3] = 9;
        }),
        refused_when(|c| c.section_kinds = &[1]),
        refused_manifest(|m| _ = m.audience.remove(0)),
        refused(&signed(&payload(), &[FRED])),
    ]
}

fn manifests() -> Vec<Refusal> {
    let known = {
        let mut known = KnownVersions::new();
        known.record(manifest().name, 7, Digest([7; 32]), 5);
        known
    };
    let after = |version: u64, floor: u64| {
        let mut manifest = manifest();
        (manifest.version, manifest.rollback_floor) = (version, floor);
        let supported = supported();
        open(&signed_manifest(manifest, &[ALICE]))
            .unwrap()
            .authenticate(&accepted(draft()), &conditions(&supported, &known))
            .unwrap_err()
    };
    vec![
        refused_manifest(|m| m.not_before = at(1)),
        refused_manifest(|m| m.expires_at = NOW),
        refused_manifest(|m| m.expires_at = at(500)),
        refused_manifest(|m| m.isa_version = 3),
        refused_manifest(|m| m.min_daemon.minor = 2),
        after(4, 1),
        after(7, 1),
        after(6, 1),
        refused_when(|c| c.purpose = Purpose::Resume(Digest([0; 32]))),
    ]
}

fn claims() -> Vec<Refusal> {
    let bundle = || load(&signed(&payload(), &[ALICE])).unwrap();
    let mut modest = manifest();
    modest.entry_points[0].impact = Impact::Observe;
    let modest = load(&signed_manifest(modest, &[ALICE])).unwrap();
    let nothing = Proved { entry_points: Vec::new(), capabilities: Vec::new() };
    vec![
        bundle().check_claims(&nothing).unwrap_err(),
        modest.check_threshold(Impact::Reversible).unwrap_err(),
        bundle().check_threshold(Impact::Destructive).unwrap_err(),
    ]
}

fn successors() -> Vec<Refusal> {
    let next = |version, who: &[u8]| {
        let next = TrustRootDraft { version, issued_at: at(-10), ..draft() };
        let file = signed_root(&next.build().unwrap(), who);
        accepted(TrustRootDraft { version: 2, ..draft() }).take_root(&file, NOW).unwrap_err()
    };
    vec![next(3, &[DORA]), next(4, &[DORA, ERIN]), next(1, &[DORA, ERIN]), next(2, &[DORA, ERIN])]
}

fn revocations() -> Vec<Refusal> {
    let mut other = list(2);
    other.bundles.insert(Digest([1; 32]), Label::new("another").unwrap());
    let mut revoking = list(1);
    revoking
        .bundles
        .insert(load(&signed(&payload(), &[ALICE])).unwrap().digest(), Label::new("").unwrap());
    let trust = after(&revoking);
    let (supported, known) = (supported(), KnownVersions::new());
    let load = |trust: &Trust| {
        let bundle = open(&signed(&payload(), &[ALICE])).unwrap();
        bundle.authenticate(trust, &conditions(&supported, &known)).unwrap_err()
    };
    let malformed = Archive::unsigned(b"no list".to_vec()).unwrap().encode();
    vec![
        accepted(list_draft()).take_revocations(&malformed, NOW).unwrap_err(),
        accepted(list_draft()).take_revocations(&offered(&list(1), &[BOB]), NOW).unwrap_err(),
        after(&list(2)).take_revocations(&offered(&list(1), &[GITA]), NOW).unwrap_err(),
        after(&list(2)).take_revocations(&offered(&other, &[GITA]), NOW).unwrap_err(),
        load(&accepted(list_draft())),
        load(&trust),
    ]
}

fn examples() -> Vec<Refusal> {
    [container(), roots(), trust(), manifests(), claims(), successors(), revocations()].concat()
}

#[test]
fn every_reason_comes_about() {
    let numbers: Vec<_> = examples().iter().map(number).collect();
    assert_eq!(numbers, (0..VARIANTS).collect::<Vec<_>>());
}

#[test]
fn every_reason_is_explained() {
    for refusal in examples() {
        let explanation = refusal.explain();
        let told = refusal.to_string();
        for part in [&explanation.place, &explanation.expected, &explanation.found] {
            assert!(!part.is_empty() && told.contains(part.as_str()), "{told}");
        }
        assert!(told.starts_with(refusal.code()) && !told.contains('\n'), "{told}");
        assert!(!explanation.help.is_empty() && !explanation.help.ends_with('.'), "{told}");
    }
}

#[test]
fn every_code_is_in_the_reference() {
    let reference = include_str!("../../../../docs/reference/bundle-format.md");
    let mut codes: Vec<_> = examples().iter().map(Refusal::code).collect();
    codes.extend(
        [
            crate::signature::KeyFlaw::Encoding,
            crate::signature::KeyFlaw::Weak,
            crate::signature::KeyFlaw::NonCanonical,
            crate::signature::KeyFlaw::Torsion,
        ]
        .map(crate::signature::KeyFlaw::code),
    );
    for code in codes {
        assert!(reference.contains(&format!("| `{code}` |")), "{code}");
    }
}

#[test]
fn a_refusal_reads_well() {
    assert_eq!(
        refused_manifest(|m| m.expires_at = NOW).to_string(),
        "E_EXPIRED: the manifest's `expires_at`: expected later than now, 2027-01-15T08:00:00Z, \
         found 2027-01-15T08:00:00Z"
    );
    assert_eq!(
        spoiled(|f| f[5] = 9).to_string(),
        "E_CONTAINER_VERSION: `container_version` at byte 4: expected 1, found 9"
    );
}
