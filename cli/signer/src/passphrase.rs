//! Where a passphrase comes from: a terminal, a file, or an open file descriptor.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use rye_core::limit::PASSPHRASE_BYTES_MAX;
use zeroize::{Zeroize, Zeroizing};

use crate::{KeyError, file};

/// How the passphrase of a key is found; else it is asked for on the terminal.
#[derive(Args, Clone, Debug, Default)]
pub struct PassphraseOptions {
    /// A file with the key's passphrase, which only you may read.
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "passphrase_fd")]
    passphrase_file: Option<PathBuf>,
    /// An open file descriptor from which the key's passphrase is read.
    #[arg(long, value_name = "N", global = true)]
    passphrase_fd: Option<u16>,
}

impl PassphraseOptions {
    /// The passphrase of the key in the file at `key`.
    pub(crate) fn ask(&self, key: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match self.given()? {
            Some(passphrase) => Ok(passphrase),
            None => terminal(&format!("passphrase of {}: ", key.display())),
        }
    }

    /// A passphrase for a new key, typed twice.
    ///
    /// # Errors
    /// When there is none, or the second is another one.
    pub fn choose(&self, key: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let chosen = if let Some(passphrase) = self.given()? {
            passphrase
        } else {
            let first = terminal(&format!("new passphrase of {}: ", key.display()))?;
            if terminal("the same again: ")? != first {
                return Err(KeyError::input("the two passphrases differ", "type it again"));
            }
            first
        };
        if chosen.is_empty() {
            let help = "choose one; `--plain` makes a key that is not encrypted";
            return Err(KeyError::input("the passphrase is empty", help));
        }
        Ok(chosen)
    }

    fn given(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        if let Some(path) = &self.passphrase_file {
            let (bytes, mode) = file::read(path)?;
            file::check_private(path, mode, "passphrase in")?;
            return first_line(bytes).map(Some);
        }
        let Some(number) = self.passphrase_fd else { return Ok(None) };
        // The system's own name for it: so no descriptor is made from a mere number.
        let shown = format!("/proc/self/fd/{number}");
        let unreadable = |error: std::io::Error| {
            let what = format!("file descriptor {number} can't be read: {error}");
            KeyError::call(what, "open one: `--passphrase-fd 3 3<FILE`")
        };
        let most = PASSPHRASE_BYTES_MAX.saturating_add(2);
        let mut bytes = Zeroizing::new(Vec::with_capacity(most));
        let file = File::open(shown).map_err(unreadable)?;
        file.take(u64::try_from(most).unwrap_or(u64::MAX))
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        first_line(bytes).map(Some)
    }
}

fn terminal(prompt: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut typed = rpassword::prompt_password(prompt).map_err(|error| {
        let what = format!("the passphrase can't be asked for: {error}");
        KeyError::call(what, "without a terminal, name a file: `--passphrase-file FILE`")
    })?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(typed.len()));
    bytes.extend_from_slice(typed.as_bytes());
    typed.zeroize();
    first_line(bytes)
}

/// What stands before the first line break: nobody types one into a passphrase.
fn first_line(mut bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    bytes.truncate(end);
    if bytes.len() > PASSPHRASE_BYTES_MAX {
        let what = format!("the passphrase has more than {PASSPHRASE_BYTES_MAX} bytes");
        return Err(KeyError::input(what, "choose a shorter one"));
    }
    Ok(bytes)
}
