//! The second signature: what was built again byte for byte, what changed since the
//! last bundle, and the same signatures for tools that know nothing of Rye.

use std::fs;

use rye_bundle::key_file::read_public_key;
use rye_bundle::signature::Signature;
use rye_core::base64;
use serde_json::Value;

use super::desk::{Desk, altered};

#[test]
fn a_bundle_is_cosigned_only_if_its_sources_make_every_byte_of_it() {
    let mut desk = Desk::furnished();
    desk.build("soc/block", "block.ryeb");
    desk.quiet("sign block.ryeb --key build.key -o block.ryeb", 0);
    // The reviewer's copy lies elsewhere.
    fs::create_dir_all(desk.path("review/here")).unwrap();
    fs::copy(desk.path("playbook.rye"), desk.path("review/here/playbook.rye")).unwrap();
    let call =
        |file: &str| format!("cosign {file} --source review/here --key alice.key -o both.ryeb");
    desk.ryec(&call("block.ryeb"), 0);
    desk.quiet_verify("both.ryeb", "", 0);
    fs::remove_file(desk.path("both.ryeb")).unwrap();
    let block = desk.path("block.ryeb");
    altered(&block, &desk.path("said.ryeb"), |payload| {
        payload.manifest.limits.fuel += 1;
    });
    desk.ryec(&call("said.ryeb"), 3);
    altered(&block, &desk.path("compiler.ryeb"), |payload| {
        payload.manifest.compiler_version = "9.9.9".parse().unwrap();
    });
    desk.ryec(&call("compiler.ryeb"), 3);
    let text = desk.read("playbook.rye");
    desk.write("review/here/playbook.rye", &format!("// another remark\n{text}"));
    desk.ryec(&call("block.ryeb"), 3);
    desk.write("review/here/playbook.rye", &text.replace("1h", "2h"));
    desk.ryec(&call("block.ryeb"), 3);
    desk.ryec(&format!("{} --json", call("block.ryeb")), 3);
    assert!(!desk.path("both.ryeb").exists());
    desk.compare("cosign");
}

/// The time of a build is an input, and the only one that a machine adds.
#[test]
fn a_build_is_the_same_wherever_and_whenever_it_is_made() {
    let (one, two) = (Desk::new(), Desk::new());
    let call = "build playbook.rye --name soc/block --created-at 2026-02-01T00:00:00Z -o x.ryeb";
    one.quiet(call, 0);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    two.quiet(call, 0);
    let bytes = |desk: &Desk| fs::read(desk.path("x.ryeb")).unwrap();
    assert_ne!(one.path("x.ryeb"), two.path("x.ryeb"));
    assert_eq!(bytes(&one), bytes(&two));
    two.quiet("build playbook.rye --name soc/block -o x.ryeb", 0);
    assert_ne!(bytes(&one), bytes(&two), "now is another time");
}

#[test]
fn what_changed_is_told_in_words() {
    let mut desk = Desk::furnished();
    desk.build("soc/block", "one.ryeb");
    desk.ryec("inspect one.ryeb --diff one.ryeb", 0);
    desk.write("two.rye", &desk.read("playbook.rye").replace("Address 1", "Address 5"));
    let built = "--name soc/block --created-at 2026-03-01T00:00:00Z --expires-in 60d";
    desk.quiet(
        &format!("build two.rye -o two.ryeb --version 2 --audience production,lab {built}"),
        0,
    );
    desk.ryec("inspect two.ryeb --diff one.ryeb", 0);
    desk.ryec("inspect two.ryeb --diff missing.ryeb", 2);
    let json: Value =
        serde_json::from_str(&desk.quiet("inspect two.ryeb --diff one.ryeb --json", 0)).unwrap();
    let new = json["changes"]["new"].as_array().unwrap();
    assert!(new.contains(&"is meant for lab".into()), "{json}");
    desk.compare("diff");
}

/// Read and verified as any DSSE envelope is: from the JSON alone.
#[test]
fn an_exported_envelope_verifies_by_itself() {
    let desk = Desk::furnished();
    desk.build("soc/block", "block.ryeb");
    assert_eq!(desk.run("export --dsse block.ryeb").exit, 1, "nobody has signed it");
    desk.quiet("sign block.ryeb --key alice.key -o block.ryeb", 0);
    desk.quiet("sign block.ryeb --key build.key -o block.ryeb", 0);
    for (file, signers, kind) in [
        ("block.ryeb", ["alice", "build"], "application/vnd.rye.bundle-digest.v1"),
        ("root.ryer", ["dora", "erin"], "application/vnd.rye.trust-root-digest.v1"),
    ] {
        let envelope: Value =
            serde_json::from_str(&desk.quiet(&format!("export --dsse {file}"), 0)).unwrap();
        assert_eq!(envelope["payloadType"], kind);
        let body = base64::decode(envelope["payload"].as_str().unwrap()).unwrap();
        let mut message = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len()).into_bytes();
        message.extend_from_slice(&body);
        let signatures = envelope["signatures"].as_array().unwrap();
        assert_eq!(signatures.len(), 2);
        for name in signers {
            let key = read_public_key(&desk.read(&format!("{name}.key.pub"))).unwrap();
            let signature =
                signatures.iter().find(|it| it["keyid"] == key.id().to_string().as_str()).unwrap()
                    ["sig"]
                    .as_str()
                    .unwrap();
            let bytes: [u8; 64] = base64::decode(signature).unwrap().try_into().unwrap();
            assert!(key.verify_strict(&message, &Signature(bytes)).is_ok(), "{file} {name}");
        }
    }
}
