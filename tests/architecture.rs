//! The direction of the edges between crates, and a few rules that no compiler
//! checks. A new edge fails here until the table, and with it a reviewer,
//! agrees.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on must fail, and say why"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use rye_tests::toolchain::platform;

/// Which crates of the workspace each may use.
const EDGES: &[(&str, &[&str])] = &[
    ("rye-core", &[]),
    ("rye-grammar", &["rye-core"]),
    ("rye-bytecode", &["rye-core"]),
    ("rye-bundle", &["rye-core"]),
    ("rye-journal", &["rye-core"]),
    ("rye-compiler", &["rye-core", "rye-grammar", "rye-bytecode"]),
    ("rye-vm", &["rye-core", "rye-bytecode"]),
    ("rye-engine", &["rye-core", "rye-bytecode", "rye-vm"]),
    (
        "rye-runtime",
        &["rye-core", "rye-bytecode", "rye-bundle", "rye-engine", "rye-journal", "rye-vm"],
    ),
    ("rye-stdlib", &["rye-core"]),
    (
        "ryec",
        &[
            "rye-core",
            "rye-grammar",
            "rye-bytecode",
            "rye-bundle",
            "rye-compiler",
            "rye-engine",
            "rye-signer",
            "rye-stdlib",
            "rye-vm",
        ],
    ),
    ("rye-signer", &["rye-core", "rye-bundle"]),
    ("ryed", &["rye-core", "rye-runtime", "rye-stdlib"]),
    (
        "ryectl",
        &[
            "rye-core",
            "rye-bytecode",
            "rye-journal",
            "rye-engine",
            "rye-bundle",
            "rye-signer",
            "rye-vm",
        ],
    ),
];

/// Packages that see everything and that nothing may see, but for tests.
const OUTSIDE: &[&str] = &["rye-benches", "rye-fuzz", "rye-reference", "rye-tests", "xtask"];

/// Who must not get at what, by any path.
const NEVER: &[(&str, &[&str])] = &[
    // The daemon can't compile, so it can only run what was signed.
    ("ryed", &["rye-grammar", "rye-compiler", "lalrpop-util", "logos"]),
    // It holds no key that could sign, and asks for no passphrase.
    ("ryed", &["rye-signer", "rpassword"]),
    ("rye-runtime", &["rye-grammar", "rye-compiler", "rye-stdlib"]),
    ("ryectl", &["rye-grammar", "rye-compiler", "rye-stdlib", "rye-runtime"]),
    // An auditor builds the journal alone.
    ("rye-journal", &["tokio", "ed25519-dalek"]),
    // The compiler holds no key and no adapter.
    ("rye-compiler", &["ed25519-dalek", "tokio"]),
    // What decides knows no runtime.
    ("rye-engine", &["tokio", "tracing"]),
    ("rye-vm", &["tokio", "tracing"]),
];

/// The graph on this platform: the packages of others may never have been fetched.
fn metadata() -> Metadata {
    let options = ["--offline".into(), "--filter-platform".into(), platform()];
    MetadataCommand::new().other_options(options).exec().expect("cargo metadata")
}

/// Which packages each package uses when it is built (not when it is tested).
fn uses(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let normal = |dep: &&cargo_metadata::NodeDep| {
        dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
    };
    resolve
        .nodes
        .iter()
        .map(|node| {
            let used = node.deps.iter().filter(normal).map(|dep| names[&dep.pkg].clone()).collect();
            (names[&node.id].clone(), used)
        })
        .collect()
}

#[test]
fn every_edge_between_our_crates_stands_in_the_table() {
    let metadata = metadata();
    let uses = uses(&metadata);
    let ours: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let listed: BTreeSet<String> = EDGES
        .iter()
        .map(|(name, _)| (*name).to_string())
        .chain(OUTSIDE.iter().map(|name| (*name).to_string()))
        .collect();
    assert!(ours.is_subset(&listed), "not in the table: {:?}", ours.difference(&listed));
    for (name, allowed) in EDGES {
        let Some(packages) = uses.get(*name) else { continue };
        let unexpected: Vec<_> = packages
            .iter()
            .filter(|used| ours.contains(*used) && !allowed.contains(&used.as_str()))
            .collect();
        assert!(unexpected.is_empty(), "{name} must not use {unexpected:?}");
    }
}

#[test]
fn nobody_gets_at_what_he_must_not_know() {
    let metadata = metadata();
    let uses = uses(&metadata);
    for (name, forbidden) in NEVER {
        let mut reached = BTreeSet::new();
        let mut next = vec![(*name).to_string()];
        while let Some(package) = next.pop() {
            for used in uses.get(&package).into_iter().flatten() {
                if reached.insert(used.clone()) {
                    next.push(used.clone());
                }
            }
        }
        for package in *forbidden {
            assert!(!reached.contains(*package), "{name} reaches {package}");
        }
    }
}

#[test]
fn what_is_said_twice_is_said_by_two() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference/src/interpreter");
    let files = fs::read_dir(folder).expect("the second interpreter").flatten();
    let texts = files.map(|file| (file.path(), fs::read_to_string(file.path()).expect("text")));
    let shares = |text: &String| {
        ["rye_vm", "rye_engine", "codegen", "Instruction"].iter().any(|word| text.contains(word))
    };
    let sharing: Vec<_> = texts.filter(|(_, text)| shares(text)).map(|(path, _)| path).collect();
    assert!(sharing.is_empty(), "{sharing:?} know the first interpreter");
}

/// The packages that `package` is built from, with its own features and not those
/// that others turn on.
fn built_from(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("names are UTF-8");
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_string).collect()
}

#[test]
fn who_only_reads_a_journal_needs_no_database() {
    let core = built_from("rye-core");
    let journal = built_from("rye-journal");
    let own: Vec<_> = journal.difference(&core).map(String::as_str).collect();
    let expected = ["crc32c", "libc", "rye-journal"];
    assert_eq!(own, expected, "an auditor builds the journal from core, checksums and libc");
    assert!(!built_from("ryectl").contains("sled"), "readers never touch the index");
    assert!(built_from("ryed").contains("sled"), "who acts keeps one");
}

#[test]
fn the_database_of_the_index_is_the_one_that_was_measured() {
    let versions: Vec<_> = metadata()
        .packages
        .iter()
        .filter(|package| package.name.as_str() == "sled")
        .map(|package| package.version.to_string())
        .collect();
    assert_eq!(versions, ["0.34.7"], "see docs/decisions/0001");
}

#[test]
fn signatures_are_checked_strictly_and_no_other_way() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let dalek = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "ed25519-dalek")
        .expect("ed25519-dalek");
    let node = resolve.nodes.iter().find(|node| node.id == dalek.id).expect("a node");
    let features: BTreeSet<String> = node.features.iter().map(ToString::to_string).collect();
    let expected = BTreeSet::from(["fast".to_string(), "zeroize".to_string()]);
    assert_eq!(features, expected, "features of ed25519-dalek");
}
