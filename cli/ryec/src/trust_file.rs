//! The description of a trust root that people write, in TOML: in comes the text
//! with the public keys that it names, out goes a sound trust root, or all mistakes
//! with their places.

mod key_list;
mod read;
mod signer_role;
mod walk;

use std::path::Path;

use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::TrustRoot;
use rye_core::limit::TRUST_FILE_BYTES_MAX;

use crate::failure::{Failure, Mistake};
use crate::file;

/// A description to fill in, with comments.
pub(crate) const TEMPLATE: &str = include_str!("trust_file/template.toml");

/// The trust root that the file at `path` describes, issued `now` if it doesn't say when.
pub(crate) fn load(path: &Path, now: UnixSeconds) -> Result<TrustRoot, Failure> {
    let bytes = file::read(path, TRUST_FILE_BYTES_MAX)?;
    let wrong = |mistakes| Failure::Mistakes { file: path.display().to_string(), mistakes };
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..at).unwrap_or_default());
        wrong(vec![Mistake {
            at: Some(walk::place(&before, before.len())),
            option: String::new(),
            problem: String::from("expected text in UTF-8, found other bytes"),
            help: String::from("save the file as UTF-8"),
        }])
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    read::trust_root(&text, folder, now).map_err(wrong)
}

#[cfg(test)]
mod tests;
