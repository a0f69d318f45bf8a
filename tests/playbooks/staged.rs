//! `staged_return`: step by step to full enforcement, and one step back on trouble.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::adapter::{Ending, Request};
use rye_core::value::{Duration, Finite, Value};
use rye_engine::entry::RunOutcome;
use rye_engine::sim::{Sim, World};

use crate::story::{Odd, Scene, Story};
use crate::{beginning, check_history, outcome, play, sample};

const NAME: &str = "staged_return";
const LEVELS: [&str; 4] = ["disabled", "shadow", "monitor", "enforce"];

/// A cluster at a level, and from which level on it is not quiet any more.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    level: usize,
    noisy_from: usize,
    /// Each step that was taken, with the call that took it.
    steps: BTreeMap<usize, String>,
    told: Vec<String>,
}

fn cluster(level: usize, noisy_from: usize) -> Cluster {
    Cluster { level, noisy_from, steps: BTreeMap::new(), told: Vec::new() }
}

fn level(value: &Value) -> usize {
    let Value::Variant { variant, .. } = value else { panic!("{value} is no level") };
    LEVELS.iter().position(|level| **level == **variant).expect("a level")
}

impl Scene for Cluster {
    fn stands(&self) -> BTreeSet<String> {
        self.steps.values().cloned().collect()
    }
}

impl World for Cluster {
    fn invoke(&mut self, request: &Request) -> Ending {
        let argument = |name: &str| request.call.argument(name).cloned().unwrap_or(Value::None);
        Ending::Done(match &*request.call.action {
            "site.enforcer.enforcement" => Value::Variant {
                name: "Enforcement".into(),
                variant: LEVELS.get(self.level).copied().unwrap_or("none").into(),
                payload: [].into(),
            },
            "site.enforcer.reject_rate" => {
                let rate = if self.level >= self.noisy_from { 0.5 } else { 0.0 };
                Value::Float(Finite::new(rate).expect("a finite number"))
            }
            "site.enforcer.enforce" => {
                self.level = level(&argument("level"));
                self.steps.retain(|step, _| *step <= self.level);
                if request.undoes.is_none() {
                    self.steps.insert(self.level, request.call.to_string());
                }
                Value::None
            }
            notice if notice.starts_with("std.notify.") => {
                self.told.push(argument("text").to_string());
                Value::None
            }
            other => panic!("{other} is not declared for this playbook"),
        })
    }
}

fn returned(from: usize, noisy_from: usize) -> Sim<Cluster> {
    let mut sim = play(NAME, cluster(from, noisy_from));
    sim.start(&beginning(NAME, 1, &sample(NAME))).expect("the input fits");
    check_history(&sim);
    sim
}

#[test]
fn a_quiet_cluster_enforces_again_from_wherever_it_stands() {
    for from in 0..LEVELS.len() {
        let sim = returned(from, LEVELS.len());
        assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained), "from {from}");
        assert_eq!(sim.world.level, 3, "from {from}");
        assert_eq!(sim.world.told.len(), 3 - from, "a word for each step");
    }
}

#[test]
fn trouble_takes_it_exactly_one_step_back() {
    for noisy in 1..LEVELS.len() {
        let sim = returned(0, noisy);
        assert_eq!(outcome(&sim, 1), Some(RunOutcome::Escalated), "noisy from {noisy}");
        assert_eq!(sim.world.level, noisy - 1, "noisy from {noisy}");
        let last = sim.world.told.last().expect("somebody is told");
        assert!(last.contains("one step back"), "{last}");
    }
}

/// What can become of a return. Three hours of trouble are too many looks for this.
pub(crate) fn stories() -> Vec<Story<Cluster>> {
    let story = |name, world, ends| Story {
        settings: vec![("calm", Value::Duration(Duration::from_secs(60)))],
        ..Story::new(name, NAME, world, Some(ends))
    };
    let quiet: fn() -> Cluster = || cluster(2, 9);
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, quiet, ends) };
    vec![
        story("quiet", quiet, RunOutcome::Contained),
        odd("it lies", Odd::lie("site.enforcer.enforce"), RunOutcome::Escalated),
        story("two steps", || cluster(1, 9), RunOutcome::Contained),
        odd("refused", Odd::refused("site.enforcer.enforce"), RunOutcome::Escalated),
        odd("the answer is lost", Odd::lost("site.enforcer.enforce"), RunOutcome::Contained),
    ]
}
