//! The codes of all passes, in one table: number, name, severity, title.
//!
//! The number is what people quote and never changes its meaning; a code that
//! is no longer used stays out of use. Each row has a page `errors/NUMBER.md`
//! (the build fails without it) and a test in `tests/ui`.
//!
//! | numbers | pass |
//! | --- | --- |
//! | E00xx | lexical |
//! | E01xx | syntax |
//! | E02xx | names and modules |
//! | E03xx | types |
//! | E04xx | effects and actions |
//! | E05xx | undo, failure direction, frames |
//! | E06xx | limits, bounds, settings, roles |
//! | E09xx | not yet supported |
//! | W0xxx | warnings |

use core::fmt;

/// How bad a diagnostic is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The source doesn't compile.
    Error,
    /// It compiles, and probably doesn't do what its author believes.
    Warning,
}

impl Severity {
    /// The word that messages show.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($number:ident $name:ident $severity:ident $title:literal;)*) => {
        /// One kind of mistake.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(
                #[doc = concat!("`", stringify!($number), "`: ", $title)]
                $name,
            )*
        }

        impl Code {
            /// All codes, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// `E0101`: what people quote.
            pub fn number(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($number),)*
                }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }

            /// The mistake in general, in a few words.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// The page about it, in Markdown: meaning, a wrong and a right example.
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$name => {
                        include_str!(concat!("../../errors/", stringify!($number), ".md"))
                    })*
                }
            }
        }
    };
}

codes! {
    E0001 OddCharacter Error "a character that has no place outside of texts and comments";
    E0002 HiddenCharacter Error "a character that makes a source look like something else";
    E0003 BadNumber Error "a number that can't be read";
    E0004 NumberTooLarge Error "a number that doesn't fit";
    E0005 BadDuration Error "a duration that can't be read";
    E0006 BadTime Error "a time that can't be read";
    E0007 BadAddress Error "an address that can't be read";
    E0008 BadBlock Error "an address block that can't be read";
    E0009 BareAddress Error "an address that must stand in `Ip(\"…\")`";
    E0010 OpenText Error "a text that doesn't end on its line";
    E0011 BadEscape Error "an escape that texts don't know";
    E0012 BadHole Error "a hole that can't be read";
    E0013 BadWord Error "a word that begins with a digit and is no literal";
    E0101 Unexpected Error "something that can't stand here";
    E0102 Unclosed Error "a brace that is never closed";
    E0103 TooDeep Error "more nesting than can be read";
    E0104 SourceTooLong Error "a source file that is too long";
    E0105 TooManyMistakes Error "more mistakes than are shown";
    E0201 UnknownName Error "a name that nothing has";
    E0202 DeclaredTwice Error "a name that is declared twice";
    E0203 NameTaken Error "a name that already means something else";
    E0204 UnknownModule Error "a module that is not there";
    E0205 WrongKind Error "a name of another kind of thing";
    E0206 Circle Error "a declaration that needs itself";
    E0301 TypeMismatch Error "a value of another type than is wanted";
    E0302 BadOperands Error "an operator that these types don't have";
    E0303 UnknownField Error "a field that the type doesn't have";
    E0304 PerhapsMissing Error "a value that may be missing where one is needed";
    E0305 NeverMissing Error "a question about nothing, for a value that is always there";
    E0306 MissingArgument Error "a call that lacks an argument";
    E0307 UnwantedArgument Error "an argument that is not wanted";
    E0308 BadChecked Error "a checked constant that is none";
    E0309 UnknownType Error "a value whose type can't be told";
    E0310 BadType Error "a type that there can't be";
    E0311 NotExhaustive Error "a `match` that leaves something out";
    E0312 BadPattern Error "a pattern that never fits";
    E0313 Unreachable Error "code that is never reached";
    E0314 MissingReturn Error "a function or form that may end without a value";
    E0315 NotConstant Error "a constant that is not known before anything runs";
    E0316 NoValue Error "a name for something that gives no value";
    E0317 NotVariable Error "a name that can't be set again";
    E0318 SecretShown Error "a secret that would be shown or compared";
    E0401 EffectMisplaced Error "an effect where none may be";
    E0402 WrongVerb Error "a verb that doesn't fit what it calls";
    E0403 ClauseTwice Error "a clause that stands twice";
    E0404 ClauseMisplaced Error "something that has no place here";
    E0405 ClauseMissing Error "a clause that must be there";
    E0406 BadAffects Error "a target that is no asset";
    E0407 BadProof Error "a proof that is no question to the world";
    E0408 UnsafeRetry Error "a retry that could act twice";
    E0409 NoSimulated Error "an action that can't answer when nothing is done";
    E0410 ImpactLowered Error "an impact below what the clauses say";
    E0411 Unapproved Error "an irreversible or destructive action that nobody approved";
    E0412 UnknownWord Error "a word that the clause doesn't know";
    E0413 NotListed Error "an effect that a question to people can't list";
    E0414 BadQuestion Error "a question to people that makes no sense";
    E0415 AutoApproved Error "an irreversible or destructive action without any person's yes";
    E0501 NoReversal Error "an action that doesn't say how it is taken back";
    E0502 BadUndo Error "an undo that can't be relied on";
    E0503 NoFailureDirection Error "a playbook that doesn't say what a failure does";
    E0504 NothingToEnd Error "a life or a name for an effect that nothing takes back";
    E0505 NothingToVerify Error "a verification without a proof";
    E0601 Recursion Error "functions that call each other in a circle";
    E0602 NoMaximum Error "a loop without its most rounds";
    E0603 NoLimit Error "a kind of asset that is affected without a limit";
    E0604 DeadlineTooShort Error "a deadline before the longest path ends";
    E0605 BadRange Error "a setting whose value or range makes no sense";
    E0606 TooLarge Error "a number or size beyond what is allowed";
    E0607 Unbounded Error "a worst case that is too large to be counted";
    E0608 BodyTooLarge Error "a body that needs more than the machine has";
    E0901 NotYet Error "something that this compiler doesn't know yet";
    W0101 UnusedName Warning "a name that is never read";
    W0102 LifeEndsEarly Warning "an effect with a life that a failure takes back at once";
    W0103 ContainmentUndone Warning "a check whose failure takes back what it checks";
    W0104 DifferentLives Warning "effects of one stage that end at different times";
    W0105 IdleLimit Warning "a limit for assets that nothing affects";
    W0106 ApproveInLoop Warning "a question to people in every round of a loop";
    W0107 ApproveNothing Warning "an approval that allows nothing";
    W0108 CutUnseen Warning "an answer that is cut, and nothing looks whether it was";
}

impl Code {
    /// The code of that number, as people write it: `E0101` or `e0101`.
    pub fn from_number(number: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.number().eq_ignore_ascii_case(number))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

#[cfg(test)]
mod tests;
