//! Revocation lists: the first one, one at night, and what they do to a bundle.

use super::desk::Desk;

/// With a role for lists: Carol's, whose key is hers alone anyway.
fn with_lists() -> Desk {
    let mut desk = Desk::furnished();
    let text = desk.read("trust.toml");
    let text = text.replace("[\"approval\", \"operator\"]", "[\"operator\", \"revocation\"]");
    let text = text.split("[people]").next().unwrap().to_owned();
    let role = "[[signer_roles]]\nusage = \"revocation\"\nkeys = [\"carol\"]\nthreshold = 1\n";
    desk.write("trust.toml", &format!("{text}{role}"));
    desk.issue();
    desk
}

const TIMES: &str = "--issued-at 2026-02-28T00:00:00Z";

#[test]
fn what_is_revoked_is_not_loaded() {
    let mut desk = with_lists();
    desk.build("soc/block", "block.ryeb");
    desk.quiet("sign block.ryeb --key alice.key -o block.ryeb", 0);
    desk.verify("block.ryeb", "", 3);
    desk.ryec(&format!("revoke new --trust root.ryer -o first.ryel {TIMES}"), 0);
    desk.verify("block.ryeb", "--revocations first.ryel", 3);
    desk.quiet("revoke sign first.ryel --key dora.key", 0);
    desk.verify("block.ryeb", "--revocations first.ryel", 3);
    desk.quiet(&format!("revoke new --trust root.ryer -o list.ryel {TIMES}"), 0);
    desk.ryec("revoke sign list.ryel --key carol.key", 0);
    desk.quiet_verify("block.ryeb", "--revocations list.ryel", 0);
    desk.verify("block.ryeb", "--revocations list.ryel --as-of 2026-03-09T00:00:00Z", 3);
    let night = |desk: &Desk, what: &str| {
        let call = format!("revoke next list.ryel {what} --reason stolen -o night.ryel {TIMES}");
        desk.quiet(&call, 0);
        desk.quiet("revoke sign night.ryel --key carol.key", 0);
    };
    night(&desk, "--revoke-key alice.key.pub");
    desk.verify("block.ryeb", "--revocations night.ryel", 3);
    night(&desk, "--revoke-bundle block.ryeb");
    desk.verify("block.ryeb", "--revocations night.ryel", 3);
    night(&desk, "--revoke-below soc/block=2");
    desk.verify("block.ryeb", "--revocations night.ryel", 3);
    desk.ryec("revoke show night.ryel", 0);
    desk.quiet(&format!("revoke next night.ryel --forget soc/block -o list.ryel {TIMES}"), 0);
    desk.quiet("revoke sign list.ryel --key carol.key", 0);
    desk.quiet_verify("block.ryeb", "--revocations list.ryel", 0);
    desk.compare("revoke");
}

#[test]
fn a_call_that_is_wrong_says_what_to_write() {
    let mut desk = with_lists();
    desk.quiet(&format!("revoke new --trust root.ryer -o list.ryel {TIMES}"), 0);
    desk.ryec("revoke new --trust root.ryer -o list.ryel", 2);
    desk.ryec("revoke next list.ryel --revoke-below soc/block -o x.ryel", 2);
    desk.ryec("revoke next list.ryel --revoke-key nobody -o x.ryel", 2);
    desk.ryec("revoke next list.ryel --revoke-bundle root.ryer -o x.ryel", 1);
    desk.ryec("revoke next list.ryel --forget soc/block -o x.ryel", 2);
    desk.ryec(&format!("revoke next list.ryel --next-update 60d -o x.ryel {TIMES}"), 1);
    desk.ryec("revoke next root.ryer -o x.ryel", 1);
    desk.ryec("sign list.ryel --key alice.key -o x.ryel", 2);
    let plain = Desk::furnished();
    assert_eq!(plain.run("revoke new --trust root.ryer -o x.ryel").exit, 1);
    assert!(!desk.path("x.ryel").exists());
    for call in ["revoke show list.ryel --json", "revoke sign list.ryel --key carol.key --json"] {
        let said = desk.quiet(call, 0);
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["version"], 1);
    }
    desk.compare("revoke_call");
}
