//! A valid module that is broken in one known way is refused, with the code that
//! this way must have.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test whose files can't be read must fail, and say why"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rye_bytecode::instruction::operand::{
    Action, Constant, Count, Field, Function, Kind, Label, OnFailure, Operand, Register, Registers,
    Setting, Source,
};
use rye_bytecode::instruction::{Instruction, Opcode, OperandRow, TABLE};
use rye_bytecode::module::{Amount, DoSite, Module, Site, UndoSite};
use rye_bytecode::{Options, VerifyCode, VerifyError, assemble, verify};
use rye_core::action::Undo;
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Name, Value};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn base() -> Module {
    assemble(&fs::read_to_string(folder("mutation/base.ryasm")).unwrap()).unwrap()
}

fn judge(module: Module) -> Result<(), VerifyError> {
    verify(module, Options::default()).map(|_| ())
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
    code(module, function).iter_mut().find(|instruction| find(instruction)).unwrap()
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

type Mutation = (&'static str, VerifyCode, fn(&mut Module));

const MUTATIONS: &[Mutation] = &[
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
        let end = u16::try_from(code(module, SUM).len() - 1).unwrap();
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

#[test]
fn what_is_broken_is_broken_only_by_the_mutation() {
    if let Err(error) = judge(base()) {
        panic!("the base is refused: {error}");
    }
}

#[test]
fn every_mutation_is_refused_for_its_reason() {
    let mut wrong = Vec::new();
    for (name, expected, mutate) in MUTATIONS {
        let mut module = base();
        mutate(&mut module);
        match judge(module) {
            Err(error) if error.code == *expected => {}
            Err(error) => wrong.push(format!("{name}: expected {expected}, found {error}")),
            Ok(()) => wrong.push(format!("{name}: expected {expected}, but it is accepted")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// All modules of the verifier's tests that are accepted, and the base.
fn accepted() -> Vec<Module> {
    let prelude = fs::read_to_string(folder("verify/prelude.ryasm")).unwrap();
    let mut modules = vec![base()];
    for pass in fs::read_dir(folder("verify")).unwrap() {
        let pass = pass.unwrap().path();
        let Ok(files) = fs::read_dir(&pass) else { continue };
        for file in files {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "ryasm") {
                let text = fs::read_to_string(&file).unwrap();
                modules.push(assemble(&format!("{prelude}{text}")).unwrap());
            }
        }
    }
    modules.retain(|module| judge(module.clone()).is_ok());
    modules
}

/// The operands of an instruction, but one register is another.
struct Other {
    operands: Vec<(Vec<Register>, u64)>,
    at: usize,
    place: (usize, usize),
    register: Register,
}

impl Other {
    fn of(instruction: &Instruction, place: (usize, usize), register: Register) -> Self {
        let mut operands = Vec::new();
        instruction.operands(|_, operand| match operand {
            Operand::Registers(registers) => operands.push((registers.to_vec(), 0)),
            Operand::Number(number) => operands.push((Vec::new(), number)),
        });
        if let Some((registers, _)) = operands.get_mut(place.0) {
            registers[place.1] = register;
        }
        Self { operands, at: 0, place, register }
    }

    fn next(&mut self) -> (Vec<Register>, u64) {
        self.at += 1;
        self.operands[self.at - 1].clone()
    }
}

impl Source for Other {
    type Error = u64;

    fn number(&mut self, row: &'static OperandRow) -> Result<u64, u64> {
        let (registers, number) = self.next();
        Ok(if row.kind == Kind::Register { u64::from(registers[0].0) } else { number })
    }

    fn registers(&mut self, _row: &'static OperandRow) -> Result<Registers, u64> {
        Ok(self.next().0.into())
    }

    fn refuse(&self, row: &'static OperandRow, number: u64) -> u64 {
        panic!("{row:?} {number} {:?} {:?}", self.place, self.register)
    }
}

/// In every instruction of every accepted module, each register is replaced by one
/// that is of type `Unit`: which no operand that isn't `Unit` accepts.
#[test]
fn every_operand_of_every_instruction_is_typed() {
    let mut tried = BTreeSet::new();
    for module in accepted() {
        let Some(unit) = module.types.types().iter().position(|ty| ty.word() == "Unit") else {
            continue;
        };
        let unit = TypeId(u16::try_from(unit).unwrap());
        for (f, function) in module.functions.iter().enumerate() {
            let Ok(register) = u8::try_from(function.registers.len()) else { continue };
            for (at, instruction) in function.code.iter().enumerate() {
                let mut places = Vec::new();
                instruction.operands(|_, operand| {
                    let registers = match operand {
                        Operand::Registers(registers) => registers,
                        Operand::Number(_) => &[],
                    };
                    places.push(registers.to_vec());
                });
                for (operand, registers) in places.iter().enumerate() {
                    for (index, old) in registers.iter().enumerate() {
                        if function.registers[usize::from(old.0)] == unit {
                            continue;
                        }
                        let mut other =
                            Other::of(instruction, (operand, index), Register(register));
                        let opcode = instruction.opcode();
                        let changed = Instruction::from_operands(opcode, &mut other).unwrap();
                        let mut module = module.clone();
                        module.functions[f].registers.push(unit);
                        module.functions[f].code[at] = changed;
                        let code = judge(module).map_err(|error| error.code).unwrap_err();
                        let expected = [VerifyCode::Type, VerifyCode::Secret, VerifyCode::Loop];
                        assert!(
                            expected.contains(&code),
                            "{instruction:?} operand {operand}: {code}"
                        );
                        tried.insert((opcode, operand));
                    }
                }
            }
        }
    }
    let all = TABLE.iter().flat_map(|row| {
        let registers = |kind| matches!(kind, Kind::Register | Kind::Registers);
        let operands = row.operands.iter().enumerate();
        let operands = operands.filter(move |(_, operand)| registers(operand.kind));
        operands.map(|(index, _)| (Opcode::from_number(row.number).unwrap(), index))
    });
    let missing: Vec<_> = all.filter(|operand| !tried.contains(operand)).collect();
    assert!(missing.is_empty(), "no module shows {missing:?}");
}
