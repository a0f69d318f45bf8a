use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use clap::{Args, FromArgMatches};
use rye_bundle::key_file::encrypted::write_encrypted_key;
use rye_bundle::key_file::write_secret_key;
use rye_core::hex;
use tempfile::TempDir;

use super::*;

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32]).unwrap()
}

fn write(folder: &TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

fn options(words: &[&str]) -> PassphraseOptions {
    let command = PassphraseOptions::augment_args(clap::Command::new("x").no_binary_name(true));
    PassphraseOptions::from_arg_matches(&command.get_matches_from(words)).unwrap()
}

/// What is wrong with the key in a file, or with a program.
fn wrong(name: &str, passphrase: &PassphraseOptions) -> String {
    let error = open(&name.parse().unwrap(), passphrase).err().unwrap();
    assert!(!error.help.is_empty());
    error.what
}

#[test]
fn keys_are_read_in_both_forms_if_they_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let plain = write(&folder, "plain", &write_secret_key(&key()), 0o600);
    let text = write_encrypted_key(&key(), b"a horse").unwrap();
    let encrypted = write(&folder, "encrypted", &text, 0o600);
    let file = write(&folder, "pass", "a horse\nnot this\n", 0o600);
    let passphrase = options(&["--passphrase-file", file.to_str().unwrap()]);
    for path in [plain.clone(), encrypted.clone()] {
        let signer = open(&KeyName::File(path), &passphrase).unwrap();
        assert_eq!(signer.public(), key().public());
        assert!(signer.sign(b"message").is_ok());
    }
    let other = write(&folder, "other", "a donkey", 0o600);
    let other = options(&["--passphrase-file", other.to_str().unwrap()]);
    let what = wrong(encrypted.to_str().unwrap(), &other);
    assert!(what.contains("the passphrase that it was encrypted under"), "{what}");
    let loose = write(&folder, "loose", "a horse", 0o644);
    let loose = options(&["--passphrase-file", loose.to_str().unwrap()]);
    assert!(wrong(encrypted.to_str().unwrap(), &loose).starts_with("others may use"));
    fs::set_permissions(&plain, Permissions::from_mode(0o640)).unwrap();
    assert!(wrong(plain.to_str().unwrap(), &passphrase).starts_with("others may use"));
}

#[test]
fn a_passphrase_has_a_limit() {
    use rye_core::limit::PASSPHRASE_BYTES_MAX;
    let folder = tempfile::tempdir().unwrap();
    let choose = |bytes: usize| {
        let file = write(&folder, "pass", &"x".repeat(bytes), 0o600);
        options(&["--passphrase-file", file.to_str().unwrap()]).choose(Path::new("key")).is_ok()
    };
    assert!(choose(PASSPHRASE_BYTES_MAX) && !choose(PASSPHRASE_BYTES_MAX + 1) && !choose(0));
}

/// A program in a folder of its own that answers what the shell prints.
fn program(folder: &TempDir, name: &str, script: &str) -> String {
    let path = write(folder, name, &format!("#!/bin/sh\n{script}\n"), 0o755);
    format!("exec:{}", path.display())
}

/// A shell's way to print a frame.
fn frame(bytes: &[u8]) -> String {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    let escaped = length.iter().chain(bytes).map(|byte| format!("\\{byte:03o}"));
    format!("printf '{}'", escaped.collect::<Vec<_>>().concat())
}

#[test]
fn a_program_signs_without_arguments_and_environment() {
    let folder = tempfile::tempdir().unwrap();
    let message = b"message";
    let signature = key().sign(message).unwrap().signature;
    let asked = folder.path().join("asked");
    // The question stands in the fifth byte of what it is sent.
    let script = format!(
        "/usr/bin/od -An -tx1 -v > '{asked}'\n/usr/bin/env > '{asked}.env'\necho $# > '{asked}.args'\n\
         case $(/usr/bin/tr -d ' \\n' < '{asked}') in\n0000000100) {public};;\n*) {signed};;\nesac",
        asked = asked.display(),
        public = frame(key().public().bytes()),
        signed = frame(&signature.0),
    );
    let name = program(&folder, "sign", &script);
    let signer = open(&name.parse().unwrap(), &PassphraseOptions::default()).unwrap();
    assert_eq!(signer.public(), key().public());
    assert_eq!(signer.sign(message).unwrap().signature, signature);
    let read = |ending: &str| fs::read_to_string(format!("{}{ending}", asked.display())).unwrap();
    let sent: String = read("").split_whitespace().collect();
    assert_eq!(sent, format!("00000008{}", hex::encode(b"\x01message")));
    assert_eq!(read(".args").trim(), "0");
    // What a shell sets by itself; nothing of ours.
    assert!(!read(".env").contains("HOME=") && !read(".env").contains("CARGO"), "{}", read(".env"));
    // A signature over something else is not handed on.
    let fault = signer.sign(b"another message").unwrap_err().to_string();
    assert!(fault.contains("the signature doesn't verify"), "{fault}");
}

#[test]
fn a_program_that_answers_otherwise_signs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let said =
        |script: &str| wrong(&program(&folder, "odd", script), &PassphraseOptions::default());
    let public = frame(key().public().bytes());
    assert!(said("exit 0").contains("ends early"));
    assert!(said(&frame(&[1; 31])).contains("expected 32 bytes, found 31"));
    assert!(said(&frame(&[0; 32])).contains("small order"));
    assert!(said(&format!("{public}\nprintf x")).contains("bytes follow"));
    assert!(said(&format!("{public}\nexit 3")).contains("it failed"));
    assert!(wrong("exec:/nowhere", &PassphraseOptions::default()).contains("can't be started"));
    assert!("exec:sign".parse::<KeyName>().unwrap_err().contains("whole path"));
}
