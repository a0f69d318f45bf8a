//! The versions of what one program writes and another relies on. A manifest
//! names them; a loader compares them before it looks at the code.
//!
//! Formats of files have versions of their own, beside their readers.

/// The instruction set: rises when an instruction's number, operands or meaning change.
pub const ISA: u16 = 1;
/// The language: rises when a source text comes to mean something else.
pub const LANGUAGE_EDITION: u16 = 1;
/// The prices of instructions in fuel: rises when one of them changes.
pub const COST_TABLE: u16 = 1;
/// The words in which a site's own adapters are asked and answer.
pub const ADAPTER_PROTOCOL: u16 = 1;
