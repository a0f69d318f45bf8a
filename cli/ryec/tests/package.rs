//! Packages of several files with a `rye.toml`, with the program itself.

#![expect(clippy::unwrap_used, reason = "a broken expectation fails the test")]

#[path = "support/program.rs"]
mod program;

use std::fs;
use std::path::Path;

use serde_json::Value;

const CONTAIN: &str = "use our.edr
use std.notify
use triage.score as scores

/// The least score that isolates a host.
const least: Int = 50

playbook contain(host: edr.Laptop, failures: Int) {
    severity high
    deadline 30m
    limit edr.Laptop 1
    on failure hold

    let verdict = scores.judge(failures)
    match verdict {
        harmless { finish benign }
        bad(score) {
            do scores.isolate(host: host, score: score)
        }
    }
    tell notify.analysts(text: \"{host} is isolated: {verdict}\")
}
";

/// Uses the file that uses it: circles of `use` are fine.
const SCORE: &str = "use contain
use our.edr

enum Verdict { harmless, bad(Int) }

fn judge(failures: Int) -> Verdict {
    if failures * 2 < contain.least {
        return Verdict.harmless
    }
    return Verdict.bad(failures * 2)
}

task isolate(host: edr.Laptop, score: Int) {
    do edr.isolate(host: host, reason: \"score {score}\") for 4h
}
";

use program::{complaint, well};

const EDR: &str = "//! Our endpoint agents.

asset Laptop = Name

/// Cuts a host off.
action isolate(host: Laptop, reason: Text)
    affects host
    undo release(host: host)
    idempotent
    timeout 10s

/// Lets a host go.
action release(host: Laptop)
    affects host
    undo none \"it only takes back an isolation\"
    timeout 10s
";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A package of two files, and an interface beside it.
fn package() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let manifest = "name = \"soc/contain\"\nversion = 7\ndisplay_version = \"2.1.0\"\n\
                    interfaces = [\"../interfaces\"]\n";
    write(folder.path(), "package/rye.toml", manifest);
    write(folder.path(), "package/contain.rye", CONTAIN);
    write(folder.path(), "package/triage/score.rye", SCORE);
    write(folder.path(), "interfaces/our/edr.rye", EDR);
    write(folder.path(), "interfaces/unused.rye", "this is read by nobody {");
    folder
}

#[test]
fn files_use_each_other_and_interfaces_and_become_one_bundle() {
    let folder = package();
    let summary = well(folder.path(), &["check", "package"]);
    assert!(summary.contains("action our.edr.isolate"), "{summary}");
    well(folder.path(), &["schema", "package"]);
    let built = well(folder.path(), &["build", "package", "-o", "one.ryeb", "--json"]);
    let built: Value = serde_json::from_str(&built).unwrap();
    assert_eq!((built["name"].as_str(), built["version"].as_u64()), (Some("soc/contain"), Some(7)));
    let inspected = well(folder.path(), &["inspect", "one.ryeb"]);
    assert!(inspected.contains("2.1.0"), "{inspected}");
    let code = well(folder.path(), &["disasm", "one.ryeb"]);
    assert!(code.contains("file \"triage/score.rye\"") && !code.contains("interfaces"), "{code}");
}

#[test]
fn an_option_of_the_call_wins_over_the_file() {
    let folder = package();
    let line = ["build", "package", "-o", "one.ryeb", "--version", "8", "--name", "demo", "--json"];
    let built: Value = serde_json::from_str(&well(folder.path(), &line)).unwrap();
    assert_eq!((built["name"].as_str(), built["version"].as_u64()), (Some("demo"), Some(8)));
    let inspected = well(folder.path(), &["inspect", "one.ryeb"]);
    assert!(!inspected.contains("2.1.0"), "that is what 7 is called: {inspected}");
}

#[test]
fn a_mistake_is_shown_where_it_can_be_opened() {
    let folder = package();
    write(folder.path(), "interfaces/our/edr.rye", &EDR.replace("undo release", "undo free"));
    let found = complaint(folder.path(), &["check", "package"], 1);
    assert!(found.contains("--> package/../interfaces/our/edr.rye:8:10"), "{found}");
    write(folder.path(), "interfaces/our/edr.rye", EDR);
    write(folder.path(), "package/triage/score.rye", &SCORE.replace("use our.edr", "use our.edrs"));
    let found = complaint(folder.path(), &["check", "package"], 1);
    assert!(found.contains("--> package/triage/score.rye:2:5"), "{found}");
    assert!(found.contains("did you mean `our.edr`?"), "{found}");
}

#[test]
fn what_is_wrong_with_the_folder_is_said() {
    let folder = package();
    let manifest = "name = \"soc/contain\"\nverson = 7\n\ninterfaces = [\"../interface\"]\n";
    write(folder.path(), "package/rye.toml", manifest);
    let found = complaint(folder.path(), &["check", "package"], 1);
    for part in ["rye.toml:2", "did you mean `version`?", "rye.toml:4", "no folder `../interface`"]
    {
        assert!(found.contains(part), "{part}: {found}");
    }
    let folder = package();
    write(folder.path(), "interfaces/std/firewall.rye", EDR);
    let found = complaint(folder.path(), &["check", "package"], 1);
    assert!(found.contains("modules that begin with `std` are Rye's own"), "{found}");
    let folder = package();
    write(folder.path(), "package/other/rye.toml", "name = \"other\"\nversion = 1\n");
    let found = complaint(folder.path(), &["check", "package"], 2);
    assert!(found.contains("`package/other` is a package of its own"), "{found}");
}

#[test]
fn a_file_is_checked_as_a_part_of_its_package() {
    let folder = package();
    let whole = well(folder.path(), &["check", "package"]);
    for (place, file) in [
        ("", "package/contain.rye"),
        ("", "package/triage/score.rye"),
        ("package", "contain.rye"),
        ("package/triage", "score.rye"),
        ("package/triage", "../contain.rye"),
    ] {
        assert_eq!(well(&folder.path().join(place), &["check", file]), whole, "{place} {file}");
    }
    // A file that is in no package, or no module of it, stands for itself.
    write(folder.path(), "alone.rye", "const a: Int = 1\n");
    assert_eq!(well(folder.path(), &["check", "alone.rye"]), "no playbooks, no mistakes\n");
    write(folder.path(), "package/interfaces/ours.rye", "asset Thing = Text\n");
    let ours = well(folder.path(), &["check", "package/interfaces/ours.rye"]);
    assert_eq!(ours, "no playbooks, no mistakes\n");
}

#[test]
fn interfaces_may_lie_inside_of_the_package() {
    let folder = package();
    fs::rename(folder.path().join("interfaces"), folder.path().join("package/ours")).unwrap();
    let manifest = "name = \"soc/contain\"\nversion = 7\ninterfaces = [\"ours\"]\n";
    write(folder.path(), "package/rye.toml", manifest);
    well(&folder.path().join("package"), &["check", "."]);
}
