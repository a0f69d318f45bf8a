//! A person's signed word to a running daemon. The body is opaque here: what it
//! says, to which run and how fresh it is, is the runtime's to check.

use rye_core::id::KeyId;
use rye_core::limit::INBOX_MESSAGE_BYTES_MAX;

use crate::envelope::{PayloadType, pre_authentication_encoding};
use crate::error::Refusal;
use crate::name::OwnerId;
use crate::sign::Signer;
use crate::signature::{InvalidSignature, SignatureRecord, SigningFault};
use crate::time::UnixSeconds;
use crate::trust::{Trust, Usage};
use crate::verify::Standing;

/// A message whose sender is known.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedMessage<'a> {
    body: &'a [u8],
    key_id: KeyId,
    owner: OwnerId,
}

impl<'a> VerifiedMessage<'a> {
    /// What was signed.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// With which key.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Who answers for that key; what they may say is a matter of their roles.
    pub fn owner(&self) -> &OwnerId {
        &self.owner
    }
}

/// Signs a message.
///
/// # Errors
/// When the fresh signature doesn't verify.
pub fn sign_message(key: &dyn Signer, body: &[u8]) -> Result<SignatureRecord, SigningFault> {
    key.sign(&pre_authentication_encoding(PayloadType::Message, body))
}

/// What whoever said something can do when it was refused for `reason`, as the
/// journal keeps it, where that is known.
pub fn refusal_help(reason: &str) -> Option<&'static str> {
    match reason.split(':').next() {
        Some("E_NO_TRUSTED_SIG") => Some(
            "sign it with a key to which the trust root gives the usage `operator`, or \
                 `approval` to answer what people are asked",
        ),
        Some("E_SIG_INVALID") => Some("say it again: the message was changed after it was signed"),
        _ => None,
    }
}

/// Finds out who sent a message. An expired trust root doesn't stop it: whoever
/// could say "undo" yesterday must be able to say it today.
///
/// # Errors
/// [`Refusal::Size`], [`Refusal::SignatureInvalid`], or
/// [`Refusal::NoTrustedSignature`] for a key that doesn't count at `now` for
/// `usage`.
pub fn verify_message<'a>(
    trust: &Trust,
    usage: Usage,
    now: UnixSeconds,
    body: &'a [u8],
    record: &SignatureRecord,
) -> Result<VerifiedMessage<'a>, Refusal> {
    if body.len() > INBOX_MESSAGE_BYTES_MAX {
        return Err(Refusal::Size { found: body.len(), max: INBOX_MESSAGE_BYTES_MAX });
    }
    let key_id = record.key_id;
    let Some(key) = trust.root().key(key_id) else {
        let standings = vec![(key_id, Standing::UnknownKey)];
        return Err(Refusal::NoTrustedSignature { standings });
    };
    let signed = pre_authentication_encoding(PayloadType::Message, body);
    key.public.verify_strict(&signed, &record.signature).map_err(|InvalidSignature| {
        Refusal::SignatureInvalid { key_id, owner: key.owner.clone() }
    })?;
    match Standing::of(key, trust.revocations(), usage, now) {
        Standing::Counts => Ok(VerifiedMessage { body, key_id, owner: key.owner.clone() }),
        standing => Err(Refusal::NoTrustedSignature { standings: vec![(key_id, standing)] }),
    }
}

#[cfg(test)]
mod tests;
