//! Starts a program and waits for what it says: no shell, no environment, its
//! input given whole, its output limited, killed when its time is over, and nothing
//! of it left when the call is over.

mod conversation;

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};
use rye_core::limit::PROGRAM_OUTPUT_BYTES_MAX;

use conversation::{Conversation, Heard};

/// What a program said, and whether it was content.
#[derive(Debug)]
pub(crate) struct Output {
    /// Whether it ended with the exit code 0.
    pub success: bool,
    /// Its answer.
    pub stdout: Vec<u8>,
    /// The beginning of its complaints.
    pub stderr: String,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgramError {
    /// It could not be started.
    NotStarted,
    /// It was killed because its time was over.
    Timeout,
    /// Somebody else ended it, or it fell.
    Killed,
    /// It said more than it may; it was killed.
    TooMuch,
}

/// A program that gave no answer, and what it complained of until then.
#[derive(Debug)]
pub(crate) struct Unanswered {
    /// Why there is no answer.
    pub error: ProgramError,
    /// The beginning of its complaints.
    pub stderr: String,
}

impl From<ProgramError> for Unanswered {
    fn from(error: ProgramError) -> Self {
        Self { error, stderr: String::new() }
    }
}

/// Runs `command` with `input` until it ends, or until `deadline`.
pub(crate) fn run(
    command: &mut Command,
    input: &[u8],
    deadline: Instant,
) -> Result<Output, ProgramError> {
    let output = run_limited(command, input, PROGRAM_OUTPUT_BYTES_MAX, deadline);
    output.map_err(|unanswered| unanswered.error)
}

/// As [`run`], for an answer of at most `stdout_bytes_max`; keeps also the complaints of
/// a program that gave none.
pub(crate) fn run_limited(
    command: &mut Command,
    input: &[u8],
    stdout_bytes_max: usize,
    deadline: Instant,
) -> Result<Output, Unanswered> {
    let mut child = command
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| ProgramError::NotStarted)?;
    let begun = Conversation::begin(&mut child, input, stdout_bytes_max);
    let said = begun.map(|conversation| conversation.hold(deadline));
    end(&child);
    // Only now the number of the child, and so of its group, may become another's.
    let status = child.wait();
    let Heard { stdout, stderr, ended } = said?;
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    let code = status.ok().and_then(|status| status.code()).ok_or(ProgramError::Killed);
    match ended.and(code) {
        Ok(code) => Ok(Output { success: code == 0, stdout, stderr }),
        Err(error) => Err(Unanswered { error, stderr }),
    }
}

/// Kills whatever is left of a child, which nobody has waited for yet, and of all
/// that it started.
fn end(child: &Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // It may have ended by itself just now: then there is nothing to kill.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(test)]
mod tests;
