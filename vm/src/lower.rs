//! From verified instructions to operations: every register gets its slots,
//! every generic instruction the operation for its type, every basic block its
//! price, and a few frequent sequences one operation instead of several.
//!
//! It believes the verifier. What the verifier excludes becomes
//! [`Op::Impossible`], which faults when it is reached.

use rye_bytecode::instruction::operand::{Constant, Label, Register};
use rye_bytecode::instruction::{Class, Cost, Flow, Instruction};
use rye_bytecode::module::{Function, Module};
use rye_core::limit::REGISTERS_MAX;
use rye_core::ty::{Type, TypeId, TypeTable};

use crate::heap::{Arena, Memory};
use crate::import;
use crate::layout::{Layout, Layouts};
use crate::op::Op;
use crate::program::{CallTarget, Code, Heavy, LoopTarget, Origin, Part, Price, Template};
use crate::slot::{self, Pair};

mod fuse;
mod known;
mod operand;
mod select;

use known::Known;

/// The constants of a module, in an arena of their own, and the slots of each.
pub(crate) fn constants(module: &Module, layouts: &Layouts) -> (Arena, Vec<Pair>) {
    let (none, mut pool) = (Arena::default(), Arena::default());
    let mut memory = Memory::of_constants(layouts, &none, &mut pool);
    let slots = module
        .constants
        .iter()
        .map(|constant| {
            // A constant fits its type, or the module was not verified.
            let loaded = import::value(&mut memory, &module.types, constant.ty, &constant.value);
            loaded.unwrap_or_default()
        })
        .collect();
    (pool, slots)
}

/// How operations are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As many instructions to a block, and to an operation, as can be.
    Fast,
    /// Every instruction by itself: what the fast style is compared with.
    #[cfg(test)]
    Stepwise,
}

/// The code of all functions.
pub(crate) fn functions(
    module: &Module,
    layouts: &Layouts,
    pool: &Arena,
    constants: &[Pair],
    style: Style,
) -> Vec<Code> {
    let frames: Vec<Registers> =
        module.functions.iter().map(|function| Registers::new(function, layouts)).collect();
    let lower = |(function, registers): (&Function, &Registers)| {
        let (types, frames) = (&module.types, &frames);
        let context = Context { types, layouts, pool, constants, frames, function, registers };
        Lowering::new(context, style).run()
    };
    module.functions.iter().zip(&frames).map(lower).collect()
}

/// The slots of a function's registers.
#[derive(Debug)]
struct Registers {
    slots: Vec<u8>,
    window: usize,
    /// Whether all of them have a slot.
    fit: bool,
}

impl Registers {
    fn new(function: &Function, layouts: &Layouts) -> Self {
        let (mut slots, mut window) = (Vec::new(), 0_usize);
        for ty in &function.registers {
            slots.push(u8::try_from(window).unwrap_or(u8::MAX));
            window = window.saturating_add(layouts.width(*ty));
        }
        Self { slots, window, fit: window <= REGISTERS_MAX }
    }
}

/// What lowering looks at.
#[derive(Clone, Copy)]
struct Context<'a> {
    types: &'a TypeTable,
    layouts: &'a Layouts,
    pool: &'a Arena,
    constants: &'a [Pair],
    frames: &'a [Registers],
    function: &'a Function,
    registers: &'a Registers,
}

impl Context<'_> {
    /// The type of a register; one that is not there has the type of the first.
    fn ty(&self, register: Register) -> TypeId {
        self.function.registers.get(usize::from(register.0)).copied().unwrap_or(TypeId(u16::MAX))
    }

    fn slot(&self, register: Register) -> u8 {
        self.registers.slots.get(usize::from(register.0)).copied().unwrap_or(0)
    }

    fn width(&self, register: Register) -> usize {
        self.layouts.width(self.ty(register))
    }

    /// How a register's value is written into a text.
    fn hole(&self, register: Register) -> Part {
        let (ty, slot) = (self.ty(register), self.slot(register));
        match self.types.get(ty) {
            Some(Type::Text { .. } | Type::Url | Type::Domain | Type::Email) => Part::Text(slot),
            _ => Part::Value { slot, width: self.layouts.width(ty), ty },
        }
    }
}

/// A function that is being lowered.
struct Lowering<'a> {
    context: Context<'a>,
    known: Known,
    /// Per instruction, whether a basic block begins there.
    leaders: Vec<bool>,
    /// Whether labels surely fit the operations that have 16 bits for them.
    short_labels: bool,
    /// What the block costs so far.
    pending: u32,
    code: Code,
}

impl<'a> Lowering<'a> {
    fn new(context: Context<'a>, style: Style) -> Self {
        let function = context.function;
        let parameters = function.registers.iter().take(usize::from(function.parameters)).copied();
        let code = Code {
            slots: context.registers.slots.clone(),
            window: context.registers.window,
            parameters: context.layouts.row(&parameters.collect::<Vec<_>>()),
            releases: context.layouts.is_flat(function.result),
            entries: vec![0; function.code.len()],
            ..Code::default()
        };
        Self {
            context,
            known: Known::new(&context),
            leaders: leaders(&function.code, style),
            short_labels: function.code.len() < usize::from(u16::MAX / 4),
            pending: 0,
            code,
        }
    }

    fn run(mut self) -> Code {
        if !self.context.registers.fit {
            self.push(0, Op::Impossible);
            return self.code;
        }
        self.load_known();
        let mut index = 0;
        while let Some(instruction) = self.context.function.code.get(index) {
            if self.leaders.get(index).copied().unwrap_or(false) {
                self.fall_through(index);
            }
            if let Some(entry) = self.code.entries.get_mut(index) {
                *entry = u32::try_from(self.code.ops.len()).unwrap_or(u32::MAX);
            }
            let taken = self.fuse(index).unwrap_or_else(|| {
                self.select(index, instruction);
                1
            });
            index = index.saturating_add(taken);
        }
        // Verified code doesn't run off its end.
        self.push(index, Op::Impossible);
        self.resolve_labels();
        self.code
    }

    /// Loads the constants of loops once, at the start.
    fn load_known(&mut self) {
        for (register, constant) in self.known.hoisted() {
            self.load_constant(0, register, constant);
        }
    }

    /// Pays for a block that ends without a jump.
    fn fall_through(&mut self, index: usize) {
        let cost = core::mem::take(&mut self.pending);
        if cost > 0 {
            self.push(index.saturating_sub(1), Op::Charge { cost });
        }
    }

    /// Adds an operation.
    fn push(&mut self, index: usize, op: Op) {
        let instruction = u16::try_from(index).unwrap_or(u16::MAX);
        self.code.origins.push(Origin { instruction, unpaid: self.pending });
        self.code.ops.push(op);
    }

    /// Adds an operation that is paid for with its block.
    fn step(&mut self, index: usize, price: u32, op: Op) {
        self.pending = self.pending.saturating_add(price);
        self.push(index, op);
    }

    /// Adds the operation that ends a block, given what it has to pay.
    fn end(&mut self, index: usize, price: u32, op: impl FnOnce(u8) -> Op) {
        let cost = core::mem::take(&mut self.pending).saturating_add(price);
        let inline = u8::try_from(cost).unwrap_or(u8::MAX);
        let rest = cost.saturating_sub(u32::from(inline));
        if rest > 0 {
            self.push(index, Op::Charge { cost: rest });
        }
        self.push(index, op(inline));
    }

    /// Adds an instruction that is executed as it stands.
    fn heavy(&mut self, index: usize, instruction: &Instruction) {
        let price = self.price(instruction);
        let op = self.add_heavy(index, price);
        self.push(index, op);
    }

    /// What an instruction charges before it works; what doesn't depend on its operands
    /// is left to the block.
    fn price(&mut self, instruction: &Instruction) -> Price {
        match instruction.row().cost {
            Cost::Fixed(price) => {
                self.pending = self.pending.saturating_add(price);
                Price::default()
            }
            Cost::Length(base) => {
                let first = operand::uses(instruction).into_iter().take(1).collect();
                Price { base, deep: false, operands: self.sized(first) }
            }
            Cost::Size(base) => {
                Price { base, deep: true, operands: self.sized(operand::uses(instruction)) }
            }
        }
    }

    fn add_heavy(&mut self, index: usize, price: Price) -> Op {
        let heavy = u32::try_from(self.code.heavies.len()).unwrap_or(u32::MAX);
        let instruction = u16::try_from(index).unwrap_or(u16::MAX);
        self.code.heavies.push(Heavy { instruction, price });
        Op::Heavy { index: heavy }
    }

    /// `pieces` are the texts around the holes; empty ones are left out.
    fn add_template(&mut self, price: Price, pieces: Constant, holes: &[Register]) -> u32 {
        let pieces = self.context.constants.get(usize::from(pieces.0));
        let pieces = pieces.map_or(&[][..], |[list, _]| self.context.pool.list(*list));
        let mut holes = holes.iter().map(|hole| self.context.hole(*hole));
        let mut parts = Vec::new();
        for piece in pieces {
            if slot::length(*piece) > 0 {
                parts.push(Part::Piece(*piece));
            }
            parts.extend(holes.next());
        }
        let number = u32::try_from(self.code.templates.len()).unwrap_or(u32::MAX);
        self.code.templates.push(Template { price, parts: parts.into() });
        number
    }

    /// Those of some registers whose size can cost fuel.
    fn sized(&self, registers: Vec<Register>) -> Box<[(u8, Option<TypeId>)]> {
        let context = &self.context;
        registers
            .into_iter()
            .map(|register| (context.slot(register), context.ty(register)))
            .filter(|(_, ty)| context.layouts.is_sized(*ty))
            .map(|(slot, ty)| {
                let text = matches!(context.layouts.get(ty), Layout::Text);
                (slot, (!text).then_some(ty))
            })
            .collect()
    }

    fn call_target(&self, function: u16, arguments: &[Register]) -> Option<CallTarget> {
        let callee = self.context.frames.get(usize::from(function))?;
        let mut slots = Vec::new();
        for (register, to) in arguments.iter().zip(&callee.slots) {
            let from = self.context.slot(*register);
            for word in 0..u8::try_from(self.context.width(*register)).ok()? {
                slots.push((from.checked_add(word)?, to.checked_add(word)?));
            }
        }
        callee.fit.then(|| CallTarget { function, arguments: slots.into() })
    }

    fn loop_target(&mut self, max: u64, cost: u8, label: Label) -> u32 {
        let target = u32::try_from(self.code.targets.len()).unwrap_or(u32::MAX);
        let label = u32::from(label.0);
        self.code.targets.push(LoopTarget { max, cost: u32::from(cost), label });
        target
    }

    /// Turns labels, which are instructions so far, into operations.
    fn resolve_labels(&mut self) {
        let entries = &self.code.entries;
        let resolve = |label: u32| {
            let entry = usize::try_from(label).ok().and_then(|label| entries.get(label));
            entry.copied().unwrap_or(u32::MAX)
        };
        for op in &mut self.code.ops {
            op.relabel(resolve);
        }
        for target in &mut self.code.targets {
            target.label = resolve(target.label);
        }
    }
}

/// Where basic blocks begin.
fn leaders(code: &[Instruction], style: Style) -> Vec<bool> {
    let mut leaders = vec![style != Style::Fast; code.len()];
    let mut mark = |index: usize| {
        if let Some(leader) = leaders.get_mut(index) {
            *leader = true;
        }
    };
    for (index, instruction) in code.iter().enumerate() {
        if let Some(label) = instruction.label() {
            mark(usize::from(label.0));
        }
        if ends_block(instruction) {
            mark(index.saturating_add(1));
        }
    }
    leaders
}

fn ends_block(instruction: &Instruction) -> bool {
    let row = instruction.row();
    let jumps = matches!(row.flow, Flow::Jump | Flow::Branch | Flow::End);
    let yields = matches!(row.class, Class::Reads | Class::Acts | Class::Ends);
    jumps || yields || matches!(instruction, Instruction::Call { .. })
}

impl Op {
    /// Replaces the label, if there is one.
    fn relabel(&mut self, resolve: impl Fn(u32) -> u32) {
        match self {
            Self::Jump { label, .. }
            | Self::JumpIf { label, .. }
            | Self::JumpUnless { label, .. }
            | Self::RangeNext { label, .. }
            | Self::ListNext { label, .. }
            | Self::JumpUnlessVariant { label, .. }
            | Self::MatchSome { label, .. } => *label = resolve(*label),
            Self::EqualWordJumpIf { label, .. }
            | Self::EqualWordJumpUnless { label, .. }
            | Self::LessIntJumpIf { label, .. }
            | Self::LessIntJumpUnless { label, .. }
            | Self::LessEqualIntJumpIf { label, .. }
            | Self::LessEqualIntJumpUnless { label, .. }
            | Self::LessFloatJumpIf { label, .. }
            | Self::LessFloatJumpUnless { label, .. }
            | Self::LessEqualFloatJumpIf { label, .. }
            | Self::LessEqualFloatJumpUnless { label, .. }
            | Self::EqualConstantJumpUnless { label, .. }
            | Self::LessConstantJumpUnless { label, .. }
            | Self::GreaterConstantJumpUnless { label, .. } => {
                *label = u16::try_from(resolve(u32::from(*label))).unwrap_or(u16::MAX);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
