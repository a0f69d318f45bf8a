//! The offline side: from an unsigned file to one that carries signatures.
//! Whoever signs signs something well-formed, and what is handed back has been
//! read again and verified.

use core::fmt;

use rye_core::id::KeyId;

use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::{Flaw, Refusal};
use crate::payload::Payload;
use crate::revocation::Revocations;
use crate::signature::{InvalidSignature, PublicKey, SecretKey, SignatureRecord, SigningFault};
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

/// Whoever signs: a key in memory, or a program that keeps it.
pub trait Signer {
    /// The public half of the key.
    fn public(&self) -> &PublicKey;

    /// Signs `message`. What comes back has been verified.
    ///
    /// # Errors
    /// When no signature came about.
    fn sign(&self, message: &[u8]) -> Result<SignatureRecord, SigningFault>;
}

impl Signer for SecretKey {
    fn public(&self) -> &PublicKey {
        Self::public(self)
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureRecord, SigningFault> {
        Self::sign(self, message)
    }
}

/// Adds a signature to a bundle, signed or not. Signing twice with one key is
/// signing once.
///
/// # Errors
/// When the file is no bundle, has 16 other signatures, or signing fails.
pub fn sign_bundle(file: &[u8], key: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let archive = Archive::decode(file)?;
    Payload::decode(archive.payload())?;
    sign(archive, ObjectKind::BUNDLE, key)
}

/// Adds a signature to a trust root, signed or not.
///
/// # Errors
/// As [`sign_bundle`], and when the key is not one that may sign it.
pub fn sign_trust_root(file: &[u8], key: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let archive = Archive::decode(file)?;
    let root = TrustRoot::decode(archive.payload())?;
    sign_as_root_of(&[&root], archive, key)
}

/// Adds a signature to a trust root that is to follow `present`: owners of both
/// sign it.
///
/// # Errors
/// As [`sign_trust_root`].
pub fn sign_successor(
    file: &[u8],
    present: &TrustRoot,
    key: &dyn Signer,
) -> Result<Vec<u8>, SignError> {
    let archive = Archive::decode(file)?;
    let root = TrustRoot::decode(archive.payload())?;
    sign_as_root_of(&[&root, present], archive, key)
}

fn sign_as_root_of(
    roots: &[&TrustRoot],
    archive: Archive,
    key: &dyn Signer,
) -> Result<Vec<u8>, SignError> {
    let key_id = key.public().id();
    let mut roles = roots.iter().flat_map(|root| root.signer_roles(Usage::Root));
    if !roles.any(|role| role.keys.contains(&key_id)) {
        return Err(SignError::NoRootSigner(key_id));
    }
    sign(archive, ObjectKind::TRUST_ROOT, key)
}

/// Adds a signature to a revocation list, signed or not. Whether its key may sign
/// such lists is said by a trust root, and asked by whoever believes the list.
///
/// # Errors
/// As [`sign_bundle`].
pub fn sign_revocations(file: &[u8], key: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let archive = Archive::decode(file)?;
    Revocations::decode(archive.payload())?;
    sign(archive, ObjectKind::REVOCATIONS, key)
}

fn sign(mut archive: Archive, object: ObjectKind, key: &dyn Signer) -> Result<Vec<u8>, SignError> {
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
