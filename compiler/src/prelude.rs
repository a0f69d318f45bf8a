//! What is known in every file without a `use`: the names of types, functions
//! and aggregates that the language itself has. The standard assets are declared
//! in the module [`MODULE`], whose types are known everywhere.

use rye_core::ty::TypeId;

use crate::hir::{Aggregate, Op};
use crate::types::Types;

/// The interface whose types every module sees.
pub(crate) const MODULE: &str = "std.asset";

/// The name of the run's own facts: `run.id`.
pub(crate) const RUN: &str = "run";

/// The types that are just a name; `List` and `Map` take others.
pub(crate) fn type_named(types: &Types, name: &str) -> Option<TypeId> {
    Some(match name {
        "Bool" => types.bool,
        "Int" => types.int,
        "Float" => types.float,
        "Text" => types.text,
        "Time" => types.time,
        "Duration" => types.duration,
        "Ip" => types.ip,
        "Cidr" => types.cidr,
        "Port" => types.port,
        "Url" => types.url,
        "Domain" => types.domain,
        "Email" => types.email,
        "Hash" => types.hash,
        "Bytes" => types.bytes,
        "Secret" => types.secret,
        "Error" => types.error,
        "Decision" => types.decision,
        _ => return None,
    })
}

/// The names of all predeclared types, for suggestions.
pub(crate) const TYPE_NAMES: &[&str] = &[
    "Bool", "Int", "Float", "Text", "Time", "Duration", "Ip", "Cidr", "Port", "Url", "Domain",
    "Email", "Hash", "Bytes", "Secret", "Error", "Decision", "List", "Map",
];

/// What a predeclared function wants and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    /// By the type of the one argument: an `Int`, a `Float`, a `Duration`.
    Absolute,
    /// Two values of one ordered type.
    Choice(Op),
    /// Two integers to one.
    Ints(Op),
    /// A `Float` to an `Int`.
    ToInt(Op),
    /// An `Int` to a `Float`.
    ToFloat,
    /// A `Text`, a `List` or a `Map` to an `Int`.
    Length,
    /// A `Text` to a `Text`.
    Text(Op),
    /// Two texts to a `Bool`.
    Texts(Op),
    /// Two texts to a list of texts.
    Split,
    /// A text to a list of what stands in it.
    Extract,
    /// A list to the same.
    Distinct,
    /// A list of lists to a list.
    Flat,
    /// A list and a number to a list.
    Part(Op),
    /// A list to what stands first in it.
    First,
    /// A map to its keys or values.
    OfMap(Op),
    /// An address and a length to a block.
    Network,
}

/// The predeclared functions: name, how it is called, what it does.
pub(crate) const FUNCTIONS: &[(&str, &[&str], Builtin)] = &[
    ("abs", &["number"], Builtin::Absolute),
    ("smaller", &["a", "b"], Builtin::Choice(Op::Smaller)),
    ("larger", &["a", "b"], Builtin::Choice(Op::Larger)),
    ("float", &["number"], Builtin::ToFloat),
    ("int", &["number"], Builtin::ToInt(Op::IntOfFloat)),
    ("round", &["number"], Builtin::ToInt(Op::RoundFloat)),
    ("length", &["value"], Builtin::Length),
    ("lower", &["text"], Builtin::Text(Op::LowerText)),
    ("trim", &["text"], Builtin::Text(Op::TrimText)),
    ("split", &["text", "by"], Builtin::Split),
    ("contains", &["text", "part"], Builtin::Texts(Op::ContainsText)),
    ("starts_with", &["text", "part"], Builtin::Texts(Op::StartsWithText)),
    ("ends_with", &["text", "part"], Builtin::Texts(Op::EndsWithText)),
    ("ips_in", &["text"], Builtin::Extract),
    ("urls_in", &["text"], Builtin::Extract),
    ("domains_in", &["text"], Builtin::Extract),
    ("emails_in", &["text"], Builtin::Extract),
    ("hashes_in", &["text"], Builtin::Extract),
    ("distinct", &["list"], Builtin::Distinct),
    ("flat", &["lists"], Builtin::Flat),
    ("take", &["list", "count"], Builtin::Part(Op::TakeList)),
    ("drop", &["list", "count"], Builtin::Part(Op::DropList)),
    ("first", &["list"], Builtin::First),
    ("keys", &["map"], Builtin::OfMap(Op::KeysOfMap)),
    ("values", &["map"], Builtin::OfMap(Op::ValuesOfMap)),
    ("network", &["address", "length"], Builtin::Network),
    ("xor", &["a", "b"], Builtin::Ints(Op::XorInt)),
    ("shift_left", &["number", "bits"], Builtin::Ints(Op::ShiftLeftInt)),
    ("shift_right", &["number", "bits"], Builtin::Ints(Op::ShiftRightInt)),
    ("wrapping_add", &["a", "b"], Builtin::Ints(Op::WrappingAddInt)),
    ("wrapping_mul", &["a", "b"], Builtin::Ints(Op::WrappingMultiplyInt)),
];

/// The aggregates.
pub(crate) const AGGREGATES: &[(&str, Aggregate)] = &[
    ("count", Aggregate::Count),
    ("any", Aggregate::Any),
    ("all", Aggregate::All),
    ("sum", Aggregate::Sum),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("counted", Aggregate::Counted),
];

/// The predeclared function of that name.
pub(crate) fn function(name: &str) -> Option<(&'static [&'static str], Builtin)> {
    FUNCTIONS.iter().find(|(word, ..)| *word == name).map(|(_, params, kind)| (*params, *kind))
}

/// The aggregate of that name.
pub(crate) fn aggregate(name: &str) -> Option<Aggregate> {
    AGGREGATES.iter().find(|(word, _)| *word == name).map(|(_, kind)| *kind)
}

/// All names that can be called.
pub(crate) fn callable_names() -> impl Iterator<Item = &'static str> {
    let functions = FUNCTIONS.iter().map(|(name, ..)| *name);
    functions.chain(AGGREGATES.iter().map(|(name, _)| *name)).chain(TYPE_NAMES.iter().copied())
}

/// Whether a declaration may not have this name, because the language has it.
pub(crate) fn is_taken(name: &str) -> bool {
    name == RUN || callable_names().any(|taken| taken == name)
}
