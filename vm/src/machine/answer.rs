//! What the world answers becomes a register's value, checked against the type
//! that the interface declares.

use std::sync::Arc;

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{ActionSite, Register};
use rye_core::effect::Position;
use rye_core::error::{Error, ErrorKind};
use rye_core::value::{Time, Value};

use super::{Answer, Failure, Machine, signature};
use crate::import::{self, Refusal};
use crate::slot::{self, Pair};
use crate::stack;
use crate::trap::Trap;

impl Machine {
    /// Gives the answer to the instruction that asked; an error that is not the
    /// instruction's own business is given back, to be raised.
    pub(super) fn accept(&mut self, answer: Answer, at: &Position) -> Result<(), Failure> {
        let program = Arc::clone(&self.program);
        let (activation, routine) = stack::top(&program, &self.calls)?;
        let op = activation.pc.checked_sub(1).ok_or(Trap::invariant("nothing was executed"))?;
        let (_, instruction) = routine.instruction_of(op)?;
        let answer = match answer {
            Answer::Value(value) => Ok(value),
            Answer::Error(error) => Err(error),
            Answer::Unwound | Answer::Unwind => {
                return Err(Trap::invariant("an effect is answered by unwinding").into());
            }
        };
        let result = answer.map_err(Failure::Error);
        match instruction {
            Instruction::Ask { to, site } | Instruction::Do { to, site } => {
                let (value, _) = self.result(*site, result?)?;
                self.put(*to, value)
            }
            Instruction::AskElse { to, site, label } => {
                match result.and_then(|value| self.result(*site, value)) {
                    Ok((value, _)) => self.put(*to, value),
                    Err(Failure::Error(_)) => Ok(self.jump(*label)?),
                    Err(fault) => Err(fault),
                }
            }
            Instruction::AskFirst { to, more, site } => {
                let found = self.result(*site, result?)?;
                self.put_first(*to, *more, found)
            }
            Instruction::AskFirstElse { to, more, site, label } => {
                match result.and_then(|value| self.result(*site, value)) {
                    Ok(found) => self.put_first(*to, *more, found),
                    Err(Failure::Error(_)) => Ok(self.jump(*label)?),
                    Err(fault) => Err(fault),
                }
            }
            // What people are told never fails a run.
            Instruction::Tell { .. } => Ok(()),
            Instruction::Approve { to, .. } => self.answered(*to, at, result?),
            Instruction::Choose { to, question, label } => match result {
                Ok(value) => {
                    let value = self.chosen(*question, &value)?;
                    self.put(*to, value)
                }
                Err(Failure::Error(_)) => Ok(self.jump(*label)?),
                Err(fault) => Err(fault),
            },
            Instruction::Wait { .. } => result.map(|_| ()),
            Instruction::StartWatch { to, .. } | Instruction::HoldUntil { to, .. } => match result?
            {
                Value::Time(Time(until)) => self.put(*to, [until.cast_unsigned(), 0]),
                other => {
                    Err(Failure::Error(rejected(&format!("expected an instant, found {other}"))))
                }
            },
            Instruction::LookAgain { to, .. } => self.looked(*to, result?, 2),
            Instruction::LookHeld { to, .. } => self.looked(*to, result?, 3),
            _ => Err(Trap::invariant("an instruction is answered that asked nothing").into()),
        }
    }

    /// What a look was answered: a number up to `most`.
    fn looked(&mut self, to: Register, answer: Value, most: i64) -> Result<(), Failure> {
        match answer {
            Value::Int(look) if (0..=most).contains(&look) => {
                self.put(to, [look.cast_unsigned(), 0])
            }
            other => Err(Failure::Error(rejected(&format!("expected 0 to {most}, found {other}")))),
        }
    }

    /// Writes an answer, and whether it was cut.
    fn put_first(
        &mut self,
        to: Register,
        more: Register,
        (value, cut): (Pair, bool),
    ) -> Result<(), Failure> {
        self.put(to, value)?;
        self.put(more, [slot::of_bool(cut), 0])
    }

    /// The slots of a result, and whether it was cut.
    fn result(&mut self, site: ActionSite, value: Value) -> Result<(Pair, bool), Failure> {
        let program = Arc::clone(&self.program);
        let site = program.module().sites.get(usize::from(site.0));
        let site = site.ok_or(Trap::invariant("there is no such site"))?;
        let signature = signature(&program, site.call().action)?;
        let (value, cut) = import::cut(value, signature.first);
        let mut memory = program.memory(&mut self.arena, self.memory);
        let value = import::value(&mut memory, &program.module().types, signature.result, &value);
        let value = value.map_err(|refusal| match refusal {
            Refusal::Misfit(misfit) => Failure::Error(rejected(&misfit.to_string())),
            Refusal::Fault(fault) => Failure::Fault(fault),
        })?;
        Ok((value, cut))
    }

    /// Writes a register of the function on top.
    pub(super) fn put(&mut self, register: Register, value: Pair) -> Result<(), Failure> {
        let (activation, routine) = stack::top(&self.program, &self.calls)?;
        let width = self.program.layouts.width(routine.ty(register)?);
        let first =
            slot::size(activation.base).saturating_add(usize::from(routine.slot(register)?));
        for (place, word) in self.registers.iter_mut().skip(first).zip(value).take(width) {
            *place = word;
        }
        Ok(())
    }
}

fn rejected(reason: &str) -> Error {
    Error::new(ErrorKind::Rejected, format!("the answer does not fit: {reason}"))
}
