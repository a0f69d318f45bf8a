//! The campaign of the verifier: modules by chance, and what it accepts runs.

use rye_tests::campaign::{ROUNDS, SEED};

use crate::run::{cargo, step};

/// Modules, without a word.
const USUAL: &str = "1000000";

/// Judges as many modules as the first word says, by the seed that the second word is.
///
/// # Errors
/// The first module that is accepted and then contradicts the machine.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let modules = words.first().map_or(USUAL, String::as_str);
    let seed = words.get(1).map_or("1", String::as_str);
    let mut test = cargo();
    test.args(["test", "--release", "--locked", "--package", "rye-fuzz", "--test", "verifier"]);
    test.args(["--", "--nocapture", "--test-threads=1"]);
    step("modules", test.env(ROUNDS, modules).env(SEED, seed))
}
