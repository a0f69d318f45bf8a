//! A valid module that is broken in one known way is refused, with the code that
//! this way must have.

#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test whose files can't be read must fail, and say why"
)]

use std::collections::BTreeSet;

use rye_bytecode::instruction::operand::{Kind, Operand, Register, Registers, Source};
use rye_bytecode::instruction::{Instruction, Opcode, OperandRow, TABLE};
use rye_bytecode::module::Module;
use rye_bytecode::{Options, VerifyCode, VerifyError, verify};
use rye_core::ty::TypeId;
use rye_tests::modules::{MUTATIONS, base, golden};

fn judge(module: Module) -> Result<(), VerifyError> {
    verify(module, Options::default()).map(|_| ())
}

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
    let golden = golden().into_iter().map(|golden| golden.module);
    let mut modules: Vec<Module> = std::iter::once(base()).chain(golden).collect();
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
