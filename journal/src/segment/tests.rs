use std::path::Path;

use proptest::prelude::*;
use rye_core::id::{BootId, RunId};

use super::*;
use crate::append::NewEntry;
use crate::commit::Journal;
use crate::disk::simulated::SimulatedDisk;
use crate::fields::Body;
use crate::testing::{SMALL, STORE, segment};
use crate::value::{NewValue, Salt};

const PLACE: Place = Place { first_prev: Digest([3; 32]), offset: 8192 };

fn header() -> SegmentHeader {
    let genesis =
        Genesis { journal: JournalId([1; 16]), created_unix_ns: 2, checkpoint_key: [3; 32] };
    SegmentHeader { genesis, number: 4, first_seq: 5, first_prev: Digest([6; 32]) }
}

#[test]
fn names_sort_as_numbers_do() {
    let numbers = [0, 1, 9, 10, 99, 100, 12_345_678_901, u64::MAX];
    let names: Vec<String> = numbers.iter().map(|number| file_name(*number)).collect();
    assert!(names.is_sorted());
    for (number, name) in numbers.iter().zip(&names) {
        assert_eq!(file_number(name), Some(*number));
    }
    for name in ["", ".segment", "1.segment", "0000000000000000000x.segment", "reserve"] {
        assert_eq!(file_number(name), None);
    }
    assert_eq!(file_number("99999999999999999999.segment"), None);
}

#[test]
fn a_header_of_another_version_is_not_taken_for_damage() {
    let mut block = header().encode();
    assert_eq!(SegmentHeader::decode(&block), Ok(header()));
    block[9] = 2;
    assert_eq!(SegmentHeader::decode(&block), Err(HeaderFault::Damaged));
    let crc = crc32c::crc32c(&block[..4092]);
    block[4092..].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(SegmentHeader::decode(&block), Err(HeaderFault::Version { found: 2 }));
    block[0] = b'X';
    assert_eq!(SegmentHeader::decode(&block), Err(HeaderFault::NotASegment));
}

proptest! {
    #[test]
    fn any_changed_bit_is_noticed(at in 0_usize..4096, bit in 0_u32..8) {
        let seal = Seal { entries: 9, first_seq: 5, last_seq: 13, head: Digest([8; 32]) };
        let mut block = seal.encode(&PLACE);
        prop_assert_eq!(Seal::decode(&block, &PLACE), Some(seal));
        block[at] ^= 1 << bit;
        prop_assert_eq!(Seal::decode(&block, &PLACE), None);
        let mut block = header().encode();
        block[at] ^= 1 << bit;
        prop_assert!(SegmentHeader::decode(&block).is_err());
    }

    #[test]
    fn any_bytes_are_refused(noise: Vec<u8>) {
        prop_assert!(SegmentHeader::decode(&noise).is_err());
        prop_assert_eq!(Seal::decode(&noise, &PLACE), None);
    }
}

/// The segment that `docs/reference/journal-format.md` shows. Its checksums were
/// computed from that page by another program.
#[test]
fn the_published_segment() {
    let disk = SimulatedDisk::new();
    let genesis = Genesis {
        journal: JournalId::from_hex("000102030405060708090a0b0c0d0e0f").unwrap(),
        created_unix_ns: 1_700_000_000_000_000_000,
        checkpoint_key: rye_core::hex::decode_array(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        )
        .unwrap(),
    };
    let mut journal = Journal::create_on(disk.clone(), Path::new(STORE), genesis, SMALL).unwrap();
    let plain = |kind, seq| NewEntry {
        kind,
        run: RunId([0; 16]),
        wall_unix_ns: genesis.created_unix_ns + seq + 1,
        boot: BootId([0x11; 16]),
        mono_ns: seq + 1,
        body: Body::new(),
        values: Vec::new(),
    };
    let value = NewValue { tag: 2, salt: Salt([0xaa; 32]), bytes: b"alice".to_vec() };
    let second = NewEntry {
        run: RunId([0x22; 16]),
        body: Body::new().with(1, b"host-42").unwrap(),
        values: vec![value],
        ..plain(16, 1)
    };
    journal.append(vec![plain(1, 0), second]).unwrap();
    let head = journal.append(vec![plain(2, 2)]).unwrap().head;
    assert_eq!(
        head.hash.to_string(),
        "09cb930951a2e52063f0784a99af326bfa8c2506c3542b6a576ca2d6941cc537"
    );

    let mut bytes = disk.bytes(&segment(0));
    bytes.truncate(12288);
    let place = Place { first_prev: genesis.digest(), offset: 12288 };
    bytes.extend(Seal { entries: 3, first_seq: 0, last_seq: 2, head: head.hash }.encode(&place));
    let shown = |at: usize, len| rye_core::hex::encode(&bytes[at..at + len]);
    assert_eq!(shown(4092, 4), "263df37a");
    assert_eq!(shown(4096, 32), "52594547000001800000000000000000000000020000000100000000144e58a6");
    assert_eq!(shown(4128, 16), "0000007101000000926818b0d2abcda5");
    assert_eq!(shown(4272, 16), "000000a0010000000439d44915a59b29");
    assert_eq!(shown(4448, 16), "0000002f02000000789f785d34db1ccd");
    assert_eq!(shown(12288 + 64, 4), "13772e6e");
    assert_eq!(bytes.len(), 16384);
    assert_eq!(crc32c::crc32c(&bytes), 0x4867_b1db);
}
