//! The only module that prints. What came from outside is shown with its
//! control characters escaped, so that no alert can write to a terminal.

use std::io::{self, Write};
use std::process::ExitCode;

use rye_core::visible::visible;
use rye_journal::JournalError;
use rye_signer::{KeyError, KeyErrorKind};
use serde_json::{Value as Json, json};

/// Where a command's result goes, and in which form.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
}

/// Why a command did nothing, and what helps.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code: 1 for input, 2 for the call, 3 for a refusal, 4 for everything else.
    code: u8,
    what: String,
    help: Option<String>,
}

impl Failure {
    /// What was given is wrong.
    pub(crate) fn input(what: impl Into<String>) -> Self {
        Self { code: 1, what: what.into(), help: None }
    }

    /// The call is wrong.
    pub(crate) fn call(what: impl Into<String>) -> Self {
        Self { code: 2, what: what.into(), help: None }
    }

    /// Whoever asks may not.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self { code: 3, what: what.into(), help: None }
    }

    /// It did not work.
    pub(crate) fn broken(what: impl Into<String>) -> Self {
        Self { code: 4, what: what.into(), help: None }
    }

    /// The store's journal can't be read or written.
    pub(crate) fn journal(error: &JournalError) -> Self {
        let code = if matches!(error, JournalError::NotAStore { .. }) { 2 } else { 4 };
        Self { code, what: error.to_string(), help: error.help() }
    }

    /// With what helps.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let code = match error.kind {
            KeyErrorKind::Input => 1,
            KeyErrorKind::Call => 2,
            KeyErrorKind::Refused => 3,
        };
        Self { code, what: error.what, help: Some(error.help) }
    }
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether the result is wanted as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Says what failed; the exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        if self.json {
            document(&json!({ "error": failure.what, "help": failure.help }));
        }
        let mut text = format!("error: {}", visible(&failure.what));
        if let Some(help) = &failure.help {
            text.push_str("\n  help: ");
            text.push_str(&visible(help));
        }
        // Nobody is left to tell if this fails.
        let _ = writeln!(io::stderr(), "{text}");
        ExitCode::from(failure.code)
    }
}

/// A line for a person.
pub(crate) fn line(text: &str) {
    write(&visible(text));
}

/// What a person is asked, on one line with his answer.
pub(crate) fn prompt(text: &str) {
    let mut stdout = io::stdout();
    let _ = write!(stdout, "{}", visible(text));
    let _ = stdout.flush();
}

/// A document for a program.
pub(crate) fn document(document: &Json) {
    write(&document.to_string());
}

fn write(text: &str) {
    // A reader that went away (`ryectl … | head`) is no failure.
    let _ = writeln!(io::stdout(), "{text}");
}
