//! Registers that only ever hold one constant, wherever they are written: their
//! value is known without following control.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{Constant, Register};

use super::{Context, operand};

/// What is known of the registers of a function.
pub(super) struct Known {
    /// Per register, the one constant that it ever holds.
    constants: Vec<Option<Constant>>,
    /// Per register, whether it is loaded inside a loop.
    looped: Vec<bool>,
    /// Per register, its number, if it holds one word.
    numbers: Vec<Option<i64>>,
}

/// What the writes of a register seen so far say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writes {
    None,
    Only(Constant),
    Other,
}

impl Known {
    pub(super) fn new(context: &Context<'_>) -> Self {
        let function = context.function;
        let mut writes = vec![Writes::None; function.registers.len()];
        let mut looped = vec![false; function.registers.len()];
        for parameter in writes.iter_mut().take(usize::from(function.parameters)) {
            *parameter = Writes::Other;
        }
        let loops = loops(&function.code);
        for (index, instruction) in function.code.iter().enumerate() {
            for register in operand::defs(instruction) {
                let Some(seen) = writes.get_mut(usize::from(register.0)) else { continue };
                *seen = match (instruction, *seen) {
                    (Instruction::Constant { constant, .. }, Writes::None) => {
                        Writes::Only(*constant)
                    }
                    (Instruction::Constant { constant, .. }, Writes::Only(other))
                        if *constant == other =>
                    {
                        Writes::Only(other)
                    }
                    _ => Writes::Other,
                };
                let inside = loops.iter().any(|(start, end)| (*start..*end).contains(&index));
                if let (true, Some(looped)) = (inside, looped.get_mut(usize::from(register.0))) {
                    *looped = true;
                }
            }
        }
        let only = |writes: &Writes| match writes {
            Writes::Only(constant) => Some(*constant),
            Writes::None | Writes::Other => None,
        };
        let constants: Vec<Option<Constant>> = writes.iter().map(only).collect();
        let number = |(register, constant): (usize, &Option<Constant>)| {
            let ty = *function.registers.get(register)?;
            let [slot, _] = *context.constants.get(usize::from((*constant)?.0))?;
            let plain = context.layouts.is_word(ty) && context.layouts.is_flat(ty);
            plain.then(|| slot.cast_signed())
        };
        let numbers = constants.iter().enumerate().map(number).collect();
        Self { constants, looped, numbers }
    }

    /// The number that a register always holds.
    pub(super) fn number(&self, register: Register) -> Option<i64> {
        self.numbers.get(usize::from(register.0)).copied().flatten()
    }

    /// Whether a register is loaded once at the start.
    pub(super) fn is_hoisted(&self, register: Register) -> bool {
        let index = usize::from(register.0);
        self.looped.get(index) == Some(&true)
            && self.constants.get(index).is_some_and(Option::is_some)
    }

    /// The registers that are loaded once at the start.
    pub(super) fn hoisted(&self) -> Vec<(Register, Constant)> {
        (0..=u8::MAX)
            .map(Register)
            .filter(|register| self.is_hoisted(*register))
            .filter_map(|register| {
                let constant = self.constants.get(usize::from(register.0)).copied().flatten()?;
                Some((register, constant))
            })
            .collect()
    }
}

/// The bodies of loops: from the label of a `.next` to the `.next` itself.
fn loops(code: &[Instruction]) -> Vec<(usize, usize)> {
    code.iter()
        .enumerate()
        .filter_map(|(index, instruction)| match instruction {
            Instruction::RangeNext { label, .. } | Instruction::ListNext { label, .. } => {
                Some((usize::from(label.0), index))
            }
            _ => None,
        })
        .collect()
}
