//! Ed25519: the only module that knows the library. Keys are admitted once,
//! strictly; signatures are verified strictly, each at least once ([`FoundToHold`]).
//!
//! The library takes public keys of small order, in more than one encoding, or
//! with a torsion component. With such a key one signature can hold for many
//! messages, or for one verifier and not another, so none is admitted.

use core::fmt;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use rye_core::digest::{Digest, KEY_ID};
use rye_core::id::KeyId;
use zeroize::Zeroizing;

/// A public key that may be trusted: canonical, not weak, free of torsion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    id: KeyId,
}

/// Why 32 bytes are no public key that may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFlaw {
    /// Not a point of the curve.
    Encoding,
    /// A point of small order: signatures of it hold for almost any message.
    Weak,
    /// A second encoding of a point.
    NonCanonical,
    /// A point with a torsion component: verifiers disagree about it.
    Torsion,
}

impl KeyFlaw {
    /// The stable code of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Encoding => "E_KEY_ENCODING",
            Self::Weak => "E_KEY_WEAK",
            Self::NonCanonical => "E_KEY_NONCANONICAL",
            Self::Torsion => "E_KEY_TORSION",
        }
    }
}

impl fmt::Display for KeyFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encoding => "bytes that are no point of the curve",
            Self::Weak => "a weak key, a point of small order",
            Self::NonCanonical => "a second encoding of a key",
            Self::Torsion => "a key with a torsion component",
        })
    }
}

impl core::error::Error for KeyFlaw {}

impl PublicKey {
    /// Admits a key.
    ///
    /// # Errors
    /// When the bytes are not exactly the one encoding of an ordinary key.
    pub fn admit(bytes: &[u8; 32]) -> Result<Self, KeyFlaw> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyFlaw::Encoding)?;
        if key.is_weak() {
            return Err(KeyFlaw::Weak);
        }
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyFlaw::NonCanonical);
        }
        if !key.to_edwards().is_torsion_free() {
            return Err(KeyFlaw::Torsion);
        }
        Ok(Self { key, id: Self::id_of(bytes) })
    }

    /// The 32 bytes of the key.
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The key's name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The name of the key with these bytes, admitted or not.
    pub fn id_of(bytes: &[u8; 32]) -> KeyId {
        KeyId(Digest::derive(KEY_ID, &[bytes]).0)
    }

    /// Whether `signature` is this key's over exactly `message`.
    ///
    /// # Errors
    /// When it is not.
    pub fn verify_strict(
        &self,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), InvalidSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.key.verify_strict(message, &signature).map_err(|_| InvalidSignature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(")?;
        rye_core::hex::write(f, self.bytes())?;
        f.write_str(")")
    }
}

/// The 64 bytes of a signature. They name nothing: one statement can have more
/// than one valid signature, so what is compared is always the statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rye_core::hex::write(f, &self.0)
    }
}

/// A signature and the name of the key that is said to have made it. The name
/// is only used to find the key; it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureRecord {
    /// Which key.
    pub key_id: KeyId,
    /// What it made.
    pub signature: Signature,
}

/// A signature that doesn't hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSignature;

/// Signatures that were found to hold lately. One over the same bytes by the same key
/// holds for ever, so that a bundle of which many runs begin is verified once. What the
/// key counts for is another question, and is asked each time.
#[derive(Debug, Default)]
pub(crate) struct FoundToHold(Mutex<VecDeque<Found>>);

/// One of them, with all that it depends on.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    signature: Signature,
    key: PublicKey,
    message: Vec<u8>,
}

/// So many are remembered: the signatures of some bundles.
const FOUND_MAX: usize = 32;

impl FoundToHold {
    /// As [`PublicKey::verify_strict`], unless that was asked before.
    pub(crate) fn verify_strict(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), InvalidSignature> {
        let found = Found { signature: *signature, key: *key, message: message.to_vec() };
        if self.found().contains(&found) {
            return Ok(());
        }
        key.verify_strict(message, signature)?;
        let mut known = self.found();
        known.truncate(FOUND_MAX - 1);
        known.push_front(found);
        Ok(())
    }

    fn found(&self) -> MutexGuard<'_, VecDeque<Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who is believed from a copy on verifies for itself.
impl Clone for FoundToHold {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Display for InvalidSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature doesn't verify")
    }
}

impl core::error::Error for InvalidSignature {}

/// A key that signs. Its bytes are wiped from memory when it is dropped, and
/// never printed.
pub struct SecretKey {
    key: SigningKey,
    public: PublicKey,
}

/// Why no key or no signature came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningFault {
    /// The system gave no random bytes.
    Randomness,
    /// The seed makes a public key that would not be admitted.
    Key(KeyFlaw),
    /// What was signed doesn't verify: the machine computes wrongly.
    Computation,
    /// The program that keeps the key doesn't sign: why.
    Program(String),
}

impl fmt::Display for SigningFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Randomness => f.write_str("the system gave no random bytes"),
            Self::Key(flaw) => write!(f, "the key is not usable: {flaw}"),
            Self::Program(why) => f.write_str(why),
            Self::Computation => {
                f.write_str("the fresh signature doesn't verify: this machine computes wrongly")
            }
        }
    }
}

impl core::error::Error for SigningFault {}

impl SecretKey {
    /// A key from the system's random bytes.
    ///
    /// # Errors
    /// When the system has none.
    pub fn generate() -> Result<Self, SigningFault> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| SigningFault::Randomness)?;
        Self::from_seed(&seed)
    }

    /// The key that 32 secret bytes make.
    ///
    /// # Errors
    /// When the public half would not be admitted, which no seed is known to do.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SigningFault> {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::admit(key.verifying_key().as_bytes()).map_err(SigningFault::Key)?;
        Ok(Self { key, public })
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message`, and verifies the result before anybody sees it: a
    /// signature made by a fault in computing can give the key away.
    ///
    /// # Errors
    /// When the fresh signature doesn't verify.
    pub fn sign(&self, message: &[u8]) -> Result<SignatureRecord, SigningFault> {
        let signature = Signature(self.key.sign(message).to_bytes());
        self.public
            .verify_strict(message, &signature)
            .map_err(|InvalidSignature| SigningFault::Computation)?;
        Ok(SignatureRecord { key_id: self.public.id(), signature })
    }

    /// The secret bytes, for the files that keep them.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public.id())
    }
}

#[cfg(test)]
mod tests;
