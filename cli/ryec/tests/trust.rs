//! Keys, trust roots, signatures, through the real program: each test is a sitting
//! at a desk of its own, and what was typed and said there is compared with
//! `trust/NAME.txt`. `BLESS=1 cargo test -p ryec --test trust` rewrites those; read
//! them before they are committed: they must lead a tired person out.

#![expect(
    clippy::expect_used,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test whose surroundings can't be made must fail"
)]

#[path = "trust/cosign.rs"]
mod cosign;
#[path = "trust/custody.rs"]
mod custody;
#[path = "trust/desk.rs"]
mod desk;
#[path = "trust/revoke.rs"]
mod revoke;
#[path = "trust/succession.rs"]
mod succession;

use std::fs;
use std::path::Path;

use desk::{Desk, altered, forged};
use rye_core::digest::Digest;
use rye_core::impact::Impact;
use rye_core::limit::{KEY_FILE_BYTES_MAX, TRUST_FILE_BYTES_MAX};
use serde_json::Value;

/// Everything as a newcomer does it, with keys of chance and by today's clock.
#[test]
fn from_nothing_to_a_bundle_that_may_be_loaded() {
    let mut desk = Desk::new();
    for name in ["alice", "build", "carol", "dora", "erin"] {
        desk.ryec(&format!("keygen -o {name}.key --passphrase-file pass"), 0);
    }
    let template = desk.quiet("trust template", 0);
    desk.write("trust.toml", &template);
    desk.ryec("trust new trust.toml -o root.ryer", 0);
    desk.ryec("trust sign root.ryer --key dora.key --passphrase-file pass", 0);
    desk.ryec("trust sign root.ryer --key erin.key --passphrase-file pass", 0);
    // Keys are listed in the order of their ids, which chance made.
    desk.quiet("trust show root.ryer", 0);
    let pin = desk.ryec("trust pin root.ryer", 0);
    let pin = pin.split('"').nth(1).unwrap().to_owned();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    desk.ryec("sign block.ryeb --key alice.key --passphrase-file pass -o block.ryeb", 0);
    desk.ryec(&format!("verify block.ryeb --trust root.ryer --pin {pin}"), 0);
    desk.ryec("sign block.ryeb --key build.key --passphrase-file pass -o block.ryeb", 0);
    desk.quiet(&format!("verify block.ryeb --trust root.ryer --pin {pin}"), 0);
    desk.compare("happy");
}

/// The page for newcomers says nothing that doesn't work.
#[test]
fn the_commands_of_the_page_work_as_they_stand_there() {
    let desk = Desk::new();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating/trust.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 5, "only {} blocks", blocks.len());
    for block in blocks {
        desk.shell(block);
    }
    assert!(desk.read("site.toml").contains("trust_root_digest = "));
}

#[test]
fn keys_are_never_lost_by_accident() {
    let mut desk = Desk::new();
    desk.ryec("keygen --plain -o me.key", 0);
    let mode = |desk: &Desk, name: &str| desk.mode(name) & 0o077;
    assert_eq!(mode(&desk, "me.key"), 0);
    let before = desk.read("me.key");
    desk.ryec("keygen --plain -o me.key", 2);
    assert_eq!(desk.read("me.key"), before);
    fs::remove_file(desk.path("me.key.pub")).unwrap();
    desk.ryec("keygen --plain -o me.key", 2);
    assert!(!desk.path("me.key.pub").exists(), "a public key without its secret one");
    desk.ryec("keygen --plain -o me.key --force", 0);
    assert_ne!(desk.read("me.key"), before);
    assert_eq!(mode(&desk, "me.key"), 0);
    desk.ryec("keygen --plain -o me.pub", 2);
    desk.ryec("keygen --plain -o nowhere/me.key", 2);
    fs::create_dir(desk.path("folder")).unwrap();
    desk.ryec("keygen --plain -o folder", 2);
    desk.ryec("keygen --plain -o folder --force", 2);
    desk.ryec("keygen --plain -o folder --json", 2);
    desk.ryec("keygen", 2);
    assert_eq!(desk.files().len(), 5, "{:?}", desk.files());
    desk.compare("keygen");
}

#[test]
fn a_key_that_is_not_fit_signs_nothing() {
    let mut desk = Desk::furnished();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    desk.set_mode("alice.key", 0o640);
    desk.ryec("sign block.ryeb --key alice.key -o signed.ryeb", 3);
    desk.set_mode("alice.key", 0o604);
    desk.ryec("trust sign root.ryer --key alice.key --json", 3);
    desk.set_mode("alice.key", 0o600);
    desk.ryec("sign block.ryeb --key alice.key.pub -o signed.ryeb", 2);
    desk.ryec("sign block.ryeb --key missing.key -o signed.ryeb", 2);
    desk.ryec("sign block.ryeb --key . -o signed.ryeb", 2);
    desk.ryec("sign block.ryeb --key /dev/null -o signed.ryeb", 2);
    desk.ryec("sign block.ryeb --key playbook.rye -o signed.ryeb", 1);
    desk.write("long.key", &"#".repeat(KEY_FILE_BYTES_MAX + 1));
    desk.ryec("sign block.ryeb --key long.key -o signed.ryeb", 1);
    let damaged = desk.read("alice.key").replace("public 8", "public 9");
    desk.write("damaged.key", &damaged);
    desk.set_mode("damaged.key", 0o600);
    desk.ryec("sign block.ryeb --key damaged.key -o signed.ryeb", 1);
    desk.write("short.key", "rye-secret-key v1\n");
    desk.set_mode("short.key", 0o600);
    desk.ryec("sign block.ryeb --key short.key -o signed.ryeb", 1);
    assert!(!desk.path("signed.ryeb").exists());
    desk.compare("key");
}

#[test]
fn only_bundles_are_signed_and_nothing_else_is_overwritten() {
    let mut desk = Desk::furnished();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    desk.ryec("sign missing.ryeb --key alice.key -o signed.ryeb", 2);
    desk.ryec("sign . --key alice.key -o signed.ryeb", 2);
    desk.ryec("sign playbook.rye --key alice.key -o signed.ryeb", 1);
    desk.ryec("sign root.ryer --key alice.key -o signed.ryeb", 2);
    desk.ryec("sign block.ryeb --key alice.key -o alice.key", 2);
    desk.ryec("sign block.ryeb --key alice.key -o .", 2);
    desk.ryec("sign block.ryeb --key alice.key -o nowhere/signed.ryeb", 2);
    assert!(desk.read("alice.key").starts_with("rye-secret-key v1"));
    altered(&desk.path("block.ryeb"), &desk.path("altered.ryeb"), |payload| {
        let code = payload.sections.iter_mut().find(|section| section.kind == 4).unwrap();
        code.bytes[0] = 0xff;
    });
    desk.ryec("sign altered.ryeb --key alice.key -o signed.ryeb", 1);
    altered(&desk.path("block.ryeb"), &desk.path("altered.ryeb"), |payload| {
        payload.manifest.entry_points[0].impact = Impact::Observe;
    });
    desk.ryec("sign altered.ryeb --key alice.key -o signed.ryeb --json", 1);
    assert!(!desk.path("signed.ryeb").exists());
    desk.compare("sign");
}

#[test]
fn signing_twice_is_signing_once() {
    let desk = Desk::furnished();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    desk.quiet("sign block.ryeb --key alice.key -o once.ryeb", 0);
    desk.quiet("sign once.ryeb --key alice.key -o twice.ryeb", 0);
    let bytes = |name: &str| fs::read(desk.path(name)).unwrap();
    assert_eq!(bytes("once.ryeb"), bytes("twice.ryeb"));
}

#[test]
fn the_order_of_signers_does_not_matter() {
    let desk = Desk::furnished();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    for (first, second, out) in [("alice", "build", "a.ryeb"), ("build", "alice", "b.ryeb")] {
        desk.quiet(&format!("sign block.ryeb --key {first}.key -o {out}"), 0);
        desk.quiet(&format!("sign {out} --key {second}.key -o {out}"), 0);
    }
    assert_eq!(fs::read(desk.path("a.ryeb")).unwrap(), fs::read(desk.path("b.ryeb")).unwrap());
}

#[test]
fn a_trust_root_is_signed_by_its_owners_alone() {
    let mut desk = Desk::furnished();
    desk.ryec("trust new trust.toml -o root.ryer", 2);
    desk.ryec("trust new trust.toml -o root.ryer --force", 0);
    desk.ryec("trust pin root.ryer", 3);
    desk.ryec("trust sign root.ryer --key alice.key", 3);
    desk.ryec("trust sign root.ryer --key mallory.key --json", 3);
    desk.ryec("trust sign root.ryer --key dora.key", 0);
    desk.ryec("trust pin root.ryer --json", 3);
    desk.ryec("trust show root.ryer", 0);
    let mut bytes = fs::read(desk.path("root.ryer")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(desk.path("bent.ryer"), bytes).unwrap();
    desk.ryec("trust show bent.ryer", 0);
    let bent = fs::read(desk.path("bent.ryer")).unwrap();
    desk.ryec("trust sign bent.ryer --key erin.key", 3);
    assert_eq!(fs::read(desk.path("bent.ryer")).unwrap(), bent);
    desk.quiet("build playbook.rye -o block.ryeb", 0);
    desk.ryec("trust show block.ryeb", 2);
    desk.ryec("trust show playbook.rye", 1);
    desk.ryec("trust show missing.ryer", 2);
    desk.ryec("trust show .", 2);
    desk.ryec("trust new missing.toml -o new.ryer", 2);
    desk.ryec("trust new . -o new.ryer", 2);
    desk.ryec("trust new trust.toml -o alice.key --force", 2);
    assert!(desk.read("alice.key").starts_with("rye-secret-key v1"));
    desk.compare("root");
}

/// Each file in `mistakes` has one mistake or several; beside it is what is said.
#[test]
fn every_mistake_in_a_description_is_told_with_its_line() {
    let mut desk = Desk::furnished();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust/mistakes");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    assert!(files.len() >= 12, "only {} files", files.len());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::copy(&path, desk.path(name)).unwrap();
        desk.ryec(&format!("trust new {name} -o new.ryer"), 1);
        assert!(!desk.path("new.ryer").exists(), "{name}");
        desk.compare(&format!("mistakes/{}", name.trim_end_matches(".toml")));
    }
    let text = desk.read("trust.toml");
    let padded = |bytes: usize| format!("{text}{}", "#".repeat(bytes - text.len()));
    desk.write("long.toml", &padded(TRUST_FILE_BYTES_MAX));
    desk.quiet("trust new long.toml -o long.ryer", 0);
    desk.write("long.toml", &padded(TRUST_FILE_BYTES_MAX + 1));
    desk.ryec("trust new long.toml -o new.ryer", 1);
    fs::write(desk.path("latin.toml"), b"# \xe9\n").unwrap();
    desk.ryec("trust new latin.toml -o new.ryer", 1);
    desk.compare("unreadable");
}

#[test]
fn what_a_daemon_would_not_load_is_refused_with_its_reason() {
    let mut desk = Desk::furnished();
    desk.build("soc/block", "block.ryeb");
    desk.verify("block.ryeb", "", 3);
    for (key, name) in [("mallory", "stranger"), ("carol", "approver"), ("fred", "elsewhere")] {
        desk.quiet(&format!("sign block.ryeb --key {key}.key -o {name}.ryeb"), 0);
        desk.verify(&format!("{name}.ryeb"), "", 3);
    }
    desk.quiet("sign block.ryeb --key alice.key -o good.ryeb", 0);
    desk.verify("good.ryeb", "", 0);
    desk.verify("good.ryeb", "--as-of 2026-12-01T00:00:00Z", 3);
    desk.verify("good.ryeb", "--as-of 2026-01-20T00:00:00Z", 3);
    desk.verify("good.ryeb", "--as-of 2026-01-01T00:00:00Z", 3);
    desk.verify("good.ryeb", "--as-of 2028-01-01T00:00:00Z", 3);
    desk.verify("good.ryeb", "--environment production", 0);
    desk.verify("good.ryeb", "--environment lab", 3);
    desk.verify("good.ryeb", "--environment lab --json", 3);
    desk.quiet("build playbook.rye -o lab.ryeb --name soc/block --audience lab", 0);
    desk.quiet("sign lab.ryeb --key alice.key -o lab.ryeb", 0);
    desk.verify("lab.ryeb", "", 3);
    desk.compare("verify");
}

#[test]
fn a_call_that_is_wrong_says_what_to_write() {
    let mut desk = Desk::furnished();
    desk.build("soc/block", "block.ryeb");
    desk.quiet("sign block.ryeb --key alice.key -o good.ryeb", 0);
    desk.ryec("verify good.ryeb --trust root.ryer", 2);
    desk.ryec("verify good.ryeb --trust root.ryer --pin 2aa1", 2);
    let other = "2aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a4e70466d";
    desk.ryec(&format!("verify good.ryeb --trust root.ryer --pin {other}"), 3);
    desk.ryec(&format!("verify good.ryeb --trust good.ryeb --pin {other}"), 3);
    desk.ryec(&format!("verify good.ryeb --trust trust.toml --pin {other}"), 3);
    desk.ryec(&format!("verify good.ryeb --trust missing.ryer --pin {other}"), 2);
    desk.ryec(&format!("verify good.ryeb --trust . --pin {other} --json"), 2);
    desk.verify("good.ryeb", "--as-of tomorrow", 2);
    desk.verify("good.ryeb", "--environment Prod", 2);
    desk.verify("missing.ryeb", "", 2);
    desk.verify(".", "", 2);
    desk.verify("playbook.rye", "", 3);
    desk.verify("root.ryer", "", 3);
    desk.compare("call");
}

#[test]
fn two_keys_of_one_owner_are_one_owner() {
    let mut desk = Desk::furnished();
    desk.write("trust.toml", &desk.read("trust.toml").replace("owners = 1", "owners = 2"));
    desk.issue();
    desk.build("soc/block", "block.ryeb");
    desk.quiet("sign block.ryeb --key alice.key -o block.ryeb", 0);
    desk.verify("block.ryeb", "", 3);
    desk.quiet("sign block.ryeb --key alice-too.key -o block.ryeb", 0);
    desk.verify("block.ryeb", "", 3);
    desk.quiet("sign block.ryeb --key build.key -o block.ryeb", 0);
    desk.verify("block.ryeb", "", 0);
    desk.compare("threshold");
}

/// Signed by somebody who is trusted, and refused all the same: the code is proved
/// again, and what the manifest claims is compared.
#[test]
fn a_signature_does_not_make_code_true() {
    let mut desk = Desk::furnished();
    desk.build("soc/block", "block.ryeb");
    let block = desk.path("block.ryeb");
    let forge = |out: &str, alter: &dyn Fn(&mut rye_bundle::payload::Payload)| {
        forged(&block, &desk.path(out), alter);
    };
    forge("unverifiable.ryeb", &|payload| {
        let code = payload.sections.iter_mut().find(|section| section.kind == 4).unwrap();
        code.bytes[0] = 0xff;
    });
    forge("missing.ryeb", &|payload| payload.sections.retain(|section| section.kind != 2));
    forge("unknown.ryeb", &|payload| payload.sections.last_mut().unwrap().kind = 99);
    forge("milder.ryeb", &|payload| {
        payload.manifest.entry_points[0].impact = Impact::Observe;
    });
    forge("fewer.ryeb", &|payload| payload.manifest.entry_points[0].worst_case.uses[0] = 0);
    forge("schema.ryeb", &|payload| {
        payload.manifest.capabilities[0].schema = Digest([7; 32]);
    });
    forge("hungry.ryeb", &|payload| payload.manifest.limits.memory_bytes = 1 << 40);
    forge("future.ryeb", &|payload| payload.manifest.isa_version += 1);
    forge("newer.ryeb", &|payload| payload.manifest.min_daemon.major = 99);
    forge("worse.ryeb", &|payload| {
        payload.manifest.entry_points[0].impact = Impact::Destructive;
    });
    for name in [
        "unverifiable",
        "missing",
        "unknown",
        "milder",
        "fewer",
        "schema",
        "hungry",
        "future",
        "newer",
    ] {
        desk.verify(&format!("{name}.ryeb"), "", 3);
    }
    // To claim worse than is true costs nothing but trust in oneself.
    desk.verify("worse.ryeb", "", 0);
    desk.compare("forged");
}

#[test]
fn no_bit_of_a_bundle_can_be_turned() {
    let mut desk = Desk::furnished();
    desk.build("soc/block", "block.ryeb");
    desk.quiet("sign block.ryeb --key alice.key -o good.ryeb", 0);
    let good = fs::read(desk.path("good.ryeb")).unwrap();
    let payload = good.len() - 96;
    // Header, manifest, code, key id and signature; the first and the last byte too.
    let samples = (0..16).map(|part| 16 + part * (payload - 16) / 16);
    let samples = samples.chain([0, 5, 7, 11, 12, 15, payload, good.len() - 64, good.len() - 1]);
    for at in samples {
        let mut bent = good.clone();
        bent[at] ^= 1 << (at % 8);
        fs::write(desk.path("bent.ryeb"), &bent).unwrap();
        let said = desk.quiet_verify("bent.ryeb", "--json", 3);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert!(said["code"].as_str().unwrap().starts_with("E_"), "byte {at}: {said}");
        if (16..payload).contains(&at) {
            assert_eq!(said["code"], "E_SIG_INVALID", "byte {at}: {said}");
        }
    }
    let mut bent = good.clone();
    bent[payload / 2] ^= 1;
    fs::write(desk.path("bent.ryeb"), &bent).unwrap();
    desk.verify("bent.ryeb", "", 3);
    fs::write(desk.path("cut.ryeb"), &good[..10]).unwrap();
    desk.verify("cut.ryeb", "", 3);
    desk.compare("flipped");
}

/// What programs read: one document, the same facts, nothing beside it.
#[test]
fn every_command_speaks_json() {
    let desk = Desk::furnished();
    let json = |desk: &Desk, call: &str, exit: i32| -> Value {
        let said = desk.run(call);
        assert_eq!((said.exit, said.stderr.as_str()), (exit, ""), "{call}");
        assert_eq!(said.stdout.lines().count(), 1, "{call}: {}", said.stdout);
        serde_json::from_str(&said.stdout).unwrap()
    };
    let made = json(&desk, "keygen --plain -o new.key --json", 0);
    assert_eq!(made["public_key"], "new.key.pub");
    assert!(desk.read("new.key.pub").contains(made["key_id"].as_str().unwrap()));
    let root = json(&desk, "trust new trust.toml -o new.ryer --json", 0);
    assert_eq!(root["signers_needed"], 2);
    assert_eq!(root["digest"].as_str(), Some(desk.pin()));
    let half = json(&desk, "trust sign new.ryer --key dora.key --json", 0);
    assert_eq!(half["signers_missing"], 1);
    assert_eq!(half["may_sign"], serde_json::json!(["erin@example.org"]));
    let shown = json(&desk, "trust show new.ryer --json", 0);
    assert_eq!(shown["signatures"].as_array().unwrap().len(), 1);
    assert!(shown["refusal"].as_str().unwrap().starts_with("E_ROOT_THRESHOLD"), "{shown}");
    assert_eq!(shown["impact_policy"]["destructive"]["people"], 1);
    let pin = json(&desk, "trust pin root.ryer --json", 0);
    assert_eq!(pin["trust_root_digest"].as_str(), Some(desk.pin()));
    desk.build("soc/block", "block.ryeb");
    let signed = json(&desk, "sign block.ryeb --key alice.key -o good.ryeb --json", 0);
    assert_eq!((&signed["name"], &signed["impact"]), (&"soc/block".into(), &"reversible".into()));
    let call = format!(
        "verify good.ryeb --trust root.ryer --pin {} --as-of 2026-03-01T00:00:00Z --json",
        desk.pin()
    );
    let verified = json(&desk, &call, 0);
    assert_eq!(verified["digest"], signed["digest"]);
    assert_eq!(verified["signers"][0]["owner"], "alice@example.org");
    let refused = json(&desk, "verify good.ryeb --trust root.ryer --json", 2);
    assert!(refused["help"].as_str().unwrap().contains("trust_root_digest"));
    let wrong = json(&desk, "trust new playbook.rye -o x.ryer --json", 1);
    assert_eq!(wrong["mistakes"][0]["line"], 1);
}
