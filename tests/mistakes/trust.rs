//! Mistakes with keys, signatures and dates.

use rye_tests::namespace::as_root;
use rye_tests::transcript::Transcript;

use crate::{RESUME, RUN, bundle, desk, edit, run_id};

#[test]
fn a_bundle_signed_with_the_wrong_key() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A bundle that nobody signed who counts here.");
        site.fine("ryec sign built --key stranger -o keep_out.ryeb");
        let told = terminal.run(RUN);
        assert_eq!(told.code, 3);
        let fix = "let a signer of the trust root sign it; or is it another trust root's?";
        assert_eq!(told.help(), fix);
        assert!(site.attacker_connects(), "nothing was done");
        terminal.note("`ryec trust show trust.root` says who signs; the author does");
        terminal.run("ryec sign built --key author -o keep_out.ryeb");
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/wrong_key.txt");
    });
}

#[test]
fn an_operators_word_signed_with_the_wrong_key() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "Somebody speaks to a run who may not.");
        site.fine(RUN);
        let rollback =
            |key: &str, run: &str| format!("ryectl --store store --key {key} rollback {run} --yes");
        let run = run_id(&site);
        let told = terminal.run(&rollback("author", &run));
        assert!(told.help().starts_with("by trust root 1 this can be said by "), "{told:?}");
        assert_eq!(terminal.run(RESUME).code, 0);
        assert!(site.attacker_is_cut_off(), "nobody let him go");
        terminal.note("the operator's key has it");
        terminal.run(&rollback("operator", &run));
        assert_eq!(terminal.run(RESUME).code, 0);
        assert!(site.attacker_connects());
        terminal.check("mistakes/wrong_operator.txt");
    });
}

#[test]
fn an_operators_key_that_others_may_read() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A secret key that is no secret.");
        site.fine(RUN);
        let run = run_id(&site);
        site.fine("chmod 644 operator");
        let rollback = format!("ryectl --store store --key operator rollback {run} --yes");
        let told = terminal.run(&rollback);
        assert_eq!((told.code, told.command()), (3, String::from("chmod 600 operator")));
        terminal.run(&told.command());
        assert_eq!(terminal.run(&rollback).code, 0);
        site.fine(RESUME);
        assert!(site.attacker_connects());
        terminal.check("mistakes/open_key.txt");
    });
}

/// Nothing is signed by a slip of the hand: what would happen is shown first, to a
/// person at a terminal, who says yes.
#[test]
fn a_word_that_nobody_was_asked_about() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A rollback that nobody has confirmed.");
        site.fine(RUN);
        let run = run_id(&site);
        let rollback = format!("ryectl --store store --key operator rollback {run}");
        let told = terminal.run(&rollback);
        assert_eq!((told.code, told.command()), (2, format!("ryectl show {}", run.split_at(12).0)));
        let at_a_terminal =
            |typed: &str| site.shell(&format!("echo {typed} | script -qec '{rollback}' /dev/null"));
        let told = at_a_terminal("no");
        assert_eq!(told.code, 3, "{told:?}");
        for words in ["this is undone:", "undo by std.firewall.unblock(", "olga@example.org"] {
            assert!(told.stdout.contains(words), "no {words}: {told:?}");
        }
        assert!(told.stdout.contains("nothing was signed"), "{told:?}");
        let resumed = site.fine(RESUME);
        assert!(!resumed.stdout.contains("rollback"), "nothing waits for it: {resumed:?}");
        assert!(site.attacker_is_cut_off());
        let told = at_a_terminal("yes");
        assert!(told.code == 0 && told.stdout.contains("stored; the next"), "{told:?}");
        site.fine(RESUME);
        assert!(site.attacker_connects());
        terminal.check("mistakes/unconfirmed.txt");
    });
}

#[test]
fn a_bundle_that_has_expired() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A bundle that was forgotten for too long.");
        bundle(&site, "--created-at 2026-01-01T00:00:00Z --expires-in 1d");
        let told = terminal.run(RUN);
        assert_eq!(told.code, 3);
        assert_eq!(told.help(), "build it again with a later expiry, and have it signed");
        assert!(site.attacker_connects(), "nothing was done");
        terminal.note("build it again, and sign it");
        terminal.run(
            "ryec build keep_out -o built --name demo/keep_out --audience demo --expires-in 30d",
        );
        terminal.run("ryec sign built --key author -o keep_out.ryeb");
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/expired_bundle.txt");
    });
}

#[test]
fn a_playbook_that_the_site_does_not_let_act() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A name in the site file that no playbook has.");
        edit(&site, "site.toml", "keep_out = ", "keepout = ");
        let told = terminal.run(RUN);
        assert_eq!(told.code, 0);
        assert!(site.attacker_connects(), "shadow mode does nothing");
        let help = "write `keep_out = \"enforce\"` below `[mode]` in site.toml";
        assert_eq!(told.help(), help);
        terminal.note("`[mode]` names another playbook");
        edit(&site, "site.toml", "keepout = ", "keep_out = ");
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/only_shadow.txt");
    });
}
