//! `guard_trip_triage`: every decision, with its reason in the outcome.

use std::collections::BTreeSet;

use rye_core::adapter::{Ending, Request};
use rye_core::value::{Time, Value};
use rye_engine::entry::RunOutcome;
use rye_engine::sim::{Sim, World};

use crate::story::{Odd, Scene, Story};
use crate::{beginning, check_history, end, play, sample};

const NAME: &str = "guard_trip_triage";

/// A deployment system.
#[derive(Debug)]
pub(crate) struct Deployments {
    version: String,
    /// The call that took a deployment back.
    taken_back: Option<String>,
    maintenance: bool,
    /// What has to wait at the site now, if anything does.
    waits: Option<&'static str>,
    /// Whether it answers questions.
    answers: bool,
    last: Option<(&'static str, &'static str)>,
    told: usize,
}

fn deployments() -> Deployments {
    let last = Some(("1.4.1", "1.4.0"));
    Deployments {
        version: "1.4.1".into(),
        taken_back: None,
        maintenance: false,
        waits: None,
        answers: true,
        last,
        told: 0,
    }
}

fn deployment((version, before): &(&str, &str)) -> Value {
    let fields = [
        ("version", Value::text(version)),
        ("before", Value::text(before)),
        ("at", Value::Time(Time(0))),
        ("by", Value::text("ann")),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Value::Record { name: "Deployment".into(), fields }
}

/// A maintenance that keeps `what`.
fn window(what: &str) -> Value {
    let fields = [
        ("name", Value::text("new switches")),
        ("what", Value::list([Value::text(what)])),
        ("until", Value::Time(Time(1_767_232_800_000_000))),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Value::Record { name: "Maintenance".into(), fields }
}

impl Scene for Deployments {
    fn stands(&self) -> BTreeSet<String> {
        self.taken_back.iter().cloned().collect()
    }
}

impl World for Deployments {
    fn invoke(&mut self, request: &Request) -> Ending {
        let argument = |name: &str| request.call.argument(name).cloned().unwrap_or(Value::None);
        Ending::Done(match &*request.call.action {
            "std.clock.now" => Value::Time(Time(1_767_225_600_000_000)),
            "std.clock.maintenance" => Value::list(self.waits.iter().map(|what| window(what))),
            "site.deploy.in_maintenance" | "site.deploy.deployments" if !self.answers => {
                return Ending::NotSent("nobody answers".into());
            }
            "site.deploy.in_maintenance" => Value::Bool(self.maintenance),
            "site.deploy.deployments" => Value::list(self.last.iter().map(deployment)),
            "site.deploy.current_version" => Value::text(&self.version),
            "site.deploy.run_version" => {
                self.version = argument("version").to_string();
                let is_undo = request.undoes.is_some();
                self.taken_back = (!is_undo).then(|| request.call.to_string());
                Value::None
            }
            notice if notice.starts_with("std.notify.") => {
                self.told += 1;
                Value::None
            }
            other => panic!("{other} is not declared for this playbook"),
        })
    }
}

fn triaged(world: Deployments, input: &str) -> Sim<Deployments> {
    let mut sim = play(NAME, world);
    sim.start(&beginning(NAME, 1, input)).expect("the input fits");
    check_history(&sim);
    sim
}

fn with(from: &str, to: &str) -> String {
    let sample = sample(NAME);
    assert!(sample.contains(from), "{from}");
    sample.replace(from, to)
}

#[test]
fn each_decision_is_made_for_its_reason() {
    let risk = |risk: &str| with("0.91", risk);
    let cases = [
        (deployments(), risk("0.91"), RunOutcome::Contained, "1.4.1 was taken back", "1.4.0"),
        (deployments(), risk("0.3"), RunOutcome::Benign, "a risk of 0.3 is low", "1.4.1"),
        (deployments(), risk("0.7"), RunOutcome::Escalated, "to be watched", "1.4.1"),
        (
            Deployments { maintenance: true, ..deployments() },
            risk("0.91"),
            RunOutcome::Benign,
            "maintenance is announced",
            "1.4.1",
        ),
        (
            Deployments { last: None, ..deployments() },
            risk("0.91"),
            RunOutcome::Escalated,
            "nothing was deployed",
            "1.4.1",
        ),
        (
            Deployments { answers: false, ..deployments() },
            risk("0.91"),
            RunOutcome::Escalated,
            "nothing was deployed",
            "1.4.1",
        ),
        (
            Deployments { waits: Some("site.deploy"), ..deployments() },
            risk("0.91"),
            RunOutcome::Escalated,
            "maintenance keeps it from being taken back",
            "1.4.1",
        ),
        (
            Deployments { waits: Some("Workload"), ..deployments() },
            risk("0.91"),
            RunOutcome::Escalated,
            "maintenance keeps it from being taken back",
            "1.4.1",
        ),
        (
            Deployments { waits: Some("site.dep"), ..deployments() },
            risk("0.91"),
            RunOutcome::Contained,
            "1.4.1 was taken back",
            "1.4.0",
        ),
        (
            deployments(),
            with("\"missed_heartbeats\": 0", "\"missed_heartbeats\": 4"),
            RunOutcome::Escalated,
            "4 heartbeats were missed",
            "1.4.1",
        ),
    ];
    for (world, input, outcome, reason, version) in cases {
        let sim = triaged(world, &input);
        let (ended, text) = end(&sim, 1).expect("it ends");
        assert_eq!(ended, outcome, "{text}");
        assert!(text.contains(reason), "{text}");
        assert_eq!(sim.world.version, version, "{text}");
    }
}

/// What can become of a trip.
pub(crate) fn stories() -> Vec<Story<Deployments>> {
    let story = |name, risk, ends| Story {
        input: with("0.91", risk),
        ..Story::new(name, NAME, deployments, ends)
    };
    let contained = Some(RunOutcome::Contained);
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, "0.91", ends) };
    vec![
        story("taken back", "0.91", contained),
        story("noise", "0.3", Some(RunOutcome::Benign)),
        story("watched", "0.7", Some(RunOutcome::Escalated)),
        odd("not taken back", Odd::refused("site.deploy.run_version"), None),
        odd("the answer is lost", Odd::lost("site.deploy.run_version"), contained),
        odd("it lies", Odd::lie("site.deploy.run_version"), None),
        odd("nobody is there", Odd::not_there("site.deploy.run_version", 1), contained),
        Story {
            protected: vec![("Workload", Value::text("checkout"))],
            ..story("protected", "0.91", None)
        },
    ]
}
