use super::*;
use crate::fixture::*;

#[test]
fn the_same_payload_gives_the_same_file() {
    let payload = payload();
    assert_eq!(unsigned_bundle(&payload), unsigned_bundle(&payload));
}

#[test]
fn signatures_stand_in_the_order_of_keys_whoever_signs_first() {
    let payload = payload();
    let file = signed(&payload, &[ALICE, BOB, CI_MAIN]);
    assert_eq!(file, signed(&payload, &[CI_MAIN, BOB, ALICE]));
    assert_eq!(Archive::decode(&file).unwrap().signatures().len(), 3);
}

#[test]
fn signing_twice_is_signing_once() {
    let payload = payload();
    assert_eq!(signed(&payload, &[ALICE, ALICE]), signed(&payload, &[ALICE]));
}

#[test]
fn signing_leaves_the_payload_alone() {
    let payload = payload();
    let file = signed(&payload, &[ALICE]);
    assert_eq!(Archive::decode(&file).unwrap().payload(), payload.encode().unwrap());
}

#[test]
fn only_a_bundle_is_signed_as_one() {
    let root = draft().build().unwrap().unsigned_file().unwrap();
    let refused = sign_bundle(&root, &secret(ALICE)).unwrap_err();
    assert!(matches!(refused, SignError::Refused(Refusal::Manifest(_))), "{refused}");
    let refused = sign_bundle(b"playbook x { }", &secret(ALICE)).unwrap_err();
    assert!(matches!(refused, SignError::Refused(Refusal::Magic(_))), "{refused}");
    let bundle = unsigned_bundle(&payload()).unwrap();
    let refused = sign_trust_root(&bundle, &secret(DORA)).unwrap_err();
    assert!(matches!(refused, SignError::Refused(Refusal::RootForm(_))), "{refused}");
}

#[test]
fn a_trust_root_is_signed_by_its_root_role_alone() {
    let root = draft().build().unwrap().unsigned_file().unwrap();
    for who in [ALICE, MALLORY] {
        assert_eq!(sign_trust_root(&root, &secret(who)), Err(SignError::NoRootSigner(id(who))));
    }
}

#[test]
fn a_manifest_that_contradicts_itself_is_not_written() {
    let mut payload = payload();
    payload.manifest.version = 0;
    assert_eq!(unsigned_bundle(&payload).unwrap_err().code(), "E_MANIFEST");
}

#[test]
fn the_seventeenth_signer_is_refused() {
    let sixteen: Vec<u8> = (100..116).collect();
    let file = signed(&payload(), &sixteen);
    let refused = sign_bundle(&file, &secret(116)).unwrap_err();
    assert_eq!(refused, SignError::Refused(Refusal::SignatureCount { found: 17 }));
    assert_eq!(sign_bundle(&file, &secret(115)), Ok(file));
}
