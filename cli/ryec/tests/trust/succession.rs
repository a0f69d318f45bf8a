//! From one trust root to the next.

use super::desk::Desk;

/// Version 2, in which Fred signs trust roots in the place of Erin.
fn second(desk: &Desk) {
    let text = desk.read("trust.toml").replace("version = 1", "version = 2");
    let text = text.replace("keys = [\"dora\", \"erin\"]", "keys = [\"dora\", \"fred\"]");
    let fred = "owner = \"fred@example.org\"\nusages = [\"bundle\"]";
    let text = text.replace(fred, &fred.replace("[\"bundle\"]", "[\"bundle\", \"root\"]"));
    desk.write("second.toml", &text);
}

#[test]
fn the_next_trust_root_is_signed_by_owners_of_both() {
    let mut desk = Desk::furnished();
    second(&desk);
    desk.ryec("trust new second.toml --after root.ryer -o second.ryer", 0);
    desk.ryec("trust diff root.ryer second.ryer", 0);
    desk.ryec("trust sign second.ryer --key erin.key", 3);
    desk.ryec("trust sign second.ryer --after root.ryer --key dora.key", 0);
    desk.ryec("trust sign second.ryer --after root.ryer --key fred.key", 0);
    desk.ryec("trust sign second.ryer --after root.ryer --key erin.key", 0);
    desk.build("soc/block", "block.ryeb");
    desk.quiet("sign block.ryeb --key alice.key -o block.ryeb", 0);
    // The pin stays that of the first.
    desk.verify("block.ryeb", "--trust second.ryer --json", 0);
    desk.write("third.toml", &desk.read("second.toml").replace("version = 2", "version = 4"));
    desk.ryec("trust new third.toml --after second.ryer -o third.ryer", 1);
    desk.quiet("trust new third.toml -o third.ryer", 0);
    desk.quiet("trust sign third.ryer --key dora.key", 0);
    desk.quiet("trust sign third.ryer --key fred.key", 0);
    desk.verify("block.ryeb", "--trust third.ryer", 3);
    desk.compare("succession");
}
