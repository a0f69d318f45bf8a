//! Text → module: how tests write code that no compiler would.
//!
//! The text is a list of definitions in any order. Each names what it defines;
//! other definitions refer to it by that name, before or after. What a name
//! can't say (an index outside its table) is written as `#NUMBER`; `rN` is
//! register N everywhere. Line breaks mean nothing, `;` begins a comment.
//!
//! ```text
//! type int Int
//! type bool Bool
//! constant ten: int = 10
//! function larger "larger than ten" pure (value: int) -> bool registers (limit: int, is: bool) {
//!     constant limit, ten
//!     less is, limit, value
//!     return is
//! }
//! ```
//!
//! Nothing is checked beyond the form: whether the module makes sense is for the
//! verifier. `assemble(disassemble(module))` is `module`.

mod code;
mod item;
mod parser;
mod question;
mod token;
mod value;

use core::fmt;

use crate::module::Module;
use parser::Parser;

/// Where and why a text is no module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssembleError {
    /// The line, from 1.
    pub line: u32,
    /// What was found and what was expected.
    pub message: String,
    /// What would be right, where that is known.
    pub help: Option<String>,
}

impl fmt::Display for AssembleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl core::error::Error for AssembleError {}

/// The module that a text describes.
///
/// # Errors
/// The first thing that is not understood, with its line.
pub fn assemble(text: &str) -> Result<Module, AssembleError> {
    let mut parser = Parser::new(token::tokens(text)?)?;
    let mut module = Module::default();
    let mut types = Vec::new();
    while !parser.at_end() {
        item::item(&mut parser, &mut module, &mut types)?;
    }
    module.types = rye_core::ty::TypeTable::new(types);
    Ok(module)
}

#[cfg(test)]
mod tests;
