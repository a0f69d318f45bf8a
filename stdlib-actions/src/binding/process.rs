//! Asks a program: one child per call, which reads the question from its standard
//! input, writes the answer to its standard output, and ends.
//!
//! A message is four bytes, its length, most significant first, and so many bytes of
//! JSON. From the moment the child runs it may have read the question: whatever
//! becomes of it then, other than a whole answer and a quiet end, leaves an attempt
//! whose end nobody knows.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use rye_core::adapter::{Ending, Request};
use rye_core::limit::{
    BINDING_ARGUMENTS_MAX, COMPLAINT_TAIL_BYTES_MAX, SITE_ANSWER_BYTES_MAX, SITE_REQUEST_BYTES_MAX,
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Carrier;
use super::protocol::{Question, cleaned, scrubbed, unknown};
use crate::config::{ConfigError, check_guarded, guarded, read_secret};
use crate::program::{self, ProgramError};

/// The bytes in front of a message that say how long it is.
const LENGTH_BYTES: usize = 4;

/// How a site binds a module to a program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessConfig {
    /// The module's interface file, as `ryec interface` writes it. Required.
    pub interface: PathBuf,
    /// The program, which nobody but root and the daemon's user may be able to change.
    /// Required.
    pub program: PathBuf,
    /// Its arguments, always the same. Default: none.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// A file with a secret that the program is handed with each question, and that is
    /// blotted out of whatever it says. Default: none.
    pub secret_file: Option<PathBuf>,
}

/// A program that carries out verbs.
pub(super) struct Program {
    path: PathBuf,
    arguments: Vec<String>,
    secret: Option<Zeroizing<String>>,
}

impl Program {
    /// The program that `config` names, `option` being its path in the configuration.
    pub(super) fn new(option: &str, config: &ProcessConfig) -> Result<Self, ConfigError> {
        guarded(&format!("{option}.program"), &config.program)?;
        if config.arguments.len() > BINDING_ARGUMENTS_MAX {
            return Err(ConfigError::new(
                format!("{option}.arguments"),
                format!("there are more than {BINDING_ARGUMENTS_MAX}"),
                "let the program read a file of its own",
            ));
        }
        let secret = match &config.secret_file {
            Some(path) => Some(secret(&format!("{option}.secret_file"), path)?),
            None => None,
        };
        let (path, arguments) = (config.program.clone(), config.arguments.clone());
        Ok(Self { path, arguments, secret })
    }

    /// Writes what the program complained of into the log, for people.
    fn log(&self, stderr: &str, request: &Request) {
        if stderr.is_empty() {
            return;
        }
        tracing::warn!(
            run = %request.run,
            verb = %request.call.action,
            program = %self.path.display(),
            "the program complains: {}",
            scrubbed(stderr.trim_end(), self.secret())
        );
    }
}

fn secret(option: &str, path: &std::path::Path) -> Result<Zeroizing<String>, ConfigError> {
    let bytes = read_secret(option, path)?;
    let text = core::str::from_utf8(&bytes).ok().filter(|text| !text.is_empty());
    text.map(|text| Zeroizing::new(text.to_owned())).ok_or_else(|| {
        ConfigError::new(option, "the file holds no text", "write the secret as one line of text")
    })
}

impl Carrier for Program {
    fn carry(&self, question: &Question<'_>, request: &Request) -> Result<Vec<u8>, Ending> {
        let not_sent = |reason: String| Ending::NotSent(Arc::from(reason));
        let deadline = Instant::now().checked_add(request.timeout.to_std());
        let deadline =
            deadline.ok_or_else(|| not_sent(String::from("the time-out is too long")))?;
        let question = framed(&question.to_json(self.secret()))
            .ok_or_else(|| not_sent(format!("it has more than {SITE_REQUEST_BYTES_MAX} bytes")))?;
        check_guarded(&self.path).map_err(|unguarded| not_sent(unguarded.problem))?;
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        let most = SITE_ANSWER_BYTES_MAX.saturating_add(LENGTH_BYTES);
        let output = program::run_limited(&mut command, &question, most, deadline);
        let stderr = match &output {
            Ok(output) => &output.stderr,
            Err(unanswered) => &unanswered.stderr,
        };
        self.log(stderr, request);
        let complaint = tail(stderr, self.secret());
        let output = output.map_err(|unanswered| match unanswered.error {
            ProgramError::NotStarted => not_sent(String::from("the program can't be started")),
            ProgramError::Timeout => {
                unknown(&format!("the program did not end in time{complaint}"))
            }
            ProgramError::Killed => unknown(&format!("the program was killed{complaint}")),
            ProgramError::TooMuch => {
                unknown(&format!("the program says more than it may{complaint}"))
            }
        })?;
        if !output.success {
            return Err(unknown(&format!("the program failed{complaint}")));
        }
        let not_whole = || unknown(&format!("the program's answer is not whole{complaint}"));
        message(output.stdout).ok_or_else(not_whole)
    }

    fn secret(&self) -> Option<&str> {
        self.secret.as_ref().map(|secret| secret.as_str())
    }
}

/// The last of what a program complained of, for people: that tells why it gave up.
fn tail(stderr: &str, secret: Option<&str>) -> String {
    let complaint = cleaned(stderr.trim_end(), secret);
    let start = complaint.len().saturating_sub(COMPLAINT_TAIL_BYTES_MAX);
    let start = complaint.ceil_char_boundary(start);
    match complaint.get(start..).unwrap_or_default() {
        "" => String::new(),
        kept if start > 0 => format!("; it complained: …{kept}"),
        kept => format!("; it complained: {kept}"),
    }
}

/// A message behind its length; `None` if it is too long.
fn framed(message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let fits = message.len() <= SITE_REQUEST_BYTES_MAX;
    let length = u32::try_from(message.len()).ok().filter(|_| fits)?;
    Some(Zeroizing::new([length.to_be_bytes().as_slice(), message].concat()))
}

/// The one message that is all of `bytes`.
fn message(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_be_bytes(*bytes.first_chunk()?);
    let message = bytes.split_off(LENGTH_BYTES);
    (u32::try_from(message.len()).ok()? == length).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_complaint_is_kept_clean() {
        assert_eq!(tail("", None), "");
        assert_eq!(tail("no such host\n", None), "; it complained: no such host");
        let said = tail("key hunter2hunter2\n\u{1b}[1mgone", Some("hunter2hunter2"));
        assert_eq!(said, "; it complained: key (secret)\\n\\u{1b}[1mgone");
        let long = format!(
            "{}é{}",
            "x".repeat(COMPLAINT_TAIL_BYTES_MAX),
            "y".repeat(COMPLAINT_TAIL_BYTES_MAX - 1)
        );
        let kept = "y".repeat(COMPLAINT_TAIL_BYTES_MAX - 1);
        assert_eq!(tail(&long, None), format!("; it complained: …{kept}"));
    }

    #[test]
    fn a_message_is_its_length_and_all_of_it() {
        let framed = framed(b"{}").unwrap();
        assert_eq!(framed.as_slice(), b"\0\0\0\x02{}");
        assert_eq!(message(framed.to_vec()).as_deref(), Some(b"{}".as_slice()));
        for bytes in
            [&b""[..], b"\0\0\0", b"\0\0\0\x02{", b"\0\0\0\x02{} ", b"{}{}", b"\xff\xff\xff\xff"]
        {
            assert_eq!(message(bytes.to_vec()), None, "{bytes:?}");
        }
        assert!(super::framed(&vec![b' '; SITE_REQUEST_BYTES_MAX]).is_some());
        assert!(super::framed(&vec![b' '; SITE_REQUEST_BYTES_MAX + 1]).is_none());
    }
}
