//! Which register holds what: each has one type for the whole body, and is used
//! again for a later value of that type when what it held is no longer needed.
//!
//! Registers are given back in the order of a stack, as scopes end, and those of
//! locals behind the last statement that needs them.

use rye_bytecode::instruction::operand::Register;
use rye_core::limit::REGISTERS_MAX;
use rye_core::ty::TypeId;

/// The registers of one body.
#[derive(Debug, Default)]
pub(super) struct Registers {
    types: Vec<TypeId>,
    /// The number of the last statement that needs a local in the register; of one
    /// that holds nothing any more it has passed.
    needed_until: Vec<usize>,
    /// Whether it holds nothing and may be taken.
    free: Vec<bool>,
    /// Those that hold a value, in the order in which they were taken.
    live: Vec<Register>,
    slots: usize,
    overflow: bool,
}

/// How many registers held a value at some point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

impl Registers {
    /// A register for a value of the type until the scope around ends.
    pub(super) fn take(&mut self, ty: TypeId, slots: usize) -> Register {
        let mut known = self.types.iter().zip(&mut self.free);
        let free = known.position(|(known, free)| *known == ty && core::mem::take(free));
        let register = match free.and_then(|number| u8::try_from(number).ok()) {
            Some(number) => Register(number),
            None => self.add(ty, slots),
        };
        self.live.push(register);
        register
    }

    /// A register that nothing else ever uses.
    pub(super) fn add(&mut self, ty: TypeId, slots: usize) -> Register {
        self.slots = self.slots.saturating_add(slots);
        let Ok(number) = u8::try_from(self.types.len()) else {
            self.overflow = true;
            return Register(u8::MAX);
        };
        self.types.push(ty);
        self.free.push(false);
        self.needed_until.push(0);
        Register(number)
    }

    /// Where the stack stands.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.live.len())
    }

    /// Gives back what was taken since `mark`.
    pub(super) fn release(&mut self, mark: Mark) {
        self.release_where(mark, |_| true);
    }

    /// What the register holds is needed up to this statement, or longer if that was
    /// said before.
    pub(super) fn hold(&mut self, register: Register, statement: usize) {
        if let Some(until) = self.needed_until.get_mut(usize::from(register.0)) {
            *until = statement.max(*until);
        }
    }

    /// Gives back what was taken since `mark`, but for what a later statement needs.
    pub(super) fn release_unneeded(&mut self, mark: Mark, statement: usize) {
        self.release_where(mark, |needed_until| needed_until <= statement);
    }

    /// Gives back what was taken since `mark`, if until when it is needed says so.
    fn release_where(&mut self, mark: Mark, is_over: impl Fn(usize) -> bool) {
        let from = mark.0.min(self.live.len());
        let over = |register: &mut Register| {
            let until = self.needed_until.get(usize::from(register.0));
            until.is_none_or(|until| is_over(*until))
        };
        for register in self.live.extract_if(from.., over) {
            if let Some(free) = self.free.get_mut(usize::from(register.0)) {
                *free = true;
            }
        }
    }

    /// How many slots of the machine all registers take.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Whether the machine has too few.
    pub(super) fn overflow(&self) -> bool {
        self.overflow || self.slots > REGISTERS_MAX
    }

    /// The type of each register.
    pub(super) fn into_types(self) -> Vec<TypeId> {
        self.types
    }
}
