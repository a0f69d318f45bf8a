//! A source in the one style: text in, text out.
//!
//! Only what stands between tokens is written anew: blanks, line breaks, the commas that
//! end or part a list. Tokens and comments come out as they went in and in their order, so
//! the text says the same as before. [`source`] cuts, [`marks`] asks the tree what each
//! token is in its place, [`tree`] folds tokens into brackets, [`mod@print`] lays them out.
//!
//! The style:
//! - Four blanks for each level, lines of at most 100 characters where texts let them.
//! - What fits on one line stands on one, but for the blocks of playbooks, tasks, stages,
//!   loops, approvals and tests, the arms of a `match`, and the clauses of a declaration or
//!   rule. Short blocks, types and enums stay on one line where the author put them so.
//! - What doesn't fit is broken before its clauses, else before its loosest operators, else
//!   in its last brackets, an element a line. A call of one text is never broken: the text
//!   would be as long below.
//! - One blank line stays where the author left some; around long items there always is one.

mod marks;
mod print;
mod source;
mod tree;

use crate::diagnostic::Diagnostic;
use crate::span::FileId;
use marks::Marks;
use print::Printer;
use source::Source;

/// The widest line, in characters.
const WIDTH: usize = 100;

/// The blanks of one level.
const LEVEL: usize = 4;

/// The source in the one style. Formatting that again changes nothing, and its tree is the
/// same but for places.
///
/// # Errors
/// Why the source can't be read, as [`crate::parse`] says it.
pub fn format(file: FileId, source: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = crate::parse(file, source);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let mut source = Source::new(file, source);
    let marks = Marks::of(&parsed.tree, source.tokens());
    let items = tree::fold(&mut source, &marks);
    Ok(Printer::new(&source, &marks).file(&items))
}

#[cfg(test)]
mod tests;
