//! Bundles as they lie in files, signed or not, taken apart for people who look at
//! them. Whether a signature counts is not asked here: that is `ryec verify`'s job.

use std::path::Path;

use rye_bundle::archive::Archive;
use rye_bundle::payload::{Payload, payload_digest};
use rye_bytecode::module::Module;
use rye_bytecode::{Section, decode};
use rye_core::digest::Digest;

use crate::failure::{Failure, Reason};
use crate::file;

/// A bundle and its parts.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Container and signatures.
    pub(crate) archive: Archive,
    /// What it is known by.
    pub(crate) digest: Digest,
    /// Manifest and sections.
    pub(crate) payload: Payload,
    /// The code, as it stands in the bundle.
    pub(crate) module: Module,
}

/// The bundle in the file at `path`.
///
/// # Errors
/// When there is none, with the place of what is wrong.
pub(crate) fn open(path: &Path) -> Result<Opened, Failure> {
    if path.is_dir() {
        let word = file::word(path);
        let what = format!("{word} is a folder, and a bundle is wanted");
        return Err(Failure::call(what, format!("make one: `ryec build {word} -o bundle.ryeb`")));
    }
    let bytes = file::read_container(path)?;
    let unusable = |refusal: rye_bundle::Refusal| Failure::unusable(path, Reason::from(&refusal));
    let archive = Archive::decode(&bytes).map_err(unusable)?;
    let digest = payload_digest(archive.payload());
    let payload = Payload::decode(archive.payload()).map_err(unusable)?;
    let sections: Vec<Section> =
        payload.sections.iter().map(|section| (section.kind, section.bytes.clone())).collect();
    let module = decode(&sections).map_err(|error| {
        Failure::input(
            format!("{} holds no code that can be read: {error}", path.display()),
            "it is damaged, or another version of `ryec` built it: build it again",
        )
    })?;
    Ok(Opened { archive, digest, payload, module })
}
