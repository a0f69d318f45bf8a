//! One run of a playbook: computes until it needs the world, and says what it
//! needs.
//!
//! A machine is never stored. It is rebuilt by giving a fresh one the same
//! answers: equal answers lead to equal yields and equal fuel.

use std::sync::Arc;

use rye_bytecode::instruction::operand::{Label, Outcome};
use rye_core::effect::{Effect, Position};
use rye_core::error::Error;
use rye_core::id::RunId;
use rye_core::value::{Name, Time, Value};

use crate::dispatch::{self, Environment, Exit};
use crate::frame::{Frames, Landing, Then};
use crate::heap::Arena;
use crate::import::{self, Refusal, add_variant};
use crate::json::{self, InputError};
use crate::program::Program;
use crate::slot;
use crate::stack::{self, Activation, Stack};
use crate::trap::{Fault, Trap};

mod answer;
mod effect;
mod question;

/// What a run starts with, besides its input.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its id.
    pub run: RunId,
    /// When it started.
    pub started: Time,
    /// Who or what started it.
    pub starter: Name,
    /// One value per setting of the module, in their order.
    pub settings: Vec<Value>,
    /// How much it may compute; see [`crate::fuel`].
    pub fuel: u64,
    /// How many bytes it may allocate.
    pub memory: usize,
}

/// What the world says to a yield.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The effect's result.
    Value(Value),
    /// The effect's error.
    Error(Error),
    /// After [`AfterUnwind::Recover`]: what was to be undone is undone.
    Unwound,
    /// After [`AfterUnwind::Hold`]: a person says that the error goes on outward,
    /// undoing what it leaves.
    Unwind,
}

/// Why the machine stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yield {
    /// It needs the world: go on with [`Answer::Value`] or [`Answer::Error`].
    Effect {
        /// Which effect of the run it is.
        position: Position,
        /// What is needed.
        effect: Effect,
    },
    /// An error left the frames around it.
    Raised {
        /// The error.
        error: Error,
        /// Where it was raised: the effect, or else the innermost frame.
        at: Position,
        /// The frame that has to be undone with all inside; none if nothing has to.
        undo: Option<Position>,
        /// What comes then.
        then: AfterUnwind,
    },
    /// The playbook ended itself.
    Ended {
        /// How.
        outcome: Outcome,
        /// What people read.
        text: Arc<str>,
    },
    /// It can't go on, ever.
    Fault(Fault),
}

/// What comes after undoing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AfterUnwind {
    /// The playbook goes on in a `recover`: go on with [`Answer::Unwound`].
    Recover,
    /// The run is held; what stands in this frame and around it stays. A person may
    /// say [`Answer::Unwind`]. If nothing was undone and `at` is an effect whose
    /// answer was the error, the effect may be repeated instead, and its answer
    /// given as if it were the first.
    Hold(Position),
    /// The run is over.
    End,
}

/// Where a run stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The stages around, outermost first.
    pub stages: Vec<Name>,
    /// The function.
    pub function: Name,
    /// The source file and its line, where the module knows them.
    pub line: Option<(Name, u32)>,
}

/// The facts that a playbook may ask about its run.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) run: RunId,
    pub(crate) started: Time,
    pub(crate) starter: Name,
}

/// What the machine waits for.
#[derive(Clone, Debug)]
enum State {
    /// To be run.
    Ready,
    /// The answer to an effect.
    Asked(Position),
    /// That the frame, an attempt, is undone.
    Unwinding { attempt: usize, error: Error },
    /// A person; `asked` is the effect if it may be repeated.
    Held { frame: usize, error: Error, at: Position, asked: Option<Position> },
    /// Nothing any more.
    Over,
}

/// One run. While it waits it keeps its arena, its frames and the registers that
/// live; the stack is its caller's.
#[derive(Debug)]
pub struct Machine {
    program: Arc<Program>,
    arena: Arena,
    memory: usize,
    granted: u64,
    fuel: u64,
    facts: Facts,
    settings: Box<[u64]>,
    frames: Frames,
    calls: Vec<Activation>,
    registers: Vec<u64>,
    /// How many questions it asked people.
    questions: usize,
    /// What people answered to those about effects.
    answers: Vec<question::Answered>,
    state: State,
}

/// Why something did not come about while the machine met the world.
enum Failure {
    Error(Error),
    Fault(Fault),
}

impl From<Trap> for Failure {
    fn from(trap: Trap) -> Self {
        match trap {
            Trap::Raise(reason) => Self::Error(reason.into()),
            Trap::RaiseSelf => Self::Fault(Fault::Invariant("an error without its instruction")),
            Trap::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Machine {
    /// A machine for one run of a playbook, by its index, with this input: a JSON
    /// object with one member per parameter.
    ///
    /// # Errors
    /// When the input is not of the parameters' types, or a setting's value not of
    /// its type or range: which part, what was expected, what was found.
    pub fn start(
        program: Arc<Program>,
        playbook: usize,
        input: &[u8],
        start: Start,
    ) -> Result<Self, InputError> {
        let declared = program
            .playbook(playbook)
            .ok_or_else(|| InputError::call("a playbook of the module", "another number"))?;
        let routine = program
            .function(declared.function)
            .map_err(|_| InputError::call("the playbook's function", "nothing"))?;
        let mut arena = Arena::default();
        let mut memory = program.memory(&mut arena, start.memory);
        let types = &program.module().types;
        let parameters =
            json::Parameters { names: &declared.parameters, row: &routine.code.parameters };
        let mut registers = Vec::with_capacity(routine.code.window);
        json::decode(&mut memory, types, &parameters, input, &mut registers)?;
        registers.resize(routine.code.window, 0);
        let settings = settings(&program, &mut memory, &start.settings)?;
        let frames = Frames::of_playbook(declared.on_failure);
        let calls = vec![Activation::first(declared.function.0)];
        let Start { run, started, starter, fuel, memory, .. } = start;
        Ok(Self {
            arena,
            memory,
            granted: fuel,
            fuel,
            facts: Facts { run, started, starter },
            settings,
            frames,
            calls,
            registers,
            questions: 0,
            answers: Vec::new(),
            state: State::Ready,
            program,
        })
    }

    /// Computes until the world is needed. Once; then [`Machine::resume`].
    pub fn run(&mut self, stack: &mut Stack) -> Yield {
        match core::mem::replace(&mut self.state, State::Over) {
            State::Ready => self.go_on(stack),
            _ => Yield::Fault(Fault::Invariant("a machine is run that waits for an answer")),
        }
    }

    /// Goes on with an answer to the last yield.
    pub fn resume(&mut self, answer: Answer, stack: &mut Stack) -> Yield {
        let result = match (core::mem::replace(&mut self.state, State::Over), answer) {
            (
                State::Asked(at) | State::Held { asked: Some(at), .. },
                answer @ (Answer::Value(_) | Answer::Error(_)),
            ) => match self.accept(answer, &at) {
                Ok(()) => Ok(()),
                Err(Failure::Error(error)) => return self.raise(error, at.clone(), Some(at)),
                Err(Failure::Fault(fault)) => Err(fault),
            },
            (State::Unwinding { attempt, error }, Answer::Unwound) => {
                self.recover(attempt, &error).map_err(|trap| match Failure::from(trap) {
                    Failure::Fault(fault) => fault,
                    Failure::Error(_) => Fault::Invariant("recovering raised an error"),
                })
            }
            (State::Held { frame, error, at, .. }, Answer::Unwind) => {
                let landing = self.frames.land_beyond(frame);
                return self.land(error, at, landing, None);
            }
            _ => Err(Fault::Invariant("an answer comes that nobody waits for")),
        };
        match result {
            Ok(()) => self.go_on(stack),
            Err(fault) => Yield::Fault(fault),
        }
    }

    /// How much was computed so far.
    pub fn fuel_used(&self) -> u64 {
        self.granted.saturating_sub(self.fuel)
    }

    /// How many bytes are allocated.
    pub fn memory_used(&self) -> usize {
        self.arena.used()
    }

    /// Where the run stands.
    pub fn place(&self) -> Place {
        let module = self.program.module();
        let name = |constant: &rye_bytecode::module::Constant| match &constant.value {
            Value::Text(text) => Name::clone(text),
            other => Name::from(other.to_string()),
        };
        let stages = self
            .frames
            .stages()
            .filter_map(|stage| module.constants.get(usize::from(stage.0)).map(name))
            .collect();
        let Ok((activation, routine)) = stack::top(&self.program, &self.calls) else {
            return Place { stages, function: Name::from(""), line: None };
        };
        let instruction = routine
            .instruction_of(activation.pc.saturating_sub(1))
            .map_or(0, |(instruction, _)| instruction);
        let lines = module.debug.lines.get(usize::from(activation.function));
        let line = lines.and_then(|lines| {
            let behind = lines.partition_point(|line| line.instruction <= instruction);
            let line = lines.get(behind.checked_sub(1)?)?;
            let file = module.debug.files.get(usize::from(line.file))?;
            Some((Name::clone(file), line.line))
        });
        Place { stages, function: Name::clone(&routine.declared.name), line }
    }

    /// Computes from where the machine stands.
    fn go_on(&mut self, stack: &mut Stack) -> Yield {
        loop {
            if let Some(wanted) = self.compute(stack) {
                return wanted;
            }
        }
    }

    /// Computes up to the next yield; nothing if the machine answers that itself.
    fn compute(&mut self, stack: &mut Stack) -> Option<Yield> {
        let base = self.calls.last().map_or(0, |activation| activation.base);
        if let Err(trap) = stack.slots.restore(&self.registers, base) {
            return Some(self.stop(trap));
        }
        let mut environment = Environment {
            program: &self.program,
            memory: self.program.memory(&mut self.arena, self.memory),
            frames: &mut self.frames,
            facts: Some(&self.facts),
            settings: &self.settings,
        };
        let exit =
            dispatch::run(&mut environment, &mut stack.slots, &mut self.calls, &mut self.fuel);
        self.keep(stack);
        Some(match exit {
            Exit::Returned(_) => Yield::Ended { outcome: Outcome::Finished, text: Arc::from("") },
            Exit::Yield => return self.meet_the_world(),
            Exit::Trap(trap) => self.stop(trap),
        })
    }

    /// Keeps the registers that live.
    fn keep(&mut self, stack: &Stack) {
        let end = stack::top(&self.program, &self.calls).map_or(0, |(activation, routine)| {
            slot::size(activation.base).saturating_add(routine.code.window)
        });
        self.registers.clear();
        self.registers.extend_from_slice(stack.slots.live(end));
    }

    /// Stops for an error or a fault of the instruction that was executed last.
    fn stop(&mut self, trap: Trap) -> Yield {
        let error = match trap {
            Trap::RaiseSelf => {
                let memory = self.program.memory(&mut self.arena, self.memory);
                dispatch::own_error(&self.program, &memory, &self.registers, &self.calls)
            }
            other => Err(other),
        };
        match error.map_or_else(Failure::from, Failure::Error) {
            Failure::Error(error) => {
                let at = self.frames.innermost();
                self.raise(error, at, None)
            }
            Failure::Fault(fault) => Yield::Fault(fault),
        }
    }

    /// Sends an error outward; `asked` is the effect whose answer it is.
    fn raise(&mut self, error: Error, at: Position, asked: Option<Position>) -> Yield {
        let landing = self.frames.land(error.kind.always_holds());
        self.land(error, at, landing, asked)
    }

    fn land(
        &mut self,
        error: Error,
        at: Position,
        landing: Landing,
        asked: Option<Position>,
    ) -> Yield {
        let undo = landing.undo.map(|frame| self.frames.position(frame));
        let then = match landing.then {
            Then::Recover(attempt) => {
                self.state = State::Unwinding { attempt, error: error.clone() };
                AfterUnwind::Recover
            }
            Then::Hold(frame) => {
                let asked = asked.filter(|_| undo.is_none());
                self.state = State::Held { frame, error: error.clone(), at: at.clone(), asked };
                AfterUnwind::Hold(self.frames.position(frame))
            }
            Then::End => AfterUnwind::End,
        };
        Yield::Raised { error, at, undo, then }
    }

    /// Goes on in the handler of an attempt.
    fn recover(&mut self, attempt: usize, error: &Error) -> Result<(), Trap> {
        let handler = self.frames.recover(attempt)?;
        self.calls.truncate(handler.depth);
        let (activation, routine) = stack::top(&self.program, &self.calls)?;
        let end = slot::size(activation.base).saturating_add(routine.code.window);
        self.registers.truncate(end);
        let (ty, slot) = (routine.ty(handler.error)?, routine.slot(handler.error)?);
        let mut memory = self.program.memory(&mut self.arena, self.memory);
        let text = memory.add_text(&error.text)?;
        let variant = u32::from(error.kind.code());
        let value = add_variant(&mut memory, ty, variant, &[[text, 0]])?;
        let at = slot::size(activation.base).saturating_add(usize::from(slot));
        *self.registers.get_mut(at).ok_or(Trap::invariant("an error has no register"))? = value;
        self.jump(Label(handler.label))
    }

    /// Goes on at a label of the function on top.
    fn jump(&mut self, label: Label) -> Result<(), Trap> {
        let (_, routine) = stack::top(&self.program, &self.calls)?;
        let entry = routine.code.entries.get(usize::from(label.0)).copied();
        let entry = entry.ok_or(Trap::invariant("a label leads nowhere"))?;
        let top = self.calls.last_mut().ok_or(Trap::invariant("nothing is being executed"))?;
        top.pc = entry;
        Ok(())
    }
}

/// The slots of the settings' values.
pub(crate) fn settings(
    program: &Program,
    memory: &mut crate::heap::Memory<'_>,
    values: &[Value],
) -> Result<Box<[u64]>, InputError> {
    let module = program.module();
    if values.len() != module.settings.len() {
        let expected = format!("{} values of settings", module.settings.len());
        return Err(InputError::call(&expected, &values.len().to_string()));
    }
    let load = |(setting, value): (&rye_bytecode::module::Setting, &Value)| {
        let path = format!("setting {}", setting.name);
        if let Some((low, high)) = &setting.range
            && !(low..=high).contains(&value)
        {
            let expected = format!("a value from {low} to {high}");
            return Err(InputError::at(path, &expected, &value.to_string()));
        }
        match import::value(memory, &module.types, setting.ty, value) {
            Ok([slot, _]) => Ok(slot),
            Err(Refusal::Misfit(misfit)) => {
                Err(InputError::at(path + &misfit.path, &misfit.expected, &misfit.found))
            }
            Err(Refusal::Fault(_)) => Err(InputError::memory()),
        }
    };
    module.settings.iter().zip(values).map(load).collect()
}

/// The types of a call's results and arguments, in the terms of the module.
pub(crate) fn signature(
    program: &Program,
    action: rye_bytecode::instruction::operand::Action,
) -> Result<&rye_core::action::ActionSignature, Trap> {
    let signature = program.module().actions.get(usize::from(action.0));
    signature.ok_or(Trap::invariant("there is no such action"))
}

#[cfg(test)]
mod tests;
