use proptest::prelude::*;

use super::*;
use crate::stored::entries;
use crate::value::Content;

const PLACE: Place = Place { first_prev: Digest([3; 32]), offset: 8192 };

fn group(parts: &[(Vec<u8>, Vec<Vec<u8>>)]) -> Vec<u8> {
    let mut builder = GroupBuilder::new();
    for (seq, (entry, values)) in (40..).zip(parts) {
        builder.push_entry(entry);
        for (tag, value) in (0..).zip(values) {
            builder.push_value(seq, tag, &[9; 32], value);
        }
    }
    builder.finish(&PLACE, 40).to_vec()
}

#[test]
fn a_group_is_bound_to_its_place() {
    let bytes = group(&[(vec![1; 100], vec![])]);
    assert!(GroupHeader::decode(&bytes, &PLACE).is_some());
    let moved = Place { offset: 4096, ..PLACE };
    assert_eq!(GroupHeader::decode(&bytes, &moved), None);
    let foreign = Place { first_prev: Digest([4; 32]), ..PLACE };
    assert_eq!(GroupHeader::decode(&bytes, &foreign), None);
}

#[test]
fn no_header_crosses_a_sector() {
    for body in 0..64 {
        let at = GROUP_HEADER_BYTES + framed(body);
        assert_eq!(at % FRAME_HEADER_BYTES, 0);
        assert!(at % SECTOR_BYTES + FRAME_HEADER_BYTES <= SECTOR_BYTES);
    }
}

#[test]
fn a_header_past_the_limit_is_none() {
    let header = |body_len| GroupHeader { body_len, first_seq: 0, entries: 1, values: 0 };
    let most = u32::try_from(APPEND_BYTES_MAX).unwrap();
    assert!(GroupHeader::decode(&header(most).encode(&PLACE), &PLACE).is_some());
    assert_eq!(GroupHeader::decode(&header(most + 1).encode(&PLACE), &PLACE), None);
    assert!(header(most).extent() <= GROUP_EXTENT_MAX);
}

#[test]
fn an_erased_value_tells_whether_bytes_are_left() {
    let mut body = [&[0; 7][..], &[5, 0, 2], &[0; 60]].concat();
    let header = frame_header(FrameKind::Erased, body.len(), crc32c::crc32c(&body[..10]));
    let frame = |body: &[u8]| {
        let mut bytes = [&header[..], body].concat();
        bytes.resize(framed(body.len()), 0);
        bytes
    };
    let bytes = frame(&body);
    let value = frame_at(&bytes, 0).unwrap().value().unwrap();
    assert_eq!((value.seq, value.tag, value.bytes()), (5, 2, None));
    assert_eq!(value.content, Content::Erased { wholly: true });
    body[30] = 1;
    let bytes = frame(&body);
    let value = frame_at(&bytes, 0).unwrap().value().unwrap();
    assert_eq!(value.content, Content::Erased { wholly: false });
}

proptest! {
    #[test]
    fn what_was_built_is_found(
        parts in prop::collection::vec(
            (any::<Vec<u8>>(), prop::collection::vec(any::<Vec<u8>>(), 0..4)), 1..6),
    ) {
        let bytes = group(&parts);
        prop_assert_eq!(bytes.len() % BLOCK_BYTES, 0);
        let header = GroupHeader::decode(&bytes, &PLACE).unwrap();
        prop_assert_eq!(header.extent(), bytes.len());
        prop_assert_eq!(header.next_seq(), 40 + u64::try_from(parts.len()).unwrap());
        prop_assert_eq!(check_frames(&bytes, &header), Ok(()));
        let (frames, _) = split_body(&bytes, &header);
        let found: Vec<(Vec<u8>, Vec<Vec<u8>>)> = entries(frames)
            .map(|framed| {
                let values = framed.values.iter().map(|value| value.bytes().unwrap().to_vec());
                (framed.entry.to_vec(), values.collect())
            })
            .collect();
        prop_assert_eq!(found, parts);
    }

    #[test]
    fn any_bytes_are_framed_or_refused(noise: Vec<u8>, at in 0_usize..64) {
        if let Ok(frame) = frame_at(&noise, at) {
            prop_assert!(frame.next <= noise.len());
        }
        let _ = GroupHeader::decode(&noise, &PLACE);
        let header = GroupHeader { body_len: 999, first_seq: 1, entries: 1, values: 0 };
        prop_assert!(check_frames(&noise, &header).is_err());
        prop_assert!(entries(&noise).count() <= noise.len());
    }

    #[test]
    fn any_changed_bit_is_noticed(value: Vec<u8>, at: prop::sample::Index, bit in 0_u32..8) {
        let mut bytes = group(&[(vec![1; 120], vec![value]), (vec![2; 7], vec![])]);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let whole = GroupHeader::decode(&bytes, &PLACE)
            .is_some_and(|header| check_frames(&bytes, &header).is_ok());
        prop_assert!(!whole);
    }
}
