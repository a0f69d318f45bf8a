//! `--json` is one document on standard output and nothing else, whether a command did
//! what was asked or not.

use std::process::Command;

use serde_json::{Value as Json, json};

#[test]
fn commands_speak_json_in_success_and_in_failure() {
    let folder = tempfile::tempdir().unwrap();
    for (line, code, member) in [
        ("new demo", 0, "files"),
        ("new demo", 2, "error"),
        ("check demo", 0, "playbooks"),
        ("build demo -o demo.ryeb", 0, "digest"),
        ("disasm demo.ryeb", 0, "text"),
        ("disasm nothing.ryeb", 2, "error"),
        ("schema demo", 0, "properties"),
        ("schema nothing", 2, "error"),
        ("explain E0301", 0, "text"),
        ("explain E9999", 2, "error"),
        ("trust template", 0, "text"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_ryec"))
            .args(line.split(' '))
            .arg("--json")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}: {stdout}{stderr}");
        let document: Json = serde_json::from_str(&stdout).unwrap_or_default();
        assert!(document.get(member).is_some(), "{line}: no `{member}` in {stdout}");
    }
}

const RANGES: &str = "
use std.firewall

setting time: Duration = 2h in 1h .. 8h
setting most: Int = 5 in 1 .. 20

playbook contain(address: Address) {
    severity high
    deadline (time)
    limit Address (most)
    on failure hold

    do firewall.block(address: address, reason: \"a scan\") for 24h
    finish contained
}
";

/// What a site chooses within a range is shown as that range, before it is built and after.
#[test]
fn amounts_that_a_site_chooses_are_ranges() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("contain.rye"), RANGES).unwrap();
    let said = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ryec"));
        let output = command.args(line.split(' ')).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    said("build contain.rye -o contain.ryeb");
    for command in ["check contain.rye", "inspect contain.ryeb"] {
        let text = said(command);
        assert!(text.contains("1h .. 8h") && text.contains("1 .. 20 × Address"), "{text}");
        let document: Json = serde_json::from_str(&said(&format!("{command} --json"))).unwrap();
        let amount = |path: &str| document.pointer(&format!("/playbooks/0/{path}")).cloned();
        let hours = |hours: u64| hours * 3_600_000_000;
        let deadline = json!({ "least": hours(1), "most": hours(8) });
        assert_eq!(amount("deadline_micros"), Some(deadline), "{command}");
        assert_eq!(amount("limits/Address"), Some(json!({ "least": 1, "most": 20 })), "{command}");
    }
}
