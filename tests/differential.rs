//! The product and the second interpreter mean the same: random typed programs in random
//! worlds, run by both, end with the same story, the same fuel, and the same journal after
//! a death. `cargo xtask differential` does it for as many as are wanted.

#![expect(clippy::panic, reason = "a difference fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use rye_core::value::Value;
use rye_reference::campaign::{Deaths, Options, run, same};
use rye_reference::generator::Generated;

/// Enough that each construct is reached.
const PROGRAMS: u64 = 2_000;

/// So many die at every point, and at every second point behind each.
const DYING: u64 = 20;

/// What must be reached, and how often at least.
const FLOORS: &[(&str, u64)] = &[
    ("a life ends on the way", 10),
    ("a person cancels", 20),
    ("a person cancels a run that waits", 20),
    ("a person continues", 20),
    ("a person keeps", 10),
    ("a person settles", 1),
    ("a person undoes", 20),
    ("act tried again", 50),
    ("all", 10),
    ("already so", 1),
    ("already so, held by others", 20),
    ("any", 10),
    ("approve", 20),
    ("approve auto", 5),
    ("approve each", 5),
    ("ask", 50),
    ("ask else", 20),
    ("ask in a condition", 20),
    ("attempt", 100),
    ("call", 5),
    ("bytes handed on", 20),
    ("choose", 20),
    ("comprehension", 50),
    ("counted", 20),
    ("decided denied", 5),
    ("decided expired", 5),
    ("decided granted", 20),
    ("do", 200),
    ("do of a task", 5),
    ("do that was approved", 20),
    ("e else", 50),
    ("e?", 50),
    ("each of a list", 20),
    ("each of a range", 20),
    ("each that gives a list", 5),
    ("end benign", 5),
    ("end cancelled", 20),
    ("end contained", 5),
    ("end escalated", 20),
    ("end finished", 100),
    ("end rolled_back", 20),
    ("end stuck", 1),
    ("ensure", 10),
    ("error arithmetic", 10),
    ("error conflict", 10),
    ("error denied", 10),
    ("error failed", 5),
    ("error guardrail", 10),
    ("error limit", 5),
    ("error not_found", 50),
    ("error rejected", 20),
    ("error timeout", 5),
    ("error unavailable", 5),
    ("error unverified", 2),
    ("fail", 10),
    ("finish", 5),
    ("finish benign", 5),
    ("form in value position", 50),
    ("give", 50),
    ("if let", 20),
    ("in doubt, not shown", 10),
    ("in doubt, shown", 10),
    ("in doubt, unclear", 10),
    ("keep", 20),
    ("let go, held still", 20),
    ("long list", 1),
    ("long map", 1),
    ("match", 20),
    ("match of what nobody knows", 5),
    ("nobody chooses", 5),
    ("port handed on", 20),
    ("record", 100),
    ("release", 10),
    ("return", 10),
    ("secret handed on", 20),
    ("sorted", 20),
    ("stage", 50),
    ("tell", 50),
    ("text with holes", 100),
    ("the deadline passes", 2),
    ("undo left alone", 5),
    ("undo stuck", 5),
    ("undo tried again", 10),
    ("undone", 50),
    ("wait", 20),
    ("wait until", 2),
    ("wait until for", 2),
    ("wait until otherwise", 2),
];

/// Of the operators and predeclared functions so many must be reached.
const OPS: usize = 70;

fn options(programs: u64, deaths: Deaths) -> Options {
    Options { programs, first: 0, seed: 1, time: None, threads: 2, shrinks: true, deaths }
}

#[test]
fn random_programs_mean_the_same_to_both() {
    let report = run(&options(PROGRAMS, Deaths::Some));
    if let Some(difference) = report.difference {
        panic!("program {} differs:\n{}", difference.number, difference.text);
    }
    let refusal = report.refusal.unwrap_or_default();
    assert!(report.refused * 20 < PROGRAMS, "{} refused:\n{refusal}", report.refused);
    assert!(report.deaths > report.runs / 4, "{} deaths of {}", report.deaths, report.runs);
    let counters = report.counters;
    let rare: Vec<_> = FLOORS.iter().filter(|(name, least)| counters.of(name) < *least).collect();
    assert!(rare.is_empty(), "rarely or never reached: {rare:?}\n{counters}");
    assert!(counters.ops() >= OPS, "{} operators:\n{counters}", counters.ops());
}

#[test]
fn two_deaths_anywhere_change_no_story() {
    let report = run(&options(DYING, Deaths::Everywhere));
    if let Some(difference) = report.difference {
        panic!("program {} differs:\n{}", difference.number, difference.text);
    }
    assert!(report.deaths > 100 * report.programs, "only {} deaths", report.deaths);
}

/// Programs by seed and number on which a campaign once stumbled, and why.
const STUMBLES: &[(u64, u64, &str)] = &[
    (6, 62_885, "a death between two undos that are under way loses the answers of both"),
    (8, 475_436, "nobody says which of two lives on the same ends first, at one moment"),
    (9, 45_482, "what was answered first is known after another attempt"),
];

#[test]
fn where_a_campaign_once_stumbled_it_stumbles_no_more() {
    for (seed, first, why) in STUMBLES {
        let options = Options { seed: *seed, first: *first, ..options(1, Deaths::Everywhere) };
        if let Some(difference) = run(&options).difference {
            panic!("{why}:\n{}", difference.text);
        }
    }
}

/// What both say of a playbook with the parameter `text`, the last line.
fn end_of(items: &str, body: &str, text: &str, settings: Vec<Value>) -> String {
    let head = "playbook main(text: Text) {\nseverity low\ndeadline 1h\n";
    let mut generated = Generated::of_text(format!("{items}\n{head}{body}\n}}"), text);
    generated.site.settings = settings;
    let story = same(&generated).unwrap_or_else(|difference| panic!("{difference}"));
    story.events.last().cloned().unwrap_or_default()
}

#[test]
fn more_in_a_text_than_a_list_may_hold_is_an_error() {
    let body = |times: &str| {
        format!(
            "attempt {{ let n = length(ips_in(\"{times}\"))\nfinish contained \"{{n}}\" }} \
             recover problem {{ finish escalated \"{{problem}}\" }}"
        )
    };
    let hundred = "1.1.1.1 ".repeat(100);
    let thousand = end_of("", &body(&"{text}".repeat(10)), &hundred, Vec::new());
    assert_eq!(thousand, "ended contained: \"1000\"");
    let more = end_of("", &body(&"{text}".repeat(11)), &hundred, Vec::new());
    assert_eq!(more, "ended escalated: \"limit(the list has more elements than its max)\"");
}

#[test]
fn the_ends_of_a_range_may_lie_further_apart_than_a_number_reaches() {
    let setting = "setting rounds: Int = 2 in 1 .. 4";
    let (least, most) = ("-9_223_372_036_854_775_807 - 1", "9_223_372_036_854_775_807");
    let body = |low: &str, high: &str| {
        format!(
            "attempt {{ let given = each i in ({low}) .. ({high}) max (rounds) {{ give i }}\n\
             finish contained \"{{given}}\" }} recover problem {{ finish escalated \"{{problem}}\" }}"
        )
    };
    let end = |low: &str, high: &str| end_of(setting, &body(low, high), "", vec![Value::Int(2)]);
    let too_many = "ended escalated: \"limit(the loop has more rounds than its max)\"";
    assert_eq!(end(most, least), "ended contained: \"[]\"");
    assert_eq!(end(least, most), too_many);
    assert_eq!(
        end("9_223_372_036_854_775_805", most),
        "ended contained: \"[9223372036854775805, 9223372036854775806]\""
    );
    assert_eq!(end("9_223_372_036_854_775_804", most), too_many);
}

/// `cargo xtask planted` plants them; what they are made against must still be there.
#[test]
fn every_fault_can_still_be_planted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let patches: Vec<_> = fs::read_dir(root.join("tests/planted"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(patches.len() >= 20, "{} faults", patches.len());
    for patch in patches {
        let mut apply = Command::new("git");
        let output = apply.args(["apply", "--check"]).arg(&patch).current_dir(root).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: make it anew\n{said}", patch.display());
    }
}
