//! The shell over a real journal in a temporary folder, with adapters that record
//! what they are asked and behave as a test says.

mod abuse;
mod alerts;
mod bytecode;
mod exhaustion;
mod guards;
mod harm;
mod message;
mod restore;
mod smuggling;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use rye_core::adapter::{Adapter, Request};
use rye_core::mode::Mode;
use rye_core::value::Value;
use rye_journal::verify::Expectation;

use super::*;
use crate::adapters::Adapters;
use crate::fixture::{ALICE, CONTAIN, Folder, payload, registry, signed};
use crate::protect::Surroundings;
use crate::summary::State;

/// What an adapter does with a call, instead of what the world would do.
type Behaviour = dyn Fn(&Request) -> Option<Ending> + Send + Sync;

/// The world: which addresses are blocked, and what was asked of it.
#[derive(Default)]
struct World {
    blocked: Mutex<BTreeSet<String>>,
    calls: Mutex<Vec<String>>,
    behave: Mutex<Option<Arc<Behaviour>>>,
}

impl World {
    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    fn count(&self, verb: &str) -> usize {
        self.calls().iter().filter(|call| call.as_str() == verb).count()
    }

    fn behave(&self, behaviour: impl Fn(&Request) -> Option<Ending> + Send + Sync + 'static) {
        *self.behave.lock().unwrap() = Some(Arc::new(behaviour));
    }

    fn blocked(&self) -> Vec<String> {
        self.blocked.lock().unwrap().iter().cloned().collect()
    }
}

/// One face of the world: an adapter of one module.
struct Face(Arc<World>);

impl Adapter for Face {
    fn invoke(&self, request: &Request) -> Ending {
        let verb = request.call.action.rsplit('.').next().unwrap_or_default();
        self.0.calls.lock().unwrap().push(verb.to_owned());
        let behaviour = self.0.behave.lock().unwrap().clone();
        if let Some(ending) = behaviour.and_then(|behaviour| behaviour(request)) {
            return ending;
        }
        let address = request.call.argument("address").map(ToString::to_string).unwrap_or_default();
        let mut blocked = self.0.blocked.lock().unwrap();
        match verb {
            "is_blocked" => Ending::Done(Value::Bool(blocked.contains(&address))),
            "block" => {
                blocked.insert(address);
                Ending::Done(Value::None)
            }
            "unblock" => {
                blocked.remove(&address);
                Ending::Done(Value::None)
            }
            _ => Ending::Done(Value::None),
        }
    }
}

/// A door that calls wait at until somebody opens it.
#[derive(Default)]
struct Door(Mutex<bool>, Condvar);

impl Door {
    fn wait(&self) {
        let mut open = self.0.lock().unwrap();
        while !*open {
            open = self.1.wait(open).unwrap();
        }
    }

    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

/// A site with one bundle and a world.
struct Play {
    folder: Folder,
    world: Arc<World>,
    lines: Arc<Mutex<Vec<String>>>,
    site: String,
    operators: bool,
}

impl Play {
    fn new() -> Self {
        Self::of(CONTAIN)
    }

    /// A site whose bundle has the module that `assembler` describes.
    fn of(assembler: &str) -> Self {
        let folder = Folder::new();
        folder.write("contain.ryeb", &signed(&payload(assembler), ALICE));
        folder.write("input.json", br#"{"address": "203.0.113.7"}"#);
        let site = String::from("[mode]\ncontain = \"enforce\"\n");
        Self { folder, world: Arc::default(), lines: Arc::default(), site, operators: false }
    }

    fn parts(&self) -> Parts {
        let loader = self.folder.loader(registry(&payload(CONTAIN)));
        self.parts_with(Folder::site(&self.site), loader)
    }

    fn parts_with(&self, site: Site, loader: Loader) -> Parts {
        let face = || -> Box<dyn Adapter> { Box::new(Face(self.world.clone())) };
        let adapters = BTreeMap::from([("std.firewall", face()), ("std.notify", face())]);
        let lines = self.lines.clone();
        Parts {
            site,
            loader,
            adapters: Adapters::new(adapters),
            operators: self.operators,
            surroundings: Surroundings {
                listed: Folder::site(&self.site).protected,
                ..Surroundings::default()
            },
            clock: Clock::new().unwrap(),
            observe: Box::new(move |line| lines.lock().unwrap().push(line.text)),
        }
    }

    fn store(&self) -> std::path::PathBuf {
        self.folder.path("store")
    }

    fn shell(&self) -> Shell {
        Shell::open(&self.store(), true, self.parts()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            bundle: self.folder.path("contain.ryeb"),
            playbook: String::from("contain"),
            input: self.folder.path("input.json"),
            mode: Mode::Enforce,
            key: None,
            starter: String::from("a test"),
        }
    }

    /// Starts a run and waits for it.
    fn play(&self, shell: &mut Shell) -> RunSummary {
        let started = shell.start(&self.wanted()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Reached);
        shell.summary(started.run).unwrap()
    }

    fn lines(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// The journal as an auditor sees it.
fn audit(store: &Path) {
    let report =
        rye_journal::verify::verify(store, &Expectation::default(), &mut |_| None).unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
}

#[test]
fn a_run_contains_tells_and_ends_and_the_journal_proves_it() {
    let play = Play::new();
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    assert!(run.is_well(), "{run:?}");
    assert_eq!(run.standing.len(), 1);
    assert!(run.standing[0].until.is_some_and(|until| until > run.began));
    assert_eq!((run.undelivered, play.world.blocked()), (0, vec![String::from("203.0.113.7")]));
    assert_eq!(play.world.calls(), ["is_blocked", "is_blocked", "block", "analysts"]);
    drop(shell);
    audit(&play.store());
    let lines = play.lines();
    for expected in [
        "loaded bundle soc/contain version 7",
        "started contain in enforce mode, for a test",
        "asked std.firewall.is_blocked(address: 203.0.113.7): false",
        "doing std.firewall.block(address: 203.0.113.7, reason: \"it scans\")",
        "std.firewall.block(address: 203.0.113.7, reason: \"it scans\"): done",
        "over: contained: the scanner is cut off",
        "delivered std.notify.analysts(text: \"blocked\")",
    ] {
        assert!(lines.contains(expected), "{expected}\n{lines}");
    }
}

#[test]
fn in_shadow_mode_the_world_is_read_and_not_touched() {
    let mut play = Play::new();
    play.site = String::new();
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    assert_eq!((run.mode, run.is_well()), (Mode::Shadow, true));
    assert!(run.standing.is_empty() && play.world.blocked().is_empty());
    assert_eq!(play.world.count("block") + play.world.count("analysts"), 0);
    assert!(play.lines().contains("would do std.firewall.block"), "{}", play.lines());
}

#[test]
fn what_is_protected_holds_the_run_and_is_not_touched() {
    let mut play = Play::new();
    play.site.push_str("[protected.networks]\n\"203.0.113.0/24\" = \"our partner\"\n");
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    let State::Held { reason, answers, .. } = &run.state else { panic!("{run:?}") };
    assert!(reason.contains("203.0.113.7 is protected (our partner)"), "{reason}");
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert_eq!(play.world.count("block"), 0);
}

#[test]
fn one_key_is_one_run() {
    let play = Play::new();
    let mut shell = play.shell();
    let mut wanted = play.wanted();
    wanted.key = Some(String::from("alert 17"));
    let first = shell.start(&wanted).unwrap();
    shell.run(Until::Run(first.run)).unwrap();
    drop(shell);
    let mut shell = play.shell();
    let second = shell.start(&wanted).unwrap();
    assert_eq!((second.run, second.before), (first.run, true));
    assert_eq!(shell.run(Until::Run(second.run)).unwrap(), Rest::Reached);
    assert_eq!(play.world.count("block"), 1);
    wanted.input = play.folder.write("other.json", br#"{"address": "203.0.113.8"}"#);
    assert!(matches!(shell.start(&wanted), Err(StartError::KeyTaken { run }) if run == first.run));
}

#[test]
fn what_is_wrong_with_a_start_is_told_and_leaves_nothing() {
    let play = Play::new();
    let mut shell = play.shell();
    let said = |shell: &mut Shell, change: &dyn Fn(&mut Wanted)| {
        let mut wanted = play.wanted();
        change(&mut wanted);
        shell.start(&wanted).unwrap_err().to_string()
    };
    let playbook = said(&mut shell, &|wanted| wanted.playbook = "contian".into());
    assert_eq!(playbook, "the bundle has no playbook `contian`\n  help: it has `contain`");
    let missing = said(&mut shell, &|wanted| wanted.input = "nothing.json".into());
    assert!(missing.starts_with("there is no file nothing.json"), "{missing}");
    let input = play.folder.write("wrong.json", br#"{"adress": "203.0.113.7"}"#);
    let wrong = said(&mut shell, &|wanted| wanted.input.clone_from(&input));
    assert!(wrong.ends_with("help: did you mean `address`?"), "{wrong}");
    play.folder.write("contain.ryeb", b"RYEB nothing");
    let bundle = said(&mut shell, &|_| ());
    let refused =
        format!("the bundle {} is refused: E_", play.folder.path("contain.ryeb").display());
    assert!(bundle.starts_with(&refused), "{bundle}");
    assert!(play.lines().contains("refused a bundle: E_"), "{}", play.lines());
    assert!(shell.summaries().is_empty() && play.world.calls().is_empty());
}

#[test]
fn a_second_process_waits_for_the_first_to_end() {
    let play = Play::new();
    let shell = play.shell();
    let error = Shell::open(&play.store(), true, play.parts()).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
    drop(shell);
    assert!(Shell::open(&play.store(), false, play.parts()).is_ok());
    let nowhere = play.folder.path("nowhere");
    assert!(Shell::open(&nowhere, false, play.parts()).unwrap_err().is_no_store());
}

#[test]
fn an_effect_whose_life_is_over_is_taken_back_once_by_whoever_comes_first() {
    let brief = CONTAIN.replace("constant hour: span = 1h", "constant hour: span = 1us");
    let play = Play::of(&brief);
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    assert!(run.is_well(), "{run:?}");
    drop(shell);
    let mut shell = play.shell();
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summary(run.run).unwrap().standing.is_empty());
    assert!(play.world.blocked().is_empty(), "{}", play.lines());
    assert_eq!(play.world.count("unblock"), 1);
    assert!(play.lines().contains("undoing, because its time is over: std.firewall.unblock"));
    drop(shell);
    audit(&play.store());
}
