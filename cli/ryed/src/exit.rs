//! How the process ends, as a number that scripts can rely on.

use std::process::ExitCode;

use rye_runtime::config::SiteError;
use rye_runtime::loader::TrustError;
use rye_runtime::shell::{OpenError, StartError};
use rye_runtime::store::StoreError;
use rye_runtime::summary::{RunSummary, State};

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// An input is wrong: the site file, the playbook's input.
    Input = 1,
    /// The call is wrong.
    Call = 2,
    /// Refused: trust, guardrail.
    Refused = 3,
    /// A run ended otherwise than well, is held or unfinished, or the store failed.
    NotWell = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What stopped the process, for people, and how it ends for that.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) text: String,
}

impl Failure {
    fn new(exit: Exit, error: &impl ToString) -> Self {
        Self { exit, text: error.to_string() }
    }

    /// Of how the program was called.
    pub(crate) fn call(error: &impl ToString) -> Self {
        Self::new(Exit::Call, error)
    }

    /// Of the machine that this runs on.
    pub(crate) fn machine(error: &impl ToString) -> Self {
        Self::new(Exit::NotWell, error)
    }
}

impl From<SiteError> for Failure {
    fn from(error: SiteError) -> Self {
        Self::new(Exit::Input, &error)
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        let exit = match error {
            TrustError::File(_) | TrustError::Missing => Exit::Call,
            TrustError::Refused { .. } => Exit::Refused,
            TrustError::Site(_) => Exit::Input,
        };
        Self::new(exit, &error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let exit = match error {
            _ if error.is_no_store() => Exit::Call,
            OpenError::Incapable { .. }
            | OpenError::Belief(_)
            | OpenError::Environment { .. }
            | OpenError::Moved { .. } => Exit::Refused,
            OpenError::Store(_) | OpenError::Protect(_) => Exit::NotWell,
        };
        Self::new(exit, &error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let exit = match error {
            StartError::Load { .. } | StartError::Halted(_) => Exit::Refused,
            StartError::Playbook { .. } | StartError::KeyTaken { .. } => Exit::Call,
            StartError::Settings(_) | StartError::InputFile(_) | StartError::Input { .. } => {
                Exit::Input
            }
            StartError::Store(_) => Exit::NotWell,
        };
        Self::new(exit, &error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::NotWell, &error)
    }
}

/// How the process ends for how a run stands.
pub(crate) fn of_run(run: &RunSummary) -> Exit {
    match &run.state {
        State::Ended { well: true, .. } => Exit::Done,
        State::Held { refused: true, .. } => Exit::Refused,
        State::Ended { .. } | State::Held { .. } | State::Running { .. } => Exit::NotWell,
    }
}
