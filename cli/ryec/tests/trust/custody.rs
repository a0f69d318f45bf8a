//! Keys that are encrypted, and keys that a program keeps.

use std::fs;

use rye_bundle::archive::Archive;
use rye_bundle::envelope::ObjectKind;
use rye_bundle::signature::SecretKey;

use super::desk::Desk;

#[test]
fn a_key_is_encrypted_unless_somebody_says_otherwise() {
    let mut desk = Desk::furnished();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    desk.quiet("keygen -o me.key --passphrase-file pass", 0);
    assert!(desk.read("me.key").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    assert_eq!(desk.mode("me.key") & 0o077, 0);
    desk.quiet("sign block.ryeb --key me.key --passphrase-file pass -o signed.ryeb", 0);
    desk.write("other", "wrong\n");
    desk.ryec("sign block.ryeb --key me.key --passphrase-file other -o signed.ryeb", 3);
    desk.set_mode("other", 0o600);
    desk.ryec("sign block.ryeb --key me.key --passphrase-file other -o signed.ryeb", 1);
    desk.write("other", "\n");
    desk.ryec("keygen -o new.key --passphrase-file other", 1);
    desk.ryec("keygen -o new.key --passphrase-fd 77", 2);
    desk.ryec("keygen -o new.key --plain --passphrase-file pass", 2);
    assert!(!desk.path("new.key").exists() && !desk.path("new.key.pub").exists());
    desk.shell("ryec sign block.ryeb --key me.key -o signed.ryeb --passphrase-fd 3 3<pass");
    desk.shell("ryec keygen -o typed.key\nryec sign block.ryeb --key typed.key -o signed.ryeb\n");
    let typed = desk.read("typed.key");
    assert!(!typed.contains("correct horse"));
    desk.compare("custody");
}

/// The program asks for the passphrase where nobody else reads: its arguments and its
/// environment hold none.
#[test]
fn a_program_signs_in_the_place_of_a_key() {
    let desk = Desk::furnished();
    desk.quiet("build playbook.rye -o block.ryeb --name soc/block", 0);
    let archive = Archive::decode(&fs::read(desk.path("block.ryeb")).unwrap()).unwrap();
    let key = SecretKey::from_seed(&[1; 32]).unwrap();
    let message = ObjectKind::BUNDLE.signed_bytes(archive.payload());
    let signature = key.sign(&message).unwrap().signature;
    let frame = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        let all = length.iter().chain(bytes).map(|byte| format!("\\{byte:03o}"));
        format!("printf '{}'", all.collect::<Vec<_>>().concat())
    };
    let script = format!(
        "#!/bin/sh\ncase $(/usr/bin/wc -c) in\n5) {};;\n*) {};;\nesac\n",
        frame(key.public().bytes()),
        frame(&signature.0)
    );
    desk.write("sign.sh", &script);
    desk.set_mode("sign.sh", 0o755);
    let program = desk.path("sign.sh");
    desk.quiet(&format!("sign block.ryeb --key exec:{} -o signed.ryeb", program.display()), 0);
    desk.quiet_verify("signed.ryeb", "--as-of 2026-12-01T00:00:00Z", 0);
    // It signs one thing and not another.
    desk.quiet("build playbook.rye -o other.ryeb --name soc/other", 0);
    let call = format!("sign other.ryeb --key exec:{} -o bad.ryeb", program.display());
    assert!(desk.run(&call).stderr.contains("the signature doesn't verify"));
    assert!(!desk.path("bad.ryeb").exists());
    assert_eq!(desk.run("sign block.ryeb --key exec:sign.sh -o bad.ryeb").exit, 2);
}
