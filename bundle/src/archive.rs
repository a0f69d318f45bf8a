//! The container of everything that is signed: one payload, its signatures,
//! and nothing else. The same content always has the same bytes, and bytes that
//! differ in one bit are another content or no container.
//!
//! The payload is opaque here: it is authenticated before anybody parses it.

mod stranger;

use rye_core::id::KeyId;
use rye_core::limit::{PAYLOAD_BYTES_MAX, SIGNATURES_MAX};
use rye_core::wire::Writer;

use crate::error::{Flaw, Refusal};
use crate::field::FieldReader;
use crate::signature::{Signature, SignatureRecord};

/// The first bytes of every container.
pub const MAGIC: [u8; 4] = *b"RYEB";
/// The version of the container's form.
pub const CONTAINER_VERSION: u16 = 1;
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 16;
/// Bytes of one signature with its key id.
pub const SIGNATURE_RECORD_BYTES: usize = 96;
/// The longest container. A reader never needs to read more than one byte beyond.
pub const CONTAINER_BYTES_MAX: usize =
    HEADER_BYTES + PAYLOAD_BYTES_MAX + SIGNATURES_MAX * SIGNATURE_RECORD_BYTES;

/// A payload and signatures that nobody has verified.
///
/// INVARIANT: 1 to [`PAYLOAD_BYTES_MAX`] bytes of payload; at most
/// [`SIGNATURES_MAX`] signatures, strictly ascending by key id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    payload: Vec<u8>,
    signatures: Vec<SignatureRecord>,
}

impl Archive {
    /// A payload without signatures.
    ///
    /// # Errors
    /// [`Refusal::Length`] when the payload is empty or too long.
    pub fn unsigned(payload: Vec<u8>) -> Result<Self, Refusal> {
        check_payload_length(payload.len(), None)?;
        Ok(Self { payload, signatures: Vec::new() })
    }

    /// Reads a container.
    ///
    /// # Errors
    /// The first of [`Refusal::Size`], `Magic`, `ContainerVersion`, `Flags`,
    /// `Length`, `Trailing`, `SignatureCount`, `SignatureOrder` that applies.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > CONTAINER_BYTES_MAX {
            return Err(Refusal::Size { found: bytes.len(), max: CONTAINER_BYTES_MAX });
        }
        if !bytes.starts_with(&MAGIC) {
            let flaw = Flaw::new("magic", "`RYEB`", stranger::guess(bytes));
            return Err(Refusal::Magic(flaw.at_byte(0)));
        }
        let mut reader = FieldReader::new(bytes);
        let (payload_length, signature_count) = read_header(&mut reader)?;
        let payload = reader.take("payload", payload_length).map_err(Refusal::Length)?.to_vec();
        let mut signatures = Vec::new();
        let signatures_begin = reader.position();
        for _ in 0..signature_count {
            signatures.push(read_signature(&mut reader).map_err(Refusal::Length)?);
        }
        reader.finish("end").map_err(Refusal::Trailing)?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(Refusal::SignatureCount { found: signatures.len() });
        }
        check_order(&signatures, signatures_begin)?;
        Ok(Self { payload, signatures })
    }

    /// The container's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&MAGIC);
        writer.u16(CONTAINER_VERSION);
        writer.u16(0);
        writer.count(self.payload.len());
        writer.u8(u8::try_from(self.signatures.len()).unwrap_or(u8::MAX));
        writer.raw(&[0; 3]);
        writer.raw(&self.payload);
        for record in &self.signatures {
            writer.raw(&record.key_id.0);
            writer.raw(&record.signature.0);
        }
        writer.into_bytes()
    }

    /// What is signed, or to be signed.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signatures, ascending by key id. Nobody has verified them.
    pub fn signatures(&self) -> &[SignatureRecord] {
        &self.signatures
    }

    /// Whether the key of this name has signed, or is said to have.
    pub fn has_signature_of(&self, key_id: KeyId) -> bool {
        self.signatures.iter().any(|record| record.key_id == key_id)
    }

    /// Adds a signature at its place; one of the same key is replaced.
    pub(crate) fn insert(&mut self, record: SignatureRecord) -> Result<(), Refusal> {
        match self.signatures.binary_search_by_key(&record.key_id, |other| other.key_id) {
            Ok(place) => {
                if let Some(present) = self.signatures.get_mut(place) {
                    *present = record;
                }
            }
            Err(_) if self.signatures.len() >= SIGNATURES_MAX => {
                let found = self.signatures.len().saturating_add(1);
                return Err(Refusal::SignatureCount { found });
            }
            Err(place) => self.signatures.insert(place, record),
        }
        Ok(())
    }
}

/// The length of the payload and the number of signatures.
fn read_header(reader: &mut FieldReader<'_>) -> Result<(usize, u8), Refusal> {
    let _: [u8; 4] = reader.array("magic").map_err(Refusal::Magic)?;
    let at = reader.position();
    let version = reader.u16("container_version").map_err(Refusal::Length)?;
    if version != CONTAINER_VERSION {
        let flaw = Flaw::new("container_version", CONTAINER_VERSION, version).at_byte(at);
        return Err(Refusal::ContainerVersion(flaw));
    }
    read_zeros::<2>(reader, "flags")?;
    let at = reader.position();
    let payload_length = reader.length("payload_len").map_err(Refusal::Length)?;
    check_payload_length(payload_length, Some(at))?;
    let signature_count = reader.u8("sig_count").map_err(Refusal::Length)?;
    read_zeros::<3>(reader, "reserved")?;
    Ok((payload_length, signature_count))
}

fn read_zeros<const N: usize>(
    reader: &mut FieldReader<'_>,
    field: &'static str,
) -> Result<(), Refusal> {
    let at = reader.position();
    let bytes: [u8; N] = reader.array(field).map_err(Refusal::Length)?;
    if bytes == [0; N] {
        return Ok(());
    }
    Err(Refusal::Flags(Flaw::new(field, "0", rye_core::hex::encode(&bytes)).at_byte(at)))
}

fn check_payload_length(length: usize, at_byte: Option<usize>) -> Result<(), Refusal> {
    if (1..=PAYLOAD_BYTES_MAX).contains(&length) {
        return Ok(());
    }
    let mut flaw = Flaw::new("payload_len", format_args!("1 to {PAYLOAD_BYTES_MAX} bytes"), length);
    flaw.at_byte = at_byte;
    Err(Refusal::Length(flaw))
}

fn read_signature(reader: &mut FieldReader<'_>) -> Result<SignatureRecord, Flaw> {
    let key_id = KeyId(reader.array("key_id")?);
    let signature = Signature(reader.array("sig")?);
    Ok(SignatureRecord { key_id, signature })
}

fn check_order(signatures: &[SignatureRecord], begin: usize) -> Result<(), Refusal> {
    for (index, (before, after)) in signatures.iter().zip(signatures.iter().skip(1)).enumerate() {
        if before.key_id >= after.key_id {
            let at = index
                .saturating_add(1)
                .saturating_mul(SIGNATURE_RECORD_BYTES)
                .saturating_add(begin);
            let expected = format_args!("more than {}", before.key_id);
            return Err(Refusal::SignatureOrder(
                Flaw::new("key_id", expected, after.key_id).at_byte(at),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
