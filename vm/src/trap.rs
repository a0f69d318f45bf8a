//! Why computing stops: an error that a playbook can recover, with its fixed
//! text, or a fault of the machine, which nothing recovers.

use core::fmt;

use rye_core::error::{Error, ErrorKind};

/// A fault: the run is held, and a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The run's fuel is used up.
    Fuel,
    /// The run has allocated all that it may.
    Memory,
    /// What the verifier proved does not hold, or the machine was driven otherwise
    /// than its contract says: a bug of ours. The text says where.
    Invariant(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel => f.write_str("the run's fuel is used up"),
            Self::Memory => f.write_str("the run has allocated all the memory that it may"),
            Self::Invariant(place) => write!(f, "the machine contradicts itself: {place}"),
        }
    }
}

impl core::error::Error for Fault {}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident: $kind:ident, $text:literal;)*) => {
        /// Every error that an instruction itself can raise. Its text is part of
        /// what a run means: a replay must see the very same one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The kind of error.
            pub fn kind(self) -> ErrorKind {
                match self { $(Self::$name => ErrorKind::$kind,)* }
            }

            /// Its text.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// Of integers, instants and durations.
    Overflow: Arithmetic, "the result does not fit 64 bits";
    /// Of integers and durations.
    DivisionByZero: Arithmetic, "division by zero";
    /// Of floats.
    NotFinite: Arithmetic, "the result is no finite number";
    /// Of a float that becomes an integer.
    NotInteger: Arithmetic, "the number does not fit an Int";
    /// Of a shift.
    ShiftDistance: Arithmetic, "a shift must be by 0 to 63 bits";
    /// Of a block around an address.
    PrefixLength: Arithmetic, "the prefix is longer than the address, or negative";
    /// Of a loop.
    TooManyRounds: Limit, "the loop has more rounds than its max";
    /// Of a list that is computed.
    ListTooLong: Limit, "the list has more elements than its max";
    /// Of a text that is computed.
    TextTooLong: Limit, "the text is longer than a text may be";
    /// Of splitting a text.
    EmptySeparator: Limit, "the separator is empty";
    /// Of sorting, of maps, and of what a question lists for each item.
    UnequalLists: Limit, "the two lists have different lengths";
    /// Of a list that is being built.
    NoRoom: Limit, "the list that is being built has no room";
    /// Of waits.
    WaitTooLong: Limit, "the wait is longer than its max";
    /// Of questions to people.
    TooManyQuestions: Limit, "the run asks people more questions than a run may";
    /// Of a question's text.
    QuestionTooLong: Limit, "the question is longer than people read";
    /// Of what a question lists.
    QuestionTooLarge: Limit, "the question lists more than people read";
    /// Of an answer about items.
    NoBox: NotFound, "the question has no such box";
    /// Of `e?`.
    Nothing: NotFound, "there is no value";
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self::new(reason.kind(), reason.text())
    }
}

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// An error of the playbook's data.
    Raise(Reason),
    /// An error that the code raises itself; its instruction says which.
    RaiseSelf,
    /// A fault.
    Fault(Fault),
}

impl Trap {
    /// A check failed that the verifier makes superfluous.
    pub(crate) const fn invariant(place: &'static str) -> Self {
        Self::Fault(Fault::Invariant(place))
    }
}

impl From<Reason> for Trap {
    fn from(reason: Reason) -> Self {
        Self::Raise(reason)
    }
}

impl From<Fault> for Trap {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
