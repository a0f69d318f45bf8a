//! From a folder that `ryec new` made to a bundle and what can be read from it, with
//! the program itself.

#![expect(clippy::unwrap_used, reason = "a broken expectation fails the test")]

#[path = "support/program.rs"]
mod program;

use std::fs;

use rye_bundle::archive::Archive;
use rye_bundle::payload::Payload;
use rye_bundle::sign::unsigned_bundle;
use rye_core::impact::Impact;
use serde_json::{Value, json};

use program::{complaint, ryec, well};

fn folder_with_playbook() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    well(folder.path(), &["new", "block_scanner"]);
    folder
}

const BUILD: [&str; 4] = ["build", "block_scanner", "-o", "one.ryeb"];
const AT: [&str; 2] = ["--created-at", "2026-03-01T00:00:00Z"];

#[test]
fn what_new_makes_checks_without_a_word_and_is_described() {
    let folder = folder_with_playbook();
    let output = ryec(folder.path(), &["check", "block_scanner"]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let readme = fs::read_to_string(folder.path().join("block_scanner/README.md")).unwrap();
    assert!(readme.starts_with("# block_scanner\n") && !readme.contains("{{"), "{readme}");
    let input = fs::read(folder.path().join("block_scanner/input.json")).unwrap();
    let input: Value = serde_json::from_slice(&input).unwrap();
    let schema: Value =
        serde_json::from_str(&well(folder.path(), &["schema", "block_scanner"])).unwrap();
    for required in schema["required"].as_array().unwrap() {
        assert!(input.get(required.as_str().unwrap()).is_some(), "{required}");
    }
    let again = complaint(folder.path(), &["new", "block_scanner"], 2);
    assert!(again.contains("help: choose another name"), "{again}");
}

#[test]
fn the_same_sources_give_the_same_bundle_wherever_they_lie() {
    let folder = folder_with_playbook();
    let elsewhere = folder.path().join("far/away");
    fs::create_dir_all(&elsewhere).unwrap();
    well(folder.path(), &[BUILD.as_slice(), &AT].concat());
    let source = "../../block_scanner/block_scanner.rye";
    well(&elsewhere, &[&["build", source, "-o", "two.ryeb"], AT.as_slice()].concat());
    let one = fs::read(folder.path().join("one.ryeb")).unwrap();
    assert_eq!(one, fs::read(elsewhere.join("two.ryeb")).unwrap());
    well(folder.path(), &[BUILD.as_slice(), &AT, &["--version", "2"]].concat());
    assert_ne!(one, fs::read(folder.path().join("one.ryeb")).unwrap());
}

#[test]
fn a_bundle_says_what_it_may_touch() {
    let folder = folder_with_playbook();
    let built = well(folder.path(), &[BUILD.as_slice(), &AT, &["--json"]].concat());
    let built: Value = serde_json::from_str(&built).unwrap();
    let inspected = well(folder.path(), &["inspect", "one.ryeb", "--json"]);
    let inspected: Value = serde_json::from_str(&inspected).unwrap();
    assert_eq!(inspected["digest"], built["digest"]);
    assert_eq!(inspected["signed_by"], json!([]));
    assert_eq!(inspected["expires_at"], json!("2026-05-30T00:00:00Z"));
    let playbook = &inspected["playbooks"][0];
    assert_eq!(playbook["limits"], json!({ "Address": 1 }));
    let block = &playbook["worst_case"]["calls"][0];
    assert_eq!((&block["name"], &block["most"]), (&json!("std.firewall.block"), &json!(1)));
    let text = well(folder.path(), &["inspect", "one.ryeb"]);
    for line in ["  may touch   1 × Address", "  signed by   nobody yet"] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    let code = well(folder.path(), &["disasm", "one.ryeb"]);
    assert!(code.contains("; std.firewall.block\n"), "{code}");
}

#[test]
fn what_is_no_bundle_or_damaged_is_refused_with_its_place() {
    let folder = folder_with_playbook();
    well(folder.path(), &[BUILD.as_slice(), &AT].concat());
    let path = folder.path().join("one.ryeb");
    let whole = fs::read(&path).unwrap();
    for command in ["inspect", "disasm"] {
        let text = complaint(folder.path(), &[command, "block_scanner/README.md"], 1);
        assert!(text.contains("E_MAGIC") && text.contains("help: "), "{text}");
        complaint(folder.path(), &[command, "missing"], 2);
        fs::write(folder.path().join("cut.ryeb"), &whole[..whole.len() - 1]).unwrap();
        complaint(folder.path(), &[command, "cut.ryeb"], 1);
    }
    // One bit anywhere: it is refused, or it says another digest.
    let digest = well(folder.path(), &["inspect", "one.ryeb"]);
    let digest = digest.lines().nth(1).unwrap();
    for at in (0..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&path, &flipped).unwrap();
        let output = ryec(folder.path(), &["inspect", "one.ryeb"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.code() == Some(1) || !text.contains(digest), "byte {at}: {text}");
    }
}

#[test]
fn what_does_not_check_is_not_built() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("wrong.rye"), "fn f() -> Int { return \"x\" }\n").unwrap();
    fs::write(folder.path().join("empty.rye"), "fn f() -> Int { return 1 }\n").unwrap();
    let text = complaint(folder.path(), &["build", "wrong.rye", "-o", "b.ryeb"], 1);
    assert!(text.contains("error[E0301]") && text.contains("wrong.rye:1"), "{text}");
    let text = complaint(folder.path(), &["build", "empty.rye", "-o", "b.ryeb"], 1);
    assert!(text.contains("no playbook"), "{text}");
    let text = complaint(folder.path(), &["schema", "empty.rye"], 2);
    assert!(text.contains("write a `playbook`"), "{text}");
    assert!(!folder.path().join("b.ryeb").exists());
    complaint(folder.path(), &["build", "wrong.rye"], 2);
}

#[test]
fn a_manifest_that_says_less_than_the_code_does_is_not_believed() {
    let folder = folder_with_playbook();
    well(folder.path(), &[BUILD.as_slice(), &AT].concat());
    let file = fs::read(folder.path().join("one.ryeb")).unwrap();
    let archive = Archive::decode(&file).unwrap();
    let honest = Payload::decode(archive.payload()).unwrap();
    let mut fewer = honest.clone();
    fewer.manifest.entry_points[0].worst_case.uses[0] = 0;
    let mut milder = honest.clone();
    milder.manifest.entry_points[0].impact = Impact::Observe;
    let mut hidden = honest;
    hidden.manifest.capabilities.remove(0);
    hidden.manifest.entry_points[0].worst_case.uses.remove(0);
    for payload in [fewer, milder, hidden] {
        fs::write(folder.path().join("lie.ryeb"), unsigned_bundle(&payload).unwrap()).unwrap();
        let text = complaint(folder.path(), &["inspect", "lie.ryeb"], 1);
        assert!(text.contains("doesn't say what its code does"), "{text}");
    }
}

/// Expires an account behind a yes, and ends its sessions with one and without.
const APPROVED: &str = r#"use std.host.account

role lead "leads"
role chief "answers"

playbook out(suspect: HostAccount) {
    severity high
    deadline 5h
    limit HostAccount 1
    on failure hold

    do account.end_sessions(account: suspect)
    do calm(suspect: suspect)
}

task calm(suspect: HostAccount) {
    approve "Out?"
        by 2 of [lead, chief] within 1h
        escalate to [chief] after 20m
    {
        do account.expire(account: suspect) until released
        do account.end_sessions(account: suspect)
    } otherwise decision {
        fail "{decision}"
    }
}
"#;

#[test]
fn a_reader_of_a_bundle_learns_whose_yes_stands_before_each_act() {
    let folder = tempfile::tempdir().unwrap();
    let built = |name: &str, text: &str| {
        fs::write(folder.path().join("out.rye"), text).unwrap();
        well(folder.path(), &["build", "out.rye", "-o", name]);
    };
    built("two.ryeb", APPROVED);
    let shown = well(folder.path(), &["inspect", "two.ryeb"]);
    let two = "behind the yes of 2 of lead, chief; later chief as well\n";
    let sessions = format!(
        "who may still log in does so again\n          {two}          without anybody's yes\n"
    );
    assert!(shown.contains(&sessions), "{shown}");
    let expire = format!("taken back by std.host.account.restore\n          {two}    ask");
    assert!(shown.contains(&expire), "{shown}");
    let document = well(folder.path(), &["inspect", "two.ryeb", "--json"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    let calls = document["playbooks"][0]["worst_case"]["calls"].as_array().unwrap();
    let call = |name: &str| calls.iter().find(|call| call["name"] == name).unwrap();
    let yes = json!([{ "count": 2, "roles": ["lead", "chief"], "then": ["chief"], "auto": false }]);
    for (name, without) in
        [("std.host.account.expire", false), ("std.host.account.end_sessions", true)]
    {
        assert_eq!(call(name)["approvals"], yes);
        assert_eq!(call(name)["without_approval"], without);
    }
    // Whoever wants fewer voices is seen.
    built("one.ryeb", &APPROVED.replace("by 2 of [lead, chief]", "by 1 of [lead]"));
    let changed = well(folder.path(), &["inspect", "one.ryeb", "--diff", "two.ryeb"]);
    for line in [
        "- out does std.host.account.expire behind the yes of 2 of lead, chief; later chief as well\n",
        "+ out does std.host.account.expire behind the yes of 1 of lead; later chief as well\n",
    ] {
        assert!(changed.contains(line), "{changed}");
    }
    assert!(!changed.contains("without anybody's yes"), "{changed}");
}
