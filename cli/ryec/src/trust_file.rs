//! The description of a trust root that people write, in TOML: in comes the text
//! with the public keys that it names, out goes a sound trust root, or all mistakes
//! with their places.

mod key_list;
mod read;
mod signer_role;

use std::path::Path;

use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::TrustRoot;
use rye_core::limit::TRUST_FILE_BYTES_MAX;

use crate::failure::Failure;
use crate::toml_file;

/// A description to fill in, with comments.
pub(crate) const TEMPLATE: &str = include_str!("trust_file/template.toml");

/// The trust root that the file at `path` describes, issued `now` if it doesn't say when.
pub(crate) fn load(path: &Path, now: UnixSeconds) -> Result<TrustRoot, Failure> {
    let text = toml_file::text(path, TRUST_FILE_BYTES_MAX)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    read::trust_root(&text, folder, now).map_err(|mistakes| toml_file::wrong(path, mistakes))
}

#[cfg(test)]
mod tests;
