//! `quarantine_file`: the file is away and nothing runs from it, also when parts of it
//! fail.

use std::collections::BTreeSet;

use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::value::{Hash, Value};
use rye_engine::entry::RunOutcome;
use rye_engine::sim::{Sim, World};

use crate::{beginning, check_history, dies_anywhere, end, outcome, play, sample};

const NAME: &str = "quarantine_file";

/// A machine on which so many processes run from the file.
#[derive(Debug)]
struct Machine {
    running: BTreeSet<i64>,
    file_is_there: bool,
    /// Processes that can't be killed.
    immortal: BTreeSet<i64>,
    content: &'static str,
    told: Vec<String>,
}

const FOUND: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn machine(processes: i64) -> Machine {
    Machine {
        running: (1..=processes).collect(),
        file_is_there: true,
        immortal: BTreeSet::new(),
        content: FOUND,
        told: Vec::new(),
    }
}

fn record(name: &str, fields: &[(&str, Value)]) -> Value {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone()));
    Value::Record { name: name.into(), fields: fields.collect() }
}

fn process(pid: i64) -> Value {
    let parts = [
        ("host", Value::text("web-1.example.net")),
        ("pid", Value::text(pid.to_string())),
        ("started", Value::text("7")),
    ];
    Value::asset("HostProcess", record("HostProcess", &parts))
}

fn details(pid: i64) -> Value {
    let parts = [
        ("process", process(pid)),
        ("parent", Value::Int(1)),
        ("account", Value::text("www-data")),
        ("program", Value::text("/var/www/uploads/shell.php")),
        ("command", Value::text("shell.php")),
    ];
    record("ProcessDetails", &parts)
}

fn pid(value: &Value) -> i64 {
    let pid = value.bare().field("pid").map(ToString::to_string);
    pid.and_then(|pid| pid.parse().ok()).expect("a process has a number")
}

impl World for Machine {
    fn invoke(&mut self, request: &Request) -> Ending {
        let argument = |name: &str| request.call.argument(name).cloned().unwrap_or(Value::None);
        Ending::Done(match &*request.call.action {
            "std.host.process.running" => Value::list(self.running.iter().copied().map(details)),
            "std.host.process.is_running" => {
                Value::Bool(self.running.contains(&pid(&argument("process"))))
            }
            "std.host.process.kill" => {
                let pid = pid(&argument("process"));
                if self.immortal.contains(&pid) {
                    return Ending::refused(ErrorKind::Denied, "not permitted");
                }
                self.running.remove(&pid);
                Value::None
            }
            "std.host.file.quarantine" if self.content != FOUND => {
                return Ending::refused(ErrorKind::Conflict, "the file has another content");
            }
            "std.host.file.quarantine" => {
                self.file_is_there = false;
                Value::None
            }
            "std.host.file.restore" => {
                self.file_is_there = true;
                Value::None
            }
            "std.host.file.is_quarantined" => Value::Bool(!self.file_is_there),
            "std.host.evidence.collect" => {
                let digest = Hash::parse(FOUND).expect("a digest");
                let parts = [
                    ("path", Value::text("/var/lib/rye/evidence/1.tar")),
                    ("digest", Value::Hash(digest)),
                    ("bytes", Value::Int(7)),
                    ("warnings", Value::list([])),
                ];
                record("EvidenceArchive", &parts)
            }
            notice if notice.starts_with("std.notify.") => {
                self.told.push(argument("text").to_string());
                Value::None
            }
            other => panic!("{other} is not declared for this playbook"),
        })
    }
}

#[test]
fn the_file_is_away_and_what_ran_is_killed() {
    let mut sim = play(NAME, machine(2));
    sim.start(&beginning(NAME, 1, &sample(NAME))).expect("the input fits");
    check_history(&sim);
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    assert!(!sim.world.file_is_there && sim.world.running.is_empty());
}

#[test]
fn what_can_not_be_killed_is_told_and_the_file_stays_away() {
    let mut world = machine(2);
    world.immortal.insert(1);
    let mut sim = play(NAME, world);
    sim.start(&beginning(NAME, 1, &sample(NAME))).expect("the input fits");
    check_history(&sim);
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    assert!(!sim.world.file_is_there);
    assert!(sim.world.told.iter().any(|text| text.contains("still runs")), "{:?}", sim.world.told);
}

#[test]
fn another_content_and_too_many_processes_wait_for_a_person() {
    for world in [Machine { content: "", ..machine(0) }, machine(6)] {
        let changed = world.content.is_empty();
        let mut sim = play(NAME, world);
        sim.start(&beginning(NAME, 1, &sample(NAME))).expect("the input fits");
        check_history(&sim);
        assert_eq!(outcome(&sim, 1), None, "held");
        assert_eq!(sim.world.file_is_there, changed);
        assert_eq!(sim.world.running.len(), if changed { 0 } else { 6 });
    }
}

#[test]
fn a_death_anywhere_leaves_the_same_machine() {
    let seen =
        |sim: &Sim<Machine>| (sim.world.file_is_there, sim.world.running.clone(), end(sim, 1));
    dies_anywhere(|| play(NAME, machine(2)), &beginning(NAME, 1, &sample(NAME)), seen);
}
