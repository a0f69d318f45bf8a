//! From what a person names with `--key` to somebody who signs: a file, encrypted or
//! plain, or a program that keeps the key. `ryec` and `ryectl` sign through this and
//! nothing else; `ryed` has no key that could sign.
//!
//! A passphrase comes from a terminal, a file or an open file descriptor: never from
//! an argument or the environment, where others can read it. What is secret is wiped
//! when it is dropped.

pub mod file;
mod passphrase;
mod program;

use core::fmt;
use core::str::FromStr;
use std::path::{Path, PathBuf};

use clap::Args;
use rye_bundle::key_file::encrypted::{ENCRYPTED_KEY_HEADER, read_encrypted_key};
use rye_bundle::key_file::{PUBLIC_KEY_HEADER, read_secret_key};
use rye_bundle::sign::Signer;
use rye_bundle::signature::SecretKey;

pub use passphrase::PassphraseOptions;
use program::Program;

/// What `--key` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// A file that `ryec keygen` wrote, or another program.
    File(PathBuf),
    /// A program that keeps the key, by its whole path.
    Program(PathBuf),
}

impl FromStr for KeyName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(program) = text.strip_prefix("exec:") else { return Ok(Self::File(text.into())) };
        let path = Path::new(program);
        if path.is_absolute() {
            return Ok(Self::Program(path.to_owned()));
        }
        Err(String::from("a program is named by its whole path: `exec:/usr/local/bin/sign`"))
    }
}

/// Why there is nobody who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    /// Whose mistake it is.
    pub kind: KeyErrorKind,
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub help: String,
}

/// Whose mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyErrorKind {
    /// What was called, and how.
    Call,
    /// What was found.
    Input,
    /// Nobody's: it is not allowed.
    Refused,
}

impl KeyError {
    fn call(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind: KeyErrorKind::Call, what: what.into(), help: help.into() }
    }

    fn input(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind: KeyErrorKind::Input, what: what.into(), help: help.into() }
    }

    fn refused(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind: KeyErrorKind::Refused, what: what.into(), help: help.into() }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl core::error::Error for KeyError {}

/// Whose key it is, as the programs take it.
#[derive(Args, Clone, Debug)]
pub struct KeyOptions {
    /// Your secret key: its file, or `exec:` and the whole path of a program that signs.
    #[arg(long, value_name = "KEY")]
    key: KeyName,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl KeyOptions {
    /// Whoever signs.
    ///
    /// # Errors
    /// When there is nobody.
    pub fn signer(&self) -> Result<Box<dyn Signer>, KeyError> {
        open(&self.key, &self.passphrase)
    }
}

/// Whoever signs with the key of this name.
///
/// # Errors
/// When there is nobody.
pub fn open(key: &KeyName, passphrase: &PassphraseOptions) -> Result<Box<dyn Signer>, KeyError> {
    match key {
        KeyName::File(path) => Ok(Box::new(secret(path, passphrase)?)),
        KeyName::Program(path) => Ok(Box::new(Program::new(path)?)),
    }
}

/// The secret key in the file at `path`, which nobody else may read.
fn secret(path: &Path, passphrase: &PassphraseOptions) -> Result<SecretKey, KeyError> {
    let shown = path.display();
    let (bytes, mode) = file::read(path)?;
    // The usual slip; such a file may be read by all, so it is told first.
    if bytes.starts_with(PUBLIC_KEY_HEADER.as_bytes()) {
        let help = "name the secret key: its file is called the same, without `.pub`";
        return Err(KeyError::call(format!("{shown} is a public key, which signs nothing"), help));
    }
    let help = "name a file that `ryec keygen` wrote; a damaged one comes back from its backup";
    let text = core::str::from_utf8(&bytes)
        .map_err(|_| KeyError::input(format!("{shown} is no key file, and no text"), help))?;
    let flawed = |flaw| KeyError::input(format!("{shown} is no secret key: {flaw}"), help);
    if text.starts_with(ENCRYPTED_KEY_HEADER) {
        file::check_private(path, mode, "secret key")?;
        let passphrase = passphrase.ask(path)?;
        return read_encrypted_key(text, &passphrase).map_err(|flaw| {
            let help = "type the passphrase again, or take the file that it belongs to";
            KeyError::input(format!("{shown} can't be opened: {flaw}"), help)
        });
    }
    let key = read_secret_key(text).map_err(flawed)?;
    file::check_private(path, mode, "secret key")?;
    Ok(key)
}

#[cfg(test)]
mod tests;
