//! People in the loop, with the programs as they are: a question is asked, the
//! process dies, people answer with their own keys, and what was shown is done,
//! once.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rye_tests::namespace::as_root;
use rye_tests::site::{Site, program};
use rye_tests::transcript::Told;
use serde_json::Value as Json;

const HERE: &str = "--store store --trust trust.root --site site.toml --mode enforce";

/// The longest that is waited for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The demonstration's site, with people who answer and a playbook that asks.
fn site() -> Site {
    let site = Site::with_people(|_, _| {});
    let text = std::fs::read_to_string(site.at("site.toml")).expect("the site file");
    let modes =
        ["one", "two", "brief", "each_of", "judge"].map(|name| format!("{name} = \"enforce\""));
    site.write("site.toml", text.replace("[mode]", &format!("[mode]\n{}", modes.join("\n"))));
    site.write("ask.rye", include_str!("approvals/ask.rye"));
    site.write("address.json", r#"{"address": "203.0.113.7"}"#);
    site.write("addresses.json", r#"{"addresses": ["203.0.113.7", "203.0.113.8"]}"#);
    site.fine("ryec build ask.rye -o built --name demo/ask --audience demo");
    site.fine("ryec sign built --key author -o once && ryec sign once --key reviewer -o ask.ryeb");
    site
}

/// Starts a run, which waits for people.
fn ask(site: &Site, playbook: &str, input: &str, more: &[&str]) -> Child {
    begin(site, "ask.ryeb", playbook, input, more)
}

fn begin(site: &Site, bundle: &str, playbook: &str, input: &str, more: &[&str]) -> Child {
    let mut command = program("ryed");
    command.current_dir(&site.folder).args(["run", bundle]).args(HERE.split(' '));
    command.args(["--playbook", playbook, "--input", input]).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("ryed can be started")
}

/// The question that is open, once there is one.
fn request(site: &Site) -> Json {
    let began = Instant::now();
    loop {
        if site.store.exists() {
            let told = site.shell("ryectl --store store --json requests");
            let document: Json = serde_json::from_str(&told.stdout).unwrap_or_default();
            if let Some(open) = document.pointer("/requests/0") {
                return open.clone();
            }
        }
        assert!(began.elapsed() < PATIENCE, "nobody is asked anything");
        thread::sleep(Duration::from_millis(50));
    }
}

fn id(request: &Json) -> String {
    request.get("request").and_then(Json::as_str).expect("an id").to_owned()
}

/// A shift sees in its list that people are asked, and how they answer.
fn is_handed_over(site: &Site, request: &str) {
    let text = site.fine("ryectl --store store contained").stdout;
    let approve =
        format!("ryectl --store store --key KEY approve {}", request.get(..12).expect("an id"));
    for words in ["PEOPLE ARE ASKED: 1 question", &*approve] {
        assert!(text.contains(words), "no {words} in\n{text}");
    }
    let document = site.fine("ryectl --store store --json contained").stdout;
    let document: Json = serde_json::from_str(&document).expect("a document");
    assert_eq!(document.pointer("/asked/0/request").and_then(Json::as_str), Some(request));
    let runs = site.fine("ryectl --store store runs").stdout;
    assert!(runs.contains("  asks people"), "{runs}");
}

fn kill(mut ryed: Child) {
    ryed.kill().expect("our own child");
    ryed.wait().expect("our own child");
}

fn answer(site: &Site, key: &str, words: &str) -> Told {
    site.shell(&format!("ryectl --store store --key {key} {words} --yes"))
}

fn resume(site: &Site) -> Told {
    site.shell("ryed resume --store store --trust trust.root --site site.toml")
}

fn shown(site: &Site) -> String {
    let runs = site.fine("ryectl --store store --json runs").stdout;
    let runs: Json = serde_json::from_str(&runs).expect("a document");
    let run = runs.pointer("/runs/0/run").and_then(Json::as_str).expect("an id").to_owned();
    site.fine(&format!("ryectl --store store show {run}")).stdout
}

#[test]
fn an_answer_counts_that_came_while_the_process_was_dead() {
    as_root(|| {
        let site = site();
        let ryed = ask(&site, "two", "address.json", &[]);
        let open = request(&site);
        kill(ryed);
        let shown_call = open.pointer("/subject/boxes/0/effects/0/do").and_then(Json::as_str);
        assert_eq!(
            shown_call,
            Some("std.firewall.block(address: 203.0.113.7, reason: \"approved\")"),
            "{open}"
        );
        assert_eq!(site.blocks(), 0, "nothing is done before");
        is_handed_over(&site, &id(&open));

        let told = answer(&site, "bea", &format!("approve {}", id(&open)));
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.stdout.contains("203.0.113.7") && told.stdout.contains("stored"), "{told:?}");
        let told = resume(&site);
        assert_eq!(site.blocks(), 0, "one of two: {told:?}");
        // The same person with another key is the same person.
        answer(&site, "bea_at_home", &format!("approve {}", id(&open)));
        let told = resume(&site);
        assert!(told.stderr.contains("everybody counts once"), "{told:?}");
        assert_eq!(site.blocks(), 0, "{told:?}");

        answer(&site, "cy", &format!("approve {}", id(&open)));
        let told = resume(&site);
        assert_eq!((told.code, site.blocks()), (0, 1), "{told:?}");
        resume(&site);
        assert_eq!(site.blocks(), 1, "once");
        let text = shown(&site);
        for word in ["bea@example.org: yes to box 1", "cy@example.org: yes", "decided by people"] {
            assert!(text.contains(word), "no {word} in\n{text}");
        }
        site.fine("ryectl --store store journal verify");
        // What was answered once is of no use for another run.
        let again = ask(&site, "two", "address.json", &[]);
        request(&site);
        kill(again);
        let late = answer(&site, "dan", &format!("approve {}", id(&open)));
        assert_eq!(late.code, 1, "{late:?}");
        assert!(late.stderr.contains("nobody is asked anything by"), "{late:?}");
    });
}

#[test]
fn a_waiting_process_hears_the_answer_and_a_no_decides() {
    as_root(|| {
        let site = site();
        let mut ryed = ask(&site, "one", "address.json", &[]);
        let open = request(&site);
        let told = answer(&site, "bea", &format!("deny {} --reason 'it is ours'", id(&open)));
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.stdout.contains("taken"), "{told:?}");
        let status = ryed.wait().expect("our own child");
        assert_eq!((status.code(), site.blocks()), (Some(0), 0));
        let text = shown(&site);
        assert!(text.contains("it is ours"), "{text}");
        assert!(text.contains("end   escalated"), "{text}");
    });
}

#[test]
fn who_may_not_answer_is_refused_and_who_is_asked_later_may_then() {
    as_root(|| {
        let site = site();
        let ryed = ask(&site, "one", "address.json", &["--starter", "bea@example.org"]);
        let open = request(&site);
        let own = answer(&site, "bea", &format!("approve {}", id(&open)));
        assert_eq!(own.code, 3, "{own:?}");
        assert!(own.stderr.contains("started the run"), "{own:?}");
        for stranger in ["operator", "author"] {
            let refused = answer(&site, stranger, &format!("approve {}", id(&open)));
            assert_eq!(refused.code, 3, "{refused:?}");
            assert!(refused.stderr.contains("E_NO_TRUSTED_SIG"), "{refused:?}");
        }
        thread::sleep(Duration::from_secs(3));
        let later = answer(&site, "cy", &format!("approve {}", id(&open)));
        assert_eq!(later.code, 0, "{later:?}");
        let status = ryed.wait_with_output().expect("our own child").status;
        assert_eq!((status.code(), site.blocks()), (Some(0), 1));
        assert!(shown(&site).contains("others are asked as well"));
    });
}

#[test]
fn a_question_ends_boxes_are_decided_one_by_one_and_a_value_is_chosen() {
    as_root(|| {
        let site = site();
        let mut brief = ask(&site, "brief", "address.json", &[]);
        assert_eq!(brief.wait().expect("our own child").code(), Some(0));
        assert!(shown(&site).contains("decided by the end of the time to answer: expired"));

        let mut each = ask(&site, "each_of", "addresses.json", &[]);
        let open = request(&site);
        answer(&site, "bea", &format!("approve {} --box 2", id(&open)));
        answer(&site, "dan", &format!("deny {} --box 1 --reason 'a partner'", id(&open)));
        assert_eq!(each.wait().expect("our own child").code(), Some(0));
        assert_eq!(site.blocks(), 1, "{}", shown(&site));
        assert!(!site.attacker_is_cut_off(), "his first address is free");

        let mut judge = ask(&site, "judge", "address.json", &[]);
        let open = request(&site);
        let wrong = answer(&site, "bea", &format!("choose {} drill", id(&open)));
        assert_eq!(wrong.code, 3, "{wrong:?}");
        answer(&site, "bea", &format!("choose {} exercise", id(&open)));
        assert_eq!(judge.wait().expect("our own child").code(), Some(0));
        assert!(shown(&site).contains("it is an exercise"));
    });
}

/// What a run did is taken back by another, after a person saw what that is.
#[test]
fn a_person_sees_what_a_release_takes_back() {
    as_root(|| {
        let site = site();
        let contained = site.run("contain", "enforce").run;
        assert_eq!(site.blocks(), 1);
        let playbook = concat!(env!("CARGO_MANIFEST_DIR"), "/../playbooks/release_false_positive");
        site.build("release", playbook);
        let finding = format!(r#"{{"finding": {{"run": "{contained}", "reason": "a test"}}}}"#);
        site.write("finding.json", finding);
        let ryed = begin(&site, "release.ryeb", "release_false_positive", "finding.json", &[]);
        let open = request(&site);
        kill(ryed);
        let asked = site.fine("ryectl --store store requests").stdout;
        let takes_back = format!("of run {contained} contain_scanner");
        assert!(asked.contains("takes back std.firewall.block on 203.0.113."), "{asked}");
        assert!(asked.contains(&takes_back), "{asked}");
        let told = answer(&site, "bea", &format!("approve {}", id(&open)));
        assert_eq!(told.code, 0, "{told:?}");
        assert_eq!(site.blocks(), 1, "nobody acts on the store");
        let told = resume(&site);
        assert_eq!((told.code, site.blocks()), (0, 0), "{told:?}");
        let shown = site.fine(&format!("ryectl --store store show {contained}")).stdout;
        assert!(shown.contains("because a playbook released it"), "{shown}");
        site.fine("ryectl --store store journal verify");
    });
}
