//! What a shift does with the real programs on a real network: it stops everything
//! and lets it go on, keeps an effect longer, lets go of another sooner, takes back
//! a part of what a run did, and hands over the list of what is held.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on must fail, and say why"
)]

use std::fs;

use rye_tests::namespace::as_root;
use rye_tests::site::{Filter, Site};
use rye_tests::transcript::{Told, Transcript};

/// Blocks two addresses, each in a stage of its own.
const BLOCK_TWO: &str = "\
//! For the tests: blocks two addresses, one for an hour, one until a person lets go.

use std.firewall

playbook block_two(first: Address, second: Address) {
    severity high
    deadline 5m
    limit Address 2
    on failure hold

    stage brief {
        do firewall.block(address: first, reason: \"it scans\") for 1h verified within 5s
    }

    stage lasting {
        do firewall.block(address: second, reason: \"it scans\") until released verified within 5s
    }

    finish contained \"both are blocked\"
}
";

const RUN: &str = "ryed run two.ryeb --playbook block_two --input two.json --store store \
                   --trust trust.root --site two.toml --mode enforce";
const RESUME: &str = "ryed resume --store store --trust trust.root --site two.toml";

fn desk() -> Site {
    let site = Site::new(|_, _| {});
    fs::create_dir(site.at("two")).expect("a folder of our own");
    site.write("two/block_two.rye", BLOCK_TWO);
    site.build("two", &site.at("two/block_two.rye"));
    site.write("two.json", r#"{"first": "203.0.113.7", "second": "203.0.113.8"}"#);
    let file = fs::read_to_string(site.at("site.toml")).expect("the site file");
    site.write("two.toml", file.replace("[mode]\n", "[mode]\nblock_two = \"enforce\"\n"));
    site
}

/// `ryectl` with a key, on the site's store; only a halt is said without `--yes`.
fn say(who: &str, words: &str) -> String {
    let yes = if words.starts_with("halt") { "" } else { " --yes" };
    format!("ryectl --store store --key {who} {words}{yes}")
}

/// The id behind a word, where it stands first in a text.
fn behind(text: &str, word: &str) -> String {
    let rest = text.split(word).nth(1).unwrap_or_else(|| panic!("no {word}: {text}"));
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

fn fine(told: &Told) {
    assert_eq!(told.code, 0, "{told:?}");
}

#[test]
fn nothing_is_done_in_a_halted_store_until_two_owners_say_so() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "Halting everything, and going on.");
        let told = terminal.run(RUN);
        fine(&told);
        let run = behind(&told.stdout, "run ");
        terminal.note("nobody acts on the store: the message waits");
        fine(&terminal.run(&say("operator", "halt --all --reason \"it blocks our own people\"")));
        terminal.note("the next process hears it before it does anything");
        site.write("other.json", r#"{"first": "203.0.113.9", "second": "203.0.113.8"}"#);
        assert_eq!(terminal.run(&RUN.replace("two.json", "other.json")).code, 3);
        assert_eq!(site.blocks(), 2);
        fine(&terminal.run(&say("operator", &format!("rollback {run}"))));
        assert_eq!(terminal.run(RESUME).code, 4);
        assert_eq!(site.blocks(), 2, "nothing is undone either");
        fine(&terminal.run("ryectl --store store contained"));
        fine(&terminal.run("ryectl --store store runs"));
        terminal.note("one owner is not enough, however often he says it");
        fine(&terminal.run(&say("operator", "resume --all")));
        terminal.run(RESUME);
        fine(&terminal.run(&say("operator", "resume --all")));
        terminal.run(RESUME);
        assert_eq!(site.blocks(), 2);
        fine(&terminal.run(&say("deputy", "resume --all")));
        fine(&terminal.run(RESUME));
        assert_eq!(site.blocks(), 0, "the rollback went on");
        fine(&terminal.run("ryectl --store store journal verify"));
        terminal.check("shift/halt.txt");
    });
}

#[test]
fn a_shift_hands_over_renews_lets_go_and_rolls_back_in_part() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "What a shift hands over, and takes back.");
        let told = terminal.run(RUN);
        fine(&told);
        let run = behind(&told.stdout, "run ");
        let [brief, lasting] = [1, 2].map(|nth| {
            let rest = told.stdout.split("effect ").nth(nth).unwrap();
            rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>()
        });
        terminal.note("the same is wanted again: one more run holds it");
        fine(&terminal.run(RUN));
        assert_eq!(site.blocks(), 2);
        fine(&terminal.run("ryectl --store store contained"));
        terminal.note("the first block shall stand for a day");
        fine(&terminal.run(&say("operator", &format!("renew {run} {brief} --for 24h"))));
        fine(&terminal.run(RESUME));
        fine(&site.shell(&say("operator", &format!("renew {run} {brief} --for 1m"))));
        let told = site.shell(RESUME);
        assert!(
            told.stderr.contains("`let-go` ends it sooner"),
            "that is no longer life: {told:?}"
        );
        terminal.note("the second was wrong: let go of it, in both runs");
        fine(&terminal.run(&say("operator", &format!("let-go {run} {lasting}"))));
        fine(&terminal.run(RESUME));
        assert_eq!(site.blocks(), 2, "the other run holds it still");
        let runs = site.ask(&["--json", "runs"]);
        let other = runs.split("\"run\":\"").nth(1).unwrap().split('"').next().unwrap();
        fine(&terminal.run(&say("operator", &format!("rollback {other} --stage lasting"))));
        fine(&terminal.run(RESUME));
        assert_eq!(site.blocks(), 1);
        fine(&terminal.run(&say("operator", &format!("rollback {run} --effect {brief}"))));
        fine(&terminal.run(RESUME));
        assert_eq!(site.blocks(), 1, "the other run holds it still");
        fine(&terminal.run("ryectl --store store contained"));
        let shown = site.shell(&format!("ryectl --store store show {run}")).stdout;
        for said in ["a person: 1d more from", "a person: let go", "others hold it still"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        fine(&terminal.run("ryectl --store store journal verify"));
        terminal.check("shift/hand_over.txt");
    });
}

/// A halt that is said while an act is under way: the act is taken note of, and
/// nothing follows it.
#[test]
fn a_halt_reaches_a_process_in_the_middle_of_an_act() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        let mut ryed = site.begin("contain", Filter::Slow);
        while !site.store.join("lock").exists() || site.blocks() == 0 {
            assert!(ryed.try_wait().unwrap().is_none(), "it blocks before it ends");
        }
        let taken = site.shell(&say("operator", "halt --all --reason \"stop it\""));
        fine(&taken);
        assert!(taken.stdout.contains("nothing is done and nothing undone"), "{taken:?}");
        // It ends by itself: the run waits for people.
        assert!(!ryed.wait().unwrap().success());
        let runs = site.ask(&["--json", "runs"]);
        assert!(runs.contains("\"halted\":true"), "{runs}");
        assert!(site.attacker_is_cut_off(), "what was done stands");
        let shown = site.ask(&["journal", "show"]);
        assert!(shown.contains("  doing std.firewall.block(address: 203.0.113.7, "), "{shown}");
        assert!(shown.contains(" halted everything: stop it"), "{shown}");
        let after = shown.split("  halted  ").nth(1).unwrap_or_else(|| panic!("{shown}"));
        assert!(after.contains("outcome") && !after.contains("intent"), "{shown}");
        let entries = site.ask(&["journal", "show", "--json"]);
        let intent = entries.lines().find(|line| line.contains(r#""entry":"intent""#));
        let affects = r#""affects":["203.0.113.7"]"#;
        assert!(intent.is_some_and(|line| line.contains(affects)), "{entries}");
        for who in ["operator", "deputy"] {
            fine(&site.shell(&say(who, "resume --all")));
        }
        let ended = site.resume();
        assert_eq!(ended.last().map(|run| run.outcome.as_str()), Some("contained"));
        let mut command = site.run_command(&site.bundle("contain"), "enforce", Filter::Quick);
        assert!(site.seen(&mut command).status.success());
        assert_eq!(site.blocks(), 1);
    });
}
