use proptest::prelude::*;

use super::*;

fn record(byte: u8) -> SignatureRecord {
    SignatureRecord { key_id: KeyId([byte; 32]), signature: Signature([byte; 64]) }
}

fn archive(payload: &[u8], keys: &[u8]) -> Archive {
    let mut archive = Archive::unsigned(payload.to_vec()).unwrap();
    for key in keys {
        archive.insert(record(*key)).unwrap();
    }
    archive
}

fn refused(bytes: &[u8]) -> Refusal {
    Archive::decode(bytes).unwrap_err()
}

/// A change to the bytes of a good container, and what becomes of it.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Refusal {
    let mut bytes = archive(b"payload", &[1, 2]).encode();
    change(&mut bytes);
    refused(&bytes)
}

#[test]
fn the_bytes_are_those_of_the_table() {
    let bytes = archive(b"abc", &[2, 1]).encode();
    let mut expected = b"RYEB\x00\x01\x00\x00\x00\x00\x00\x03\x02\x00\x00\x00abc".to_vec();
    expected.extend([1; 96]);
    expected.extend([2; 96]);
    assert_eq!(bytes, expected);
}

#[test]
fn each_part_is_checked_in_order() {
    assert_eq!(refused(b"").code(), "E_MAGIC");
    assert_eq!(changed(|b| b[3] = b'C').code(), "E_MAGIC");
    assert_eq!(changed(|b| b[5] = 2).code(), "E_CONTAINER_VERSION");
    assert_eq!(changed(|b| b[6] = 1).code(), "E_FLAGS");
    assert_eq!(changed(|b| b[13] = 1).code(), "E_FLAGS");
    assert_eq!(changed(|b| b[15] = 1).code(), "E_FLAGS");
    assert_eq!(changed(|b| b[11] = 0).code(), "E_LENGTH");
    assert_eq!(changed(|b| b[8] = 0xff).code(), "E_LENGTH");
    assert_eq!(changed(|b| b[12] = 3).code(), "E_LENGTH");
    assert_eq!(changed(|b| b[12] = 1).code(), "E_TRAILING");
    assert_eq!(changed(|b| b.push(0)).code(), "E_TRAILING");
    assert_eq!(changed(|b| b[16 + 7] = 3).code(), "E_SIG_ORDER");
}

#[test]
fn an_error_names_the_byte() {
    let Refusal::SignatureOrder(flaw) = changed(|b| b[16 + 7] = 3) else { panic!() };
    assert_eq!(flaw.at_byte, Some(16 + 7 + 96));
    let Refusal::Trailing(flaw) = changed(|b| b.push(0)) else { panic!() };
    assert_eq!(flaw.at_byte, Some(16 + 7 + 2 * 96));
}

#[test]
fn every_cut_is_refused() {
    let bytes = archive(b"payload", &[1, 2]).encode();
    for length in 0..bytes.len() {
        let code = refused(&bytes[..length]).code();
        assert_eq!(code, if length < 4 { "E_MAGIC" } else { "E_LENGTH" }, "cut to {length}");
    }
}

#[test]
fn one_signature_per_key() {
    let mut bytes = archive(b"payload", &[1, 2]).encode();
    let second = 16 + 7 + 96;
    bytes[second..second + 32].fill(1);
    assert_eq!(refused(&bytes).code(), "E_SIG_ORDER");
    assert_eq!(archive(b"payload", &[1, 1]), archive(b"payload", &[1]));
}

#[test]
fn sixteen_signatures_and_no_more() {
    let keys: Vec<u8> = (1..=16).collect();
    let mut full = archive(b"p", &keys);
    assert_eq!(Archive::decode(&full.encode()), Ok(full.clone()));
    assert_eq!(full.insert(record(17)), Err(Refusal::SignatureCount { found: 17 }));

    let mut bytes = full.encode();
    bytes[12] = 17;
    bytes.extend([17; 96]);
    assert_eq!(refused(&bytes), Refusal::SignatureCount { found: 17 });
}

#[test]
fn a_payload_has_one_byte_to_its_limit() {
    assert_eq!(Archive::unsigned(Vec::new()).unwrap_err().code(), "E_LENGTH");
    let longest = Archive::unsigned(vec![7; PAYLOAD_BYTES_MAX]).unwrap();
    assert_eq!(Archive::decode(&longest.encode()), Ok(longest));
    assert_eq!(Archive::unsigned(vec![7; PAYLOAD_BYTES_MAX + 1]).unwrap_err().code(), "E_LENGTH");
    assert_eq!(refused(&vec![0; CONTAINER_BYTES_MAX + 1]).code(), "E_SIZE");
    assert_eq!(refused(&vec![0; CONTAINER_BYTES_MAX]).code(), "E_MAGIC");
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        payload in prop::collection::vec(any::<u8>(), 1..200),
        keys in prop::collection::vec(any::<u8>(), 0..16),
    ) {
        let archive = archive(&payload, &keys);
        prop_assert_eq!(Archive::decode(&archive.encode()), Ok(archive));
    }

    #[test]
    fn any_bytes_are_refused_or_written_back_alike(
        head in prop::option::of(Just(b"RYEB\x00\x01\x00\x00\x00\x00\x00".to_vec())),
        tail in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = [head.unwrap_or_default(), tail].concat();
        if let Ok(archive) = Archive::decode(&bytes) {
            prop_assert_eq!(archive.encode(), bytes);
        }
    }
}
