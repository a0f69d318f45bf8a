//! `--json` is one document on standard output and nothing else, whether a command did
//! what was asked or not.

use std::process::Command;

use serde_json::Value as Json;

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
