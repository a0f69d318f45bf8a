use std::collections::BTreeSet;

use super::*;
use crate::fixture::*;
use crate::trust::{PinnedDigest, SignerRole, TrustRootDraft, Usage};

/// Version 2: Erin is gone, and Carol's brother Karl signs roots in her place.
fn second() -> TrustRootDraft {
    let mut next = TrustRootDraft { version: 2, issued_at: at(-10), ..draft() };
    next.keys.retain(|key| key.owner != owner("erin"));
    next.keys.push(trusted(KARL, "karl", &[Usage::Root]));
    next.signer_roles[0] =
        SignerRole { keys: BTreeSet::from([id(DORA), id(KARL)]), ..next.signer_roles[0].clone() };
    next
}

fn offer(trust: &mut Trust, draft: TrustRootDraft, who: &[u8]) -> &'static str {
    let file = signed_root(&draft.build().unwrap(), who);
    match trust.take_root(&file, NOW) {
        Ok(Taken::New) => "taken",
        Ok(Taken::Known) => "known",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn a_successor_is_signed_by_owners_of_both_versions() {
    let mut trust = accepted(draft());
    assert_eq!(offer(&mut trust, second(), &[DORA, ERIN, KARL]), "taken");
    assert_eq!(trust.root().version(), 2);
    assert_eq!(offer(&mut trust, second(), &[DORA]), "known", "signatures don't change it");
    // From now on Karl's word counts, and Erin's doesn't.
    let third = TrustRootDraft { version: 3, ..second() };
    let refused = offer(&mut trust, TrustRootDraft { version: 3, ..draft() }, &[DORA, ERIN]);
    assert_eq!(refused, "E_ROOT_PREDECESSOR");
    assert_eq!(offer(&mut trust, third, &[DORA, KARL]), "taken");
}

#[test]
fn whoever_is_in_both_root_roles_signs_once() {
    let mut trust = accepted(draft());
    let next = TrustRootDraft { version: 2, ..draft() };
    assert_eq!(offer(&mut trust, next, &[DORA, ERIN]), "taken");
}

#[test]
fn an_expired_root_can_be_succeeded() {
    let mut old = draft();
    old.expires_at = at(-5);
    old.keys.iter_mut().for_each(|key| key.not_after = at(-5));
    let mut trust = accepted(old);
    assert_eq!(trust.check_in_force(NOW).unwrap_err().code(), "E_ROOT_EXPIRED");
    let next = TrustRootDraft { version: 2, issued_at: at(-1), ..draft() };
    assert_eq!(offer(&mut trust, next, &[DORA, ERIN]), "taken");
    assert_eq!(trust.check_in_force(NOW), Ok(()));
}

#[test]
fn a_successor_stays_in_its_environment_and_is_not_of_tomorrow() {
    let mut trust = accepted(draft());
    let elsewhere = TrustRootDraft { environment: "staging".parse().unwrap(), ..second() };
    assert_eq!(offer(&mut trust, elsewhere, &[DORA, ERIN, KARL]), "E_ROOT_FORM");
    let tomorrow = TrustRootDraft { issued_at: at(1), ..second() };
    assert_eq!(offer(&mut trust, tomorrow, &[DORA, ERIN, KARL]), "E_CLOCK");
}

#[test]
fn a_bent_signature_refuses_all() {
    let mut file = signed_root(&second().build().unwrap(), &[DORA, ERIN, KARL]);
    *file.last_mut().unwrap() ^= 1;
    let refused = accepted(draft()).take_root(&file, NOW).unwrap_err();
    assert_eq!(refused.code(), "E_SIG_INVALID");
}

#[test]
fn a_chain_is_gone_along_from_the_pin_whatever_the_order_of_the_files() {
    let file = |draft: TrustRootDraft, who: &[u8]| signed_root(&draft.build().unwrap(), who);
    let roots = [
        file(draft(), &[DORA, ERIN]),
        file(second(), &[DORA, ERIN, KARL]),
        file(TrustRootDraft { version: 3, ..second() }, &[DORA, KARL]),
    ];
    let pin = |draft: TrustRootDraft| PinnedDigest::new(draft.build().unwrap().digest());
    let go = |pin, order: &[usize]| {
        let files: Vec<Vec<u8>> = order.iter().map(|index| roots[*index].clone()).collect();
        let trust = Trust::of_files(pin, &files, NOW);
        trust.map(|it| it.root().version()).map_err(|(index, refusal)| (index, refusal.code()))
    };
    assert_eq!(go(pin(draft()), &[0, 1, 2]), Ok(3));
    assert_eq!(go(pin(draft()), &[2, 0, 1]), Ok(3));
    assert_eq!(go(pin(second()), &[2, 0, 1]), Ok(3), "what came before the pin is passed over");
    assert_eq!(go(pin(draft()), &[0]), Ok(1));
    assert_eq!(go(pin(draft()), &[2, 0]), Err((0, "E_ROOT_SKIP")));
    assert_eq!(go(pin(draft()), &[1]), Err((0, "E_ROOT_PIN")));
    assert_eq!(go(pin(draft()), &[1, 2]), Err((0, "E_ROOT_PIN")));
}
