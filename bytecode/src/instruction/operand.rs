//! What operands name: one type per index space, so that the index of a
//! constant can't stand where a function's is wanted.

/// A register of the function: an index into its table of register types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register(pub u8);

/// Registers in order.
pub type Registers = Box<[Register]>;

/// The index of an instruction of the same function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub u16);

/// The index of a constant of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Constant(pub u16);

/// The index of a setting of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setting(pub u16);

/// The index of a function of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function(pub u16);

/// The index of an action, query or notice of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub u16);

/// The index of a call of an action, query or notice: a site of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionSite(pub u16);

/// The index of a field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field(pub u8);

/// The index of an alternative of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant(pub u8);

/// A plain number: rounds, microseconds, a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(pub u64);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $code:literal $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item,)*
        }

        impl $name {
            /// All of them, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$item),*];

            /// The number that stands for it in formats.
            pub fn code(self) -> u8 {
                match self { $(Self::$item => $code,)* }
            }

            /// The one with this code.
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$item),)* _ => None }
            }

            /// Its word in the language and in assembler.
            pub fn word(self) -> &'static str {
                match self { $(Self::$item => $word,)* }
            }

            /// The one with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$item),)* _ => None }
            }
        }
    };
}

words! {
    /// A fact about the run.
    Context {
        /// `run.id`: a `Text`.
        RunId = 0 "id",
        /// `run.started`: a `Time`.
        Started = 1 "started",
        /// `run.starter`: a `Text`.
        Starter = 2 "starter",
    }
}

words! {
    /// A frame without a name and without a direction of its own.
    FrameKind {
        /// `recover`; opened by the machine itself.
        Recover = 0 "recover",
        /// `keep`
        Keep = 1 "keep",
        /// The call of a task.
        Task = 2 "task",
        /// A round of an `each` with effects.
        Round = 3 "round",
    }
}

words! {
    /// What a failure that leaves a playbook or stage does.
    OnFailure {
        /// What the frame around says.
        Inherit = 0 "inherit",
        /// What was done is undone.
        Undo = 1 "undo",
        /// What was done stays, and a person is asked.
        Hold = 2 "hold",
    }
}

words! {
    /// How a run ends when the playbook itself ends it.
    Outcome {
        /// The end of the playbook was reached.
        Finished = 0 "finished",
        /// The threat is contained; what is held stays.
        Contained = 1 "contained",
        /// People go on; what is held stays.
        Escalated = 2 "escalated",
        /// A false alarm; what is held is undone.
        Benign = 3 "benign",
    }
}
