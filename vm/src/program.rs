//! A verified module in the form that is executed: shared by all instances, and
//! never changed.

use std::sync::Arc;

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{Function, Register};
use rye_bytecode::module::{self, Module};
use rye_bytecode::verify::Verified;
use rye_core::ty::TypeId;

use crate::fuel;
use crate::heap::{Arena, Memory};
use crate::layout::{Layouts, Row};
use crate::lower::{self, Style};
use crate::op::Op;
use crate::slot::Pair;
use crate::stack::get;
use crate::trap::{Fault, Trap};

/// A verified module, lowered to operations. Made once, shared by all runs.
#[derive(Debug)]
pub struct Program {
    module: Verified<Module>,
    pub(crate) layouts: Layouts,
    pub(crate) pool: Arena,
    pub(crate) constants: Vec<Pair>,
    pub(crate) codes: Vec<Code>,
}

/// A function in the form that is executed.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) ops: Vec<Op>,
    /// Per operation, where it came from; only read when something stops.
    pub(crate) origins: Vec<Origin>,
    /// Per register, its first slot.
    pub(crate) slots: Vec<u8>,
    /// How many slots.
    pub(crate) window: usize,
    /// The parameters' slots, which are the first ones.
    pub(crate) parameters: Row,
    /// Whether a call's memory can be given back at its return.
    pub(crate) releases: bool,
    pub(crate) calls: Vec<CallTarget>,
    pub(crate) targets: Vec<LoopTarget>,
    pub(crate) templates: Vec<Template>,
    pub(crate) heavies: Vec<Heavy>,
    /// Per instruction that begins a block, its operation.
    pub(crate) entries: Vec<u32>,
}

/// Where an operation came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The (first) instruction.
    pub(crate) instruction: u16,
    /// What is owed of the block's price if the operation stops.
    pub(crate) unpaid: u32,
}

/// A call.
#[derive(Debug)]
pub(crate) struct CallTarget {
    pub(crate) function: u16,
    /// From which slot to which of the callee.
    pub(crate) arguments: Box<[(u8, u8)]>,
}

/// Where a loop that has no round leads, and how many it may have.
#[derive(Debug)]
pub(crate) struct LoopTarget {
    pub(crate) max: u64,
    pub(crate) cost: u32,
    pub(crate) label: u32,
}

/// A text with holes.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) price: Price,
    pub(crate) parts: Box<[Part]>,
}

/// A part of a template.
#[derive(Debug)]
pub(crate) enum Part {
    /// A text among the constants, as it is.
    Piece(u64),
    /// The text in a slot, as it is.
    Text(u8),
    /// Anything else.
    Value { slot: u8, width: usize, ty: TypeId },
}

/// An instruction that is executed as it stands.
#[derive(Debug)]
pub(crate) struct Heavy {
    pub(crate) instruction: u16,
    pub(crate) price: Price,
}

/// What a heavy instruction charges before it works.
#[derive(Debug, Default)]
pub(crate) struct Price {
    /// In any case; 0 where the block pays.
    pub(crate) base: u32,
    /// Whether what an operand contains counts.
    pub(crate) deep: bool,
    /// Operands by slot; with their types, unless they are texts.
    pub(crate) operands: Box<[(u8, Option<TypeId>)]>,
}

impl Program {
    /// Lowers a module.
    pub fn new(module: Verified<Module>) -> Arc<Self> {
        Self::lower(module, Style::Fast)
    }

    /// Lowers a module in one of the styles that mean the same.
    pub(crate) fn lower(module: Verified<Module>, style: Style) -> Arc<Self> {
        let layouts = Layouts::new(&module.types);
        let (pool, constants) = lower::constants(&module, &layouts);
        let codes = lower::functions(&module, &layouts, &pool, &constants, style);
        Arc::new(Self { module, layouts, pool, constants, codes })
    }

    /// The module itself.
    pub fn module(&self) -> &Verified<Module> {
        &self.module
    }

    /// The playbook at `index`.
    pub(crate) fn playbook(&self, index: usize) -> Option<&module::Playbook> {
        self.module.playbooks.get(index)
    }

    /// A function's declaration and its code.
    pub(crate) fn function(&self, function: Function) -> Result<Routine<'_>, Trap> {
        let index = usize::from(function.0);
        let declared = self.module.functions.get(index);
        let code = self.codes.get(index);
        declared.zip(code).map(|(declared, code)| Routine { declared, code }).ok_or(NO_FUNCTION)
    }

    /// The memory of an instance.
    pub(crate) fn memory<'a>(&'a self, own: &'a mut Arena, limit: usize) -> Memory<'a> {
        Memory::new(&self.layouts, &self.pool, own, limit)
    }
}

const NO_FUNCTION: Trap = Trap::invariant("there is no such function");
const NO_REGISTER: Trap = Trap::invariant("there is no such register");

/// A function with both its faces: as it was verified, and as it is executed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routine<'a> {
    pub(crate) declared: &'a module::Function,
    pub(crate) code: &'a Code,
}

impl<'a> Routine<'a> {
    /// The instruction that an operation came from.
    pub(crate) fn instruction_of(self, op: u32) -> Result<(u16, &'a Instruction), Trap> {
        let origin = usize::try_from(op).ok().and_then(|op| self.code.origins.get(op));
        let index = origin.map(|origin| origin.instruction).ok_or(NO_FUNCTION)?;
        self.instruction(index).map(|instruction| (index, instruction))
    }

    /// The instruction at `index`.
    pub(crate) fn instruction(self, index: u16) -> Result<&'a Instruction, Trap> {
        self.declared.code.get(usize::from(index)).ok_or(NO_FUNCTION)
    }

    /// The first slot of a register.
    #[inline]
    pub(crate) fn slot(self, register: Register) -> Result<u8, Trap> {
        self.code.slots.get(usize::from(register.0)).copied().ok_or(NO_REGISTER)
    }

    /// The type of a register.
    #[inline]
    pub(crate) fn ty(self, register: Register) -> Result<TypeId, Trap> {
        self.declared.registers.get(usize::from(register.0)).copied().ok_or(NO_REGISTER)
    }
}

impl Price {
    /// What is left of `fuel` once this is paid, given the operands that stand in `window`.
    #[inline]
    pub(crate) fn charge(
        &self,
        memory: &Memory<'_>,
        window: &[u64; 256],
        fuel: u64,
    ) -> Result<u64, Trap> {
        fuel.checked_sub(self.of(memory, window)?).ok_or(Trap::Fault(Fault::Fuel))
    }

    /// What the operands that stand in `window` make it.
    fn of(&self, memory: &Memory<'_>, window: &[u64; 256]) -> Result<u64, Trap> {
        let mut price = u64::from(self.base);
        for (slot, ty) in &self.operands {
            let first = get(window, *slot);
            let units = match ty {
                None => fuel::text_units(first),
                // A second slot only counts where there is one.
                Some(ty) if self.deep => {
                    fuel::units(memory, *ty, [first, get(window, slot.wrapping_add(1))])?
                }
                Some(ty) => fuel::own_units(memory, *ty, first),
            };
            price = price.saturating_add(units);
        }
        Ok(price)
    }
}
