//! The keys that people name, read from their files.

use std::path::Path;

use rye_bundle::key_file::{self, PUBLIC_KEY_HEADER};
use rye_bundle::signature::{PublicKey, SecretKey};
use rye_core::limit::KEY_FILE_BYTES_MAX;

use crate::failure::Failure;
use crate::file;

/// The secret key in the file at `path`, which nobody else may read.
pub(crate) fn secret(path: &Path) -> Result<SecretKey, Failure> {
    let shown = path.display();
    let (bytes, mode) = file::read_wiped(path, KEY_FILE_BYTES_MAX)?;
    // The usual slip; such a file may be read by all, so it is told first.
    if bytes.starts_with(PUBLIC_KEY_HEADER.as_bytes()) {
        let help = "name the secret key: its file is called the same, without `.pub`";
        return Err(Failure::call(format!("{shown} is a public key, which signs nothing"), help));
    }
    let help = "name a file that `ryec keygen` wrote; a damaged one comes back from its backup";
    let text = core::str::from_utf8(&bytes)
        .map_err(|_| Failure::input(format!("{shown} is no key file, and no text"), help))?;
    let key = key_file::read_secret_key(text)
        .map_err(|flaw| Failure::input(format!("{shown} is no secret key: {flaw}"), help))?;
    file::check_private(path, mode)?;
    Ok(key)
}

/// The public key in the file at `path`.
pub(crate) fn public(path: &Path) -> Result<PublicKey, Failure> {
    let shown = path.display();
    let help = "name the `.pub` file that `ryec keygen` wrote";
    let bytes = file::read(path, KEY_FILE_BYTES_MAX)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::input(format!("{shown} is no key file, and no text"), help))?;
    key_file::read_public_key(&text)
        .map_err(|flaw| Failure::input(format!("{shown} is no public key: {flaw}"), help))
}
