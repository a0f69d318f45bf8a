//! Which registers an instruction reads and writes: out of the instruction table.

use rye_bytecode::instruction::operand::{Operand, Register};
use rye_bytecode::instruction::{Instruction, Role};

fn of_roles(instruction: &Instruction, wanted: fn(Role) -> bool) -> Vec<Register> {
    let mut found = Vec::new();
    instruction.operands(|row, operand| {
        if let (true, Operand::Registers(registers)) = (wanted(row.role), operand) {
            found.extend_from_slice(registers);
        }
    });
    found
}

/// The registers that an instruction reads, in the order of its operands.
pub(super) fn uses(instruction: &Instruction) -> Vec<Register> {
    of_roles(instruction, |role| matches!(role, Role::Use | Role::Uses))
}

/// The registers that an instruction writes, on whatever edge.
pub(super) fn defs(instruction: &Instruction) -> Vec<Register> {
    of_roles(instruction, |role| {
        matches!(role, Role::Def | Role::DefNext | Role::DefLabel | Role::DefsNext)
    })
}
