//! The standard interfaces that a source can mean: to read the others, too, would take
//! longer than all that is done with a small program.

use rye_compiler::Source;
use rye_stdlib::INTERFACES;

/// What every source knows without a word.
const PRELUDE: &str = "std.asset";

/// The interfaces that `text` may name.
pub fn named_in(text: &str) -> Vec<Source<'static>> {
    let named = INTERFACES
        .iter()
        .filter(|(module, _)| *module == PRELUDE || text.contains(module))
        .map(|(module, text)| Source { module, path: module, text });
    named.collect()
}
