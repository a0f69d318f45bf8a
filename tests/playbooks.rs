//! Every shipped playbook: it checks without a word, compiles to what can be
//! proved, and does what its README says, in a simulated world, with real
//! alerts, wherever the process dies.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on must fail, and say why"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rye_compiler::{Checked, Source, check};
use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::id::RunId;
use rye_core::mode::Mode;
use rye_core::value::{Cidr, Duration, Value};
use rye_engine::audit::Audit;
use rye_engine::engine::{Beginning, Site, WaitsFor};
use rye_engine::entry::RunOutcome;
use rye_engine::guardrail::Protected;
use rye_engine::run::Phase;
use rye_engine::sim::{Sim, World};
use rye_vm::Program;

const BUNDLE: Digest = Digest([1; 32]);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("playbooks")
}

/// Every shipped playbook: its name and its source.
fn shipped() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder()).expect("playbooks/") {
        let path = entry.expect("an entry").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            let source = path.join(format!("{name}.rye"));
            found.push((name.to_string(), fs::read_to_string(source).expect("a source")));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no playbook is shipped");
    found
}

fn checked(name: &str, text: &str) -> Checked {
    let interfaces: Vec<Source<'_>> = rye_stdlib::INTERFACES
        .iter()
        .map(|(module, text)| Source { module, path: module, text })
        .collect();
    check(&[Source { module: name, path: name, text }], &interfaces)
}

fn program(name: &str, text: &str) -> Arc<Program> {
    let compiled =
        rye_compiler::compile(&checked(name, text)).unwrap_or_else(|error| panic!("{error}"));
    Program::new(compiled.module)
}

#[test]
fn every_playbook_checks_without_a_word_and_compiles_twice_to_the_same() {
    for (name, text) in shipped() {
        let checked = checked(&name, &text);
        assert_eq!(checked.diagnostics, [], "{name}");
        let once = rye_compiler::compile(&checked).expect("it compiles");
        let twice = rye_compiler::compile(&checked).expect("it compiles");
        assert_eq!(*once.module, *twice.module, "{name}");
    }
}

#[test]
fn every_playbook_has_a_page_and_an_input() {
    for (name, _) in shipped() {
        let folder = folder().join(&name);
        assert!(folder.join("README.md").exists(), "{name} has no page");
        assert!(folder.join("alert.json").exists(), "{name} has no sample input");
        let list = fs::read_to_string(folder.join("../README.md")).expect("playbooks/README.md");
        assert!(list.contains(&format!("({name}/README.md)")), "{name} is not in the list");
    }
}

/// The network of the alerts: what is blocked, and what people were told.
#[derive(Debug, Default)]
struct Edge {
    blocked: BTreeSet<String>,
    told: Vec<(String, String)>,
    calls: Vec<String>,
    refuse: BTreeMap<String, Ending>,
}

impl World for Edge {
    fn invoke(&mut self, request: &Request) -> Ending {
        let verb = request.call.action.to_string();
        self.calls.push(verb.clone());
        if let Some(ending) = self.refuse.get(&verb) {
            return ending.clone();
        }
        let first = request.call.arguments.first().map(|(_, value)| value.to_string());
        let first = first.unwrap_or_default();
        match verb.as_str() {
            "std.firewall.block" => {
                self.blocked.insert(first);
            }
            "std.firewall.unblock" => {
                self.blocked.remove(&first);
            }
            "std.firewall.is_blocked" => {
                return Ending::Done(Value::Bool(self.blocked.contains(&first)));
            }
            "std.firewall.end_flows" => return Ending::Done(Value::Int(3)),
            "std.notify.analysts" | "std.notify.oncall" => self.told.push((verb, first)),
            other => panic!("{other} is not declared for this playbook"),
        }
        Ending::Done(Value::None)
    }
}

fn scanner() -> Sim<Edge> {
    let text =
        fs::read_to_string(folder().join("contain_scanner/contain_scanner.rye")).expect("a source");
    let protected = Protected::default();
    let site = Site { protected, undo_patience: Duration::from_secs(900) };
    let mut sim = Sim::new(site, Edge::default());
    sim.add_program(BUNDLE, program("contain_scanner", &text));
    sim
}

fn alerts() -> Vec<String> {
    let text = fs::read_to_string(folder().join("contain_scanner/alerts.jsonl")).expect("alerts");
    text.lines().map(String::from).collect()
}

fn beginning(number: u8, event: &str) -> Beginning {
    let home = Cidr::parse("198.51.100.0/24").expect("a block");
    Beginning {
        run: RunId([number; 16]),
        bundle: BUNDLE,
        playbook: 0,
        mode: Mode::Enforce,
        starter: "test".into(),
        settings: vec![Value::Cidr(home), Value::Int(2)],
        input: format!("{{\"event\": {event}}}").into_bytes().into(),
    }
}

fn outcome(sim: &Sim<Edge>, number: u8) -> Option<RunOutcome> {
    match &sim.engine().runs()[&RunId([number; 16])].phase {
        Phase::Ended { outcome, .. } => Some(*outcome),
        _ => None,
    }
}

fn check_history(sim: &Sim<Edge>) {
    let mut audit = Audit::default();
    for entry in sim.entries() {
        assert_eq!(audit.check(&entry), None, "{entry:?}");
    }
    for id in sim.engine().runs().keys() {
        let waits = sim.engine().waits_for(*id);
        assert!(!matches!(waits, Some(WaitsFor::Nothing | WaitsFor::Adapter)), "{waits:?}");
    }
}

#[test]
fn every_real_alert_blocks_the_stranger_and_never_one_of_ours() {
    let mut sim = scanner();
    let alerts = alerts();
    assert_eq!(alerts.len(), 35);
    for (number, alert) in (1..).zip(&alerts) {
        sim.start(&beginning(number, alert)).expect("the alert fits");
        assert_eq!(outcome(&sim, number), Some(RunOutcome::Contained), "{alert}");
    }
    check_history(&sim);
    let expected =
        ["192.0.2.66", "203.0.113.21", "203.0.113.33", "203.0.113.7", "203.0.113.8", "203.0.113.9"];
    assert_eq!(sim.world.blocked.iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    let blocks = sim.world.calls.iter().filter(|verb| *verb == "std.firewall.block").count();
    assert_eq!(blocks, expected.len(), "a duplicate blocks nothing again");
    sim.pass(Duration::from_secs(3_700));
    assert!(sim.world.blocked.is_empty(), "every block ends after its hour");
}

#[test]
fn an_alert_between_two_of_ours_wakes_somebody_and_blocks_nobody() {
    let mut sim = scanner();
    let alert = alerts()[0].replace("203.0.113.7", "198.51.100.77");
    sim.start(&beginning(1, &alert)).expect("the alert fits");
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Escalated));
    assert!(sim.world.blocked.is_empty());
    assert_eq!(sim.world.told.len(), 1);
    assert_eq!(sim.world.told[0].0, "std.notify.oncall");
}

#[test]
fn a_mild_alert_is_only_told() {
    let mut sim = scanner();
    let alert = alerts()[0].replace("\"severity\":1", "\"severity\":3");
    sim.start(&beginning(1, &alert)).expect("the alert fits");
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Benign));
    assert!(sim.world.blocked.is_empty());
    assert_eq!(sim.world.told.len(), 1);
}

#[test]
fn connections_that_can_not_be_ended_do_not_lift_the_block() {
    let mut sim = scanner();
    let refused = Ending::refused(rye_core::error::ErrorKind::Denied, "not permitted");
    sim.world.refuse.insert(String::from("std.firewall.end_flows"), refused);
    sim.start(&beginning(1, &alerts()[0])).expect("the alert fits");
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    assert_eq!(sim.world.blocked.len(), 1);
    assert!(sim.world.told[0].1.contains("could not be ended"), "{:?}", sim.world.told);
}

#[test]
fn a_death_anywhere_leaves_one_block_and_the_same_end() {
    let alert = &alerts()[0];
    let mut alive = scanner();
    alive.start(&beginning(1, alert)).expect("the alert fits");
    for at in 0..alive.points().len() {
        let mut sim = scanner();
        sim.die_at([at]);
        sim.start(&beginning(1, alert)).expect("the alert fits");
        check_history(&sim);
        assert_eq!(sim.world.blocked, alive.world.blocked, "death {at}");
        assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained), "death {at}");
    }
}
