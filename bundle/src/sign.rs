//! The offline side: from an unsigned file to one that carries signatures.
//! Whoever signs signs something well-formed, and what is handed back has been
//! read again and verified.

use core::fmt;

use rye_core::id::KeyId;

use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::{Flaw, Refusal};
use crate::payload::Payload;
use crate::signature::{InvalidSignature, SecretKey, SigningFault};
use crate::trust::{TrustRoot, Usage};

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignError {
    /// The file is not what it is to be signed as.
    Refused(Refusal),
    /// The key is not in the root role of this trust root: its signature would
    /// never count.
    NoRootSigner(KeyId),
    /// The signature could not be made.
    Fault(SigningFault),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NoRootSigner(key_id) => {
                write!(f, "key {key_id} is not in the root role of this trust root")
            }
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for SignError {}

impl From<Refusal> for SignError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The file of a bundle that nobody signed yet. The same payload always gives
/// the same bytes.
///
/// # Errors
/// [`Refusal::Manifest`] when the manifest contradicts itself,
/// [`Refusal::Length`] when the payload is too long.
pub fn unsigned_bundle(payload: &Payload) -> Result<Vec<u8>, Refusal> {
    let bytes = payload.encode().map_err(|flaw: Flaw| Refusal::Manifest(flaw))?;
    Ok(Archive::unsigned(bytes)?.encode())
}

/// Adds a signature to a bundle, signed or not. Signing twice with one key is
/// signing once.
///
/// # Errors
/// When the file is no bundle, has 16 other signatures, or signing fails.
pub fn sign_bundle(file: &[u8], key: &SecretKey) -> Result<Vec<u8>, SignError> {
    let archive = Archive::decode(file)?;
    Payload::decode(archive.payload())?;
    sign(archive, ObjectKind::BUNDLE, key)
}

/// Adds a signature to a trust root, signed or not.
///
/// # Errors
/// As [`sign_bundle`], and when the key is not one that may sign it.
pub fn sign_trust_root(file: &[u8], key: &SecretKey) -> Result<Vec<u8>, SignError> {
    let archive = Archive::decode(file)?;
    let root = TrustRoot::decode(archive.payload())?;
    let key_id = key.public().id();
    if !root.signer_roles(Usage::Root).any(|role| role.keys.contains(&key_id)) {
        return Err(SignError::NoRootSigner(key_id));
    }
    sign(archive, ObjectKind::TRUST_ROOT, key)
}

fn sign(mut archive: Archive, object: ObjectKind, key: &SecretKey) -> Result<Vec<u8>, SignError> {
    let record = key.sign(&object.signed_bytes(archive.payload())).map_err(SignError::Fault)?;
    archive.insert(record)?;
    let file = archive.encode();
    let written = Archive::decode(&file)?;
    let message = object.signed_bytes(written.payload());
    let found = written.signatures().iter().find(|it| it.key_id == record.key_id);
    found
        .ok_or(InvalidSignature)
        .and_then(|it| key.public().verify_strict(&message, &it.signature))
        .map_err(|InvalidSignature| SignError::Fault(SigningFault::Computation))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
