//! What is written down: values, entries, messages, segments.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rye_core::adapter::Ending;
use rye_core::canonical;
use rye_core::digest::Digest;
use rye_core::id::{BootId, EffectId, JournalId, KeyId, RunId};
use rye_core::value::{Name, Time, Value};
use rye_engine::entry::{Body, Draft};
use rye_engine::message::{Order, Signed, Statement};
use rye_journal::verify::{Expectation, verify};
use rye_journal::{Entry, Genesis, Journal, NewEntry, NewValue, Salt};

use crate::parts;

pub(crate) fn check_value(bytes: &[u8]) -> bool {
    let Ok(value) = canonical::decode(bytes) else { return false };
    assert_eq!(canonical::encode(&value), bytes, "{value:?} has one encoding");
    // Printing and comparing it must not fail either.
    let _ = (value.to_string(), value == value.clone());
    true
}

pub(crate) fn value_seeds() -> Vec<Vec<u8>> {
    let list = Value::List([Value::Int(-1), Value::Int(7)].into());
    let map = Value::Map([(Value::text("a"), list.clone())].into());
    let fields = [(Name::from("at"), Value::Time(Time(5))), (Name::from("all"), map)].into();
    let record = Value::Record { name: "Alert".into(), fields };
    let asset = Value::asset("Address", Value::Ip([203, 0, 113, 7].into()));
    [Value::None, list, record, asset].iter().map(canonical::encode).collect()
}

/// A kind, then fields and values by turns, each with its tag in front.
pub(crate) fn check_entry(bytes: &[u8]) -> bool {
    if let Ok(entry) = Entry::decode(bytes) {
        let mut again = Vec::new();
        entry.encode_into(&mut again);
        assert_eq!(again, bytes, "an entry has one encoding");
        return true;
    }
    let Some((kind, rest)) = bytes.split_first() else { return false };
    let mut draft = Draft { kind: *kind, ..Draft::default() };
    for part in parts::split(rest) {
        let Some(([is_value, high, low], bytes)) = part.split_first_chunk() else { return false };
        let into = if *is_value == 0 { &mut draft.fields } else { &mut draft.values };
        into.push((u16::from_be_bytes([*high, *low]), bytes.to_vec()));
    }
    let ascends = |all: &[(u16, Vec<u8>)]| all.is_sorted_by(|(one, _), (other, _)| one < other);
    if !ascends(&draft.fields) || !ascends(&draft.values) {
        return false;
    }
    let Ok(body) = Body::decode(&draft) else { return false };
    assert_eq!(body.encode(), draft, "what an entry says has one encoding");
    true
}

pub(crate) fn entry_seeds() -> Vec<Vec<u8>> {
    let effect = EffectId([7; 16]);
    let ending = Ending::Done(Value::Int(3));
    let bodies = [
        Body::Genesis { version: 1, environment: "lab".into() },
        Body::Opened { version: "0.1.0".into(), dropped: 0 },
        Body::Attempted { effect, attempt: 2 },
        Body::Outcome { effect, attempt: 1, ending, stands: true, answer: Some(Ok(Value::Int(3))) },
        Body::Unwound,
    ];
    bodies.iter().map(|body| of_draft(&body.encode())).collect()
}

fn of_draft(draft: &Draft) -> Vec<u8> {
    let part = |is_value: u8| {
        move |(tag, bytes): &(u16, Vec<u8>)| [&[is_value][..], &tag.to_be_bytes(), bytes].concat()
    };
    let parts = draft.fields.iter().map(part(0)).chain(draft.values.iter().map(part(1)));
    [vec![draft.kind], parts::join(parts)].concat()
}

pub(crate) fn check_message(bytes: &[u8]) -> bool {
    let Ok(signed) = Signed::decode(bytes) else { return false };
    assert_eq!(signed.encode(), bytes, "a message has one encoding");
    let Ok(statement) = Statement::decode(&signed.statement) else { return false };
    assert_eq!(statement.encode(), signed.statement, "a statement has one encoding");
    true
}

pub(crate) fn message_seeds() -> Vec<Vec<u8>> {
    let orders = [
        Order::Cancel { undo: true },
        Order::Rollback { effects: Vec::new() },
        Order::Settle { effect: EffectId([3; 16]), done: false },
    ];
    let signed = |order| {
        let statement = Statement { run: RunId([9; 16]), order, created_at: Time(5) }.encode();
        Signed { key: KeyId([1; 32]), signature: [2; 64], statement }.encode()
    };
    orders.into_iter().map(signed).collect()
}

/// How much of a segment is looked at: the rest is zero.
const SEGMENT_BYTES: usize = 1 << 16;

/// The bytes, without zeroes at their end, in the place of the first segment. What is
/// found sound is what was written, or its beginning: nobody makes up a chain by chance.
pub(crate) fn check_segment(bytes: &[u8]) -> bool {
    static WRITTEN: OnceLock<Vec<Digest>> = OnceLock::new();
    let written = WRITTEN.get_or_init(|| {
        let seeds = segment_seeds();
        let seed = seeds.first().and_then(|seed| sound_entries(seed));
        seed.expect("what we wrote is sound")
    });
    let Some(found) = sound_entries(bytes) else { return false };
    assert!(written.starts_with(&found), "entries that nobody wrote: {found:?}");
    !found.is_empty()
}

/// The hashes of all entries, if nothing is wrong with any.
fn sound_entries(bytes: &[u8]) -> Option<Vec<Digest>> {
    let folder = tempfile::tempdir().expect("a folder");
    let segment = segment_of(folder.path());
    fs::create_dir_all(segment.parent().expect("a folder around it")).expect("a folder of ours");
    let mut padded = bytes.to_vec();
    padded.resize(SEGMENT_BYTES.max(bytes.len()), 0);
    fs::write(segment, padded).expect("a file of ours");
    let mut hashes = Vec::new();
    let at_rest = Expectation { at_rest: true, ..Expectation::default() };
    let report = verify(folder.path(), &at_rest, &mut |entry| {
        hashes.push(entry.hash);
        None
    });
    report.is_ok_and(|report| report.exit_code() == 0).then_some(hashes)
}

const FIRST_SEGMENT: &str = "00000000000000000000.segment";

pub(crate) fn segment_seeds() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let genesis =
        Genesis { journal: JournalId([5; 16]), created_unix_ns: 7, checkpoint_key: [0; 32] };
    let mut journal = Journal::create(&store, genesis).expect("a store of ours");
    for seq in 0..5_u8 {
        journal.append(vec![entry(seq)]).expect("room for an entry");
    }
    drop(journal);
    let bytes = fs::read(segment_of(&store)).expect("the segment");
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    vec![bytes.into_iter().take(end).collect()]
}

fn segment_of(store: &Path) -> PathBuf {
    store.join("journal").join(FIRST_SEGMENT)
}

fn entry(seq: u8) -> NewEntry {
    let mut body = rye_journal::Body::new();
    body.push(1, &[seq; 9]).expect("a short field");
    let value = NewValue { tag: 2, salt: Salt([seq; 32]), bytes: vec![seq; usize::from(seq) * 50] };
    NewEntry {
        kind: 1,
        run: RunId([seq; 16]),
        wall_unix_ns: u64::from(seq),
        boot: BootId([1; 16]),
        mono_ns: u64::from(seq),
        body,
        values: vec![value],
    }
}
