//! What must hold for any bytes, as plain functions: one property per target, each
//! with seeds that it accepts.
//!
//! A fuzzer looks for bytes for which one fails; the tests of this crate try each on
//! its seeds and on random changes of them, in every run. A property panics when it
//! is broken, and says whether the bytes were accepted: a target whose inputs are
//! all refused at the door would be blind.

#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a property that doesn't hold must stop whoever looks for that"
)]

mod container;
mod differential;
mod module;
mod parts;
mod record;
mod site;
mod source;
mod text;

pub use module::runs;
pub use text::tree;

/// One property.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The word that it is asked for by.
    pub name: &'static str,
    /// What must hold, in short.
    pub equation: &'static str,
    /// Checks it; whether the bytes were accepted.
    ///
    /// Panics when it doesn't hold.
    pub check: fn(&[u8]) -> bool,
    /// Inputs to begin with, all of them accepted.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

macro_rules! targets {
    ($($name:literal $equation:literal $check:path, $seeds:path;)*) => {
        /// All of them.
        pub const TARGETS: &[Target] = &[
            $(Target { name: $name, equation: $equation, check: $check, seeds: $seeds },)*
        ];
    };
}

targets! {
    "tokens" "any text: tokens, and between them blanks, comments and what was complained of"
        text::check_tokens, source::seeds;
    "parse" "any text: a tree, and mistakes with places inside it"
        text::check_parse, source::seeds;
    "format" "parse(format(text)) = parse(text); format(format(text)) = format(text)"
        text::check_format, source::seeds;
    "source" "any text: mistakes with places inside it, or a module that is proved"
        source::check, source::seeds;
    "module" "encode(decode(bytes)) = bytes; assemble(disassemble(module)) = module"
        module::check, module::seeds;
    "verified" "what the verifier accepts never contradicts the machine, and stays in its bound"
        module::check_run, module::seeds;
    "differential" "a program by these genes means the same to the product and to a second interpreter"
        differential::check, differential::seeds;
    "input" "any bytes as a run's input: refused with a place, or a run"
        module::check_input, module::input_seeds;
    "bundle" "to_bytes(open(bytes)) = bytes; encode(decode(payload)) = payload"
        container::check_bundle, container::bundle_seeds;
    "trust_root" "encode(decode(bytes)) = bytes"
        container::check_trust_root, container::trust_root_seeds;
    "revocations" "encode(decode(bytes)) = bytes"
        container::check_revocations, container::revocations_seeds;
    "value" "encode(decode(bytes)) = bytes, nesting and order as they must be"
        record::check_value, record::value_seeds;
    "entry" "encode(decode(bytes)) = bytes, for the frame of an entry and for what it says"
        record::check_entry, record::entry_seeds;
    "message" "encode(decode(bytes)) = bytes, for a message and its statement"
        record::check_message, record::message_seeds;
    "segment" "any bytes as a journal: findings, or the very entries that were written"
        record::check_segment, record::segment_seeds;
    "site" "any text as a site file: mistakes with lines inside it, or a site"
        site::check, site::seeds;
}

/// The property of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
