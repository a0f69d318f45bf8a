//! BLAKE3 with a domain per use.
//!
//! Every hash in Rye is `derive_key` under one of the contexts below, so that
//! bytes that mean one thing can never be presented as another. A context is
//! part of a format: it is never changed and never used twice.

use core::fmt;

/// A 32-byte BLAKE3 digest. Shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hashes `parts`, one after the other, in the domain of `context`.
    pub fn derive(context: Context, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(context.0);
        for part in parts {
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The digest that 64 hexadecimal digits name; `None` for any other text.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::hex::decode_array(text).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::write(f, &self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Many digests in one domain, one after the other: the context is hashed once
/// instead of once per digest.
#[derive(Clone, Debug)]
pub struct Deriver(blake3::Hasher);

impl Deriver {
    /// Digests in the domain of `context`.
    pub fn new(context: Context) -> Self {
        Self(blake3::Hasher::new_derive_key(context.0))
    }

    /// The same digest that [`Digest::derive`] gives for `parts`.
    pub fn digest(&mut self, parts: &[&[u8]]) -> Digest {
        self.0.reset();
        for part in parts {
            self.0.update(part);
        }
        Digest(*self.0.finalize().as_bytes())
    }
}

/// The domain of a hash: what the hashed bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context(&'static str);

/// Which public key: 32 bytes of Ed25519.
pub const KEY_ID: Context = Context("rye 2026-11-20 key-id v1");
/// The payload of a bundle; its identity everywhere.
pub const BUNDLE_PAYLOAD: Context = Context("rye 2026-11-20 bundle-payload v1");
/// The payload of a trust root.
pub const TRUST_ROOT_PAYLOAD: Context = Context("rye 2026-11-20 trust-root-payload v1");
/// The payload of a revocation list.
pub const REVOCATIONS_PAYLOAD: Context = Context("rye 2026-11-20 revocations-payload v1");
/// The first link of a journal's chain.
pub const JOURNAL_GENESIS: Context = Context("rye 2026-11-20 journal-genesis v1");
/// One journal entry.
pub const JOURNAL_ENTRY: Context = Context("rye 2026-11-20 journal-entry v1");
/// A value that an entry only commits to.
pub const JOURNAL_COMMITMENT: Context = Context("rye 2026-11-20 journal-field-commitment v1");
/// The place of an effect within a run.
pub const EFFECT_ID: Context = Context("rye 2026-11-20 effect-id v1");
/// Something that the engine itself tells a site's operators.
pub const ALERT_ID: Context = Context("rye 2026-11-20 alert-id v1");
/// The key that an adapter is handed for an effect.
pub const IDEMPOTENCY_KEY: Context = Context("rye 2026-11-20 idempotency-key v1");
/// The key that an adapter is handed for the undo of an effect.
pub const UNDO_KEY: Context = Context("rye 2026-11-20 undo-key v1");
/// An action, query or notice with everything a caller relies on.
pub const ACTION_SCHEMA: Context = Context("rye 2026-11-20 action-schema v1");
/// The shape of a playbook's input.
pub const INPUT_SCHEMA: Context = Context("rye 2026-11-20 input-schema v1");
/// The source files of a package, in order of their paths.
pub const SOURCE: Context = Context("rye 2026-11-20 source v1");
/// What is held: an action, the canonical values that it affects, and what proves it.
pub const HOLDING: Context = Context("rye 2026-11-20 holding v1");
/// What holdings that follow each other are of: an action and the canonical values.
pub const SUBJECT: Context = Context("rye 2026-11-27 subject v1");
/// A person's message into the inbox.
pub const MESSAGE: Context = Context("rye 2026-11-20 message v1");
/// What a person said and with which key, however it was signed.
pub const MESSAGE_STATEMENT: Context = Context("rye 2026-11-20 message-statement v1");
/// A question to people, with everything that they are shown.
pub const APPROVAL_REQUEST: Context = Context("rye 2026-11-20 approval-request v1");
/// A run, from its caller's key.
pub const RUN_ID: Context = Context("rye 2026-11-20 run-id v1");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_separates_domains() {
        assert_ne!(Digest::derive(KEY_ID, &[b"abc"]), Digest::derive(BUNDLE_PAYLOAD, &[b"abc"]));
    }

    #[test]
    fn bundle_payload_matches_the_published_vector() {
        assert_eq!(
            Digest::derive(BUNDLE_PAYLOAD, &[b"abc"]).to_string(),
            "2aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a4e70466d"
        );
    }

    #[test]
    fn a_deriver_gives_the_digests_of_its_domain() {
        let mut deriver = Deriver::new(BUNDLE_PAYLOAD);
        for parts in [&[b"abc".as_slice()][..], &[], &[b"a", b"bc"]] {
            assert_eq!(deriver.digest(parts), Digest::derive(BUNDLE_PAYLOAD, parts));
        }
    }

    #[test]
    fn hex_round_trips() {
        let digest = Digest::derive(SOURCE, &[b"x", b"y"]);
        assert_eq!(Digest::from_hex(&digest.to_string()), Some(digest));
        assert_eq!(Digest::from_hex("00"), None);
    }
}
