//! Mistakes in what is written: the playbook and its input.

use rye_tests::namespace::as_root;
use rye_tests::transcript::Transcript;

use crate::{RUN, desk, edit};

const SOURCE: &str = "keep_out/keep_out.rye";
const CHECK: &str = "ryec check keep_out";

#[test]
fn a_value_of_the_wrong_type() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "An address of the wire is no asset yet.");
        edit(
            &site,
            SOURCE,
            "let address = Address(sighting.address)",
            "let address = sighting.address",
        );
        let told = terminal.run(CHECK);
        assert_eq!((told.code, told.help()), (1, String::from("write `Address(address)`")));
        let fixed = format!("block(address: {},", told.command());
        edit(&site, SOURCE, "block(address: address,", &fixed);
        terminal.note("write `Address(address)`");
        assert_eq!(terminal.run(CHECK).code, 0);
        terminal.check("mistakes/wrong_type.txt");
    });
}

#[test]
fn an_action_without_an_undo() {
    as_root(|| {
        let site = desk();
        let mut terminal =
            Transcript::new(&site, "An action that doesn't say how it is taken back.");
        let lock = "\naction lock(user: Account)\n    affects user\n    timeout 5s\n";
        let setting = "\nsetting worth_a_block";
        edit(&site, SOURCE, setting, &format!("{lock}{setting}"));
        let told = terminal.run(CHECK);
        assert_eq!(told.code, 1);
        assert_eq!(told.command(), "undo ACTION(…)");
        terminal.note("add `undo unlock(user: user)`, and the action `unlock`, with `undo none`");
        let both = "\n\
            action lock(user: Account)\n    affects user\n    undo unlock(user: user)\n    \
            timeout 5s\n\n\
            action unlock(user: Account)\n    affects user\n    \
            undo none \"it takes back a lock\"\n    timeout 5s\n";
        edit(&site, SOURCE, lock, both);
        assert_eq!(terminal.run(CHECK).code, 0);
        terminal.check("mistakes/missing_undo.txt");
    });
}

#[test]
fn an_action_that_nobody_knows() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A slip of the pen in the name of an action.");
        edit(&site, SOURCE, "firewall.block(", "firewall.blok(");
        let told = terminal.run(CHECK);
        assert_eq!((told.code, told.help()), (1, String::from("did you mean `block`?")));
        edit(&site, SOURCE, "firewall.blok(", &format!("firewall.{}(", told.command()));
        terminal.note("`block` it is");
        assert_eq!(terminal.run(CHECK).code, 0);
        terminal.check("mistakes/unknown_action.txt");
    });
}

#[test]
fn a_misspelt_field_in_the_input() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A field of the input that is called otherwise.");
        let input = "keep_out/input.json";
        edit(&site, input, "\"failures\"", "\"failuers\"");
        let told = terminal.run(RUN);
        assert_eq!(told.code, 1);
        assert_eq!(told.help(), "there is a member `failuers`: rename it to `failures`");
        assert!(site.attacker_connects(), "nothing has begun");
        terminal.note("rename it");
        edit(&site, input, "\"failuers\"", "\"failures\"");
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/misspelt_field.txt");
    });
}
