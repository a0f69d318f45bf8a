//! Starts a program and waits for what it says: no shell, no environment, its
//! input given whole, its output limited, killed when its time is over.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rye_core::limit::PROGRAM_OUTPUT_BYTES_MAX;

/// What a program said, and whether it was content.
#[derive(Debug)]
pub(crate) struct Output {
    /// Whether it ended with the exit code 0.
    pub success: bool,
    /// Its answer.
    pub stdout: Vec<u8>,
    /// Its complaints.
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

/// How long is slept between two looks at a program that closed its output but
/// did not end.
const PAUSE: Duration = Duration::from_millis(2);

/// Runs `command` with `input` until it ends, or until `deadline`.
pub(crate) fn run(
    command: &mut Command,
    input: &[u8],
    deadline: Instant,
) -> Result<Output, ProgramError> {
    let mut child = command
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| ProgramError::NotStarted)?;
    let result = converse(&mut child, input, deadline);
    if result.is_err() {
        // It may have ended by itself just now: then there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
    }
    result
}

fn converse(child: &mut Child, input: &[u8], deadline: Instant) -> Result<Output, ProgramError> {
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // A program that ends without reading all makes the rest unwritable: its
        // exit code tells why.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let stdout = stdout.until(deadline)?;
    let stderr = stderr.until(deadline)?;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            Ok(None) => return Err(ProgramError::Timeout),
            Err(_) => return Err(ProgramError::Killed),
        }
    };
    if status.code().is_none() {
        return Err(ProgramError::Killed);
    }
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    Ok(Output { success: status.success(), stdout, stderr })
}

/// What a thread reads from a pipe.
struct Collected(mpsc::Receiver<Vec<u8>>);

fn collect(pipe: Option<impl Read + Send + 'static>) -> Collected {
    let (sender, receiver) = mpsc::channel();
    let limit = u64::try_from(PROGRAM_OUTPUT_BYTES_MAX).unwrap_or(u64::MAX);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What was read before an error is what the program said.
            let _ = pipe.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        }
        // Nobody waits any more when the time was over.
        let _ = sender.send(bytes);
    });
    Collected(receiver)
}

impl Collected {
    fn until(&self, deadline: Instant) -> Result<Vec<u8>, ProgramError> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.0.recv_timeout(left) {
            Ok(bytes) if bytes.len() > PROGRAM_OUTPUT_BYTES_MAX => Err(ProgramError::TooMuch),
            Ok(bytes) => Ok(bytes),
            Err(RecvTimeoutError::Timeout) => Err(ProgramError::Timeout),
            Err(RecvTimeoutError::Disconnected) => Err(ProgramError::Killed),
        }
    }
}

#[cfg(test)]
mod tests;
