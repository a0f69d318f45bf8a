//! Who is enough for what.

use super::*;

fn have(owners: usize, humans: usize) -> OwnerCount {
    OwnerCount { owners, humans }
}

/// What the signatures of `who` amount to for `impact`, if they are too few.
fn short_of(draft: TrustRootDraft, who: &[u8], impact: Impact) -> Result<(), OwnerCount> {
    let bundle = load_with(&signed(&payload(), who), draft, |_| ()).unwrap();
    match bundle.check_threshold(impact) {
        Ok(bundle) => {
            assert_eq!(bundle.impact(), impact);
            Ok(())
        }
        Err(Refusal::Threshold { have, .. }) => Err(have),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn distinct_owners_are_counted() {
    use Impact::{Destructive, Disruptive, Observe, Reversible};
    let short = |who: &[u8], impact| short_of(draft(), who, impact);
    for impact in [Observe, Reversible] {
        assert_eq!(short(&[CI_MAIN], impact), Ok(()));
    }
    for impact in [Disruptive, Destructive] {
        assert_eq!(short(&[ALICE], impact), Err(have(1, 1)));
        assert_eq!(short(&[CI_MAIN], impact), Err(have(1, 0)));
        assert_eq!(short(&[ALICE, ALICE_TOO], impact), Err(have(1, 1)));
        assert_eq!(short(&[ALICE, MALLORY], impact), Err(have(1, 1)));
        assert_eq!(short(&[ALICE, CAROL], impact), Err(have(1, 1)));
        assert_eq!(short(&[ALICE, BOB], impact), Ok(()));
        assert_eq!(short(&[ALICE, CI_MAIN], impact), Ok(()));
    }
    for impact in [Disruptive, Destructive] {
        assert_eq!(short(&[CI_MAIN, CI_NIGHTLY], impact), Err(have(2, 0)));
    }
}

#[test]
fn a_signature_is_not_counted_twice() {
    let file = signed(&payload(), &[ALICE]);
    let record = file[file.len() - 96..].to_vec();
    let mut twice = [file.clone(), record].concat();
    twice[12] = 2;
    assert_eq!(refused(&twice).code(), "E_SIG_ORDER");

    // Nor is a second, different one of the same key.
    *twice.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&twice).code(), "E_SIG_ORDER");
}

#[test]
fn an_expired_key_does_not_count() {
    let mut draft = draft();
    draft
        .keys
        .iter_mut()
        .filter(|key| key.public.id() == id(BOB))
        .for_each(|key| key.not_after = NOW);
    assert_eq!(short_of(draft, &[ALICE, BOB], Impact::Destructive), Err(have(1, 1)));
}

#[test]
fn a_signer_must_have_a_role_for_the_name() {
    let refused = refused(&signed(&payload(), &[FRED]));
    assert_eq!(
        refused,
        Refusal::Delegation {
            key_id: id(FRED),
            owner: owner("fred"),
            name: name("soc/contain_scanner")
        }
    );
    // Even beside one who has.
    let file = signed(&payload(), &[ALICE, FRED]);
    assert_eq!(load(&file).unwrap_err(), refused);
    // A name that only begins alike is another name.
    let mut lookalike = manifest();
    lookalike.name = name("soc-lab/contain_scanner");
    assert_eq!(load(&signed_manifest(lookalike, &[ALICE])).unwrap_err().code(), "E_DELEGATION");
}

#[test]
fn a_role_speaks_up_to_its_impact() {
    let mut draft = draft();
    draft.signer_roles[1] = bundle_role("soc/", Impact::Destructive, 1, &[ALICE]);
    draft.signer_roles.push(bundle_role("soc/contain_scanner", Impact::Disruptive, 1, &[BOB]));
    let short = |impact| short_of(draft.clone(), &[ALICE, BOB], impact);
    assert_eq!(short(Impact::Disruptive), Ok(()));
    assert_eq!(short(Impact::Destructive), Err(have(1, 1)));
}

#[test]
fn a_role_speaks_when_its_own_threshold_is_met() {
    let mut draft = draft();
    draft.signer_roles[1] =
        bundle_role("soc/", Impact::Destructive, 2, &[ALICE, ALICE_TOO, BOB, CI_MAIN]);
    let short = |who: &[u8]| short_of(draft.clone(), who, Impact::Observe);
    assert_eq!(short(&[ALICE]), Err(have(0, 0)));
    assert_eq!(short(&[ALICE, ALICE_TOO]), Err(have(0, 0)));
    assert_eq!(short(&[ALICE, CI_MAIN]), Ok(()));
}

#[test]
fn the_trust_root_decides_how_many() {
    let mut draft = draft();
    draft.impact_policy.destructive = Requirement { owners: 3, humans: 2 };
    let short = |who: &[u8]| short_of(draft.clone(), who, Impact::Destructive);
    assert_eq!(short(&[ALICE, BOB]), Err(have(2, 2)));
    assert_eq!(short(&[ALICE, CI_MAIN, CI_NIGHTLY]), Err(have(3, 1)));
    assert_eq!(short(&[ALICE, BOB, CI_MAIN]), Ok(()));
}

#[test]
fn who_may_sign_milder_bundles_alone_is_told_so() {
    let mut draft = draft();
    for role in &mut draft.signer_roles {
        if let Some(scope) = &mut role.scope {
            scope.max_impact = Impact::Reversible;
        }
    }
    let bundle = load_with(&signed(&payload(), &[ALICE, BOB]), draft, |_| ()).unwrap();
    let refusal = bundle.check_threshold(Impact::Destructive).unwrap_err();
    assert!(matches!(refusal, Refusal::Threshold { milder: 2, .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("0 owners, 0 of them people; 2 more"), "{refusal}");
    assert!(refusal.explain().help.contains("`max_impact`"));
}
