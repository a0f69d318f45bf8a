//! Modules that the verifier must judge in a known way: a valid one with the ways to
//! break it, and the golden files of its passes.

#![expect(
    clippy::indexing_slicing,
    reason = "a mutation that finds nothing to break must fail, and say why"
)]

use std::fs;
use std::path::{Path, PathBuf};

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{
    Action, Constant, Count, Field, Function, Label, OnFailure, Register, Setting,
};
use rye_bytecode::module::{Amount, DoSite, Module, Site, UndoSite};
use rye_bytecode::{VerifyCode, assemble};
use rye_core::action::Undo;
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Name, Value};

/// A module of the verifier's tests, and what the verifier says of it.
#[derive(Clone, Debug)]
pub struct Golden {
    /// Its file.
    pub path: PathBuf,
    /// What the file describes.
    pub module: Module,
    /// What stands beside it.
    pub expected: String,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder, by name; none where there is no such folder.
fn files(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// The modules of `tests/verify`, one pass after the other.
///
/// # Panics
/// When one of the files can't be read or assembled.
pub fn golden() -> Vec<Golden> {
    let prelude = read(&folder("verify/prelude.ryasm"));
    let golden = |path: PathBuf| {
        let module = assemble(&format!("{prelude}{}", read(&path)))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Golden { module, expected: read(&path.with_extension("expected")), path }
    };
    let passes = files(&folder("verify"));
    let files = passes.iter().flat_map(|pass| files(pass));
    let is_source = |path: &PathBuf| path.extension().is_some_and(|found| found == "ryasm");
    files.filter(is_source).map(golden).collect()
}

/// A valid module with something of everything.
///
/// # Panics
/// When its file can't be read or assembled.
pub fn base() -> Module {
    assemble(&read(&folder("mutation/base.ryasm"))).expect("a module")
}

const SUM: usize = 0;
const MAIN: usize = 2;

/// The code of a function.
fn code(module: &mut Module, function: usize) -> &mut Vec<Instruction> {
    &mut module.functions[function].code
}

/// The first instruction of a function that `find` picks.
fn first(
    module: &mut Module,
    function: usize,
    find: impl Fn(&Instruction) -> bool,
) -> &mut Instruction {
    code(module, function).iter_mut().find(|it| find(it)).expect("such an instruction")
}

/// Leaves an instruction out, and the labels where they point.
fn skip(instruction: &mut Instruction) {
    let nothing = Register(2);
    *instruction = Instruction::Move { to: nothing, from: nothing };
}

fn act(module: &mut Module) -> &mut DoSite {
    match &mut module.sites[1] {
        Site::Do(site) => site,
        other => panic!("{other:?}"),
    }
}

/// What is broken, the code that it must be refused with, and how it is done.
pub type Mutation = (&'static str, VerifyCode, fn(&mut Module));

/// Each breaks [`base`] in one way.
pub const MUTATIONS: &[Mutation] = &[
    ("a register has another type", VerifyCode::Type, |module| {
        module.functions[SUM].registers[1] = TypeId(1);
    }),
    ("a parameter has another type", VerifyCode::Type, |module| {
        module.functions[SUM].registers[0] = TypeId(1);
    }),
    ("a function gives another type", VerifyCode::Type, |module| {
        module.functions[SUM].result = TypeId(1);
    }),
    ("a result goes into another type", VerifyCode::Type, |module| {
        *first(module, MAIN, |i| {
            matches!(i, Instruction::Ask { .. } | Instruction::LookAgain { .. })
        }) = Instruction::LookAgain { to: Register(3), watch: Register(9), every: Register(14) };
    }),
    ("a register is not written", VerifyCode::Uninitialised, |module| {
        let nothing = Register(2);
        code(module, MAIN)[0] = Instruction::Move { to: nothing, from: nothing };
    }),
    ("a register outside", VerifyCode::Bounds, |module| {
        code(module, MAIN)[0] = Instruction::Not { to: Register(200), a: Register(3) };
    }),
    ("a constant outside", VerifyCode::Bounds, |module| {
        code(module, MAIN)[0] = Instruction::Constant { to: Register(3), constant: Constant(99) };
    }),
    ("a field outside", VerifyCode::Bounds, |module| {
        *first(module, MAIN, |i| matches!(i, Instruction::GetField { .. })) =
            Instruction::GetField { to: Register(1), a: Register(0), field: Field(2) };
    }),
    ("a frame is not closed", VerifyCode::Frame, |module| {
        skip(first(module, MAIN, |i| matches!(i, Instruction::CloseFrame {})));
    }),
    ("a frame is not opened", VerifyCode::Frame, |module| {
        skip(first(module, MAIN, |i| matches!(i, Instruction::OpenFrame { .. })));
    }),
    ("a stage is not opened", VerifyCode::Frame, |module| {
        skip(first(module, MAIN, |i| matches!(i, Instruction::OpenStage { .. })));
    }),
    ("a jump into a loop", VerifyCode::Loop, |module| {
        code(module, MAIN)[0] = Instruction::JumpIf { condition: Register(3), label: Label(7) };
    }),
    ("a jump outside", VerifyCode::Flow, |module| {
        code(module, MAIN)[0] = Instruction::Jump { label: Label(999) };
    }),
    ("a jump over code", VerifyCode::Unreachable, |module| {
        let end = u16::try_from(code(module, SUM).len() - 1).expect("a short function");
        code(module, SUM)[0] = Instruction::Jump { label: Label(end) };
    }),
    ("a jump backward", VerifyCode::Loop, |module| {
        let last = code(module, MAIN).len() - 1;
        code(module, MAIN)[last] = Instruction::Jump { label: Label(0) };
    }),
    ("an end that is missing", VerifyCode::Flow, |module| {
        code(module, MAIN).pop();
    }),
    ("a loop with other rounds for each half", VerifyCode::Loop, |module| {
        let next = first(module, SUM, |i| matches!(i, Instruction::RangeNext { .. }));
        *next = Instruction::RangeNext { index: Register(2), high: Register(0), label: Label(3) };
    }),
    ("a loop that counts with what it writes", VerifyCode::Loop, |module| {
        let add = first(module, SUM, |i| matches!(i, Instruction::AddInt { .. }));
        *add = Instruction::AddInt { to: Register(3), a: Register(1), b: Register(3) };
    }),
    ("a loop without a bound", VerifyCode::Loop, |module| {
        for instruction in code(module, SUM) {
            if let Instruction::RangeStart { max, .. } = instruction {
                *max = Count(0);
            }
        }
    }),
    ("more rounds than the deadline has time for", VerifyCode::Bound, |module| {
        for instruction in code(module, MAIN) {
            if let Instruction::RangeStart { max, .. } = instruction {
                *max = Count(1_000);
            }
        }
    }),
    ("a function that calls itself", VerifyCode::Recursion, |module| {
        code(module, SUM)[0] = Instruction::Call {
            to: Register(1),
            function: Function(0),
            arguments: Box::from([Register(0)]),
        };
    }),
    ("an argument too few", VerifyCode::Call, |module| {
        *first(module, MAIN, |i| matches!(i, Instruction::Call { .. })) =
            Instruction::Call { to: Register(3), function: Function(1), arguments: Box::from([]) };
    }),
    ("a wait in a condition", VerifyCode::Effect, |module| {
        code(module, 1)[3] = Instruction::Wait { a: Register(0), max: Count(1) };
    }),
    ("a playbook without a direction", VerifyCode::Effect, |module| {
        module.playbooks[0].on_failure = OnFailure::Inherit;
    }),
    ("a playbook without its limit", VerifyCode::AssetLimit, |module| {
        module.playbooks[0].limits.clear();
    }),
    ("a playbook with a short deadline", VerifyCode::Bound, |module| {
        module.playbooks[0].deadline = Amount::Fixed(Duration::from_secs(60));
    }),
    ("a playbook without a deadline", VerifyCode::Form, |module| {
        module.playbooks[0].deadline = Amount::Fixed(Duration::ZERO);
    }),
    ("a deadline of a setting that is none", VerifyCode::Form, |module| {
        module.playbooks[0].deadline = Amount::Setting(Setting(99));
    }),
    ("a limit of a setting that is none", VerifyCode::Form, |module| {
        module.playbooks[0].limits[0].1 = Amount::Setting(Setting(99));
    }),
    ("an act without its undo", VerifyCode::Undo, |module| act(module).undo = UndoSite::None),
    ("an act that is said to be irreversible", VerifyCode::Undo, |module| {
        act(module).undo = UndoSite::Irreversible;
    }),
    ("an action that is irreversible", VerifyCode::Undo, |module| {
        module.actions[0].undo = Undo::Irreversible;
        module.actions[0].impact = rye_core::impact::Impact::Destructive;
    }),
    ("an undo of the wrong verb", VerifyCode::Capability, |module| {
        act(module).undo =
            UndoSite::Call { action: Action(1), arguments: Box::from([Register(4)]) };
    }),
    ("an act without its proof", VerifyCode::Undo, |module| act(module).proof.clear()),
    ("an act on a value that is no asset", VerifyCode::Type, |module| {
        act(module).call.arguments = Box::from([Register(6)]);
    }),
    ("an act of another action", VerifyCode::Capability, |module| {
        act(module).call.action = Action(1);
    }),
    ("an act without attempts", VerifyCode::Retry, |module| {
        act(module).call.retry.attempts = Amount::Fixed(0);
    }),
    ("an act without time", VerifyCode::Retry, |module| {
        act(module).call.timeout = Amount::Fixed(Duration::ZERO);
    }),
    ("an act that is repeated without proof", VerifyCode::Undo, |module| {
        module.actions[0].proved = false;
    }),
    ("an undo with what is not there yet", VerifyCode::Uninitialised, |module| {
        *first(module, MAIN, |i| matches!(i, Instruction::AtList { .. })) =
            Instruction::Move { to: Register(2), from: Register(2) };
    }),
    ("a capability that nothing uses", VerifyCode::Capability, |module| {
        let mut action = module.actions[1].clone();
        action.name = Name::from("std.zzz");
        module.actions.push(action);
    }),
    ("actions in another order", VerifyCode::Duplicate, |module| module.actions.swap(0, 1)),
    ("a site that nothing uses", VerifyCode::Unreachable, |module| {
        let site = module.sites[0].clone();
        module.sites.push(site);
    }),
    ("a constant of another type", VerifyCode::Constant, |module| {
        module.constants[0].value = Value::Int(1);
    }),
    ("a query that changes the world", VerifyCode::Form, |module| {
        module.actions[1].affects.push(0);
    }),
    ("a name that is none", VerifyCode::Name, |module| {
        module.playbooks[0].name = Name::from("con\ntain");
    }),
];
