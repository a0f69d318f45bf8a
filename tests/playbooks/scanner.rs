//! `contain_scanner`, with real alerts of Suricata.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::value::{Duration, Value};
use rye_engine::engine::Beginning;
use rye_engine::entry::RunOutcome;
use rye_engine::sim::{Sim, World};

use crate::story::{Odd, Scene, Story};
use crate::{beginning, check_history, folder, outcome, play};

/// The network of the alerts: what is blocked, and what people were told.
#[derive(Debug, Default)]
pub(crate) struct Edge {
    /// Each with the call that blocked it.
    blocked: BTreeMap<String, String>,
    told: Vec<(String, String)>,
    calls: Vec<String>,
    refuse: BTreeMap<String, Ending>,
}

impl Scene for Edge {
    fn stands(&self) -> BTreeSet<String> {
        self.blocked.values().cloned().collect()
    }
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
                self.blocked.insert(first, request.call.to_string());
            }
            "std.firewall.unblock" => {
                self.blocked.remove(&first);
            }
            "std.firewall.is_blocked" => {
                return Ending::Done(Value::Bool(self.blocked.contains_key(&first)));
            }
            "std.firewall.end_flows" => return Ending::Done(Value::Int(3)),
            "std.notify.analysts" | "std.notify.oncall" => self.told.push((verb, first)),
            // What the engine itself tells those who keep the site going.
            "std.notify.operators" => {}
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
    assert!(sim.world.blocked.keys().eq(&expected), "{:?}", sim.world.blocked);
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

/// What can become of an alert.
pub(crate) fn stories() -> Vec<Story<Edge>> {
    let worst = format!("{{\"event\": {}}}", alerts().first().expect("an alert"));
    let mild = worst.replace("\"severity\":1", "\"severity\":3");
    let ours = worst.replace("203.0.113.7", "198.51.100.77");
    let story = |name, input: &str, ends| Story {
        input: input.into(),
        ..Story::new(name, NAME, Edge::default, ends)
    };
    let contained = Some(RunOutcome::Contained);
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, &worst, ends) };
    let stranger = Value::Ip("203.0.113.7".parse().expect("an address"));
    vec![
        story("blocked", &worst, contained),
        story("only told", &mild, Some(RunOutcome::Benign)),
        story("both ours", &ours, Some(RunOutcome::Escalated)),
        odd("connections stay", Odd::refused("std.firewall.end_flows"), contained),
        odd("not blocked", Odd::refused("std.firewall.block"), None),
        odd("the answer is lost", Odd::lost("std.firewall.block"), contained),
        odd("it lies", Odd::lie("std.firewall.block"), None),
        odd("nobody is there", Odd::not_there("std.firewall.block", 2), contained),
        odd("stuck", Odd::refused("std.firewall.unblock"), contained),
        Story { protected: vec![("Address", stranger)], ..story("protected", &worst, None) },
    ]
}
