//! A small part of the language: what is random, how it is written, what it means.

mod genes;
mod text;
mod walk;

enum Number {
    Literal(i64),
    Name(String),
    Two(&'static str, Box<[Self; 2]>),
    Count(List, String, Truth),
    Sum(List, String, Box<Number>),
    Best { largest: bool, list: List, name: String, key: Box<Number>, otherwise: Box<Number> },
    At(List, i64, Box<Number>),
}

enum Truth {
    Literal(bool),
    Two(&'static str, Box<[Number; 2]>),
    And(Box<[Self; 2]>),
    Or(Box<[Self; 2]>),
    Not(Box<Self>),
    Any(List, String, Box<Truth>),
    All(List, String, Box<Truth>),
    In(Box<Number>, List),
}

enum List {
    Input,
    Literal(Vec<Number>),
    Made { list: Box<List>, name: String, condition: Box<Truth>, element: Box<Number> },
    Sorted { list: Box<List>, name: String, keys: Vec<(Number, bool)> },
    Take(Box<List>, i64),
    Drop(Box<List>, i64),
}

enum Statement {
    Let(String, Number),
    Set(String, Number),
    If(Vec<(Truth, Vec<Statement>)>, Vec<Statement>),
    IfLet(String, List, Vec<Statement>),
    Range(String, i64, Vec<Statement>),
    Each(String, List, Vec<Statement>),
    Match(Number, Vec<(i64, Vec<Statement>)>, Vec<Statement>),
    /// `let n = if …`; both blocks give or return.
    LetIf(String, Truth, [Vec<Statement>; 2]),
    /// `let n = match …`, over the alternatives of [`VERDICT`].
    LetMatch(String, Verdict, [Vec<Statement>; 3]),
    /// `let l = each …`, and `let n` the sum of the list.
    LetEach {
        name: String,
        element: String,
        list: List,
        round: Vec<Statement>,
    },
    Give(Number),
    Return(Number),
}

/// An alternative that carries up to two numbers, whose names in its arm these are.
struct Verdict {
    carried: Vec<(String, Number)>,
}

/// The alternatives of [`VERDICT`], by how many numbers they carry.
const ALTERNATIVES: [&str; 3] = ["none_at_all", "one", "both"];

/// The enum of every program.
const VERDICT: &str = "enum Verdict { none_at_all, one(Int), both(Int, Int) }\n";

/// The variables of every program.
const VARIABLES: [&str; 3] = ["u", "v", "w"];

/// A whole program.
pub(crate) struct Whole(Vec<Statement>);

impl Statement {
    /// What can be read behind it because of it.
    fn name(&self) -> Option<String> {
        match self {
            Self::Let(name, _)
            | Self::LetIf(name, ..)
            | Self::LetMatch(name, ..)
            | Self::LetEach { name, .. } => Some(name.clone()),
            _ => None,
        }
    }
}

/// Whether control never comes behind the block.
fn ends(block: &[Statement]) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Return(_) | Statement::Give(_) => true,
        Statement::If(branches, otherwise) => {
            branches.iter().all(|(_, block)| ends(block)) && ends(otherwise)
        }
        Statement::Match(_, arms, otherwise) => {
            arms.iter().all(|(_, block)| ends(block)) && ends(otherwise)
        }
        _ => false,
    })
}
