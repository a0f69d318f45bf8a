//! Keys that people name, and why something is not signed with them.

use std::path::Path;

use rye_bundle::key_file;
use rye_bundle::sign::SignError;
use rye_bundle::signature::{PublicKey, SigningFault};
use rye_core::limit::KEY_FILE_BYTES_MAX;

use crate::failure::{Failure, Reason};
use crate::file;

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

/// Why the file at `path` was not signed.
pub(crate) fn not_signed(path: &Path, error: &SignError) -> Failure {
    let help = match error {
        SignError::Refused(refusal) => return Failure::unusable(path, Reason::from(refusal)),
        SignError::Fault(SigningFault::Program(_)) => "see what the program says, and try again",
        SignError::NoRootSigner(_) | SignError::Fault(_) => {
            "sign on another machine, and don't trust this one"
        }
    };
    Failure::input(format!("{} can't be signed: {error}", path.display()), help)
}
