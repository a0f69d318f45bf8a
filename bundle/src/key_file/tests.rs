use proptest::prelude::*;

use super::*;

/// The first test key of RFC 8032.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const KEY_ID: &str = "96d0b3a0d4beaf142f42d4f505f9cc288fe7dafdd8909cd1a59a49eedcc00316";

fn secret_text() -> String {
    format!("rye-secret-key v1\nseed {SEED}\npublic {PUBLIC}\n")
}

fn public_text() -> String {
    format!("rye-public-key v1\npublic {PUBLIC}\nkey-id {KEY_ID}\n")
}

#[test]
fn both_forms_are_written_as_they_are_read() {
    let secret = read_secret_key(&secret_text()).unwrap();
    assert_eq!(*write_secret_key(&secret), secret_text());
    let public = read_public_key(&public_text()).unwrap();
    assert_eq!(write_public_key(&public), public_text());
    assert_eq!(secret.public(), &public);
}

#[test]
fn a_damaged_secret_is_no_other_key() {
    let damaged = secret_text().replacen("9d61", "9d62", 1);
    let flaw = read_secret_key(&damaged).unwrap_err();
    assert_eq!((flaw.line, flaw.expected), (3, "`public ` and the public key of that seed"));
}

#[test]
fn a_flaw_names_its_line_and_never_shows_a_secret() {
    let line = |text: String| {
        let flaw = read_secret_key(&text).unwrap_err();
        assert!(!flaw.to_string().contains("9d61"), "{flaw}");
        flaw.line
    };
    assert_eq!(line(secret_text().replace("key v1", "key v2")), 1);
    assert_eq!(line(secret_text().replace("seed ", "seed  ")), 2);
    assert_eq!(line(secret_text().replace("9d61", "9D61")), 2);
    assert_eq!(line(secret_text().replace("9d61", "9d6")), 2);
    assert_eq!(line(secret_text().trim_end().to_owned()), 1);
    assert_eq!(line(secret_text() + "\n"), 1);
    assert_eq!(line(secret_text().replace('\n', "\r\n")), 1);
    assert_eq!(line(format!("{SEED}\n\n\n")), 1);
}

#[test]
fn the_two_forms_are_not_mixed_up() {
    assert!(read_secret_key(&public_text()).unwrap_err().found.contains("a public key"));
    assert!(read_public_key(&secret_text()).unwrap_err().found.contains("a secret key"));
}

#[test]
fn a_public_key_is_admitted_and_named() {
    let weak = format!("01{}", "00".repeat(31));
    let text = format!("rye-public-key v1\npublic {weak}\nkey-id {KEY_ID}\n");
    assert!(read_public_key(&text).unwrap_err().found.contains("weak"));
    let other_id = public_text().replace("96d0", "96d1");
    assert_eq!(read_public_key(&other_id).unwrap_err().line, 3);
}

proptest! {
    #[test]
    fn every_key_survives_its_file(seed in any::<[u8; 32]>()) {
        let key = SecretKey::from_seed(&seed).unwrap();
        let read = read_secret_key(&write_secret_key(&key)).unwrap();
        prop_assert_eq!(read.seed(), &seed);
        prop_assert_eq!(&read_public_key(&write_public_key(key.public())).unwrap(), key.public());
    }

    #[test]
    fn any_text_is_refused_or_written_back_alike(
        header in "rye-(secret|public)-key v1|.*",
        rest in "(\nseed [0-9a-f]{64}|\npublic [0-9a-f]{64}|\n.*){0,3}\n?",
    ) {
        let text = header + &rest;
        if let Ok(key) = read_secret_key(&text) {
            prop_assert_eq!(&*write_secret_key(&key), &text);
        }
        if let Ok(key) = read_public_key(&text) {
            prop_assert_eq!(write_public_key(&key), text);
        }
    }
}
