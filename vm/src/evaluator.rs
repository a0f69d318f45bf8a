//! Calling pure functions from outside of a run: rules, benches, and tests that
//! compare the machine with something else.

use std::sync::Arc;

use rye_bytecode::instruction::operand::Function;
use rye_bytecode::module::FunctionKind;
use rye_core::error::Error;
use rye_core::ty::TypeId;
use rye_core::value::{Name, Value};

use crate::dispatch::{self, Environment, Exit};
use crate::export;
use crate::frame::Frames;
use crate::heap::{Arena, Mark};
use crate::import::{self, Refusal};
use crate::json::{self, InputError};
use crate::layout::Row;
use crate::machine;
use crate::program::Program;
use crate::slot::{self, Pair};
use crate::stack::{Activation, Stack};
use crate::trap::{Fault, Trap};

/// A memory, and fuel, in which pure functions are called.
#[derive(Debug)]
pub struct Evaluator {
    program: Arc<Program>,
    arena: Arena,
    memory: usize,
    fuel: u64,
    settings: Box<[u64]>,
    frames: Frames,
}

/// Arguments of a function, loaded into the memory of one evaluator.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    slots: Vec<u64>,
}

/// What a function gave, in the memory of one evaluator.
#[derive(Clone, Copy, Debug)]
pub struct Computed {
    ty: TypeId,
    value: Pair,
}

/// How full an evaluator's memory was.
#[derive(Clone, Copy, Debug)]
pub struct Checkpoint(Mark);

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The function raised this.
    Error(Error),
    /// It can't be executed, or no further.
    Fault(Fault),
}

impl From<Trap> for CallError {
    fn from(trap: Trap) -> Self {
        match trap {
            Trap::Raise(reason) => Self::Error(reason.into()),
            Trap::RaiseSelf => Self::Fault(Fault::Invariant("a pure function fails by itself")),
            Trap::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Evaluator {
    /// An evaluator that may allocate so many bytes and has so much fuel.
    pub fn new(program: Arc<Program>, fuel: u64, memory: usize) -> Self {
        let (arena, settings, frames) = (Arena::default(), Box::default(), Frames::default());
        Self { program, arena, memory, fuel, settings, frames }
    }

    /// Gives the settings of the module their values, in their order.
    ///
    /// # Errors
    /// When one is not of its setting's type or range.
    pub fn set(&mut self, values: &[Value]) -> Result<(), InputError> {
        let mut memory = self.program.memory(&mut self.arena, self.memory);
        self.settings = machine::settings(&self.program, &mut memory, values)?;
        Ok(())
    }

    /// How much fuel is left.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Gives fuel, instead of what is left.
    pub fn refuel(&mut self, fuel: u64) {
        self.fuel = fuel;
    }

    /// How many bytes are allocated.
    pub fn memory_used(&self) -> usize {
        self.arena.used()
    }

    /// How full the memory is now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.arena.mark())
    }

    /// Forgets all that was loaded and computed since.
    pub fn forget_since(&mut self, checkpoint: Checkpoint) {
        self.arena.release(checkpoint.0);
    }

    /// Loads the arguments of a function.
    ///
    /// # Errors
    /// When there are others than it wants.
    pub fn load(&mut self, function: Function, values: &[Value]) -> Result<Arguments, InputError> {
        let places = &*parameters(&self.program, function)?.places;
        if places.len() != values.len() {
            let expected = format!("{} arguments", places.len());
            return Err(InputError::call(&expected, &values.len().to_string()));
        }
        let mut memory = self.program.memory(&mut self.arena, self.memory);
        let mut slots = Vec::with_capacity(places.len());
        for (index, (place, value)) in places.iter().zip(values).enumerate() {
            let table = &self.program.module().types;
            match import::value(&mut memory, table, place.ty, value) {
                Ok(pair) => slots.extend(pair.iter().take(place.width)),
                Err(Refusal::Misfit(misfit)) => {
                    let path = format!("argument {index}{}", misfit.path);
                    return Err(InputError::at(path, &misfit.expected, &misfit.found));
                }
                Err(Refusal::Fault(_)) => return Err(InputError::memory()),
            }
        }
        Ok(Arguments { slots })
    }

    /// Loads the arguments of a function from a JSON object whose members are
    /// called `names`, in the order of the parameters.
    ///
    /// # Errors
    /// When the object is not of the parameters' types.
    pub fn load_json(
        &mut self,
        function: Function,
        names: &[Name],
        json: &[u8],
        arguments: &mut Arguments,
    ) -> Result<(), InputError> {
        let row = parameters(&self.program, function)?;
        let mut memory = self.program.memory(&mut self.arena, self.memory);
        let table = &self.program.module().types;
        let parameters = json::Parameters { names, row };
        json::decode(&mut memory, table, &parameters, json, &mut arguments.slots)
    }

    /// Calls a pure function with arguments that were loaded for it.
    ///
    /// # Errors
    /// Its error, or a fault.
    pub fn call(
        &mut self,
        function: Function,
        arguments: &Arguments,
        stack: &mut Stack,
    ) -> Result<Computed, CallError> {
        let program = &*self.program;
        let routine = program.function(function)?;
        if routine.declared.kind != FunctionKind::Pure
            || arguments.slots.len() != slot::size(routine.code.parameters.width)
        {
            return Err(Trap::invariant("a call from outside does not fit the function").into());
        }
        stack.calls.clear();
        stack.calls.push(Activation::first(function.0));
        stack.slots.restore(&[], 0)?;
        let window = stack.slots.window(0)?;
        if let Some(rest) = window.get_mut(arguments.slots.len()..routine.code.window) {
            rest.fill(0);
        }
        for (slot, value) in window.iter_mut().zip(&arguments.slots) {
            *slot = *value;
        }
        let mut environment = Environment {
            program,
            memory: program.memory(&mut self.arena, self.memory),
            frames: &mut self.frames,
            facts: None,
            settings: &self.settings,
        };
        let Stack { slots, calls } = stack;
        match dispatch::run(&mut environment, slots, calls, &mut self.fuel) {
            Exit::Returned(value) => Ok(Computed { ty: routine.declared.result, value }),
            Exit::Yield => Err(Trap::invariant("a pure function meets the world").into()),
            Exit::Trap(Trap::RaiseSelf) => {
                let error = dispatch::own_error(
                    program,
                    &environment.memory,
                    slots.live(usize::MAX),
                    calls,
                )?;
                Err(CallError::Error(error))
            }
            Exit::Trap(trap) => Err(trap.into()),
        }
    }

    /// What a call gave, as a value.
    ///
    /// # Errors
    /// When it was computed by another evaluator.
    pub fn value(&mut self, computed: Computed) -> Result<Value, Fault> {
        let memory = self.program.memory(&mut self.arena, self.memory);
        let types = &self.program.module().types;
        export::value(&memory, types, computed.ty, computed.value).map_err(|trap| match trap {
            Trap::Fault(fault) => fault,
            Trap::Raise(_) | Trap::RaiseSelf => Fault::Invariant("exporting raised an error"),
        })
    }

    /// What a call gave, if it is a text.
    pub fn text(&mut self, computed: Computed, read: impl FnOnce(&str)) -> bool {
        let memory = self.program.memory(&mut self.arena, self.memory);
        let text = memory.text(computed.value[0]);
        text.map(read).is_ok()
    }
}

fn parameters(program: &Program, function: Function) -> Result<&Row, InputError> {
    let routine = program.function(function);
    let routine = routine.map_err(|_| InputError::call("a function of the module", "none"))?;
    Ok(&routine.code.parameters)
}
