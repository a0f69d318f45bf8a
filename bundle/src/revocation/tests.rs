use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::fixture::*;
use crate::sign::sign_revocations;
use crate::trust::{SignerRole, Taken, Trust, TrustRootDraft, Usage};

const REASON: &str = "the laptop was stolen";

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

/// A trust root that has Gita sign revocation lists.
pub(crate) fn list_draft() -> TrustRootDraft {
    let mut draft = draft();
    draft.keys.push(trusted(GITA, "gita", &[Usage::Revocation]));
    draft.signer_roles.push(SignerRole {
        usage: Usage::Revocation,
        scope: None,
        threshold: 1,
        keys: BTreeSet::from([id(GITA)]),
    });
    draft
}

/// A list that revokes nothing.
pub(crate) fn list(version: u64) -> Revocations {
    Revocations {
        version,
        issued_at: at(-1),
        next_update: at(6),
        environment: draft().environment,
        keys: BTreeMap::new(),
        bundles: BTreeMap::new(),
        versions: BTreeMap::new(),
    }
}

pub(crate) fn offered(list: &Revocations, who: &[u8]) -> Vec<u8> {
    who.iter().fold(list.unsigned_file().unwrap(), |file, who| {
        sign_revocations(&file, &secret(*who)).unwrap()
    })
}

/// Who is believed once this list was taken.
pub(crate) fn after(list: &Revocations) -> Trust {
    let mut trust = accepted(list_draft());
    assert_eq!(trust.take_revocations(&offered(list, &[GITA]), NOW), Ok(Taken::New));
    trust
}

fn full() -> Revocations {
    let mut full = list(3);
    full.keys.insert(id(ALICE), label(REASON));
    full.keys.insert(id(BOB), label(""));
    full.bundles.insert(Digest([9; 32]), label(REASON));
    full.versions
        .insert(name("soc/block"), RevokedVersions { below: 4, reason: label("it blocks us") });
    full
}

/// The code that a list is refused with.
fn code(trust: &mut Trust, list: &Revocations, who: &[u8]) -> &'static str {
    match trust.take_revocations(&offered(list, who), NOW) {
        Ok(Taken::New) => "taken",
        Ok(Taken::Known) => "known",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn a_list_comes_back_as_it_was() {
    for list in [list(1), full()] {
        assert_eq!(Revocations::decode(&list.encode()), Ok(list));
    }
}

#[test]
fn the_bytes_are_those_of_the_table() {
    let expected = b"\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x6b\x48\x80\x80\
        \x00\x00\x00\x00\x6b\x51\xbb\x00\x00\x00\x00\x0aproduction\x00\x00\x00\x02";
    let bytes = full().encode();
    assert_eq!(&bytes[..expected.len()], expected);
    let last = b"\x00\x00\x00\x01\x00\x00\x00\x09soc/block\x00\x00\x00\x00\x00\x00\x00\x04\
        \x00\x00\x00\x0cit blocks us";
    assert_eq!(&bytes[bytes.len() - last.len()..], last);
}

#[test]
fn what_makes_no_sense_is_no_list() {
    let refused = |change: &dyn Fn(&mut Revocations)| {
        let mut list = list(1);
        change(&mut list);
        let Refusal::RevocationsForm(flaw) = Revocations::decode(&list.encode()).unwrap_err()
        else {
            panic!()
        };
        assert!(list.unsigned_file().is_err());
        flaw.field
    };
    assert_eq!(refused(&|list| list.version = 0), "version");
    assert_eq!(refused(&|list| list.next_update = list.issued_at), "next_update");
    assert_eq!(refused(&|list| list.next_update = at(30)), "next_update");
    let none = RevokedVersions { below: 0, reason: label("") };
    let refused_versions = refused(&|list| _ = list.versions.insert(name("soc/x"), none.clone()));
    assert_eq!(refused_versions, "versions.soc/x.below");
}

#[test]
fn counts_end_at_their_limit() {
    let digest = |number: usize| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Digest(bytes)
    };
    let mut list = list(1);
    list.bundles = (0..REVOKED_MAX).map(|number| (digest(number), label(""))).collect();
    assert!(list.unsigned_file().is_ok());
    list.bundles.insert(digest(REVOKED_MAX), label(""));
    assert!(list.unsigned_file().is_err());
    assert!(Revocations::decode(&list.encode()).is_err());
}

#[test]
fn a_list_needs_its_role_and_goes_forward_only() {
    let mut trust = accepted(list_draft());
    assert_eq!(code(&mut trust, &list(1), &[]), "E_REVOCATIONS_THRESHOLD");
    assert_eq!(code(&mut trust, &list(1), &[ALICE]), "E_REVOCATIONS_THRESHOLD");
    assert_eq!(code(&mut trust, &list(1), &[MALLORY]), "E_REVOCATIONS_THRESHOLD");
    assert_eq!(code(&mut accepted(draft()), &list(1), &[GITA]), "E_REVOCATIONS_THRESHOLD");
    assert_eq!(code(&mut trust, &list(3), &[GITA]), "taken");
    assert_eq!(code(&mut trust, &list(3), &[GITA]), "known");
    assert_eq!(code(&mut trust, &list(2), &[GITA]), "E_REVOCATIONS_ROLLBACK");
    assert_eq!(code(&mut trust, &full(), &[GITA]), "E_REVOCATIONS_EQUIVOCATION");
    let earlier = Revocations { issued_at: at(-2), next_update: at(5), ..list(4) };
    assert_eq!(code(&mut trust, &earlier, &[GITA]), "E_REVOCATIONS_ROLLBACK");
    let future = Revocations { issued_at: at(1), next_update: at(8), ..list(4) };
    assert_eq!(code(&mut trust, &future, &[GITA]), "E_CLOCK");
    let elsewhere = Revocations { environment: "staging".parse().unwrap(), ..list(4) };
    assert_eq!(code(&mut trust, &elsewhere, &[GITA]), "E_REVOCATIONS_FORM");
    assert_eq!(trust.revocations(), Some(&list(3)), "nothing of that changed anything");
}

#[test]
fn a_list_must_be_fresh_where_somebody_signs_lists() {
    let fresh = |trust: &Trust, now| trust.check_in_force(now).map_err(|refusal| refusal.code());
    assert_eq!(fresh(&accepted(draft()), NOW), Ok(()));
    assert_eq!(fresh(&accepted(list_draft()), NOW), Err("E_FRESHNESS"));
    let trust = after(&list(1));
    let last = trust.in_force_until();
    assert_eq!(last, at(7), "its next update and a day of grace");
    assert_eq!(fresh(&trust, UnixSeconds(last.0 - 1)), Ok(()));
    assert_eq!(fresh(&trust, last), Err("E_FRESHNESS"));
    assert_eq!(fresh(&trust, at(200)), Err("E_ROOT_EXPIRED"));
}

#[test]
fn a_key_that_a_list_revokes_signs_no_further_list_and_no_trust_root() {
    let mut revoking = list(1);
    for who in [GITA, DORA] {
        revoking.keys.insert(id(who), label(REASON));
    }
    // What it revokes itself was no reason to refuse it.
    let mut trust = after(&revoking);
    assert_eq!(code(&mut trust, &list(2), &[GITA]), "E_REVOCATIONS_THRESHOLD");
    let next = TrustRootDraft { version: 2, ..list_draft() }.build().unwrap();
    let refused = trust.take_root(&signed_root(&next, &[DORA, ERIN]), NOW).unwrap_err();
    assert_eq!(refused.code(), "E_ROOT_PREDECESSOR");
}

#[test]
fn what_is_revoked_stays_so_when_the_root_changes_but_a_new_list_is_asked_for() {
    let mut trust = after(&full());
    let mut next = TrustRootDraft { version: 2, ..list_draft() };
    let key = next.keys.iter_mut().find(|key| key.public.id() == id(GITA)).unwrap();
    *key = trusted(HANS, "hans", &[Usage::Revocation]);
    next.signer_roles.last_mut().unwrap().keys = BTreeSet::from([id(HANS)]);
    let file = signed_root(&next.build().unwrap(), &[DORA, ERIN]);
    assert_eq!(trust.take_root(&file, NOW), Ok(Taken::New));
    assert!(trust.revokes_key(id(ALICE)));
    assert_eq!(trust.check_in_force(NOW).unwrap_err().code(), "E_FRESHNESS");
    assert_eq!(code(&mut trust, &list(4), &[GITA]), "E_REVOCATIONS_THRESHOLD");
    assert_eq!(code(&mut trust, &list(4), &[HANS]), "taken");
    assert_eq!(trust.check_in_force(NOW), Ok(()));
    assert!(!trust.revokes_key(id(ALICE)), "what a list leaves out is revoked no longer");
}

#[test]
fn a_kept_list_is_recalled_with_what_it_revokes() {
    let mut trust = accepted(list_draft());
    trust.recall_revocations(&offered(&full(), &[GITA])).unwrap();
    assert!(trust.revokes_key(id(ALICE)) && trust.check_in_force(NOW).is_ok());
    trust.recall_revocations(&offered(&full(), &[])).unwrap();
    assert!(trust.revokes_key(id(ALICE)) && trust.check_in_force(NOW).is_err());
}

proptest! {
    #[test]
    fn any_list_comes_back(
        version in 1..=u64::MAX,
        issued_at in any::<u32>(),
        life in 1..=REVOCATIONS_LIFE_SECONDS_MAX,
        keys in prop::collection::btree_map(any::<[u8; 32]>(), "[ -~]{0,64}", 0..4),
        versions in prop::collection::btree_map("[a-z][a-z/.]{0,9}", 1..=u64::MAX, 0..4),
    ) {
        let list = Revocations {
            version,
            issued_at: UnixSeconds(issued_at.into()),
            next_update: UnixSeconds(u64::from(issued_at) + life),
            keys: keys.iter().map(|(key, text)| (KeyId(*key), label(text))).collect(),
            bundles: keys.iter().map(|(key, text)| (Digest(*key), label(text))).collect(),
            versions: versions
                .iter()
                .map(|(text, below)| {
                    (name(text), RevokedVersions { below: *below, reason: label("x") })
                })
                .collect(),
            ..list(1)
        };
        prop_assert_eq!(Revocations::decode(&list.encode()), Ok(list));
    }

    #[test]
    fn a_changed_byte_is_refused_or_written_back_alike(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = full().encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(list) = Revocations::decode(&bytes) {
            prop_assert_eq!(list.encode(), bytes);
        }
    }
}
