//! Modules by chance, of four kinds: what the format can hold, straight code, straight
//! code with a change, and modules of ours with a change. Each is judged; each that is
//! accepted runs, and neither faults nor passes its bound.
//!
//! The gate judges two thousand; `cargo xtask verifier` as many as it is told.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on must fail, and say why"
)]

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rye_bytecode::arbitrary::{instruction, module, straight};
use rye_bytecode::assemble;
use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{Function, OnFailure, Register};
use rye_bytecode::module::{Amount, FunctionKind, Module, Playbook, Severity};
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::{Duration, Name};
use rye_fuzz::runs;
use rye_tests::campaign::{Chance, rounds, tell};

/// Where modules of ours are written down.
const FOLDERS: [&str; 2] = ["../tests/codegen", "../tests/verify"];

/// What the verifier made of one kind of modules.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    judged: u64,
    accepted: u64,
    runs: usize,
}

#[test]
fn what_is_accepted_runs_without_a_fault() {
    let ours = ours();
    let strategies: [(&str, BoxedStrategy<Module>); 4] = [
        ("any", module().boxed()),
        ("straight", straight().prop_map(as_playbook).boxed()),
        ("straight, changed", changed(straight().prop_map(as_playbook)).boxed()),
        ("ours, changed", changed(prop::sample::select(ours)).boxed()),
    ];
    let mut chance = Chance::of("verifier");
    let mut all = Tally::default();
    for (name, strategy) in strategies {
        let tally = judge(name, &strategy, rounds(2_000) / 4, &mut chance);
        tell(&format!("{name}: {tally:?}"));
        all.judged += tally.judged;
        all.accepted += tally.accepted;
        all.runs += tally.runs;
    }
    let percent = 100 * all.accepted / all.judged;
    tell(&format!("all: {percent} % of {} accepted, {} runs", all.judged, all.runs));
    // What is refused at the door shows nothing of what comes behind it.
    assert!(percent >= 5, "{all:?}");
    assert!(all.runs > 0, "{all:?}");
}

/// Judges so many modules, and shrinks the first that contradicts the machine.
fn judge(name: &str, strategy: &BoxedStrategy<Module>, count: u64, chance: &mut Chance) -> Tally {
    let config = Config {
        cases: u32::try_from(count).expect("fewer modules"),
        failure_persistence: None,
        ..Config::default()
    };
    let seed: Vec<u8> = (0..32).filter_map(|_| u8::try_from(chance.below(256)).ok()).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let tally = RefCell::new(Tally::default());
    let world = prop::collection::vec(any::<u8>(), 1..32);
    let outcome =
        TestRunner::new_with_rng(config, rng).run(&(strategy, world), |(module, world)| {
            let inputs: Vec<String> =
                (0..module.playbooks.len()).map(|index| input(&module, index)).collect();
            let inputs: Vec<&[u8]> = inputs.iter().map(String::as_bytes).collect();
            let began = runs(module, &inputs, &world);
            let mut tally = tally.borrow_mut();
            tally.judged += 1;
            tally.accepted += u64::from(began.is_some());
            tally.runs += began.unwrap_or(0);
            Ok(())
        });
    if let Err(failure) = outcome {
        panic!("{name}: {failure}");
    }
    tally.into_inner()
}

/// One to three places changed.
fn changed(modules: impl Strategy<Value = Module>) -> impl Strategy<Value = Module> {
    let change = (0..5_u8, any::<Index>(), any::<Index>(), instruction());
    (modules, prop::collection::vec(change, 1..4)).prop_map(|(mut module, changes)| {
        for (kind, function, at, new) in changes {
            if module.functions.is_empty() {
                break;
            }
            let function = function.index(module.functions.len());
            change_code(&mut module.functions[function].code, kind, at, new);
        }
        module
    })
}

fn change_code(code: &mut Vec<Instruction>, kind: u8, at: Index, new: Instruction) {
    if code.is_empty() {
        return;
    }
    let at = at.index(code.len());
    match kind {
        0 => code[at] = new,
        1 => code.insert(at, new),
        2 => drop(code.remove(at)),
        3 => code.insert(at, code[at].clone()),
        _ => code.swap(at, at.saturating_sub(1)),
    }
}

/// Straight code as the body of a playbook, so that it can be run.
fn as_playbook(mut module: Module) -> Module {
    let mut types = module.types.types().to_vec();
    let unit = TypeId(u16::try_from(types.len()).expect("a short table"));
    types.push(Type::Unit);
    module.types = TypeTable::new(types);
    let function = &mut module.functions[0];
    let result = Register(u8::try_from(function.registers.len()).expect("a short list"));
    function.registers.push(unit);
    function.kind = FunctionKind::Playbook;
    function.result = unit;
    if let Some(last) = function.code.last_mut() {
        *last = Instruction::Return { value: result };
    }
    let parameters = (0..function.parameters).map(|at| Name::from(format!("p{at}")));
    module.playbooks = vec![Playbook {
        name: Name::from("p"),
        function: Function(0),
        parameters: parameters.collect(),
        severity: Severity::Low,
        deadline: Amount::Fixed(Duration::from_secs(60)),
        on_failure: OnFailure::Inherit,
        limits: Vec::new(),
    }];
    module
}

/// Modules of ours that have a playbook, or get one.
fn ours() -> Vec<Module> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let prelude = fs::read_to_string(root.join("../tests/verify/prelude.ryasm"));
    let prelude = prelude.expect("the verifier's tests begin with it");
    let mut modules = Vec::new();
    for folder in FOLDERS {
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder of ours") {
                let path = entry.expect("a file of ours").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "ryasm") {
                    let text = fs::read_to_string(&path).expect("a text");
                    let read = assemble(&text).or_else(|_| assemble(&format!("{prelude}{text}")));
                    modules.extend(read.map(with_playbook));
                }
            }
        }
    }
    modules.retain(|module| {
        rye_bytecode::verify(module.clone(), rye_bytecode::Options::default()).is_ok()
    });
    assert!(modules.len() > 100, "{} modules of ours", modules.len());
    modules
}

/// Gives a module whose first function could be a playbook's one.
fn with_playbook(module: Module) -> Module {
    let first = module.functions.first();
    if !module.playbooks.is_empty() || first.is_none_or(|f| f.kind != FunctionKind::Playbook) {
        return module;
    }
    let parameters = (0..module.functions[0].parameters).map(|at| Name::from(format!("p{at}")));
    let playbook = Playbook {
        name: Name::from("p"),
        function: Function(0),
        parameters: parameters.collect(),
        severity: Severity::Low,
        deadline: Amount::Fixed(Duration::from_secs(86_400)),
        on_failure: OnFailure::Hold,
        limits: Vec::new(),
    };
    Module { playbooks: vec![playbook], ..module }
}

/// More values than these are in no input: types that nest can ask for more than fit
/// into memory.
const VALUES_MAX: usize = 1_000;

/// An input that a playbook takes, if what it takes can come from outside.
fn input(module: &Module, playbook: usize) -> String {
    let playbook = &module.playbooks[playbook];
    let function = module.functions.get(usize::from(playbook.function.0));
    let types = function.map_or(&[][..], |function| &function.registers);
    let members = playbook.parameters.iter().zip(types);
    let room = Cell::new(VALUES_MAX);
    let value = |ty| json(&module.types, ty, 0, &room);
    let members = members.map(|(name, ty)| format!("{name:?}: {}", value(*ty)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// A value of a type, as an input spells it, as long as there is `room` for values.
fn json(types: &TypeTable, ty: TypeId, depth: u8, room: &Cell<usize>) -> String {
    room.set(room.get().saturating_sub(1));
    let inner = |ty: TypeId| json(types, ty, depth.saturating_add(1), room);
    match types.get(ty).filter(|_| depth < 20 && room.get() > 0) {
        Some(Type::Bool) => "true".into(),
        Some(Type::Int | Type::Port) => "7".into(),
        Some(Type::Float) => "1.5".into(),
        Some(Type::Time) => "\"2026-03-01T09:30:00Z\"".into(),
        Some(Type::Duration) => "\"15m\"".into(),
        Some(Type::Text { .. } | Type::Bytes { .. }) => "\"abcd\"".into(),
        Some(Type::Ip) => "\"203.0.113.7\"".into(),
        Some(Type::Cidr) => "\"10.0.0.0/8\"".into(),
        Some(Type::Url) => "\"https://example.org/a\"".into(),
        Some(Type::Domain) => "\"example.org\"".into(),
        Some(Type::Email) => "\"ann@example.org\"".into(),
        Some(Type::Hash) => format!("\"{}\"", "a".repeat(64)),
        Some(Type::Asset { of, .. } | Type::Optional { inner: of }) => inner(*of),
        Some(Type::List { element, .. }) => format!("[{0}, {0}]", inner(*element)),
        Some(Type::Map { value, .. }) => format!("{{\"a\": {}}}", inner(*value)),
        Some(Type::Record { fields, .. }) => {
            let members =
                fields.iter().map(|field| format!("{:?}: {}", field.name, inner(field.ty)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Some(Type::Enum { variants, .. }) => match variants.first() {
            Some(first) if first.payload.is_empty() => format!("\"{}\"", first.name),
            Some(first) => {
                let payload: Vec<_> = first.payload.iter().map(|ty| inner(*ty)).collect();
                format!("{{\"{}\": [{}]}}", first.name, payload.join(", "))
            }
            None => "null".into(),
        },
        _ => "null".into(),
    }
}
