//! Constants and settings in registers of their own.
//!
//! A register that never holds anything else is loaded once on each path, and in
//! front of the outermost loop around its use. Who executes the code can then
//! know its value without following control.

use std::collections::BTreeMap;

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{self, Register};
use rye_core::ty::TypeId;
use rye_grammar::span::Span;

use super::body::Body;
use super::buffer::Room;

/// A value that is known before the body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    Constant(operand::Constant),
    Setting(operand::Setting),
    /// Of type `Unit`: there is nothing to load.
    Unit,
}

/// The pinned registers of a body.
#[derive(Debug)]
pub(super) struct Pins {
    /// Whether there are any: a body with too many values does without.
    enabled: bool,
    registers: BTreeMap<Known, Register>,
    /// What was loaded on every path that leads here, in the order of loading.
    loaded: Vec<Register>,
    /// The room in front of the outermost loop, and what was loaded there.
    hoisted: Option<(Room, Vec<Register>)>,
    loops: usize,
}

/// What was loaded at some point.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadedMark(usize);

impl Pins {
    pub(super) fn new(enabled: bool) -> Self {
        let (registers, loaded) = (BTreeMap::new(), Vec::new());
        Self { enabled, registers, loaded, hoisted: None, loops: 0 }
    }

    pub(super) fn mark(&self) -> LoadedMark {
        LoadedMark(self.loaded.len())
    }

    /// What was loaded since `mark` isn't loaded on every path from here on.
    pub(super) fn forget(&mut self, mark: LoadedMark) {
        self.loaded.truncate(mark.0);
    }
}

impl Body<'_, '_> {
    /// A register that holds a known value of a type of the module.
    pub(super) fn load(&mut self, known: Known, ty: TypeId, span: Span) -> Register {
        // A number is known wherever it is compared; of the others a register of their
        // own only spares the loading in each round of a loop.
        let worthwhile = self.pins.hoisted.is_some() || self.tables.is_word(ty);
        if !(self.pins.enabled && worthwhile) {
            let register = self.take(ty);
            self.load_into(known, register, span);
            return register;
        }
        let slots = self.tables.slots(ty);
        let Pins { registers, loaded, hoisted, .. } = &mut self.pins;
        let register = *registers.entry(known).or_insert_with(|| self.registers.add(ty, slots));
        let Some(instruction) = instruction(known, register) else { return register };
        if loaded.contains(&register) {
            return register;
        }
        match hoisted {
            Some((_, hoisted)) if hoisted.contains(&register) => {}
            Some((room, hoisted)) => {
                hoisted.push(register);
                self.code.fill(*room, instruction, span);
            }
            None => {
                loaded.push(register);
                self.code.push(instruction, span);
            }
        }
        register
    }

    /// Loads a known value into a register of its type.
    pub(super) fn load_into(&mut self, known: Known, to: Register, span: Span) {
        if let Some(instruction) = instruction(known, to) {
            self.emit(instruction, span);
        }
    }

    /// A loop begins with what comes next.
    pub(super) fn begin_loop(&mut self) {
        if self.pins.loops == 0 {
            self.pins.hoisted = Some((self.code.room(), Vec::new()));
        }
        self.pins.loops = self.pins.loops.saturating_add(1);
    }

    /// The loop has ended.
    pub(super) fn end_loop(&mut self) {
        self.pins.loops = self.pins.loops.saturating_sub(1);
        if self.pins.loops == 0
            && let Some((_, hoisted)) = self.pins.hoisted.take()
        {
            self.pins.loaded.extend(hoisted);
        }
    }
}

fn instruction(known: Known, to: Register) -> Option<Instruction> {
    match known {
        Known::Constant(constant) => Some(Instruction::Constant { to, constant }),
        Known::Setting(setting) => Some(Instruction::Setting { to, setting }),
        Known::Unit => None,
    }
}
