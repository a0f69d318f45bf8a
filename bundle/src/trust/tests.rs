use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use proptest::prelude::*;

use super::*;
use crate::fixture::*;
use crate::name::{BundleName, RoleName};
use crate::sign::sign_trust_root;
use crate::signature::{KeyFlaw, SecretKey};

fn root() -> TrustRoot {
    draft().build().unwrap()
}

fn accept(file: &[u8], pin: Digest) -> Result<AcceptedRoot, Refusal> {
    AcceptedRoot::accept(file, PinnedDigest::new(pin))
}

/// The field that a changed draft is refused for, by whoever builds it.
fn refused(change: impl FnOnce(&mut TrustRootDraft)) -> String {
    let mut draft = draft();
    change(&mut draft);
    draft.build().unwrap_err().field
}

/// The first place where `part` stands in the payload.
fn place(payload: &[u8], part: &[u8]) -> usize {
    payload.windows(part.len()).position(|window| window == part).unwrap()
}

#[test]
fn a_draft_comes_back_whatever_its_order() {
    let root = root();
    assert_eq!(TrustRoot::decode(&root.encode()), Ok(root.clone()));
    assert_eq!(root.to_draft().build(), Ok(root.clone()));
    let mut reversed = draft();
    reversed.keys.reverse();
    reversed.signer_roles.reverse();
    assert_eq!(reversed.build(), Ok(root));
}

#[test]
fn the_first_fields_are_those_of_the_table() {
    let expected = b"\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x6b\x2f\x74\x00\
        \x00\x00\x00\x00\x6c\x51\x7e\x00\x00\x00\x00\x0aproduction\x00\x00\x00\x09";
    let bytes = root().encode();
    assert_eq!(&bytes[..expected.len()], expected);
}

#[test]
fn times_and_versions_make_sense() {
    assert_eq!(refused(|d| d.version = 0), "version");
    assert_eq!(refused(|d| d.expires_at = d.issued_at), "expires_at");
    assert_eq!(refused(|d| d.keys[1].not_after = d.keys[1].not_before), "keys[1].not_after");
}

#[test]
fn keys_stand_once_and_are_for_something() {
    assert_eq!(refused(|d| d.keys.clear()), "keys");
    assert_eq!(refused(|d| d.keys.push(d.keys[0].clone())), "keys[9]");
    assert_eq!(refused(|d| d.keys[0].usages = Usages::default()), "keys[0].usages");
    let both = [Usage::Approval, Usage::Bundle].into_iter().collect();
    assert_eq!(refused(|d| d.keys[0].usages = both), "keys[0].usages");
}

#[test]
fn signer_roles_can_be_met() {
    assert_eq!(refused(|d| d.signer_roles.clear()), "signer_roles");
    assert_eq!(refused(|d| _ = d.signer_roles.remove(0)), "signer_roles");
    assert_eq!(refused(|d| d.signer_roles.push(d.signer_roles[1].clone())), "signer_roles[3]");
    assert_eq!(refused(|d| d.signer_roles[0].threshold = 0), "signer_roles[0].threshold");
    assert_eq!(refused(|d| d.signer_roles[0].threshold = 3), "signer_roles[0].threshold");
    // Alice has two keys, and is one owner.
    assert_eq!(refused(|d| d.signer_roles[1].threshold = 5), "signer_roles[1].threshold");
    assert_eq!(refused(|d| d.signer_roles[0].keys.clear()), "signer_roles[0].keys");
    assert_eq!(refused(|d| _ = d.signer_roles[0].keys.insert(id(MALLORY))), "signer_roles[0].keys");
    assert_eq!(refused(|d| _ = d.signer_roles[0].keys.insert(id(ALICE))), "signer_roles[0].keys");
    assert_eq!(refused(|d| d.signer_roles[1].scope = None), "signer_roles[1].scope");
    assert_eq!(
        refused(|d| d.signer_roles[0].scope = d.signer_roles[1].scope.clone()),
        "signer_roles[0].scope"
    );
    assert_eq!(
        refused(|d| d.signer_roles[1].scope.as_mut().unwrap().prefixes.clear()),
        "signer_roles[1].scope.prefixes"
    );
}

#[test]
fn people_are_people_who_can_answer() {
    let with = |name: &'static str| {
        refused(|d| {
            let role = RoleName::new("soc_lead").unwrap();
            d.people_roles.get_mut(&role).unwrap().insert(owner(name));
        })
    };
    // A program isn't one even if it could answer.
    let program = refused(|d| {
        d.keys[5].owner = owner("ci:main");
        d.people_roles.values_mut().for_each(|owners| *owners = [owner("ci:main")].into());
    });
    assert_eq!(program, "people_roles.soc_lead");
    assert_eq!(with("alice"), "people_roles.soc_lead");
    assert_eq!(with("nobody"), "people_roles.soc_lead");
    assert_eq!(
        refused(|d| d.people_roles.values_mut().for_each(BTreeSet::clear)),
        "people_roles.soc_lead"
    );
    let root = root();
    let role = |text| RoleName::new(text).unwrap();
    assert!(root.has_role(&owner("carol"), &role("soc_lead")));
    assert!(!root.has_role(&owner("alice"), &role("soc_lead")));
    assert!(!root.has_role(&owner("carol"), &role("ciso")));
}

#[test]
fn what_is_worse_never_needs_fewer() {
    let need = |owners, humans| Requirement { owners, humans };
    assert_eq!(refused(|d| d.impact_policy.observe = need(0, 0)), "impact_policy.observe");
    assert_eq!(refused(|d| d.impact_policy.reversible = need(3, 0)), "impact_policy.disruptive");
    assert_eq!(refused(|d| d.impact_policy.disruptive = need(2, 2)), "impact_policy.destructive");
    // A program alone never brings in what interrupts the work of people.
    assert_eq!(refused(|d| d.impact_policy.disruptive = need(2, 0)), "impact_policy.disruptive");
    assert_eq!(refused(|d| d.impact_policy.destructive = need(2, 0)), "impact_policy.destructive");
    assert_eq!(refused(|d| d.impact_policy.destructive = need(2, 3)), "impact_policy.destructive");
}

#[test]
fn counts_end_at_their_limits() {
    use rye_core::limit::{RESET_COUNTERS_MAX, TRUST_KEYS_MAX, TRUST_ROLES_MAX};
    let mut resets = draft();
    let name = |number: usize| BundleName::new(&format!("soc/{number}")).unwrap();
    resets.reset_counters = (0..RESET_COUNTERS_MAX).map(name).collect();
    assert!(resets.clone().build().is_ok());
    resets.reset_counters.insert(name(RESET_COUNTERS_MAX));
    assert_eq!(resets.build().unwrap_err().field, "reset_counters");
    let mut wide = draft();
    let template = wide.keys[0].clone();
    for n in wide.keys.len()..TRUST_KEYS_MAX {
        let [low, high, ..] = n.to_le_bytes();
        let mut seed = [200; 32];
        (seed[0], seed[1]) = (low, high);
        let public = *SecretKey::from_seed(&seed).unwrap().public();
        wide.keys.push(TrustedKey { public, ..template.clone() });
    }
    let prefixes = (0..TRUST_ROLES_MAX).map(|n| format!("p{n}/").parse().unwrap()).collect();
    wide.signer_roles[1].scope.as_mut().unwrap().prefixes = prefixes;
    let role = |n: usize| bundle_role(&format!("r{n}/"), Impact::Observe, 1, &[ALICE]);
    wide.signer_roles.extend((3..TRUST_ROLES_MAX).map(role));
    let person = |n: usize| (RoleName::new(&format!("r{n}")).unwrap(), [owner("carol")].into());
    wide.people_roles = (0..TRUST_ROLES_MAX).map(person).collect();
    let root = wide.clone().build().unwrap();
    assert_eq!(TrustRoot::decode(&root.encode()), Ok(root));

    let beyond = |change: &dyn Fn(&mut TrustRootDraft)| {
        let mut draft = wide.clone();
        change(&mut draft);
        draft.build().unwrap_err().field
    };
    assert_eq!(beyond(&|d| d.keys.push(d.keys[0].clone())), "keys");
    assert_eq!(beyond(&|d| d.signer_roles.push(role(999))), "signer_roles");
    assert_eq!(beyond(&|d| d.people_roles.extend([person(999)])), "people_roles");
    let one_more = |d: &mut TrustRootDraft| {
        let scope = d.signer_roles[1].scope.as_mut().unwrap();
        scope.prefixes.insert("q/".parse().unwrap());
    };
    assert_eq!(beyond(&one_more), "signer_roles[1].scope.prefixes");
}

#[test]
fn only_the_pinned_root_is_believed() {
    let root = root();
    let file = signed_root(&root, &[DORA, ERIN]);
    let accepted = accept(&file, root.digest()).unwrap();
    assert_eq!(accepted.root(), &root);
    assert_eq!(accepted.digest(), root.digest());

    let other = TrustRootDraft { version: 2, ..draft() }.build().unwrap();
    assert_eq!(
        accept(&signed_root(&other, &[DORA, ERIN]), root.digest()).unwrap_err(),
        Refusal::RootPin { pinned: root.digest(), found: other.digest() }
    );
    // A bundle is no trust root, whatever was pinned.
    let bundle = signed(&payload(), &[ALICE]);
    assert_eq!(accept(&bundle, root.digest()).unwrap_err().code(), "E_ROOT_PIN");
}

#[test]
fn a_root_is_signed_by_those_who_may_sign_the_next() {
    let root = root();
    let code = |file: &[u8]| accept(file, root.digest()).unwrap_err();
    let half = signed_root(&root, &[DORA]);
    assert_eq!(code(&root.unsigned_file().unwrap()), Refusal::RootThreshold { need: 2, have: 0 });
    assert_eq!(code(&half), Refusal::RootThreshold { need: 2, have: 1 });

    let mut file = signed_root(&root, &[DORA, ERIN]);
    *file.last_mut().unwrap() ^= 1;
    assert_eq!(code(&file).code(), "E_SIG_INVALID");
}

#[test]
fn a_root_key_outside_of_the_root_role_does_not_count() {
    let mut draft = draft();
    let fred = draft.keys.iter_mut().find(|key| key.owner == owner("fred")).unwrap();
    fred.usages = [Usage::Root, Usage::Bundle].into_iter().collect();
    let root = draft.build().unwrap();
    let mut file = Archive::decode(&signed_root(&root, &[DORA])).unwrap();
    let message = ObjectKind::TRUST_ROOT.signed_bytes(file.payload());
    file.insert(secret(FRED).sign(&message).unwrap()).unwrap();
    let refused = accept(&file.encode(), root.digest()).unwrap_err();
    assert_eq!(refused, Refusal::RootThreshold { need: 2, have: 1 });
}

#[test]
fn a_key_stands_once_in_a_role() {
    let mut draft = draft();
    draft.signer_roles[0].threshold = 1;
    let mut payload = draft.build().unwrap().encode();
    let (first, second) = (id(DORA).min(id(ERIN)), id(DORA).max(id(ERIN)));
    let at = place(&payload, &second.0);
    payload[at..at + 32].copy_from_slice(&first.0);
    let Refusal::RootForm(flaw) = TrustRoot::decode(&payload).unwrap_err() else { panic!() };
    assert_eq!(flaw.field, "signer_roles[0].keys[1]");
    assert_eq!(flaw.at_byte, Some(at));
}

#[test]
fn two_root_keys_of_one_owner_are_one_owner() {
    let mut draft = draft();
    let root_usage: Usages = [Usage::Root].into_iter().collect();
    draft.keys[0].usages = root_usage;
    draft.keys[0].owner = owner("dora");
    draft.signer_roles[0].keys.insert(id(ALICE));
    draft.signer_roles[1].keys.remove(&id(ALICE));
    let root = draft.build().unwrap();
    let file = signed_root(&root, &[DORA, ALICE]);
    let refused = accept(&file, root.digest()).unwrap_err();
    assert_eq!(refused, Refusal::RootThreshold { need: 2, have: 1 });
    assert!(accept(&sign_trust_root(&file, &secret(ERIN)).unwrap(), root.digest()).is_ok());
}

#[test]
fn a_root_key_counts_if_it_did_when_the_root_was_issued() {
    let mut draft = draft();
    let erin = draft.keys.iter_mut().find(|key| key.owner == owner("erin")).unwrap();
    erin.not_before = UnixSeconds(draft.issued_at.0 + 1);
    let root = draft.build().unwrap();
    let refused = accept(&signed_root(&root, &[DORA, ERIN]), root.digest()).unwrap_err();
    assert_eq!(refused, Refusal::RootThreshold { need: 2, have: 1 });
}

/// The payload of a root in which one key was overwritten, as far as the order
/// of keys lets it stand.
fn with_key(bytes: [u8; 32]) -> KeyFlaw {
    // A root with a single key has no order to break.
    let mut draft = draft();
    draft.keys.retain(|key| key.owner == owner("dora"));
    draft.signer_roles.truncate(1);
    (draft.signer_roles[0].threshold, draft.signer_roles[0].keys) = (1, [id(DORA)].into());
    draft.people_roles.clear();
    let mut payload = draft.build().unwrap().encode();
    let at = place(&payload, secret(DORA).public().bytes());
    payload[at..at + 32].copy_from_slice(&bytes);
    match TrustRoot::decode(&payload).unwrap_err() {
        Refusal::RootKey { index: 0, flaw } => flaw,
        other => panic!("{other}"),
    }
}

#[test]
fn a_root_with_a_bad_key_is_refused_for_it() {
    for point in EIGHT_TORSION {
        assert_eq!(with_key(point.compress().to_bytes()), KeyFlaw::Weak);
    }
    let torsioned = ED25519_BASEPOINT_POINT + EIGHT_TORSION[1];
    assert_eq!(with_key(torsioned.compress().to_bytes()), KeyFlaw::Torsion);
    let mut second_encoding = [0xff; 32];
    (second_encoding[0], second_encoding[31]) = (0xed + 3, 0x7f);
    assert_eq!(with_key(second_encoding), KeyFlaw::NonCanonical);
    assert_eq!(with_key([2; 32]), KeyFlaw::Encoding);
}

#[test]
fn unknown_bits_and_orders_are_refused() {
    let payload = root().encode();
    let code = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = payload.clone();
        change(&mut changed);
        TrustRoot::decode(&changed).unwrap_err().code()
    };
    // The first key's usages stand behind its owner and two times.
    let first = root().keys().next().unwrap().clone();
    let usages = place(&payload, first.public.bytes()) + 32 + 4 + first.owner.as_str().len() + 16;
    assert_eq!(code(&|p| p[usages] |= 0x80), "E_ROOT_FORM");
    assert_eq!(code(&|p| p[1] = 2), "E_ROOT_FORM");
    assert_eq!(code(&|p| p.push(0)), "E_ROOT_FORM");
    let second = place(&payload, root().keys().nth(1).unwrap().public.bytes());
    assert_eq!(
        code(&|p| p[second..second + 32].copy_from_slice(first.public.bytes())),
        "E_ROOT_FORM"
    );
    for length in 0..payload.len() {
        assert!(TrustRoot::decode(&payload[..length]).is_err(), "cut to {length}");
    }
}

#[test]
fn the_listing_tells_all() {
    let listing = root().to_string();
    for part in [
        "trust root 1 of production",
        &root().digest().to_string(),
        "expires  2027-08-03T08:00:00Z",
        "ci:nightly",
        "may sign    approval, operator",
        "root: 2 of these owners",
        "bundle `soc/`, up to destructive: 1 of these owners",
        "soc_lead: carol",
        "destructive  2, of them people 1",
    ] {
        assert!(listing.contains(part), "`{part}` in\n{listing}");
    }
    for key in root().keys() {
        assert!(listing.contains(&key.public.id().to_string()));
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        version in 1..=u64::MAX,
        times in any::<[u32; 3]>(),
        owners in prop::collection::vec("(ci:)?[a-z0-9][a-z0-9._@-]{0,12}", 9),
        // Neither role needs more owners than the two keys that all drafts share.
        max_impact in 0..4_u8,
        prefixes in prop::collection::btree_set("|[a-z0-9][a-z/]{0,12}", 1..5),
        policy in [0..=1_u8, 0..=1, 0..=1],
        resets in prop::collection::btree_set("[a-z][a-z/.]{0,9}", 0..4),
    ) {
        let mut draft = draft();
        draft.version = version;
        draft.issued_at = UnixSeconds(times[0].into());
        draft.expires_at = UnixSeconds(u64::from(times[0]) + u64::from(times[1]) + 1);
        for (key, owner) in draft.keys.iter_mut().zip(owners) {
            key.owner = OwnerId::new(&owner).unwrap();
            key.not_after = UnixSeconds(key.not_before.0 + u64::from(times[2]) + 1);
        }
        draft.people_roles.clear();
        draft.signer_roles[0].threshold = 1;
        let scope = draft.signer_roles[1].scope.as_mut().unwrap();
        scope.max_impact = Impact::from_code(max_impact).unwrap();
        scope.prefixes = prefixes.iter().map(|it| it.parse().unwrap()).collect();
        let [a, b, c] = policy;
        draft.impact_policy.reversible = Requirement { owners: 1 + a, humans: 0 };
        draft.impact_policy.disruptive = Requirement { owners: 1 + a + b, humans: 1 };
        draft.impact_policy.destructive = Requirement { owners: 1 + a + b + c, humans: c.max(1) };
        draft.reset_counters = resets.iter().map(|it| BundleName::new(it).unwrap()).collect();
        let root = draft.build().unwrap();
        prop_assert_eq!(TrustRoot::decode(&root.encode()), Ok(root));
    }

    #[test]
    fn any_bytes_are_refused_or_written_back_alike(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        if let Ok(root) = TrustRoot::decode(&bytes) {
            prop_assert_eq!(root.encode(), bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_refused_or_written_back_alike(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = root().encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(root) = TrustRoot::decode(&bytes) {
            prop_assert_eq!(root.encode(), bytes);
        }
    }
}
