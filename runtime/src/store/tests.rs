use rye_core::adapter::Ending;
use rye_core::effect::Call;
use rye_core::id::{BootId, EffectId, KeyId};
use rye_core::value::{Duration, Value};
use rye_engine::entry::{RunOutcome, Said};
use rye_journal::Reader;
use rye_journal::verify::{Expectation, verify};

use super::*;
use crate::clock::Clock;

fn stamp(seconds: i64, boot: u8) -> Stamp {
    let wall = Time(1_800_000_000_000_000 + seconds * 1_000_000);
    Stamp { wall, boot: BootId([boot; 16]), monotonic: Duration(seconds * 1_000_000) }
}

fn entries(store: &Path, now: Stamp) -> Vec<Entry> {
    let mut entries = Vec::new();
    Store::open(store, now, &mut |entry| entries.push(entry.clone())).unwrap();
    entries
}

fn loaded(version: u64, digest: u8, floor: u64) -> Body {
    let (name, digest) = ("soc/contain".into(), Digest([digest; 32]));
    Body::BundleLoaded { digest, name, version, floor, signers: vec![KeyId([9; 32])] }
}

#[test]
fn entries_come_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::create(&path, "lab", stamp(0, 1)).unwrap();
    let run = RunId([5; 16]);
    let effect = EffectId([6; 16]);
    let call = Call {
        action: "std.firewall.unblock".into(),
        arguments: [("address".into(), Value::text("x"))].into(),
    };
    let said = Said { key: KeyId([1; 32]), message: Digest([2; 32]) };
    let bodies = [
        loaded(7, 3, 5),
        Body::Cancelled { undo: true, by: said },
        Body::UndoIntent {
            owner: run,
            effect,
            why: rye_engine::entry::Why::Person,
            first_run: run,
            first_effect: effect,
            attempt: 1,
            call,
        },
        Body::UndoOutcome {
            owner: run,
            effect,
            attempt: 1,
            ending: Ending::Unknown("silence".into()),
            result: rye_engine::entry::UndoResult::Again,
        },
        Body::Ended { outcome: RunOutcome::Cancelled, text: "a person".into() },
    ];
    let written: Vec<Entry> = bodies
        .into_iter()
        .zip(1..)
        .map(|(body, second)| Entry { at: stamp(second, 1), run, body })
        .collect();
    store.append(&written).unwrap();
    drop(store);
    let read = entries(&path, stamp(20, 1));
    assert_eq!(read[0].body, Body::Genesis { version: ENTRIES_VERSION, environment: "lab".into() });
    assert!(matches!(&read[1].body, Body::Opened { dropped: 0, .. }));
    assert_eq!(read[2..], written);
}

#[test]
fn what_was_loaded_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::create(&path, "lab", stamp(0, 1)).unwrap();
    store.append(&[own(stamp(1, 1), loaded(7, 3, 5)), own(stamp(2, 1), loaded(8, 4, 6))]).unwrap();
    let id = store.id();
    drop(store);
    let store = Store::open(&path, stamp(3, 1), &mut |_| ()).unwrap();
    let name = BundleName::new("soc/contain").unwrap();
    let known = store.known().get(&name).unwrap();
    assert_eq!((known.highest, known.digest, known.floor), (8, Digest([4; 32]), 6));
    assert!(store.was_loaded(Digest([3; 32])) && !store.was_loaded(Digest([5; 32])));
    assert_eq!((store.id(), store.latest_seen()), (id, stamp(3, 1).wall));
}

#[test]
fn more_than_one_group_is_appended_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::create(&path, "lab", stamp(0, 1)).unwrap();
    let text: Arc<str> = "x".repeat(60_000).into();
    let ended = |second: i64| {
        let body = Body::Ended { outcome: RunOutcome::Finished, text: text.clone() };
        Entry { at: stamp(second, 1), run: RunId([1; 16]), body }
    };
    let many: Vec<Entry> = (1..100).map(ended).collect();
    store.append(&many).unwrap();
    let small: Vec<Entry> = (1..3_000).map(|_| own(stamp(100, 1), loaded(1, 1, 1))).collect();
    store.append(&small).unwrap();
    drop(store);
    let read = entries(&path, stamp(101, 1));
    assert_eq!(read[2..101], many);
    assert_eq!(read.len(), 2 + 99 + 2_999);
    let report = verify(&path, &Expectation::default(), &mut |_| None).unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
}

#[test]
fn a_turned_clock_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    drop(Store::create(&path, "lab", stamp(1_000, 1)).unwrap());
    let back = Stamp { wall: stamp(0, 1).wall, ..stamp(1_001, 1) };
    let mut shown = Vec::new();
    let store = Store::open(&path, back, &mut |entry| shown.push(entry.body.clone())).unwrap();
    assert_eq!(store.latest_seen(), stamp(1_000, 1).wall, "what is past stays past");
    drop(store);
    let read = entries(&path, stamp(1_002, 1));
    let anomaly = Body::ClockAnomaly { from: stamp(1_000, 1).wall, to: back.wall };
    assert!(read.iter().any(|entry| entry.body == anomaly));
    assert_eq!(shown.last(), Some(&anomaly), "the engine tells operators of it");
}

#[test]
fn one_process_at_a_time_acts_on_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let now = Clock::new().unwrap().now();
    let missing = Store::open(&path, now, &mut |_| ()).unwrap_err();
    assert!(matches!(missing, StoreError::Journal(JournalError::NotAStore { .. })));
    let held = Store::create(&path, "lab", now).unwrap();
    let second = Store::open(&path, now, &mut |_| ()).unwrap_err();
    assert!(second.to_string().contains("another process"), "{second}");
    assert!(Reader::open(&path).unwrap().head().unwrap().size == 2);
    drop(held);
}
