//! Definite assignment: a register is written before it is read, on every path.
//!
//! One walk over the blocks in their order. What is assigned at a block's begin
//! is what is assigned on all edges into it. The edge from a loop's end back to
//! its begin needs no second walk: nothing is unassigned on the way, but builders,
//! which are looked at when the edge is met.
//!
//! A builder is used up by `list.builder`, so that no list changes after it was
//! built. What an attempt may have used up is gone where its failure leads.

use super::meter::Meter;
use super::{Body, Result, VerifyCode};
use crate::flow::Graph;
use crate::instruction::operand::{Kind, Operand, Register};
use crate::instruction::{Flow, Instruction, Role};

use rye_core::ty::Type;

/// Registers of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set([u64; 4]);

impl Set {
    const EMPTY: Self = Self([0; 4]);
    const FULL: Self = Self([u64::MAX; 4]);

    fn word(register: Register) -> (usize, u64) {
        (usize::from(register.0 >> 6), 1 << (register.0 & 63))
    }

    fn contains(&self, register: Register) -> bool {
        let (word, bit) = Self::word(register);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn insert(&mut self, register: Register) {
        let (word, bit) = Self::word(register);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn insert_all(&mut self, registers: &[Register]) {
        for register in registers {
            self.insert(*register);
        }
    }

    fn remove(&mut self, register: Register) {
        let (word, bit) = Self::word(register);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    fn join(&self, other: &Self, how: impl Fn(u64, u64) -> u64) -> Self {
        let mut joined = *self;
        for (word, other) in joined.0.iter_mut().zip(other.0) {
            *word = how(*word, other);
        }
        joined
    }

    fn with(&self, other: &Self) -> Self {
        self.join(other, |a, b| a | b)
    }

    fn without(&self, other: &Self) -> Self {
        self.join(other, |a, b| a & !b)
    }

    fn common(&self, other: &Self) -> Self {
        self.join(other, |a, b| a & b)
    }
}

pub(super) fn check(body: &Body<'_>, graph: &Graph, meter: &mut Meter) -> Result<()> {
    let mut entries = vec![Set::FULL; graph.blocks.len()];
    if let Some(first) = entries.first_mut() {
        *first = entry(body);
    }
    for (index, block) in graph.blocks.iter().enumerate() {
        let Some(mut assigned) = entries.get(index).copied() else { continue };
        let Some(code) = body.function.code.get(block.start..block.end) else { continue };
        for (at, instruction) in (block.start..).zip(code) {
            reads(body, at, instruction, &assigned)?;
            writes(instruction, &mut assigned);
        }
        let Some(last) = code.last() else { continue };
        if let Some(next) = block.next.and_then(|next| entries.get_mut(next)) {
            let on_next = written(last, |role| matches!(role, Role::DefNext | Role::DefsNext));
            *next = next.common(&assigned.with(&on_next));
        }
        let Some((target, label)) = block.label.and_then(|to| Some((to, entries.get_mut(to)?)))
        else {
            continue;
        };
        let mut on_label = assigned.with(&written(last, |role| role == Role::DefLabel));
        if last.row().flow == Flow::Open {
            let handler = graph.blocks.get(target).map_or(block.end, |handler| handler.start);
            meter.charge(handler.saturating_sub(block.end))?;
            on_label = on_label.without(&used_up(body, block.end, handler));
        }
        if target <= index {
            // Back to the loop's begin: all that it counts on must still be there.
            if label.without(&on_label) != Set::EMPTY {
                let at = block.end.saturating_sub(1);
                let found = "a builder that was used up in a round and is there in the next";
                return Err(body.refuse(
                    VerifyCode::Uninitialised,
                    at,
                    found,
                    "a builder of each round",
                ));
            }
        } else {
            *label = label.common(&on_label);
        }
    }
    Ok(())
}

/// What is assigned at the begin: parameters, and what has no value to assign.
fn entry(body: &Body<'_>) -> Set {
    let mut entry = Set::EMPTY;
    for (index, ty) in (0..=u8::MAX).zip(&body.function.registers) {
        let is_unit = matches!(body.module.types.get(*ty), Some(Type::Unit));
        if is_unit || index < body.function.parameters {
            entry.insert(Register(index));
        }
    }
    entry
}

/// The builders that code up to a handler uses up; the attempt is all in there.
fn used_up(body: &Body<'_>, start: usize, handler: usize) -> Set {
    let mut used_up = Set::EMPTY;
    for instruction in body.function.code.get(start..handler).unwrap_or_default() {
        if let Instruction::ListOfBuilder { a, .. } = instruction {
            used_up.insert(*a);
        }
    }
    used_up
}

/// Whatever an instruction reads is assigned.
fn reads(body: &Body<'_>, at: usize, instruction: &Instruction, assigned: &Set) -> Result<()> {
    let mut missing = None;
    let mut read = |register: Register| {
        if !assigned.contains(register) {
            missing = missing.or(Some(register));
        }
    };
    instruction.operands(|row, operand| match (row.role, operand) {
        (Role::Use | Role::Uses, Operand::Registers(registers)) => {
            registers.iter().copied().for_each(&mut read);
        }
        (_, Operand::Number(site)) if row.kind == Kind::ActionSite => {
            let site = usize::try_from(site).ok().and_then(|site| body.module.sites.get(site));
            if let Some(site) = site {
                site.registers(&mut read);
            }
        }
        (_, Operand::Number(question)) if row.kind == Kind::Question => {
            let question = usize::try_from(question).ok();
            let question = question.and_then(|index| body.module.questions.get(index));
            if let Some(question) = question {
                question.registers(&mut read);
            }
        }
        _ => {}
    });
    let Some(register) = missing else { return Ok(()) };
    let found = format!("a read of register {}, which has no value yet", register.0);
    Err(body.refuse(VerifyCode::Uninitialised, at, found, "a write before it, on every path"))
}

/// What is assigned behind an instruction, whichever edge is taken.
fn writes(instruction: &Instruction, assigned: &mut Set) {
    if let Instruction::ListOfBuilder { a, .. } = instruction {
        assigned.remove(*a);
    }
    instruction.operands(|row, operand| {
        if let (Role::Def, Operand::Registers(registers)) = (row.role, operand) {
            assigned.insert_all(registers);
        }
    });
}

/// What an instruction writes in operands of some roles.
fn written(instruction: &Instruction, wanted: impl Fn(Role) -> bool) -> Set {
    let mut written = Set::EMPTY;
    instruction.operands(|row, operand| {
        if let (true, Operand::Registers(registers)) = (wanted(row.role), operand) {
            written.insert_all(registers);
        }
    });
    written
}
