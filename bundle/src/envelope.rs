//! The exact bytes that a signature covers, the payload type first, so that a
//! signature over one kind of object is worth nothing over another.
//!
//! The form is DSSE's pre-authentication encoding. What may be long is signed
//! by its digest statement of 40 bytes, so that slow or distant signing devices
//! see a message of constant size.

use rye_core::digest::{BUNDLE_PAYLOAD, Context, Digest, REVOCATIONS_PAYLOAD, TRUST_ROOT_PAYLOAD};

/// What is signed. A row is never changed and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayloadType {
    /// The digest statement of a bundle.
    Bundle,
    /// The digest statement of a trust root.
    TrustRoot,
    /// The digest statement of a revocation list.
    Revocations,
    /// A person's message to a running daemon, whole.
    Message,
}

impl PayloadType {
    /// All payload types.
    pub const ALL: [Self; 4] = [Self::Bundle, Self::TrustRoot, Self::Revocations, Self::Message];

    /// The name that is signed in front of the body.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "application/vnd.rye.bundle-digest.v1",
            Self::TrustRoot => "application/vnd.rye.trust-root-digest.v1",
            Self::Revocations => "application/vnd.rye.revocations-digest.v1",
            Self::Message => "application/vnd.rye.message.v1",
        }
    }
}

/// `"DSSEv1" SP len(type) SP type SP len(body) SP body`, lengths in decimal.
pub fn pre_authentication_encoding(payload_type: PayloadType, body: &[u8]) -> Vec<u8> {
    let name = payload_type.name();
    let mut bytes = format!("DSSEv1 {} {name} {} ", name.len(), body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An object that travels in a container and is signed by its digest statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectKind {
    payload_type: PayloadType,
    context: Context,
}

impl ObjectKind {
    /// A bundle.
    pub const BUNDLE: Self = Self { payload_type: PayloadType::Bundle, context: BUNDLE_PAYLOAD };
    /// A trust root.
    pub const TRUST_ROOT: Self =
        Self { payload_type: PayloadType::TrustRoot, context: TRUST_ROOT_PAYLOAD };
    /// A revocation list.
    pub const REVOCATIONS: Self =
        Self { payload_type: PayloadType::Revocations, context: REVOCATIONS_PAYLOAD };

    /// What is signed in front of the statement.
    pub fn payload_type(self) -> PayloadType {
        self.payload_type
    }

    /// The object's identity: the digest of its payload.
    pub fn digest(self, payload: &[u8]) -> Digest {
        Digest::derive(self.context, &[payload])
    }

    /// What is stated of the payload: `u64 length, 32 bytes of digest`.
    pub fn statement(self, payload: &[u8]) -> Vec<u8> {
        // A payload's length is limited far below 64 bits.
        let length = u64::try_from(payload.len()).unwrap_or(u64::MAX);
        let mut statement = Vec::with_capacity(40);
        statement.extend_from_slice(&length.to_be_bytes());
        statement.extend_from_slice(&self.digest(payload).0);
        statement
    }

    /// The bytes that a signer of this object signs: the encoding of its statement.
    pub fn signed_bytes(self, payload: &[u8]) -> Vec<u8> {
        pre_authentication_encoding(self.payload_type, &self.statement(payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_matches_the_published_vector() {
        assert_eq!(
            rye_core::hex::encode(&ObjectKind::BUNDLE.signed_bytes(b"abc")),
            "445353457631203336206170706c69636174696f6e2f766e642e7279652e62756e646c652d646967657374\
             2e76312034302000000000000000032aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a\
             4e70466d"
        );
    }

    #[test]
    fn types_are_told_apart_and_lengths_are_bytes() {
        let encode = pre_authentication_encoding;
        for a in PayloadType::ALL {
            for b in PayloadType::ALL {
                assert_eq!(encode(a, b"x") == encode(b, b"x"), a == b);
            }
        }
        assert_eq!(
            encode(PayloadType::Message, "ä".as_bytes()),
            "DSSEv1 30 application/vnd.rye.message.v1 2 ä".as_bytes()
        );
    }
}
