//! `contain_scanner`, with real alerts of Suricata.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::error::ErrorKind;
use rye_core::id::{KeyId, RunId};
use rye_core::value::{Duration, Value};
use rye_engine::engine::{Beginning, Message, StartError, Verb};
use rye_engine::entry::{RunOutcome, Said};
use rye_engine::sim::{Interruption, Sim, World};

use crate::{beginning, check_history, dies_anywhere, end, folder, outcome, play};

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

const NAME: &str = "contain_scanner";

fn scanner() -> Sim<Edge> {
    play(NAME, Edge::default())
}

fn alerts() -> Vec<String> {
    let text = fs::read_to_string(folder().join(NAME).join("alerts.jsonl")).expect("alerts");
    text.lines().map(String::from).collect()
}

fn alerted(number: u8, event: &str) -> Beginning {
    beginning(NAME, number, &format!("{{\"event\": {event}}}"))
}

#[test]
fn every_real_alert_blocks_the_stranger_and_never_one_of_ours() {
    let mut sim = scanner();
    let alerts = alerts();
    assert_eq!(alerts.len(), 35);
    for (number, alert) in (1..).zip(&alerts) {
        sim.start(&alerted(number, alert)).expect("the alert fits");
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
    sim.start(&alerted(1, &alert)).expect("the alert fits");
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Escalated));
    assert!(sim.world.blocked.is_empty());
    assert_eq!(sim.world.told.len(), 1);
    assert_eq!(sim.world.told[0].0, "std.notify.oncall");
}

#[test]
fn a_mild_alert_is_only_told() {
    let mut sim = scanner();
    let alert = alerts()[0].replace("\"severity\":1", "\"severity\":3");
    sim.start(&alerted(1, &alert)).expect("the alert fits");
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Benign));
    assert!(sim.world.blocked.is_empty());
    assert_eq!(sim.world.told.len(), 1);
}

#[test]
fn connections_that_can_not_be_ended_do_not_lift_the_block() {
    let mut sim = scanner();
    let refused = Ending::refused(ErrorKind::Denied, "not permitted");
    sim.world.refuse.insert(String::from("std.firewall.end_flows"), refused);
    sim.start(&alerted(1, &alerts()[0])).expect("the alert fits");
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    assert_eq!(sim.world.blocked.len(), 1);
    assert!(sim.world.told[0].1.contains("could not be ended"), "{:?}", sim.world.told);
}

#[test]
fn a_death_anywhere_leaves_one_block_and_the_same_end() {
    let seen = |sim: &Sim<Edge>| (sim.world.blocked.clone(), end(sim, 1));
    dies_anywhere(scanner, &alerted(1, &alerts()[0]), seen);
}

/// Whatever is said, or ends, at any point, with a death close behind: what is blocked
/// is recorded, and what was wanted came.
#[test]
fn a_word_or_an_end_anywhere_leaves_no_block_that_nobody_knows_of() {
    let alert = &alerts()[0];
    let mut alive = scanner();
    alive.start(&alerted(1, alert)).expect("the alert fits");
    let run = RunId([1; 16]);
    let halt = || Verb::Halt { reason: "stop".into() };
    let say = |run, verb| {
        let by = Said { key: KeyId([5; 32]), message: Digest([9; 32]) };
        Interruption::Say(Box::new(Message { run, verb, by, owner: "ann".into() }))
    };
    let words = [
        say(run, Verb::Cancel { undo: true }),
        say(run, Verb::Cancel { undo: false }),
        say(run, halt()),
        say(RunId::default(), halt()),
        Interruption::Pass(Duration::from_secs(3_700)),
    ];
    for at in 0..alive.points().len() {
        for (word, later) in words.iter().flat_map(|word| [(word, None), (word, Some(1))]) {
            let mut sim = scanner();
            sim.interrupt_at(at, word.clone());
            sim.die_at(later.map(|later| at + later));
            match sim.start(&alerted(1, alert)) {
                Ok(()) => check_history(&sim),
                Err(StartError::Halted(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
            let runs = sim.engine().runs();
            let held: usize = runs.values().map(|run| run.records().count()).sum();
            assert!(sim.world.blocked.len() <= held, "{word:?} at {at}: {:?}", sim.world.blocked);
            let is_cancelled =
                runs.get(&run).is_some() && outcome(&sim, 1) == Some(RunOutcome::Cancelled);
            if is_cancelled
                && matches!(word, Interruption::Say(it) if it.verb == Verb::Cancel { undo: true })
            {
                assert!(sim.world.blocked.is_empty(), "{word:?} at {at}");
            }
        }
    }
}
