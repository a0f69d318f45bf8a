//! Every property on its seeds, which it must accept, on what a fuzzer learnt from them,
//! and on changes of all that by chance: what a fuzzer does for hours, for a moment in
//! every run.

#![expect(clippy::panic, clippy::expect_used, reason = "a broken property fails the test")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use rye_fuzz::{TARGETS, Target};

/// Changed inputs per target.
const CASES: u32 = 64;

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    Repeat(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), 1_u8..).prop_map(|(at, bits)| Change::Flip(at, bits)),
        1 => at().prop_map(Change::Cut),
        2 => (at(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (at(), 1_u8..9).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (at(), 1_u8..64).prop_map(|(at, count)| Change::Repeat(at, count)),
    ]
}

fn apply(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    let place = |at: &Index| at.index(bytes.len() + 1);
    match change {
        Change::Flip(at, bits) => {
            let at = place(at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
        Change::Cut(at) => bytes.truncate(place(at)),
        Change::Insert(at, new) => {
            let at = place(at);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Remove(at, count) => {
            let at = place(at);
            bytes.drain(at..(at + usize::from(*count)).min(bytes.len()));
        }
        Change::Repeat(at, count) => {
            let at = place(at);
            let part: Vec<u8> = bytes.iter().skip(at).take(usize::from(*count)).copied().collect();
            bytes.splice(at..at, part);
        }
    }
    bytes
}

fn holds(target: &Target) {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{}", target.name);
    for seed in &seeds {
        assert!((target.check)(seed), "{}: a seed is refused", target.name);
    }
    let learnt = corpus(target);
    for input in &learnt {
        let _ = (target.check)(input);
    }
    let inputs = [seeds, learnt].concat();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let input = (any::<Index>(), prop::collection::vec(change(), 1..4));
    let outcome = TestRunner::new(config).run(&input, |(seed, changes)| {
        let bytes = changes.iter().fold(seed.get(&inputs).clone(), apply);
        let _ = (target.check)(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{}: {failure}", target.name));
}

/// The inputs that are committed, in the order of their names.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| fs::read(path).expect("an input")).collect()
}

#[test]
fn properties_hold_for_seeds_and_for_changes_of_them() {
    TARGETS.iter().for_each(holds);
}

/// The table of the folder's page is the list of the targets.
#[test]
fn the_page_names_every_target() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let page = page.expect("the page");
    for Target { name, equation, .. } in TARGETS {
        assert!(page.contains(&format!("| `{name}` | {equation} |")), "{name}");
    }
}
