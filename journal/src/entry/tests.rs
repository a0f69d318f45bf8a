use proptest::prelude::*;
use rye_core::digest::Digest;
use rye_core::hex;
use rye_core::id::{BootId, JournalId, RunId};

use super::*;
use crate::fields::Body;
use crate::value::{Salt, commitment};

const CREATED: u64 = 1_700_000_000_000_000_000;

fn published_genesis() -> Genesis {
    Genesis {
        journal: JournalId::from_hex("000102030405060708090a0b0c0d0e0f").unwrap(),
        created_unix_ns: CREATED,
        checkpoint_key: hex::decode_array(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        )
        .unwrap(),
    }
}

/// One of the published entries: without run, body and commitments.
fn plain(kind: u8, seq: u64, prev: Digest) -> Entry<'static> {
    Entry {
        kind,
        journal: published_genesis().journal,
        seq,
        wall_unix_ns: CREATED + seq + 1,
        boot: BootId([0x11; 16]),
        mono_ns: seq + 1,
        prev,
        run: RunId([0; 16]),
        body: Fields::NONE,
        commitments: Commitments::NONE,
    }
}

fn bytes(entry: &Entry<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.encode_into(&mut bytes);
    bytes
}

#[test]
fn published_vectors() {
    let committed = commitment(&Salt([0xaa; 32]), 2, b"alice");
    assert_eq!(
        committed.to_string(),
        "1f248b8c8e74c28c403c4e9b3420757b374aa0e04ffdb326b2fda9be6e4cb97f"
    );
    let genesis = published_genesis().digest();
    assert_eq!(
        genesis.to_string(),
        "f86f35c8aaa8129585ecbf2bf3da8b4b0af1e6a450e2ad6e178f04e28fe92f9e"
    );

    let first = bytes(&plain(1, 0, genesis));
    assert_eq!(first.len(), ENTRY_BYTES_MIN);
    assert_eq!(
        entry_hash(&first).to_string(),
        "072d46133e228d4c6f706e4e679b74aff68ad4a62236e3d68742ae4b457355f8"
    );

    let body = Body::new().with(1, b"host-42").unwrap();
    let commitments = [&2_u16.to_be_bytes()[..], &committed.0].concat();
    let second = bytes(&Entry {
        run: RunId([0x22; 16]),
        body: body.fields(),
        commitments: Commitments::parse(&commitments, 0).unwrap(),
        ..plain(16, 1, entry_hash(&first))
    });
    assert_eq!(
        hex::encode(&second),
        "000110000102030405060708090a0b0c0d0e0f000000000000000117979cfe362a0002111111111111111111\
         11111111111111\
         0000000000000002072d46133e228d4c6f706e4e679b74aff68ad4a62236e3d68742ae4b457355f822222222\
         2222222222222222222222220000000d000100000007686f73742d3432000100021f248b8c8e74c28c403c4e\
         9b3420757b374aa0e04ffdb326b2fda9be6e4cb97f"
    );
    assert_eq!(second.len(), 160);
    assert_eq!(
        entry_hash(&second).to_string(),
        "81b1533c6af827a3b1d7ebc7f36e9f2bb16e466584e6aa41b977b512730cc87c"
    );

    let third = bytes(&plain(2, 2, entry_hash(&second)));
    assert_eq!(
        entry_hash(&third).to_string(),
        "09cb930951a2e52063f0784a99af326bfa8c2506c3542b6a576ca2d6941cc537"
    );
}

#[test]
fn each_way_to_be_no_entry_is_told() {
    let good = bytes(&plain(1, 0, Digest::default()));
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        Entry::decode(&bytes).unwrap_err()
    };
    for len in 0..good.len() {
        assert_eq!(refused(&|bytes| bytes.truncate(len)), EntryError::Cut { len });
    }
    assert_eq!(refused(&|bytes| bytes.push(0)), EntryError::Trailing { at: 113 });
    assert_eq!(refused(&|bytes| bytes[1] = 2), EntryError::Version { found: 2 });
    assert_eq!(
        refused(&|bytes| bytes.resize(ENTRY_BYTES_MAX + 1, 0)),
        EntryError::TooLong { len: ENTRY_BYTES_MAX + 1 }
    );
    let twice = |tail: &[u8]| {
        let mut bytes = good.clone();
        bytes.truncate(107);
        bytes.extend_from_slice(tail);
        Entry::decode(&bytes).unwrap_err()
    };
    let field = [0, 5, 0, 0, 0, 0];
    let fields = [&[0, 0, 0, 12][..], &field, &field, &[0, 0]].concat();
    assert_eq!(twice(&fields), EntryError::Field(FieldError::Order { at: 6, tag: 5 }));
    let commitment = [&[0, 5][..], &[0; 32]].concat();
    let commitments = [&[0, 0, 0, 0, 0, 2][..], &commitment, &commitment].concat();
    assert_eq!(twice(&commitments), EntryError::CommitmentOrder { at: 113 + 34, tag: 5 });
    let cut = [0, 0, 0, 7, 0, 1, 0, 0, 0, 2, 0, 0, 0];
    assert_eq!(twice(&cut), EntryError::Field(FieldError::Cut { at: 0 }));
}

#[test]
fn a_body_takes_ascending_tags_up_to_an_entrys_length() {
    let mut body = Body::new().with(3, b"x").unwrap();
    assert_eq!(body.push(3, b""), Err(FieldError::Order { at: 7, tag: 3 }));
    assert_eq!(body.push(4, &vec![0; ENTRY_BYTES_MAX]), Err(FieldError::TooLong { at: 7, tag: 4 }));
    body.push(4, b"y").unwrap();
    assert_eq!(body.fields().get(4), Some(&b"y"[..]));
    assert_eq!(body.fields().get(5), None);
}

prop_compose! {
    fn any_body()(fields in prop::collection::btree_map(any::<u16>(), any::<Vec<u8>>(), 0..8)) -> Body {
        fields.iter().fold(Body::new(), |body, (tag, bytes)| body.with(*tag, bytes).unwrap())
    }
}

proptest! {
    #[test]
    fn decoding_gives_back_what_was_encoded(
        kind: u8, seq: u64, wall_unix_ns: u64, mono_ns: u64,
        ids: [[u8; 16]; 3], prev: [u8; 32], body in any_body(),
        committed in prop::collection::btree_map(any::<u16>(), any::<[u8; 32]>(), 0..8),
    ) {
        let mut commitments = Vec::new();
        for (tag, digest) in &committed {
            commitments.extend_from_slice(&tag.to_be_bytes());
            commitments.extend_from_slice(digest);
        }
        let entry = Entry {
            kind, journal: JournalId(ids[0]), seq, wall_unix_ns, boot: BootId(ids[1]), mono_ns,
            prev: Digest(prev), run: RunId(ids[2]), body: body.fields(),
            commitments: Commitments::parse(&commitments, 0).unwrap(),
        };
        let encoded = bytes(&entry);
        let decoded = Entry::decode(&encoded).unwrap();
        prop_assert_eq!(decoded, entry);
        prop_assert_eq!(bytes(&decoded), encoded);
    }

    #[test]
    fn any_bytes_are_refused_or_encode_to_themselves(noise: Vec<u8>) {
        if let Ok(entry) = Entry::decode(&noise) {
            prop_assert_eq!(bytes(&entry), noise);
        }
    }

    #[test]
    fn a_changed_entry_is_refused_or_encodes_to_itself(
        body in any_body(), at: prop::sample::Index, to: u8,
    ) {
        let entry = Entry { body: body.fields(), ..plain(3, 5, Digest::default()) };
        let mut encoded = bytes(&entry);
        let at = at.index(encoded.len());
        encoded[at] = to;
        if let Ok(entry) = Entry::decode(&encoded) {
            prop_assert_eq!(bytes(&entry), encoded);
        }
    }
}
