//! Secret keys under a passphrase, in the form that other tools read too: PKCS #8 in
//! PEM (RFC 5958, RFC 8410), encrypted with AES-256-CBC under a key that scrypt makes
//! of the passphrase (RFC 8018). Guessing a passphrase costs 128 MiB each time.

use pkcs8::der::asn1::{OctetString, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::scrypt::Params;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef};
use rye_core::limit::KEY_DERIVATION_BYTES_MAX;
use zeroize::Zeroizing;

use super::KeyFileFlaw;
use crate::signature::{SecretKey, SigningFault};

/// The first line of a file with an encrypted secret key.
pub const ENCRYPTED_KEY_HEADER: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Ed25519 (RFC 8410).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The text of a file with the key, encrypted under `passphrase`.
///
/// # Errors
/// When the system gives no random bytes.
pub fn write_encrypted_key(
    key: &SecretKey,
    passphrase: &[u8],
) -> Result<Zeroizing<String>, SigningFault> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    let random = getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut iv));
    random.map_err(|_| SigningFault::Randomness)?;
    let encode = || -> pkcs8::Result<Zeroizing<String>> {
        // The seed stands in an octet string of its own, inside that of the format.
        let seed = Zeroizing::new(OctetStringRef::new(key.seed())?.to_der()?);
        let algorithm = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
        let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&seed)?);
        // 128 MiB, which is more than the library's own choice.
        let scheme = Parameters::generate_scrypt_aes256cbc(Params::RECOMMENDED, &salt, iv)?;
        let document = info.encrypt_with_params(scheme, passphrase)?;
        Ok(document.to_pem(LABEL, LineEnding::LF)?)
    };
    encode().map_err(|_| SigningFault::Computation)
}

/// Reads a file with an encrypted key.
///
/// # Errors
/// When it is none, would take too much memory, or the passphrase is another one.
pub fn read_encrypted_key(text: &str, passphrase: &[u8]) -> Result<SecretKey, KeyFileFlaw> {
    let flaw = |expected, found: &str| KeyFileFlaw { line: 1, expected, found: found.to_owned() };
    let no_key = |_| flaw("an encrypted private key in PEM", "something else");
    let (label, document) = pkcs8::SecretDocument::from_pem(text).map_err(no_key)?;
    if label != LABEL {
        return Err(flaw("an encrypted private key in PEM", "PEM of another kind"));
    }
    let info = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(no_key)?;
    if memory(&info.encryption_algorithm).is_none_or(|bytes| bytes > KEY_DERIVATION_BYTES_MAX) {
        return Err(flaw("scrypt with at most 1 GiB of memory", "another key derivation"));
    }
    let document = info
        .decrypt(passphrase)
        .map_err(|_| flaw("the passphrase that it was encrypted under", "another one"))?;
    let info = PrivateKeyInfoRef::from_der(document.as_bytes()).map_err(no_key)?;
    let expected = "an Ed25519 key";
    if info.algorithm.oid != ED25519 {
        return Err(flaw(expected, "a key of another algorithm"));
    }
    let seed = OctetString::from_der(info.private_key.as_bytes()).map_err(no_key)?;
    let seed = Zeroizing::new(seed.into_bytes().into_vec());
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(
        seed.as_slice().try_into().map_err(|_| flaw(expected, "a key of another length"))?,
    );
    SecretKey::from_seed(&seed).map_err(|_| flaw(expected, "one that is not usable"))
}

/// How much memory the derivation takes; `None` for one that is not ours.
fn memory(scheme: &EncryptionScheme) -> Option<u64> {
    let Kdf::Scrypt(scrypt) = &scheme.pbes2()?.kdf else { return None };
    scrypt.cost_parameter.checked_mul(u64::from(scrypt.block_size))?.checked_mul(128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{ALICE, secret};

    #[test]
    fn a_key_comes_back_under_its_passphrase_alone() {
        let text = write_encrypted_key(&secret(ALICE), b"correct horse").unwrap();
        assert!(text.starts_with(ENCRYPTED_KEY_HEADER) && text.len() < 1_024, "{}", text.len());
        let (_, document) = pkcs8::SecretDocument::from_pem(&text).unwrap();
        let info = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).unwrap();
        assert_eq!(memory(&info.encryption_algorithm), Some(128 << 20));
        let key = read_encrypted_key(&text, b"correct horse").unwrap();
        assert_eq!(key.public(), secret(ALICE).public());
        let flaw = read_encrypted_key(&text, b"battery staple").unwrap_err();
        assert!(flaw.expected.contains("passphrase"), "{flaw}");
        let again = write_encrypted_key(&secret(ALICE), b"correct horse").unwrap();
        assert_ne!(text, again, "each with a salt of its own");
    }

    #[test]
    fn what_is_no_encrypted_key_is_none() {
        for text in ["", "x", "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"] {
            assert!(read_encrypted_key(text, b"x").is_err());
        }
    }

    /// A key that another program wrote: `openssl genpkey -algorithm ed25519` and
    /// `openssl pkcs8 -topk8 -scrypt`, with the seed of RFC 8032's first test.
    #[test]
    fn keys_of_other_programs_are_read() {
        let text = include_str!("encrypted/openssl.pem");
        let key = read_encrypted_key(text, b"swordfish").unwrap();
        assert!(key.public().id().to_string().starts_with("96d0b3a0"));
    }
}
