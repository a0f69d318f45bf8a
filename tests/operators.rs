//! What operators read at their own webhook, with the programs as they are: a run is
//! held, a life ends soon, everything is halted; and what they are told to type does it.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rye_tests::namespace::as_root;
use rye_tests::site::Site;
use serde_json::Value as Json;

/// The longest that is waited for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Blocks an address for a few seconds.
const BRIEF: &str = "\
//! For the tests: blocks an address for a few seconds.

use std.firewall

playbook brief(address: Address) {
    severity high
    deadline 5m
    limit Address 1
    on failure hold

    do firewall.block(address: address, reason: \"it scans\") for 30s verified within 5s
    finish contained \"it is blocked\"
}
";

/// The texts that operators read, each once.
fn read(site: &Site) -> Vec<String> {
    let mut keys = BTreeSet::new();
    let mut texts = Vec::new();
    for request in site.alerts() {
        let (_, body) = request.split_once("\r\n\r\n").expect("a body");
        let message: Json = serde_json::from_str(body).expect("one document");
        let part = |name| message.get(name).and_then(Json::as_str).map(str::to_owned);
        assert_eq!(part("notice").as_deref(), Some("operators"));
        let (key, text) = (part("key").expect("a key"), part("text").expect("a text"));
        if keys.insert(key) {
            texts.push(text);
        }
    }
    texts
}

/// What a person types next.
fn typed(text: &str) -> Vec<&str> {
    let (_, next) = text.rsplit_once("Next: ").expect("what to type next");
    next.split('`').skip(1).step_by(2).collect()
}

/// Types a command of a notice, with all that a person has at his desk.
fn say(site: &Site, key: &str, command: &str) {
    let words = command.strip_prefix("ryectl ").expect("a command of ryectl");
    let told = site.shell(&format!("ryectl --store store --key {key} {words} --yes"));
    assert_eq!(told.code, 0, "{command}: {told:?}");
}

#[test]
fn whoever_reads_that_a_run_is_held_can_answer_it() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        let run = site.run("hold", "enforce");
        assert_eq!(run.outcome, "held");
        let texts = read(&site);
        assert_eq!(texts.len(), 1, "{texts:?}");
        let text = texts.first().expect("one");
        let id = run.run.get(..12).expect("an id");
        assert!(text.starts_with(&format!("HELD: run {id} (block_and_fail) waits for a person")));
        let commands = typed(text);
        assert_eq!(commands.first(), Some(&format!("ryectl show {id}").as_str()), "{text}");
        let release = commands.last().expect("what may be answered");
        let (command, words) = release.rsplit_once(' ').expect("a command and words");
        assert!(words.split('|').any(|word| word == "undo"), "{text}");
        say(&site, "operator", &format!("{command} undo"));
        let resumed = site.resume();
        assert_eq!(resumed.first().map(|run| run.outcome.as_str()), Some("rolled_back"));
        assert_eq!(site.blocks(), 0);
        assert_eq!(read(&site), texts, "nothing more was to be told");
        let replayed = site.ask(&["replay", id]);
        assert!(replayed.starts_with("the run replays to the same end: "), "{replayed}");
        exchanged_bundle_is_not_replayed(&site, id);
    });
}

/// Another bundle under the name of the run's own is found.
fn exchanged_bundle_is_not_replayed(site: &Site, run: &str) {
    let entries = fs::read_dir(site.store.join("bundles")).expect("the bundles of runs");
    for entry in entries {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a bundle");
        let last = bytes.len() / 2;
        let changed = bytes.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == last));
        fs::write(&path, changed.collect::<Vec<u8>>()).expect("a bundle of our own");
    }
    let output = site.ask_of(&site.store, &["replay", run]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("in the store can't be used: "), "{said}");
}

#[test]
fn people_are_told_before_a_life_ends_and_that_it_is_overdue_while_all_is_halted() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        fs::create_dir(site.at("brief")).expect("a folder of our own");
        site.write("brief/brief.rye", BRIEF);
        site.build("brief", &site.at("brief/brief.rye"));
        site.write("brief.json", r#"{"address": "203.0.113.7"}"#);
        let file = fs::read_to_string(site.at("site.toml")).expect("the site file");
        let file = file.replace("[mode]\n", "[mode]\nbrief = \"enforce\"\n");
        site.write("site.toml", format!("life_notice = \"29s\"\n{file}"));
        let told = site.shell(
            "ryed run brief.ryeb --playbook brief --input brief.json --store store \
             --trust trust.root --site site.toml --mode enforce",
        );
        assert_eq!(told.code, 0, "{told:?}");
        let ends = until(&site, "ENDS at ");
        assert!(ends.contains("lets go of std.firewall.block(address: 203.0.113.7"), "{ends}");
        say(&site, "operator", "ryectl halt --all --reason \"a drill\"");
        let halted = until(&site, "HALTED: ");
        let overdue = until(&site, "OVERDUE since ");
        assert!(overdue.contains("no clock ends it: halted"), "{overdue}");
        let resume = typed(&halted).first().copied().map(str::to_owned).expect("what lifts it");
        for key in ["operator", "deputy"] {
            say(&site, key, &resume);
        }
        until(&site, "RESUMED: everything goes on");
        let words: Vec<String> =
            read(&site).iter().map(|text| text.chars().take(4).collect()).collect();
        assert_eq!(words, ["ENDS", "HALT", "OVER", "RESU"], "each once");
    });
}

/// Lets processes come and go, as a timer does, until operators read a text that
/// begins so.
fn until(site: &Site, start: &str) -> String {
    let began = Instant::now();
    loop {
        site.resume();
        if let Some(text) = read(site).into_iter().find(|text| text.starts_with(start)) {
            return text;
        }
        assert!(began.elapsed() < PATIENCE, "{start}: {:?}", read(site));
        thread::sleep(Duration::from_millis(200));
    }
}
