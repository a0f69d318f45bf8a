use proptest::prelude::*;

use super::*;
use crate::fixture;
use crate::manifest::tests::any_manifest;

fn encoded() -> Vec<u8> {
    fixture::payload().encode().unwrap()
}

fn refused(bytes: &[u8]) -> Refusal {
    Payload::decode(bytes).unwrap_err()
}

/// Where the section table begins.
fn table() -> usize {
    4 + fixture::manifest().encode().unwrap().len()
}

#[test]
fn sections_keep_their_kinds_and_bytes() {
    let payload = Payload::decode(&encoded()).unwrap();
    assert_eq!(payload, fixture::payload());
    assert_eq!(payload.section(4), Some(&b"code"[..]));
    assert_eq!(payload.section(12), Some(&b""[..]));
    assert_eq!(payload.section(2), None);
}

#[test]
fn sections_ascend_and_end_exactly() {
    let mut bytes = encoded();
    // The second section's kind becomes the first's.
    bytes[table() + 2 + 6 + 1] = 1;
    assert_eq!(refused(&bytes).code(), "E_SECTION_ORDER");

    let mut bytes = encoded();
    bytes.push(0);
    assert_eq!(refused(&bytes).code(), "E_SECTION_LENGTH");

    let mut bytes = encoded();
    bytes[table()..table() + 2].copy_from_slice(&65_u16.to_be_bytes());
    assert_eq!(refused(&bytes).code(), "E_SECTION_LENGTH");
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let mut payload = fixture::payload();
    payload.sections.swap(0, 1);
    assert!(payload.encode().is_err());

    let section = |kind| Section { kind, bytes: Vec::new() };
    payload.sections = (0..64).map(section).collect();
    assert_eq!(Payload::decode(&payload.encode().unwrap()), Ok(payload.clone()));
    payload.sections = (0..65).map(section).collect();
    assert!(payload.encode().is_err());
}

#[test]
fn a_kind_that_is_not_known_is_refused() {
    let payload = fixture::payload();
    assert_eq!(payload.check_kinds(&[1, 4, 12]), Ok(()));
    assert_eq!(payload.check_kinds(&[1, 12]).unwrap_err().code(), "E_SECTION_UNKNOWN");
}

#[test]
fn every_cut_is_refused() {
    let bytes = encoded();
    for length in 0..bytes.len() {
        let code = refused(&bytes[..length]).code();
        assert!(matches!(code, "E_MANIFEST" | "E_SECTION_LENGTH"), "cut to {length}: {code}");
    }
}

#[test]
fn a_flaw_of_the_manifest_is_placed_in_the_payload() {
    let mut bytes = encoded();
    bytes[5] = 9;
    let Refusal::Manifest(flaw) = refused(&bytes) else { panic!() };
    assert_eq!((flaw.at_byte, flaw.field.as_str()), (Some(4), "format_version"));
}

fn any_payload() -> impl Strategy<Value = Payload> {
    let sections =
        prop::collection::btree_map(any::<u16>(), prop::collection::vec(any::<u8>(), 0..20), 0..6);
    (any_manifest(), sections).prop_map(|(manifest, sections)| Payload {
        manifest,
        sections: sections.into_iter().map(|(kind, bytes)| Section { kind, bytes }).collect(),
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(payload in any_payload()) {
        prop_assert_eq!(Payload::decode(&payload.encode().unwrap()), Ok(payload));
    }

    #[test]
    fn any_bytes_are_refused_or_written_back_alike(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Ok(payload) = Payload::decode(&bytes) {
            prop_assert_eq!(payload.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_refused_or_written_back_alike(
        payload in any_payload(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = payload.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(payload) = Payload::decode(&bytes) {
            prop_assert_eq!(payload.encode().unwrap(), bytes);
        }
    }
}
