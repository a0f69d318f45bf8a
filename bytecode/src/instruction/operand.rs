//! What operands name: one type per index space, so that the index of a
//! constant can't stand where a function's is wanted.

use super::OperandRow;

/// What the number of an operand means, and so how wide it is in bytecode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A [`Register`].
    Register,
    /// Several of them.
    Registers,
    /// A [`Label`].
    Label,
    /// A [`Constant`].
    Constant,
    /// A [`Setting`].
    Setting,
    /// A [`Function`].
    Function,
    /// An [`ActionSite`].
    ActionSite,
    /// A [`Question`].
    Question,
    /// A [`Field`].
    Field,
    /// A [`Variant`].
    Variant,
    /// A [`Count`].
    Count,
    /// A [`Context`].
    Context,
    /// A [`FrameKind`].
    FrameKind,
    /// An [`OnFailure`].
    OnFailure,
    /// An [`Outcome`].
    Outcome,
}

impl Kind {
    /// How many bytes its number takes in bytecode; for [`Kind::Registers`] that of
    /// each, behind one byte that counts them.
    pub const fn width(self) -> usize {
        match self {
            Self::Register
            | Self::Registers
            | Self::Field
            | Self::Variant
            | Self::Context
            | Self::FrameKind
            | Self::OnFailure
            | Self::Outcome => 1,
            Self::Label
            | Self::Constant
            | Self::Setting
            | Self::Function
            | Self::ActionSite
            | Self::Question => 2,
            Self::Count => 8,
        }
    }
}

/// An operand without its type, for those who treat all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand<'a> {
    /// One register or several.
    Registers(&'a [Register]),
    /// An index, a plain number, or the code of a word.
    Number(u64),
}

/// Where operands come from: bytes, assembler, chance.
pub trait Source {
    /// Why there is none.
    type Error;

    /// A register, index, number or code, as the row's kind says.
    ///
    /// # Errors
    /// When there is none.
    fn number(&mut self, row: &'static OperandRow) -> Result<u64, Self::Error>;

    /// Registers.
    ///
    /// # Errors
    /// When there are none.
    fn registers(&mut self, row: &'static OperandRow) -> Result<Registers, Self::Error>;

    /// What is wrong with a number that the source gave: nothing of the row's kind
    /// has it.
    fn refuse(&self, row: &'static OperandRow, number: u64) -> Self::Error;
}

/// A type that holds an operand.
pub trait OperandType: Sized {
    /// What its number means.
    const KIND: Kind;

    /// The operand without its type.
    fn operand(&self) -> Operand<'_>;

    /// The operand that `source` gives.
    ///
    /// # Errors
    /// Those of `source`.
    fn take<S: Source>(source: &mut S, row: &'static OperandRow) -> Result<Self, S::Error>;
}

/// A register of the function: an index into its table of register types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register(pub u8);

/// Registers in order.
pub type Registers = Box<[Register]>;

/// The index of an action, query or notice of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub u16);

impl OperandType for Register {
    const KIND: Kind = Kind::Register;

    fn operand(&self) -> Operand<'_> {
        Operand::Registers(core::slice::from_ref(self))
    }

    fn take<S: Source>(source: &mut S, row: &'static OperandRow) -> Result<Self, S::Error> {
        take_number(source, row, |number| u8::try_from(number).ok().map(Self))
    }
}

impl OperandType for Registers {
    const KIND: Kind = Kind::Registers;

    fn operand(&self) -> Operand<'_> {
        Operand::Registers(self)
    }

    fn take<S: Source>(source: &mut S, row: &'static OperandRow) -> Result<Self, S::Error> {
        source.registers(row)
    }
}

fn take_number<S: Source, T>(
    source: &mut S,
    row: &'static OperandRow,
    from: impl FnOnce(u64) -> Option<T>,
) -> Result<T, S::Error> {
    let number = source.number(row)?;
    from(number).ok_or_else(|| source.refuse(row, number))
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub $inner);

            impl OperandType for $name {
                const KIND: Kind = Kind::$name;

                fn operand(&self) -> Operand<'_> {
                    Operand::Number(self.0.into())
                }

                fn take<S: Source>(
                    source: &mut S,
                    row: &'static OperandRow,
                ) -> Result<Self, S::Error> {
                    take_number(source, row, |number| number.try_into().ok().map(Self))
                }
            }
        )*
    };
}

numbers! {
    /// The index of an instruction of the same function.
    Label(u16);
    /// The index of a constant of the module.
    Constant(u16);
    /// The index of a setting of the module.
    Setting(u16);
    /// The index of a function of the module.
    Function(u16);
    /// The index of a call of an action, query or notice: a site of the module.
    ActionSite(u16);
    /// The index of a question to people.
    Question(u16);
    /// The index of a field of a record.
    Field(u8);
    /// The index of an alternative of an enum.
    Variant(u8);
    /// A plain number: rounds, microseconds, a flag.
    Count(u64);
}

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

        impl OperandType for $name {
            const KIND: Kind = Kind::$name;

            fn operand(&self) -> Operand<'_> {
                Operand::Number(self.code().into())
            }

            fn take<S: Source>(
                source: &mut S,
                row: &'static OperandRow,
            ) -> Result<Self, S::Error> {
                take_number(source, row, |number| {
                    number.try_into().ok().and_then(Self::from_code)
                })
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
