//! Why a command did nothing, and the way out: the one form in which the commands
//! around keys, trust roots and bundles tell it, to people and to programs.

use std::path::Path;

use rye_bundle::Refusal;
use rye_core::visible::visible;
use rye_signer::{KeyError, KeyErrorKind};
use serde_json::{Value, json};

use crate::Exit;

/// Why a command did nothing.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The call is wrong, or a file.
    Plain {
        /// How the command ends.
        exit: Exit,
        /// What happened.
        what: String,
        /// What to do about it.
        help: String,
    },
    /// A rule that has a code is broken.
    Refused {
        /// How the command ends.
        exit: Exit,
        /// What is refused.
        file: String,
        /// Which rule, and how.
        reason: Box<Reason>,
    },
    /// A file that a person wrote has mistakes.
    Mistakes {
        /// The file.
        file: String,
        /// At least one, in the order of their places.
        mistakes: Vec<Mistake>,
    },
}

/// A broken rule, as a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The stable code of the rule.
    pub(crate) code: &'static str,
    /// Where.
    pub(crate) place: String,
    /// What would have been accepted.
    pub(crate) expected: String,
    /// What was there.
    pub(crate) found: String,
    /// What to do next.
    pub(crate) help: String,
}

/// One mistake in a file that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Line and column, from 1; `None` when something is missing from the file.
    pub(crate) at: Option<(usize, usize)>,
    /// The option, such as `keys.alice.owner`; empty when it is none.
    pub(crate) option: String,
    /// What was expected and what was found.
    pub(crate) problem: String,
    /// What to do.
    pub(crate) help: String,
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let exit = match error.kind {
            KeyErrorKind::Call => Exit::Call,
            KeyErrorKind::Input => Exit::Input,
            KeyErrorKind::Refused => Exit::Refused,
        };
        Self::Plain { exit, what: error.what, help: error.help }
    }
}

impl From<&Refusal> for Reason {
    fn from(refusal: &Refusal) -> Self {
        let explanation = refusal.explain();
        Self {
            code: refusal.code(),
            place: explanation.place,
            expected: explanation.expected,
            found: explanation.found,
            help: explanation.help.to_owned(),
        }
    }
}

impl Failure {
    /// The call is wrong.
    pub(crate) fn call(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { exit: Exit::Call, what: what.into(), help: help.into() }
    }

    /// What was given is wrong, or can't be used.
    pub(crate) fn input(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { exit: Exit::Input, what: what.into(), help: help.into() }
    }

    /// Trust forbids it.
    pub(crate) fn refused(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { exit: Exit::Refused, what: what.into(), help: help.into() }
    }

    /// The file at `path` breaks a rule, and that was the question.
    pub(crate) fn of_reason(path: &Path, reason: Reason) -> Self {
        Self::Refused {
            exit: Exit::Refused,
            file: path.display().to_string(),
            reason: Box::new(reason),
        }
    }

    /// The file at `path` breaks a rule, and is nothing to work with.
    pub(crate) fn unusable(path: &Path, reason: Reason) -> Self {
        Self::Refused {
            exit: Exit::Input,
            file: path.display().to_string(),
            reason: Box::new(reason),
        }
    }

    /// How the command ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Plain { exit, .. } | Self::Refused { exit, .. } => *exit,
            Self::Mistakes { .. } => Exit::Input,
        }
    }

    /// For people; no line break at the end.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Plain { what, help, .. } => {
                format!("error: {}\nhelp: {}", visible(what), visible(help))
            }
            Self::Refused { file, reason, .. } => format!(
                "error[{}]: {}: {}\n  expected  {}\n  found     {}\nhelp: {}",
                reason.code,
                visible(file),
                visible(&reason.place),
                visible(&reason.expected),
                visible(&reason.found),
                visible(&reason.help),
            ),
            Self::Mistakes { file, mistakes } => {
                let texts: Vec<String> =
                    mistakes.iter().map(|mistake| mistake.to_text(file)).collect();
                texts.join("\n")
            }
        }
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Plain { what, help, .. } => json!({ "error": what, "help": help }),
            Self::Refused { file, reason, .. } => json!({
                "error": format!("{file} is refused"),
                "code": reason.code,
                "place": reason.place,
                "expected": reason.expected,
                "found": reason.found,
                "help": reason.help,
            }),
            Self::Mistakes { file, mistakes } => json!({
                "error": format!("{file} has mistakes"),
                "mistakes": mistakes.iter().map(|mistake| json!({
                    "line": mistake.at.map(|(line, _)| line),
                    "column": mistake.at.map(|(_, column)| column),
                    "option": mistake.option,
                    "error": mistake.problem,
                    "help": mistake.help,
                })).collect::<Vec<Value>>(),
            }),
        }
    }
}

impl Mistake {
    fn to_text(&self, file: &str) -> String {
        let mut place = visible(file).into_owned();
        if let Some((line, column)) = self.at {
            place = format!("{place}:{line}:{column}");
        }
        if !self.option.is_empty() {
            place = format!("{place}: `{}`", visible(&self.option));
        }
        format!("error: {place}: {}\nhelp: {}", visible(&self.problem), visible(&self.help))
    }
}
