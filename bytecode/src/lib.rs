//! The format that both sides of the trust boundary share: the compiler writes
//! it, the daemon reads it and believes nothing that it has not proved.
//!
//! A [`Module`](module::Module) is tables that refer to each other by index, and
//! functions of [instructions](instruction). It travels as [sections](section),
//! each a kind and its bytes:
//!
//! | kind | section | an entry |
//! | --- | --- | --- |
//! | 1 | constants | type `u16`, value in the canonical encoding of values |
//! | 2 | types | tag `u8`, then what the kind of type says: maxima `u32`, types `u16`, names |
//! | 3 | functions | name, kind `u8`, parameters `u8`, result `u16`, registers (types), instructions `u32`, bytes `u32` |
//! | 4 | code | the functions' instructions, one function after the other |
//! | 5 | actions | the declaration, clause by clause |
//! | 6 | debug | files, then per function its lines; left out if there are none |
//! | 8 | settings | name, type, default, range |
//! | 9 | roles | name, description |
//! | 10 | playbooks | name, function, parameters, severity, deadline, direction, limits |
//! | 11 | sites | verb `u8`, then the call with all that stands beside it |
//!
//! Integers are big-endian. Texts and tables have a 32-bit count in front, lists of
//! registers an 8-bit one, what may be absent a byte that is 0 or 1. An instruction
//! is its number, then its operands: registers, fields, alternatives and words in
//! one byte, indices of the module's tables and labels in two, counts in eight.
//!
//! ```text
//! compiler ──► Module ──encode──► sections ──decode──► Module ──verify──► Verified<Module> ──► machine
//! ```
//!
//! What is promised:
//! - a module has one encoding: [`decode()`] accepts exactly what [`encode()`] writes;
//! - any bytes give a module or an error with its place, any module a proof or a
//!   refusal with its place; both in time and memory in proportion to their size;
//! - a number of an instruction is never used for another;
//! - only [`verify()`] makes a [`Verified`]. There is no flag that skips it.
//!
//! It knows nothing about source text, signatures, and how code is run.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

#[cfg(any(test, feature = "arbitrary"))]
pub mod arbitrary;
pub mod assemble;
pub mod bound;
pub mod decode;
pub mod disassemble;
pub mod encode;
pub mod facts;
pub mod flow;
pub mod instruction;
pub mod module;
pub mod reference;
pub mod section;
pub mod setting;
pub mod verify;

pub use assemble::{AssembleError, assemble};
pub use bound::{Bound, bound};
pub use decode::{DecodeError, decode};
pub use disassemble::disassemble;
pub use encode::{EncodeError, encode};
pub use facts::{Facts, facts};
pub use section::{Section, SectionKind};
pub use verify::{Act, Options, Verified, VerifyCode, VerifyError, verify};
