//! `ryec plan`, with the program itself.

#![expect(clippy::unwrap_used, reason = "a broken expectation fails the test")]

#[path = "support/program.rs"]
mod program;

use std::fs;

use serde_json::Value;

use program::{complaint, ryec, well};

const PLAYBOOK: &str = r#"use std.clock
use std.firewall
use std.host.account
use std.notify

role soc_lead "leads the shift"
role ciso "answers for security"

playbook contain(address: Address, suspect: HostAccount) {
    severity high
    deadline 3h
    limit Address 1
    limit HostAccount 1
    on failure hold

    let now = ask clock.now()
    let known = ask firewall.flows(address: address)
    stage block {
        do firewall.block(address: address, reason: "seen at {now}, {known} flows") for 1h
        let ended = do firewall.end_flows(address: address)
        tell notify.analysts(text: "{address} is blocked, {ended} flows ended")
    }
    approve "Freeze {suspect}?"
        by 2 of [soc_lead] within 1h
        escalate to [ciso] after 20m
    {
        do account.freeze(account: suspect) until released
    } otherwise decision {
        finish escalated "{decision}"
    }
    finish contained "done"
}
"#;

const INPUT: &str =
    r#"{ "address": "203.0.113.7", "suspect": { "host": "web-1", "name": "mallory" } }"#;

const PLAN: &str = r#"contain would do this; nothing is done now
  asked std.clock.now(): 2026-03-01T09:30:00Z
  asked std.firewall.flows(address: 203.0.113.7): 3
  stage block
    would do std.firewall.block(address: 203.0.113.7, reason: "seen at 2026-03-01T09:30:00Z, 3 flows")
      touches   Address 203.0.113.7
      stands    for 1h
      undo      std.firewall.unblock(address: 203.0.113.7)
      impact    reversible
      unless    it is so already, which std.firewall.is_blocked(address: 203.0.113.7) would say
    would do std.firewall.end_flows(address: 203.0.113.7)
      touches   Address 203.0.113.7
      undo      nothing has to be undone
      impact    disruptive
    would tell std.notify.analysts(text: "203.0.113.7 is blocked, 0 flows ended")
  would ask: Freeze HostAccount(host: web-1, name: mallory)?
    asks      2 of soc_lead within 1h
    then      ciso as well, after 20m
    allows    std.host.account.freeze(account: HostAccount(host: web-1, name: mallory))
    supposed  yes; a no, or nobody, goes another way
  would do std.host.account.freeze(account: HostAccount(host: web-1, name: mallory))
    touches   HostAccount(host: web-1, name: mallory)
    stands    until a person releases it
    undo      std.host.account.thaw(account: HostAccount(host: web-1, name: mallory))
    impact    disruptive
    behind    the yes of 2 of soc_lead
    unless    it is so already, which std.host.account.is_frozen(account: HostAccount(host: web-1, name: mallory)) would say
  over: contained: done
"#;

fn folder(answers: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in
        [("contain.rye", PLAYBOOK), ("input.json", INPUT), ("answers.json", answers)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The call, on the sources or the bundle at `path`.
fn line(path: &str) -> Vec<&str> {
    let rest =
        ["--input", "input.json", "--answers", "answers.json", "--now", "2026-03-01T09:30:00Z"];
    [&["plan", path], rest.as_slice()].concat()
}

#[test]
fn a_plan_says_what_would_be_done_and_what_undoes_it() {
    let folder = folder(r#"[{ "given": "std.firewall.flows", "returns": 3 }]"#);
    assert_eq!(well(folder.path(), &line("contain.rye")), PLAN);
    // The bundle of the same sources does the same.
    well(folder.path(), &["build", "contain.rye", "-o", "contain.ryeb"]);
    assert_eq!(well(folder.path(), &line("contain.ryeb")), PLAN);
    let document = well(folder.path(), &[line("contain.rye"), vec!["--json"]].concat());
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(
        (&document["complete"], &document["end"]["outcome"]),
        (&true.into(), &"contained".into())
    );
    let block = &document["steps"][2];
    assert_eq!(block["call"]["action"], "std.firewall.block");
    assert_eq!(block["undo"]["arguments"]["address"], "203.0.113.7");
    assert_eq!(block["stands_micros"], 3_600_000_000_i64);
}

#[test]
fn a_query_that_nobody_answers_is_named_with_what_answers_it() {
    let folder = folder("[]");
    let output = ryec(folder.path(), &line("contain.rye"));
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8(output.stdout).unwrap();
    let held = "  held: unavailable: the plan was given no answer\n";
    assert!(shown.ends_with(held), "{shown}");
    let problem = String::from_utf8(output.stderr).unwrap();
    let query = "error: the plan was given no answer to std.firewall.flows(address: 203.0.113.7)\n";
    assert!(problem.starts_with(query), "{problem}");
    assert!(problem.contains(r#"{ "given": "std.firewall.flows", "returns": … } with an integer"#));
}

#[test]
fn the_most_exact_answer_wins() {
    let folder = folder(
        r#"[
            { "given": "std.firewall.flows", "returns": 1 },
            { "given": "std.firewall.flows", "with": { "address": "203.0.113.7" }, "returns": 2 },
            { "given": "std.firewall.flows", "with": { "address": "203.0.113.9" }, "returns": 4 },
            { "given": "std.firewall.is_blocked", "returns": true }
        ]"#,
    );
    let shown = well(folder.path(), &line("contain.rye"));
    assert!(shown.contains("asked std.firewall.flows(address: 203.0.113.7): 2\n"), "{shown}");
    let already = "    would not do std.firewall.block(address: 203.0.113.7, \
                   reason: \"seen at 2026-03-01T09:30:00Z, 2 flows\")\n      \
                   because   it is so already; nothing is to be undone\n";
    assert!(shown.contains(already), "{shown}");
}

#[test]
fn answers_and_inputs_that_do_not_fit_are_refused() {
    for (answers, problem) in [
        ("{}", "answers.json: invalid type: map, expected a sequence"),
        ("[{}]", "answer 1: it doesn't say what is `given`"),
        (
            r#"[{ "given": "std.firewall.block", "returns": null }]"#,
            "`std.firewall.block` is no query",
        ),
        (
            r#"[{ "given": "std.firewall.flows", "returns": "x" }]"#,
            "`returns`: expected an integer",
        ),
        (r#"[{ "given": "std.firewall.flows", "fails": "badly" }]"#, "`fails` names no error"),
        (r#"[{ "given": "std.firewall.flows" }]"#, "neither or both of `returns` and `fails`"),
        (
            r#"[{ "given": "std.firewall.flows", "with": { "ip": "1.2.3.4" }, "returns": 1 }]"#,
            "`std.firewall.flows` has no parameter `ip`",
        ),
        (r#"[{ "given": "std.firewall.flows", "return": 1 }]"#, "`return` says nothing here"),
    ] {
        let folder = folder(answers);
        let found = complaint(folder.path(), &line("contain.rye"), 1);
        assert!(found.contains(problem), "{answers}: {found}");
    }
    let folder = folder("[]");
    fs::write(folder.path().join("input.json"), "{ \"adress\": \"203.0.113.7\" }").unwrap();
    let found = complaint(folder.path(), &line("contain.rye"), 1);
    assert!(found.contains("input.json: `adress`: expected one of"), "{found}");
}

const SETTINGS: &str = r#"use std.firewall

setting worth_a_block: Int = 20 in 5 .. 1_000

playbook guard(address: Address, failures: Int) {
    severity low
    deadline 5m
    limit Address 1
    on failure hold

    if failures < worth_a_block {
        finish benign "only {failures}"
    }
    do firewall.block(address: address, reason: "{failures} failures") for 1h
    finish contained "blocked"
}
"#;

/// A setting is set within its bounds, with the words of the site file, and not at all
/// where there is none.
#[test]
fn what_a_site_would_set_is_supposed() {
    let desk = tempfile::tempdir().unwrap();
    fs::write(desk.path().join("guard.rye"), SETTINGS).unwrap();
    let input = r#"{ "address": "203.0.113.7", "failures": 10 }"#;
    fs::write(desk.path().join("input.json"), input).unwrap();
    let plan =
        |set: &[&'static str]| [&["plan", "guard.rye", "--input", "input.json"], set].concat();
    assert!(well(desk.path(), &plan(&[])).contains("over: benign: only 10"));
    let set = ["--set", "guard.worth_a_block=900", "--set", "guard.worth_a_block=1_0"];
    assert!(well(desk.path(), &plan(&set)).contains("over: contained: blocked"));
    for (set, said) in [
        (
            "guard.worth_a_block=3",
            "error: `--set guard.worth_a_block`: expected 5 to 1000, found 3\n\
             help: the playbook sets these bounds; stay within them\n",
        ),
        (
            "guard.worth_a_block=ten",
            "error: `--set guard.worth_a_block`: expected a value of type `Int`, found \"ten\"\n\
             help: write one such as the default, `20`\n",
        ),
        (
            "worth_a_block=3",
            "error: `--set worth_a_block`: the package has no such setting\n\
             help: it has: guard.worth_a_block\n",
        ),
    ] {
        assert_eq!(complaint(desk.path(), &plan(&["--set", set]), 1), said);
    }
}
