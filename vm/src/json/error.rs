//! What is wrong with an input, so that whoever sent it can mend it.

use core::fmt;

/// Why an input is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// The way to the part that is wrong, such as `alert.hosts[3].name`; empty for
    /// the input as a whole.
    pub path: String,
    /// The line and column in the input, from 1, where it is JSON at all.
    pub place: Option<(usize, usize)>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What would help, where that is known.
    pub help: Option<String>,
}

impl InputError {
    /// Of something at `path` that is no JSON.
    pub(crate) fn at(path: String, expected: &str, found: &str) -> Self {
        Self {
            path,
            place: None,
            expected: String::from(expected),
            found: String::from(found),
            help: None,
        }
    }

    /// Of the way in which a run is started.
    pub(crate) fn call(expected: &str, found: &str) -> Self {
        Self::at(String::new(), expected, found)
    }

    /// Of the run's memory.
    pub(crate) fn memory() -> Self {
        Self::call("an input that fits the memory that the run may use", "a larger one")
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, place, expected, found, help } = self;
        if !path.is_empty() {
            write!(f, "`{path}`: ")?;
        }
        write!(f, "expected {expected}, found {found}")?;
        if let Some((line, column)) = place {
            write!(f, " (line {line}, column {column})")?;
        }
        match help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for InputError {}

/// A refusal on its way out: it learns its path backwards. One word, so that the
/// way on which nothing is refused stays short.
#[derive(Debug)]
pub(super) struct Refused(Box<Reason>);

#[derive(Debug)]
struct Reason {
    /// From the innermost step.
    steps: Vec<Step>,
    /// The byte of the input.
    at: usize,
    expected: String,
    found: String,
    help: Option<String>,
}

#[derive(Debug)]
enum Step {
    Member(String),
    Index(usize),
}

impl Refused {
    #[cold]
    pub(super) fn new(at: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self(Box::new(Reason { steps: Vec::new(), at, expected, found, help: None }))
    }

    #[cold]
    pub(super) fn in_member(mut self, name: &str) -> Self {
        self.0.steps.push(Step::Member(String::from(name)));
        self
    }

    #[cold]
    pub(super) fn in_element(mut self, index: usize) -> Self {
        self.0.steps.push(Step::Index(index));
        self
    }

    pub(super) fn with_help(mut self, help: Option<String>) -> Self {
        self.0.help = help;
        self
    }

    /// The error for whoever sent `input`.
    #[cold]
    pub(super) fn into_error(self, input: &[u8]) -> InputError {
        let Reason { steps, at, expected, found, help } = *self.0;
        let mut path = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => path.extend([".", name]),
                Step::Index(index) => path.extend(["[", &index.to_string(), "]"]),
            }
        }
        let before = input.get(..at.min(input.len())).unwrap_or_default();
        let mut lines = before.split(|byte| *byte == b'\n');
        // People count characters: the bytes that continue one don't count.
        let last = lines.next_back().unwrap_or_default();
        let line = lines.count().saturating_add(1);
        let column = last.iter().filter(|byte| **byte & 0xC0 != 0x80).count().saturating_add(1);
        InputError { path, place: Some((line, column)), expected, found, help }
    }
}
