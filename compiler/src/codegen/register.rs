//! Which register holds what: each has one type for the whole body, and is used
//! again for a later value of that type when what it held is no longer needed.
//!
//! Registers are given back in the order of a stack, as scopes end, and those of
//! locals behind the last statement that needs them.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Those that hold nothing, by type.
    free: BTreeMap<TypeId, BTreeSet<u8>>,
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
        let free = self.free.get_mut(&ty).and_then(BTreeSet::pop_first);
        let register = match free {
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
        self.needed_until.push(0);
        Register(number)
    }

    /// Where the stack stands.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.live.len())
    }

    /// Gives back what was taken since `mark`.
    pub(super) fn release(&mut self, mark: Mark) {
        while self.live.len() > mark.0 {
            let Some(register) = self.live.pop() else { return };
            if let Some(ty) = self.types.get(usize::from(register.0)) {
                self.free.entry(*ty).or_default().insert(register.0);
            }
        }
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
        let taken = self.live.split_off(mark.0.min(self.live.len()));
        for register in taken {
            let at = usize::from(register.0);
            if self.needed_until.get(at).is_some_and(|until| *until > statement) {
                self.live.push(register);
            } else if let Some(ty) = self.types.get(at) {
                self.free.entry(*ty).or_default().insert(register.0);
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
