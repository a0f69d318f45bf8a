//! Why a module is refused: a closed list of codes, with the place, what was
//! found and what would be allowed.

use core::fmt;

use rye_core::value::Name;
use rye_core::visible::visible;

macro_rules! codes {
    ($($name:ident $word:literal $doc:literal,)*) => {
        /// The rule that a module breaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum VerifyCode {
            $(#[doc = $doc] $name,)*
        }

        impl VerifyCode {
            /// All of them: code and rule, for the reference page.
            pub const ALL: &[(Self, &'static str)] = &[$((Self::$name, $doc)),*];

            /// Its spelling in messages.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

codes! {
    Limit "V_LIMIT" "a table, a name or a type is within its limit",
    Bounds "V_BOUNDS" "an index lies inside its table, a code has a meaning",
    Form "V_FORM" "a type, declaration, setting or playbook is well formed",
    Name "V_NAME" "a name is a name",
    Duplicate "V_DUP" "what has a name or a meaning stands once, and in order",
    Constant "V_CONSTANT" "a value is of the type that it is declared with",
    Recursion "V_RECURSION" "functions don't call each other in a circle or too deeply",
    Call "V_CALL" "a call hands over as many arguments as the function takes, and calls what it may",
    Flow "V_CFG" "control stays inside the function and goes forward, but for loops",
    Unreachable "V_UNREACHABLE" "everything can be reached and is used",
    Loop "V_LOOP" "loops are whole, bounded, nested, and keep their own registers",
    Effect "V_EFFECT" "a function has only the effects of its kind, and a playbook says what a failure does",
    Type "V_TYPE" "every operand has the type that its instruction wants",
    Secret "V_SECRET" "secrets are never compared, printed, built or taken from an input",
    Capability "V_CAP" "what is called is declared, with its verb and its arguments, and nothing else is declared",
    Undo "V_UNDO" "an action is called with the undo and the proof that its declaration promises",
    Approval "V_APPROVAL" "an irreversible or destructive action stands behind a person's yes, and what runs behind one is what the question lists",
    Retry "V_RETRY" "time-outs and waits are positive; what is repeated is proved or idempotent",
    Uninitialised "V_UNINIT" "a register is written before it is read, on every path",
    Frame "V_FRAME" "frames open and close in pairs, on every path",
    AssetLimit "V_ASSET_LIMIT" "a playbook limits every kind of asset that it affects",
    Bound "V_BOUND" "the worst case can be computed, and its waiting is within the deadline",
    Budget "V_BUDGET" "the proof takes no more work than the module's size allows",
}

impl fmt::Display for VerifyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a module is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The rule that it breaks.
    pub code: VerifyCode,
    /// The function, by index and name, if it is in one.
    pub function: Option<(usize, Name)>,
    /// The instruction of that function.
    pub instruction: Option<usize>,
    /// What was found.
    pub found: String,
    /// What would be allowed.
    pub allowed: String,
}

impl VerifyError {
    /// A refusal that is in no function.
    pub(crate) fn new(
        code: VerifyCode,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        let (found, allowed) = (found.into(), allowed.into());
        Self { code, function: None, instruction: None, found, allowed }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((index, name)) = &self.function {
            write!(f, " in function {index} `{}`", visible(name))?;
        }
        if let Some(instruction) = self.instruction {
            write!(f, ", instruction {instruction}")?;
        }
        write!(f, ": found {}; allowed: {}", visible(&self.found), visible(&self.allowed))
    }
}

impl core::error::Error for VerifyError {}
