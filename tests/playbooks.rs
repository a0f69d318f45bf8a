//! Every shipped playbook: it checks without a word, compiles to what can be
//! proved, and does what its README says, in a simulated world, wherever the process
//! dies.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on must fail, and say why"
)]

#[path = "playbooks/everywhere.rs"]
mod everywhere;
#[path = "playbooks/evict.rs"]
mod evict;
#[path = "playbooks/invariants.rs"]
mod invariants;
#[path = "playbooks/machine.rs"]
mod machine;
#[path = "playbooks/quarantine.rs"]
mod quarantine;
#[path = "playbooks/release.rs"]
mod release;
#[path = "playbooks/scanner.rs"]
mod scanner;
#[path = "playbooks/staged.rs"]
mod staged;
#[path = "playbooks/story.rs"]
mod story;
#[path = "playbooks/suspend.rs"]
mod suspend;
#[path = "playbooks/triage.rs"]
mod triage;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use rye_compiler::{Checked, Source, check};
use rye_core::digest::Digest;
use rye_core::id::RunId;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Time, Value};
use rye_engine::audit::Audit;
use rye_engine::engine::{Beginning, Site, WaitsFor};
use rye_engine::entry::{Entry, RunOutcome};
use rye_engine::guardrail::Protected;
use rye_engine::run::Phase;
use rye_engine::sim::{Sim, World};
use rye_tests::interfaces;
use rye_vm::{Machine, Program, Start};

const BUNDLE: Digest = Digest([1; 32]);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("playbooks")
}

/// The names of all shipped playbooks.
fn shipped() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("playbooks/").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().expect("a plain name")).collect();
    names.sort();
    assert!(!names.is_empty(), "no playbook is shipped");
    names
}

fn checked(name: &str) -> Checked {
    let text = folder().join(name).join(format!("{name}.rye"));
    let text = fs::read_to_string(text).expect("a source");
    let own = interfaces::beside(&folder().join(name));
    let standard = rye_stdlib::INTERFACES.iter().copied();
    let interfaces: Vec<Source<'_>> = standard
        .chain(own.iter().map(|(module, text)| (module.as_str(), text.as_str())))
        .map(|(module, text)| Source { module, path: module, text })
        .collect();
    check(&[Source { module: name, path: name, text: &text }], &interfaces)
}

/// All of them, compiled once.
static PROGRAMS: LazyLock<BTreeMap<String, Arc<Program>>> = LazyLock::new(|| {
    let compiled = |name: &String| {
        let compiled = rye_compiler::compile(&checked(name));
        let compiled = compiled.unwrap_or_else(|error| panic!("{error}"));
        (name.clone(), Program::new(compiled.module))
    };
    shipped().iter().map(compiled).collect()
});

fn program(name: &str) -> Arc<Program> {
    PROGRAMS.get(name).expect("a shipped playbook").clone()
}

/// The one sample input of a playbook.
fn sample(name: &str) -> String {
    let files = fs::read_dir(folder().join(name)).expect("the playbook's folder");
    let paths = files.map(|entry| entry.expect("an entry").path());
    let samples: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|found| found == "json")).collect();
    let [sample] = samples.as_slice() else { panic!("{name} has not one sample: {samples:?}") };
    fs::read_to_string(sample).expect("a sample")
}

fn defaults(program: &Program) -> Vec<Value> {
    program.module().settings.iter().map(|setting| setting.default.clone()).collect()
}

#[test]
fn every_playbook_checks_without_a_word_and_compiles_twice_to_the_same() {
    for name in shipped() {
        let checked = checked(&name);
        assert_eq!(checked.diagnostics, [], "{name}");
        let once = rye_compiler::compile(&checked).expect("it compiles");
        let twice = rye_compiler::compile(&checked).expect("it compiles");
        assert_eq!(*once.module, *twice.module, "{name}");
    }
}

#[test]
fn every_playbook_has_a_page_and_an_input_that_it_takes() {
    let list = fs::read_to_string(folder().join("README.md")).expect("playbooks/README.md");
    for name in shipped() {
        assert!(folder().join(&name).join("README.md").exists(), "{name} has no page");
        assert!(list.contains(&format!("({name}/README.md)")), "{name} is not in the list");
        let program = program(&name);
        let start = Start {
            run: RunId([1; 16]),
            started: Time(0),
            starter: "test".into(),
            settings: defaults(&program),
            fuel: RUN_FUEL_MAX,
            memory: RUN_MEMORY_BYTES_MAX,
        };
        let machine = Machine::start(program, 0, sample(&name).as_bytes(), start);
        assert!(machine.is_ok(), "{name}: {:?}", machine.err());
    }
}

/// A site with these assets that nothing may touch.
fn site(protected: Protected) -> Site {
    Site {
        protected,
        undo_patience: Duration::from_secs(900),
        life_notice: Duration::from_secs(3_600),
        operators: true,
        ..Site::default()
    }
}

/// A playbook in a world, before anything began.
fn play<W: World>(name: &str, world: W) -> Sim<W> {
    play_at(site(Protected::default()), name, world)
}

/// The same at a site.
fn play_at<W: World>(site: Site, name: &str, world: W) -> Sim<W> {
    let mut sim = Sim::new(site, world);
    sim.add_program(BUNDLE, program(name));
    sim
}

/// A real run of a playbook, with its settings as they come.
fn beginning(name: &str, number: u8, input: &str) -> Beginning {
    Beginning {
        run: RunId([number; 16]),
        bundle: BUNDLE,
        playbook: 0,
        mode: Mode::Enforce,
        starter: "test".into(),
        settings: defaults(&program(name)),
        input: input.as_bytes().into(),
    }
}

/// How a run ended, with what was said of it.
fn end<W: World>(sim: &Sim<W>, number: u8) -> Option<(RunOutcome, String)> {
    match &sim.engine().runs()[&RunId([number; 16])].phase {
        Phase::Ended { outcome, text, .. } => Some((*outcome, text.to_string())),
        _ => None,
    }
}

fn outcome<W: World>(sim: &Sim<W>, number: u8) -> Option<RunOutcome> {
    end(sim, number).map(|(outcome, _)| outcome)
}

fn check_history<W: World>(sim: &Sim<W>) {
    check_entries(&sim.entries());
    check_waits(sim);
}

/// No entry contradicts those before it.
fn check_entries(entries: &[Entry]) {
    let mut audit = Audit::default();
    for entry in entries {
        assert_eq!(audit.check(entry), None, "{entry:?}");
    }
}

/// Every run that isn't over waits for something that can come.
fn check_waits<W: World>(sim: &Sim<W>) {
    for id in sim.engine().runs().keys() {
        let waits = sim.engine().waits_for(*id);
        assert!(!matches!(waits, Some(WaitsFor::Nothing | WaitsFor::Adapter)), "{waits:?}");
    }
}

/// Each playbook's stories under everything that can happen to them: a test of its own
/// each, and no fewer histories than that.
macro_rules! proofs {
    ($($playbook:ident: $stories:path, $least:literal;)+) => {
        mod proofs {
            $(
                #[test]
                fn $playbook() {
                    let histories = crate::everywhere::prove(&$stories());
                    assert!(histories >= $least, "only {histories} histories");
                }
            )+

            /// Whose stories are told.
            pub(super) const ALL: &[&str] = &[$(stringify!($playbook)),+];
        }
    };
}

proofs! {
    contain_scanner: crate::scanner::stories, 1_000;
    evict_intruder: crate::evict::stories, 2_500;
    guard_trip_triage: crate::triage::stories, 1_200;
    quarantine_file: crate::quarantine::stories, 1_500;
    release_false_positive: crate::release::stories, 500;
    staged_return: crate::staged::stories, 1_000;
    suspend_account: crate::suspend::stories, 1_800;
}

#[test]
fn every_playbook_is_proved() {
    assert_eq!(shipped(), proofs::ALL);
}
