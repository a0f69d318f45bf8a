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

/// What an instruction writes, by the edge on which it does.
struct Writes {
    always: Set,
    next: Set,
    label: Set,
    used_up: Set,
}

pub(super) fn check(body: &Body<'_>, graph: &Graph, meter: &mut Meter) -> Result<()> {
    let mut entries = vec![Set::FULL; graph.blocks.len()];
    if let Some(first) = entries.first_mut() {
        *first = entry(body);
    }
    for (index, block) in graph.blocks.iter().enumerate() {
        let Some(mut assigned) = entries.get(index).copied() else { continue };
        let Some(code) = body.function.code.get(block.start..block.end) else { continue };
        let mut last = Writes::NONE;
        for (at, instruction) in (block.start..).zip(code) {
            last = step(body, at, instruction, &assigned)?;
            assigned = assigned.without(&last.used_up).with(&last.always);
        }
        if let Some(next) = block.next.and_then(|next| entries.get_mut(next)) {
            *next = next.common(&assigned.with(&last.next));
        }
        let Some((target, label)) = block.label.and_then(|to| Some((to, entries.get_mut(to)?)))
        else {
            continue;
        };
        let mut on_label = assigned.with(&last.label);
        let closing = code.last();
        if closing.is_some_and(|instruction| instruction.row().flow == Flow::Open) {
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

impl Writes {
    const NONE: Self =
        Self { always: Set::EMPTY, next: Set::EMPTY, label: Set::EMPTY, used_up: Set::EMPTY };
}

fn step(body: &Body<'_>, at: usize, instruction: &Instruction, assigned: &Set) -> Result<Writes> {
    let mut writes = Writes::NONE;
    let mut missing = None;
    let mut read = |register: Register| {
        if !assigned.contains(register) {
            missing = missing.or(Some(register));
        }
    };
    instruction.operands(|row, operand| {
        let registers = match operand {
            Operand::Registers(registers) => registers,
            Operand::Number(site) if row.kind == Kind::ActionSite => {
                let site = usize::try_from(site).ok().and_then(|site| body.module.sites.get(site));
                if let Some(site) = site {
                    site.registers(&mut read);
                }
                return;
            }
            Operand::Number(question) if row.kind == Kind::Question => {
                let question = usize::try_from(question).ok();
                let question = question.and_then(|index| body.module.questions.get(index));
                if let Some(question) = question {
                    question.registers(&mut read);
                }
                return;
            }
            Operand::Number(_) => return,
        };
        let set = match row.role {
            Role::Use | Role::Uses => return registers.iter().copied().for_each(&mut read),
            Role::Def => &mut writes.always,
            Role::DefNext | Role::DefsNext => &mut writes.next,
            Role::DefLabel => &mut writes.label,
            Role::Label | Role::Number => return,
        };
        for register in registers {
            set.insert(*register);
        }
    });
    if let Instruction::ListOfBuilder { a, .. } = instruction {
        writes.used_up.insert(*a);
    }
    missing.map_or(Ok(writes), |register| {
        let found = format!("a read of register {}, which has no value yet", register.0);
        Err(body.refuse(VerifyCode::Uninitialised, at, found, "a write before it, on every path"))
    })
}
