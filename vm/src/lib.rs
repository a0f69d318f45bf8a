//! The machine: executes verified bytecode, deterministically, within limits of
//! fuel and memory, and yields whenever it needs the world.
//!
//! It knows nothing about time, journals, retries or threads. Time comes in as
//! an answer; what is undone, waited for or asked is the engine's business. It
//! contains no unsafe code, doesn't panic on any input, and takes nothing but
//! `Verified<Module>`; what the verifier proved is checked again where it is
//! relied on, and a check that fails is a [`Fault::Invariant`].
//!
//! [`Program`] is the module in the form that is executed, shared by all runs.
//! [`Machine`] is one run of a playbook; [`Evaluator`] calls pure functions. The
//! [`Stack`] belongs to whoever runs them, one after the other.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod evaluator;
pub mod fuel;
pub mod machine;
pub mod trap;

mod dispatch;
mod export;
mod frame;
mod heap;
mod import;
mod json;
mod layout;
mod lower;
mod named;
mod op;
mod program;
mod slot;
mod stack;
#[cfg(test)]
mod testing;

pub use evaluator::{Arguments, CallError, Computed, Evaluator};
pub use json::InputError;
pub use machine::{AfterUnwind, Answer, Machine, Place, Start, Yield};
pub use program::Program;
pub use rye_bytecode::instruction::operand::Outcome;
pub use stack::Stack;
pub use trap::{Fault, Reason};
