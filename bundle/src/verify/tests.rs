use rye_core::limit::{BUNDLE_LIFETIME_SECONDS_MAX, CLOCK_BACKWARD_SECONDS_MAX};

use super::*;
use crate::error::OwnerCount;
use crate::fixture::*;
use crate::trust::{Requirement, TrustRootDraft, Usage};

mod order;
mod refusals;
mod thresholds;

/// Opens and authenticates `file` under `draft`'s root, `change` made to what
/// the loader knows.
fn load_with(
    file: &[u8],
    draft: TrustRootDraft,
    change: impl FnOnce(&mut Conditions<'_>),
) -> Result<Bundle<Verified>, Refusal> {
    let (supported, known) = (supported(), KnownVersions::new());
    let mut conditions = conditions(&supported, &known);
    change(&mut conditions);
    open(file)?.authenticate(&accepted(draft), &conditions)
}

fn load(file: &[u8]) -> Result<Bundle<Verified>, Refusal> {
    load_with(file, draft(), |_| ())
}

fn refused(file: &[u8]) -> Refusal {
    load(file).unwrap_err()
}

fn refused_when(change: impl FnOnce(&mut Conditions<'_>)) -> Refusal {
    load_with(&signed(&payload(), &[ALICE]), draft(), change).unwrap_err()
}

fn refused_manifest(change: impl FnOnce(&mut Manifest)) -> Refusal {
    let mut manifest = manifest();
    change(&mut manifest);
    refused(&signed_manifest(manifest, &[ALICE]))
}

#[test]
fn a_good_bundle_is_authorised() {
    let file = signed(&payload(), &[ALICE, BOB]);
    let bundle = load(&file).unwrap();
    assert_eq!(bundle.manifest(), &manifest());
    assert_eq!(bundle.payload().section(4), Some(&b"code"[..]));
    assert_eq!(bundle.digest(), crate::payload::payload_digest(&payload().encode().unwrap()));
    let mut owners: Vec<_> = bundle.signers().iter().map(|it| it.owner.as_str()).collect();
    owners.sort_unstable();
    assert_eq!(owners, ["alice", "bob@example.org"]);
    let signers = bundle.signers().to_vec();
    let bundle = bundle.check_threshold(Impact::Destructive).unwrap();
    assert_eq!(bundle.signers(), signers);
    assert_eq!(bundle.impact(), Impact::Destructive);
    assert_eq!(bundle.to_bytes(), file);
}

/// All digests were computed once more by a reader in another language, written from
/// the reference page alone.
#[test]
fn the_forms_stay_as_they_are() {
    assert_eq!(
        load(&signed(&payload(), &[ALICE])).unwrap().digest().to_string(),
        "807c0a0069926e4d8833758d5638f502fbbc002f46bd01d18c776f37f96cf7ac"
    );
    assert_eq!(
        accepted(draft()).accepted().digest().to_string(),
        "0fdcd589dd69fab5a3cf736265b3c15d319616b8dc9cd4a168ebea3021d6dab1"
    );
    assert_eq!(
        crate::revocation::tests::list(3).digest().to_string(),
        "457bd8d8261050e568ce90360e23fccbf3a987e530d2cb1577d746361ed9f4bf"
    );
}

#[test]
fn an_unsigned_bundle_says_how_to_sign_it() {
    let refused = open(&crate::sign::unsigned_bundle(&payload()).unwrap()).unwrap_err();
    assert_eq!(refused, Refusal::SignatureCount { found: 0 });
    assert!(refused.explain().help.contains("ryec sign"));
}

#[test]
fn a_foreign_signature_never_counts() {
    let standings = vec![(id(MALLORY), Standing::UnknownKey)];
    assert_eq!(refused(&signed(&payload(), &[MALLORY])), Refusal::NoTrustedSignature { standings });
    // Beside one that counts it is skipped.
    assert!(load(&signed(&payload(), &[MALLORY, ALICE])).is_ok());
}

/// A bundle whose signatures are those of another file.
fn with_signatures_of(payload: &Payload, other: &[u8]) -> Vec<u8> {
    let mut file = Archive::decode(&crate::sign::unsigned_bundle(payload).unwrap()).unwrap();
    for record in Archive::decode(other).unwrap().signatures() {
        file.insert(*record).unwrap();
    }
    file.encode()
}

#[test]
fn one_bad_signature_of_a_known_key_refuses_all() {
    let mut other = payload();
    other.sections[0].bytes.push(0);
    let bob = signed(&other, &[BOB]);
    let mut file = Archive::decode(&with_signatures_of(&payload(), &bob)).unwrap();
    let alice = Archive::decode(&signed(&payload(), &[ALICE])).unwrap().signatures()[0];
    file.insert(alice).unwrap();
    assert_eq!(
        refused(&file.encode()),
        Refusal::SignatureInvalid { key_id: id(BOB), owner: owner("bob@example.org") }
    );
}

#[test]
fn a_trusted_key_id_with_a_foreign_signature_refuses_all() {
    let mut file = Archive::decode(&signed(&payload(), &[BOB])).unwrap();
    let mallory = Archive::decode(&signed(&payload(), &[MALLORY])).unwrap().signatures()[0];
    file.insert(crate::signature::SignatureRecord { key_id: id(ALICE), ..mallory }).unwrap();
    assert_eq!(refused(&file.encode()).code(), "E_SIG_INVALID");
}

#[test]
fn a_signature_for_one_sort_of_object_is_worth_nothing_for_another() {
    use crate::envelope::{PayloadType, pre_authentication_encoding};
    let body = b"the same body";
    for signed_as in PayloadType::ALL {
        let record = secret(ALICE).sign(&pre_authentication_encoding(signed_as, body)).unwrap();
        for read_as in PayloadType::ALL {
            let message = pre_authentication_encoding(read_as, body);
            let holds = secret(ALICE).public().verify_strict(&message, &record.signature).is_ok();
            assert_eq!(holds, signed_as == read_as, "{signed_as:?} as {read_as:?}");
        }
    }
    // The payload of one, signed as the other, in the container of both.
    let payload = payload();
    let bytes = payload.encode().unwrap();
    let as_root = secret(ALICE).sign(&ObjectKind::TRUST_ROOT.signed_bytes(&bytes)).unwrap();
    let mut file = Archive::unsigned(bytes).unwrap();
    file.insert(as_root).unwrap();
    assert_eq!(refused(&file.encode()).code(), "E_SIG_INVALID");
}

#[test]
fn nothing_is_parsed_before_a_signature_counts() {
    let sign = |bytes: &[u8], who| {
        let mut file = Archive::unsigned(bytes.to_vec()).unwrap();
        file.insert(secret(who).sign(&ObjectKind::BUNDLE.signed_bytes(bytes)).unwrap()).unwrap();
        file.encode()
    };
    // What nobody could parse is refused for its signature, not for its form.
    assert_eq!(refused(&sign(b"garbage", MALLORY)).code(), "E_NO_TRUSTED_SIG");
    assert_eq!(refused(&sign(b"garbage", ALICE)).code(), "E_MANIFEST");
}

#[test]
fn every_flipped_bit_of_a_bundle_is_refused() {
    let file = signed(&payload(), &[ALICE]);
    let (supported, known) = (supported(), KnownVersions::new());
    let (root, conditions) = (accepted(draft()), conditions(&supported, &known));
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let loaded = open(&flipped).and_then(|bundle| bundle.authenticate(&root, &conditions));
        assert!(loaded.is_err(), "bit {bit}");
    }
}

#[test]
fn a_key_counts_in_its_time_and_for_its_usage() {
    let standing = |change: &dyn Fn(&mut crate::trust::TrustedKey)| {
        let mut draft = draft();
        let key = draft.keys.iter_mut().find(|key| key.public.id() == id(ALICE)).unwrap();
        change(key);
        match load_with(&signed(&payload(), &[ALICE]), draft, |_| ()).unwrap_err() {
            Refusal::NoTrustedSignature { standings } => standings[0].1,
            other => panic!("{other}"),
        }
    };
    let soon = UnixSeconds(NOW.0 + 1);
    assert_eq!(standing(&|k| k.not_before = soon), Standing::NotYetValid { not_before: soon });
    assert_eq!(standing(&|k| k.not_after = NOW), Standing::Expired { not_after: NOW });
    let mut from_now = TrustRootDraft { issued_at: NOW, ..draft() };
    from_now.keys.iter_mut().for_each(|key| key.not_before = NOW);
    assert!(load_with(&signed(&payload(), &[ALICE]), from_now, |_| ()).is_ok());
    let carol = load(&signed(&payload(), &[CAROL])).unwrap_err();
    let standings = vec![(id(CAROL), Standing::WrongUsage { wanted: Usage::Bundle })];
    assert_eq!(carol, Refusal::NoTrustedSignature { standings });
}

#[test]
fn times_hold_to_the_second() {
    let at_time = |now: u64| {
        load_with(&signed(&payload(), &[ALICE]), draft(), |c| {
            (c.now, c.latest_seen) = (UnixSeconds(now), UnixSeconds(now));
        })
        .map(|_| ())
        .map_err(|refusal| refusal.code())
    };
    let Manifest { not_before, expires_at, .. } = manifest();
    assert_eq!(at_time(not_before.0 - 1), Err("E_NOT_YET_VALID"));
    assert_eq!(at_time(not_before.0), Ok(()));
    assert_eq!(at_time(expires_at.0 - 1), Ok(()));
    assert_eq!(at_time(expires_at.0), Err("E_EXPIRED"));
}

#[test]
fn a_clock_turned_back_revives_nothing() {
    let behind = |seconds: u64| {
        refused_when(|c| {
            c.latest_seen = manifest().expires_at;
            c.now = UnixSeconds(c.latest_seen.0 - seconds);
        })
        .code()
    };
    // A little behind is judged by what was seen; more is refused.
    assert_eq!(behind(CLOCK_BACKWARD_SECONDS_MAX), "E_EXPIRED");
    assert_eq!(behind(CLOCK_BACKWARD_SECONDS_MAX + 1), "E_CLOCK");
    // Before the trust root was issued it can't be; a little before is that instant.
    let mut soon = draft();
    soon.issued_at = UnixSeconds(NOW.0 + CLOCK_BACKWARD_SECONDS_MAX);
    let mut manifest = manifest();
    manifest.not_before = soon.issued_at;
    assert!(load_with(&signed_manifest(manifest, &[ALICE]), soon, |_| ()).is_ok());
    let before = refused_when(|c| (c.now, c.latest_seen) = (at(-25), at(-25)));
    assert_eq!(before.code(), "E_CLOCK");
}

#[test]
fn a_lifetime_has_a_limit() {
    let with = |seconds: u64| {
        let mut manifest = manifest();
        manifest.expires_at = manifest.created_at.saturating_add(seconds);
        load(&signed_manifest(manifest, &[ALICE]))
    };
    assert!(with(BUNDLE_LIFETIME_SECONDS_MAX).is_ok());
    let seconds = BUNDLE_LIFETIME_SECONDS_MAX + 1;
    assert_eq!(with(seconds).unwrap_err(), Refusal::Lifetime { seconds });
}

#[test]
fn versions_must_be_supported() {
    for (field, change) in [
        ("isa_version", (|m| m.isa_version = 0) as fn(&mut Manifest)),
        ("isa_version", |m| m.isa_version = 3),
        ("language_edition", |m| m.language_edition = 2),
        ("cost_table_version", |m| m.cost_table_version = 0),
    ] {
        let Refusal::Isa { field: found, .. } = refused_manifest(change) else { panic!() };
        assert_eq!(found, field);
    }
    let mut just_so = manifest();
    (just_so.isa_version, just_so.min_daemon) = (2, supported().daemon);
    assert!(load(&signed_manifest(just_so, &[ALICE])).is_ok());
    assert_eq!(refused_manifest(|m| m.min_daemon.patch = 4).code(), "E_DAEMON_TOO_OLD");
    assert_eq!(refused_manifest(|m| m.min_daemon.major = 1).code(), "E_DAEMON_TOO_OLD");
}

/// What is known when version 7 with floor 5 was loaded.
fn seven() -> KnownVersions {
    let mut known = KnownVersions::new();
    let bundle = load(&signed(&payload(), &[ALICE])).unwrap();
    let Manifest { name, version, rollback_floor, .. } = bundle.manifest().clone();
    known.record(name, version, bundle.digest(), rollback_floor);
    known
}

fn load_after(known: &KnownVersions, purpose: Purpose, change: fn(&mut Manifest)) -> &'static str {
    let mut manifest = manifest();
    change(&mut manifest);
    let supported = supported();
    let conditions = Conditions { purpose, ..conditions(&supported, known) };
    let bundle = open(&signed_manifest(manifest, &[ALICE])).unwrap();
    match bundle.authenticate(&accepted(draft()), &conditions) {
        Ok(_) => "loaded",
        Err(refusal) => refusal.code(),
    }
}

fn older(version: u64) -> fn(&mut Manifest) {
    match version {
        4 => |m| (m.version, m.rollback_floor) = (4, 0),
        5 => |m| (m.version, m.rollback_floor) = (5, 0),
        6 => |m| (m.version, m.rollback_floor) = (6, 0),
        _ => panic!("no such version in these tests"),
    }
}

#[test]
fn history_is_not_gone_back_on() {
    let known = seven();
    let load = |change| load_after(&known, Purpose::Load, change);
    assert_eq!(load(|_| ()), "loaded");
    assert_eq!(load(|m| m.version = 8), "loaded");
    assert_eq!(load(|m| m.name = name("soc/other")), "loaded");
    assert_eq!(load(older(6)), "E_ROLLBACK");
    assert_eq!(load(older(5)), "E_ROLLBACK");
    assert_eq!(load(older(4)), "E_REVOKED");
    assert_eq!(load(|m| m.created_at = at(-1)), "E_EQUIVOCATION");
}

#[test]
fn a_run_goes_on_with_the_bundle_that_it_began_with() {
    let known = seven();
    let digest = |change: fn(&mut Manifest)| {
        let mut manifest = manifest();
        change(&mut manifest);
        load(&signed_manifest(manifest, &[ALICE])).unwrap().digest()
    };
    let resume =
        |began: fn(&mut Manifest), found| load_after(&known, Purpose::Resume(digest(began)), found);
    assert_eq!(resume(older(6), older(6)), "loaded");
    assert_eq!(resume(older(6), older(5)), "E_RUN_BUNDLE");
    assert_eq!(resume(older(4), older(4)), "E_REVOKED");
}

#[test]
fn the_manifest_must_be_what_the_code_is() {
    let proved =
        || Proved { entry_points: manifest().entry_points, capabilities: manifest().capabilities };
    let bundle = load(&signed(&payload(), &[ALICE])).unwrap();
    let check = |change: fn(&mut Proved)| {
        let mut proved = proved();
        change(&mut proved);
        bundle.check_claims(&proved).map_err(|refusal| match refusal {
            Refusal::CapabilityMismatch(flaw) => flaw.field,
            other => other.code().to_owned(),
        })
    };
    let mismatch = |field: &str| Err(field.to_owned());
    assert_eq!(check(|_| ()), Ok(()));
    assert_eq!(check(|p| p.entry_points[0].impact = Impact::Observe), Ok(()));
    assert_eq!(check(|p| _ = p.capabilities.pop()), mismatch("capabilities"));
    assert_eq!(check(|p| p.capabilities[1].schema = Digest([9; 32])), mismatch("capabilities[1]"));
    assert_eq!(
        check(|p| p.capabilities[0].impact = Impact::Disruptive),
        mismatch("capabilities[0]")
    );
    assert_eq!(check(|p| p.entry_points.clear()), mismatch("entry_points"));
    assert_eq!(
        check(|p| p.entry_points[0].name = "other".parse().unwrap()),
        mismatch("entry_points[0].name")
    );
    assert_eq!(
        check(|p| p.entry_points[0].input_schema = Digest([9; 32])),
        mismatch("entry_points[0].input_schema")
    );
    assert_eq!(check(|p| p.entry_points[0].worst_case.fuel += 1), mismatch("entry_points[0].fuel"));
    assert_eq!(
        check(|p| p.entry_points[0].worst_case.waiting_micros += 1),
        mismatch("entry_points[0].waiting_micros")
    );
    assert_eq!(
        check(|p| p.entry_points[0].worst_case.queries += 1),
        mismatch("entry_points[0].queries")
    );
    assert_eq!(
        check(|p| p.entry_points[0].worst_case.uses[2] += 1),
        mismatch("entry_points[0].uses")
    );
}

#[test]
fn worse_than_declared_is_refused() {
    let mut modest = manifest();
    modest.entry_points[0].impact = Impact::Reversible;
    let bundle = load(&signed_manifest(modest.clone(), &[ALICE, BOB])).unwrap();
    let worse = Refusal::Impact { declared: Impact::Reversible, proved: Impact::Destructive };
    assert_eq!(bundle.clone().check_threshold(Impact::Destructive).unwrap_err(), worse);
    let proved =
        Proved { entry_points: manifest().entry_points, capabilities: manifest().capabilities };
    assert_eq!(bundle.check_claims(&proved), Err(worse));
}
