//! Whoever can do the workloads of a machine. Each answer is compared with that of
//! plain Rust before anything is timed.

use core::any::Any;

use crate::plain;
use crate::workload::{self, Alert, Block, FUNCTIONS, GREETED, Host};

/// Which mixing of integers an engine can do in W3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// 64 bits that wrap around.
    Wide,
    /// 32 bits, for those whose integers don't wrap.
    Narrow,
}

/// One engine. What it can't express it doesn't do: the cell stays empty.
///
/// What loads is done once and not timed.
pub trait Engine {
    /// How the table calls it: `wasmi 2.0 + fuel`.
    fn name(&self) -> &'static str;

    /// W1: takes the alerts over as its own values. Whether it can.
    fn load_alerts(&mut self, alerts: &[Alert]) -> bool {
        let _ = alerts;
        false
    }

    /// W1: the decision on an alert that was taken over, written to `decision`.
    fn triage(&mut self, alert: usize, decision: &mut String) {
        let _ = (alert, decision);
    }

    /// W1 from JSON: an alert as the text that the engine is handed.
    fn alert_json(&self, alert: &Alert) -> String {
        serde_json::to_string(alert).expect("an alert is JSON")
    }

    /// W1 from JSON: the same decision on an alert's text. Whether it can.
    fn triage_json(&mut self, json: &str, decision: &mut String) -> bool {
        let _ = (json, decision);
        false
    }

    /// W2: takes the fleet over as its own values. Whether it can.
    fn load_fleet(&mut self, hosts: &[Host], blocks: &[Block]) -> bool {
        let _ = (hosts, blocks);
        false
    }

    /// W2: the first addresses of the networks with more than three hosts of severity 7
    /// or more, in one of the blocks, tagged `prod`; the fullest first.
    fn fleet(&mut self, networks: &mut Vec<u32>) {
        let _ = networks;
    }

    /// W3: which mixing it can do.
    fn mix_kind(&self) -> Option<Mix> {
        None
    }

    /// W3: so many rounds.
    fn mix(&mut self, rounds: u64) -> u64 {
        rounds
    }

    /// W4: a fresh instance of a program that is compiled already, isolated from all
    /// others, greets: the length of `ok:` and the name.
    fn greet(&mut self, name: &str) -> Option<usize> {
        let _ = name;
        None
    }

    /// The same instance, kept alive after it has greeted.
    fn instance(&mut self, name: &str) -> Option<Box<dyn Any>> {
        let _ = name;
        None
    }

    /// W5: what is handed to [`Engine::compile`]: as many functions as these, each of
    /// about 30 lines, none equal to another.
    fn source(&self, functions: usize) -> Option<Vec<u8>> {
        let _ = functions;
        None
    }

    /// W5: compiles to what would be executed.
    fn compile(&mut self, source: &[u8]) {
        let _ = source;
    }
}

/// Which workloads an engine does, all of them rightly.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each workload")]
pub struct Abilities {
    /// W1.
    pub triage: bool,
    /// W1 from JSON.
    pub triage_json: bool,
    /// W2.
    pub fleet: bool,
    /// W3.
    pub mix: Option<Mix>,
    /// W4.
    pub greet: bool,
    /// W5.
    pub compile: bool,
}

/// Loads an engine with all workloads and compares all its answers with the right ones.
///
/// # Panics
/// When one is wrong: there is nothing to time then.
pub fn examine(engine: &mut dyn Engine) -> Abilities {
    let name = engine.name();
    let alerts = workload::alerts();
    let mut abilities = Abilities::default();
    let (mut found, mut right) = (String::new(), String::new());
    if engine.load_alerts(&alerts) {
        abilities.triage = true;
        for (index, alert) in alerts.iter().enumerate() {
            right.clear();
            found.clear();
            plain::triage(alert, &mut right);
            engine.triage(index, &mut found);
            assert_eq!(found, right, "{name}: alert {index}");
        }
    }
    for (index, alert) in alerts.iter().enumerate() {
        right.clear();
        found.clear();
        plain::triage(alert, &mut right);
        let json = engine.alert_json(alert);
        abilities.triage_json = engine.triage_json(&json, &mut found);
        if !abilities.triage_json {
            break;
        }
        assert_eq!(found, right, "{name}: alert {index} from JSON");
    }
    let (hosts, blocks) = (workload::hosts(), workload::blocks());
    if engine.load_fleet(&hosts, &blocks) {
        abilities.fleet = true;
        let (mut found, mut right) = (Vec::new(), Vec::new());
        plain::fleet(&hosts, &blocks, &mut right);
        assert!(right.len() > 8, "the fleet must have an answer: {}", right.len());
        engine.fleet(&mut found);
        assert_eq!(found, right, "{name}: fleet");
    }
    abilities.mix = engine.mix_kind();
    if let Some(kind) = abilities.mix {
        for rounds in [0, 1, 1000] {
            assert_eq!(engine.mix(rounds), plain::mix(kind, rounds), "{name}: {rounds} rounds");
        }
    }
    if let Some(length) = engine.greet(GREETED) {
        assert_eq!(length, GREETED.len() + 3, "{name}: greeting");
        abilities.greet = true;
    }
    if let Some(source) = engine.source(FUNCTIONS) {
        engine.compile(&source);
        abilities.compile = true;
    }
    abilities
}
