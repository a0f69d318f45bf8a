//! What an attacker tries with signed objects, one test per case, named as the case.
//! What the daemon writes down and goes on doing meanwhile is tested in the runtime.

use core::ops::RangeInclusive;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use rye_core::digest::Digest;
use rye_core::impact::Impact;

use crate::archive::Archive;
use crate::envelope::{ObjectKind, PayloadType, pre_authentication_encoding};
use crate::error::Refusal;
use crate::fixture::*;
use crate::known::KnownVersions;
use crate::manifest::Manifest;
use crate::message::verify_message;
use crate::revocation::tests::{after, list, list_draft, offered};
use crate::signature::{KeyFlaw, PublicKey, SignatureRecord};
use crate::trust::{AcceptedRoot, PinnedDigest, TrustRootDraft, Usage};
use crate::verify::{Conditions, Supported, open};

/// The code that a bundle's bytes are refused with, under the site's trust root.
fn code(file: &[u8]) -> &'static str {
    code_after(file, &KnownVersions::new())
}

fn code_after(file: &[u8], known: &KnownVersions) -> &'static str {
    let supported = supported();
    let conditions = conditions(&supported, known);
    let loaded = open(file).and_then(|bundle| bundle.authenticate(&accepted(draft()), &conditions));
    loaded.map_or_else(|refusal| refusal.code(), |_| "loaded")
}

/// The code that a bundle's signers are refused with for what it can do at worst.
fn threshold(who: &[u8], impact: Impact) -> &'static str {
    let (supported, known) = (supported(), KnownVersions::new());
    let bundle = open(&signed(&payload(), who)).unwrap();
    let bundle = bundle.authenticate(&accepted(draft()), &conditions(&supported, &known)).unwrap();
    bundle.check_threshold(impact).map_or_else(|refusal| refusal.code(), |_| "loaded")
}

fn with_signature(payload: Vec<u8>, record: SignatureRecord) -> Vec<u8> {
    let mut file = Archive::unsigned(payload).unwrap();
    file.insert(record).unwrap();
    file.encode()
}

/// Case 1. Bytes that nobody could parse stand for the payload: had any of it been
/// parsed, the code would be another.
#[test]
fn forged_bundle() {
    let garbage = || b"no manifest".to_vec();
    let by = |who, bytes: &[u8]| secret(who).sign(&ObjectKind::BUNDLE.signed_bytes(bytes)).unwrap();
    assert_eq!(code(&with_signature(garbage(), by(MALLORY, b"no manifest"))), "E_NO_TRUSTED_SIG");
    let other = by(ALICE, b"another payload");
    assert_eq!(code(&with_signature(garbage(), other)), "E_SIG_INVALID");
    let mut bent = with_signature(garbage(), by(ALICE, b"no manifest"));
    bent[16] ^= 1;
    assert_eq!(code(&bent), "E_SIG_INVALID");
    let mut bent = with_signature(garbage(), by(ALICE, b"no manifest"));
    *bent.last_mut().unwrap() ^= 1;
    assert_eq!(code(&bent), "E_SIG_INVALID");
    let foreign = SignatureRecord { key_id: id(ALICE), ..by(MALLORY, b"no manifest") };
    assert_eq!(code(&with_signature(garbage(), foreign)), "E_SIG_INVALID");
}

/// Case 2, the keys: 14 of small order, all second encodings of any point, and every
/// ordinary point with a torsion component. The signatures are beside the module
/// that verifies them.
#[test]
fn weak_and_noncanonical_keys() {
    let mut bad: Vec<[u8; 32]> = EIGHT_TORSION.map(|it| it.compress().to_bytes()).to_vec();
    for n in 0..19 {
        for sign in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (0xed + n, sign);
            bad.push(bytes);
        }
    }
    let torsioned = EIGHT_TORSION.iter().skip(1).map(|it| ED25519_BASEPOINT_POINT + it);
    bad.extend(torsioned.map(|it| it.compress().to_bytes()));
    let root = draft().build().unwrap().encode();
    let alice = *secret(ALICE).public().bytes();
    let at = root.windows(32).position(|window| window == alice).unwrap();
    let mut codes = std::collections::BTreeSet::new();
    for bytes in bad {
        let flaw = PublicKey::admit(&bytes).unwrap_err();
        // A root in whose form nothing else is wrong has one key: the first is read
        // before their order is.
        let mut payload = root.clone();
        payload[at..at + 32].copy_from_slice(&bytes);
        let pin = PinnedDigest::new(ObjectKind::TRUST_ROOT.digest(&payload));
        let file = Archive::unsigned(payload).unwrap().encode();
        let refusal = AcceptedRoot::accept(&file, pin).unwrap_err();
        assert!(["E_ROOT_FORM", flaw.code()].contains(&refusal.code()), "{refusal}");
        codes.insert(flaw.code());
    }
    for flaw in [KeyFlaw::Weak, KeyFlaw::NonCanonical, KeyFlaw::Torsion] {
        assert!(codes.contains(flaw.code()), "{flaw}");
    }
}

fn twice(change: impl FnOnce(&mut Vec<u8>)) -> &'static str {
    let mut file = signed(&payload(), &[ALICE]);
    file[12] = 2;
    file.extend_from_within(file.len() - 96..);
    change(&mut file);
    code(&file)
}

/// Case 3 a: the same record twice.
#[test]
fn threshold_by_repetition_of_a_record() {
    assert_eq!(twice(|_| ()), "E_SIG_ORDER");
}

/// Case 3 b: two different valid signatures by one key. A signer who chooses the
/// nonce can make any number of them.
#[test]
fn threshold_by_two_signatures_of_one_key() {
    let message = ObjectKind::BUNDLE.signed_bytes(&payload().encode().unwrap());
    let second = second_signature(ALICE, &message);
    assert_eq!(secret(ALICE).public().verify_strict(&message, &second), Ok(()));
    assert_ne!(secret(ALICE).sign(&message).unwrap().signature, second);
    assert_eq!(
        twice(|file| {
            let at = file.len() - 64;
            file[at..].copy_from_slice(&second.0);
        }),
        "E_SIG_ORDER"
    );
}

/// Case 3 c: two keys of one owner.
#[test]
fn threshold_by_two_keys_of_one_owner() {
    for impact in [Impact::Disruptive, Impact::Destructive] {
        assert_eq!(threshold(&[ALICE, ALICE_TOO], impact), "E_THRESHOLD");
    }
}

/// Case 3 d: two programs, and one alone. No trust root can allow it.
#[test]
fn threshold_by_two_programs() {
    for impact in [Impact::Disruptive, Impact::Destructive] {
        assert_eq!(threshold(&[CI_MAIN], impact), "E_THRESHOLD");
        assert_eq!(threshold(&[CI_MAIN, CI_NIGHTLY], impact), "E_THRESHOLD");
        assert_eq!(threshold(&[CI_MAIN, ALICE], impact), "loaded");
        assert_eq!(threshold(&[ALICE, BOB], impact), "loaded");
    }
    let mut lax = draft();
    lax.impact_policy.disruptive.humans = 0;
    assert_eq!(lax.build().unwrap_err().field, "impact_policy.disruptive");
}

/// Case 4: every signature in every other role.
#[test]
fn cross_protocol_signature() {
    let body = [7; 40];
    for signed_as in PayloadType::ALL {
        let record = secret(ALICE).sign(&pre_authentication_encoding(signed_as, &body)).unwrap();
        for read_as in PayloadType::ALL {
            let message = pre_authentication_encoding(read_as, &body);
            let holds = secret(ALICE).public().verify_strict(&message, &record.signature).is_ok();
            assert_eq!(holds, signed_as == read_as, "{signed_as:?} as {read_as:?}");
        }
    }
    // And through the doors: one key that may sign everything.
    let mut draft = list_draft();
    let all = Usage::ALL.iter().copied().filter(|usage| *usage != Usage::Approval);
    let key = draft.keys.iter_mut().find(|key| key.public.id() == id(GITA)).unwrap();
    key.usages = all.collect();
    let mut trust = accepted(draft.clone());
    let next = TrustRootDraft { version: 2, ..draft }.build().unwrap().encode();
    let (bundle, list) = (payload().encode().unwrap(), list(1).encode());
    let mut objects = [
        (ObjectKind::BUNDLE, bundle),
        (ObjectKind::TRUST_ROOT, next),
        (ObjectKind::REVOCATIONS, list),
    ];
    for (index, (object, payload)) in objects.iter_mut().enumerate() {
        for (other, wrong) in
            [ObjectKind::BUNDLE, ObjectKind::TRUST_ROOT, ObjectKind::REVOCATIONS].iter().enumerate()
        {
            if index == other {
                continue;
            }
            let record = secret(GITA).sign(&wrong.signed_bytes(payload)).unwrap();
            let file = with_signature(payload.clone(), record);
            let refusal = match *object {
                ObjectKind::BUNDLE => {
                    let (supported, known) = (supported(), KnownVersions::new());
                    let conditions = conditions(&supported, &known);
                    // No list is there: the signature is looked at all the same.
                    let purpose = crate::verify::Purpose::Resume(Digest([0; 32]));
                    let conditions = Conditions { purpose, ..conditions };
                    open(&file).unwrap().authenticate(&trust, &conditions).map(|_| ())
                }
                ObjectKind::TRUST_ROOT => trust.take_root(&file, NOW).map(|_| ()),
                _ => trust.take_revocations(&file, NOW).map(|_| ()),
            };
            assert_eq!(refusal.unwrap_err().code(), "E_SIG_INVALID", "{object:?} as {wrong:?}");
            let body = object.statement(payload);
            let said = verify_message(&trust, Usage::Operator, NOW, &body, &record);
            assert_eq!(said.unwrap_err().code(), "E_SIG_INVALID");
        }
    }
}

/// Case 5.
#[test]
fn rollback_and_equivocation() {
    let mut known = KnownVersions::new();
    let seven = open(&signed(&payload(), &[ALICE])).unwrap().digest();
    known.record(manifest().name, 7, seven, 5);
    let offer = |version, floor, days| {
        let mut manifest = manifest();
        (manifest.version, manifest.rollback_floor) = (version, floor);
        manifest.created_at = at(days);
        code_after(&signed_manifest(manifest, &[ALICE]), &known)
    };
    assert_eq!(offer(6, 5, -2), "E_ROLLBACK");
    assert_eq!(offer(4, 4, -2), "E_REVOKED");
    assert_eq!(offer(7, 5, -3), "E_EQUIVOCATION");
    assert_eq!(offer(7, 5, -2), "loaded");
    assert_eq!(offer(8, 5, -2), "loaded");
}

/// Case 6, the part that needs no daemon.
#[test]
fn freeze_and_expiry() {
    let trust = after(&list(1));
    let (supported, known) = (supported(), KnownVersions::new());
    let load = |now, latest_seen, known: &KnownVersions| {
        let conditions = Conditions { now, latest_seen, ..conditions(&supported, known) };
        let loaded = open(&signed(&payload(), &[ALICE])).unwrap().authenticate(&trust, &conditions);
        loaded.map_or_else(|refusal| refusal.code(), |_| "loaded")
    };
    assert_eq!(load(NOW, NOW, &known), "loaded");
    assert_eq!(load(at(8), at(8), &known), "E_FRESHNESS");
    // What was loaded before is not new.
    let mut loaded = KnownVersions::new();
    let digest = open(&signed(&payload(), &[ALICE])).unwrap().digest();
    loaded.record(manifest().name, 7, digest, 5);
    assert_eq!(load(at(8), at(8), &loaded), "loaded");
    // The clock set back two days; and no expired bundle revives.
    assert_eq!(load(at(6), at(8), &loaded), "E_CLOCK");
    assert_eq!(load(at(91), at(91), &loaded), "E_EXPIRED");
    assert_eq!(load(at(89), at(91), &loaded), "E_CLOCK");
    assert_eq!(load(at(201), at(201), &known), "E_ROOT_EXPIRED");
}

/// Case 7: distinct codes, and nothing changed.
#[test]
fn root_skip_or_halfsigned() {
    let mut next = TrustRootDraft { version: 2, issued_at: at(-10), ..draft() };
    next.keys.retain(|key| key.owner != owner("dora") && key.owner != owner("erin"));
    next.keys.push(trusted(KARL, "karl", &[Usage::Root]));
    next.keys.push(trusted(HANS, "hans", &[Usage::Root]));
    next.signer_roles[0].keys = [id(KARL), id(HANS)].into();
    let next = next.build().unwrap();
    let mut trust = accepted(draft());
    let before = trust.accepted().digest();
    let mut offer = |file: Vec<u8>| {
        let refusal: Refusal = trust.take_root(&file, NOW).unwrap_err();
        assert_eq!(trust.accepted().digest(), before);
        refusal.code()
    };
    let version = |version| TrustRootDraft { version, ..draft() }.build().unwrap();
    assert_eq!(offer(signed_root(&version(3), &[DORA, ERIN])), "E_ROOT_SKIP");
    let other = TrustRootDraft { expires_at: at(300), ..draft() }.build().unwrap();
    assert_eq!(offer(signed_root(&other, &[DORA, ERIN])), "E_ROOT_EQUIVOCATION");
    let by = |file: Vec<u8>, who: &[u8]| {
        let mut archive = Archive::decode(&file).unwrap();
        let message = ObjectKind::TRUST_ROOT.signed_bytes(archive.payload());
        for who in who {
            archive.insert(secret(*who).sign(&message).unwrap()).unwrap();
        }
        archive.encode()
    };
    let file = next.unsigned_file().unwrap();
    assert_eq!(offer(by(file.clone(), &[KARL, HANS])), "E_ROOT_PREDECESSOR");
    assert_eq!(offer(by(file.clone(), &[DORA, KARL, HANS])), "E_ROOT_PREDECESSOR");
    assert_eq!(offer(by(file.clone(), &[DORA, ERIN])), "E_ROOT_THRESHOLD");
    assert_eq!(offer(by(file.clone(), &[DORA, ERIN, KARL])), "E_ROOT_THRESHOLD");
    assert!(trust.take_root(&by(file, &[DORA, ERIN, KARL, HANS]), NOW).is_ok());
    assert_eq!(trust.root().version(), 2);
    // The same list, under the root that it was not made for.
    assert!(trust.take_revocations(&offered(&list(1), &[GITA]), NOW).is_err());
}

/// Case 29: signed as they must be, and in a form that is not known here yet, or no
/// longer accepted.
#[test]
fn downgrade_isa() {
    type Versions = (fn(&mut Manifest) -> &mut u16, fn(&mut Supported) -> &mut RangeInclusive<u16>);
    let all: [Versions; 3] = [
        (|it| &mut it.isa_version, |it| &mut it.isa_versions),
        (|it| &mut it.language_edition, |it| &mut it.language_editions),
        (|it| &mut it.cost_table_version, |it| &mut it.cost_table_versions),
    ];
    let known = KnownVersions::new();
    for (field, range) in all {
        for (version, expected) in
            [(1, "E_ISA"), (2, "loaded"), (3, "loaded"), (4, "E_ISA"), (u16::MAX, "E_ISA")]
        {
            let (mut offered, mut supported) = (manifest(), supported());
            *range(&mut supported) = 2..=3;
            *field(&mut offered) = version;
            let bundle = open(&signed_manifest(offered, &[ALICE])).unwrap();
            let loaded = bundle.authenticate(&accepted(draft()), &conditions(&supported, &known));
            assert_eq!(loaded.map_or_else(|refusal| refusal.code(), |_| "loaded"), expected);
        }
    }
    let good = payload().encode().unwrap();
    for version in [0_u16, 2, u16::MAX] {
        let mut bytes = good.clone();
        bytes[4..6].copy_from_slice(&version.to_be_bytes());
        let record = secret(ALICE).sign(&ObjectKind::BUNDLE.signed_bytes(&bytes)).unwrap();
        assert_eq!(code(&with_signature(bytes, record)), "E_MANIFEST", "manifest {version}");
        let mut file = signed(&payload(), &[ALICE]);
        file[4..6].copy_from_slice(&version.to_be_bytes());
        assert_eq!(code(&file), "E_CONTAINER_VERSION", "container {version}");
    }
}
