//! Hashes of files, told apart by length and never equal across kinds.

use core::fmt;

/// A file's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// MD5, 32 digits.
    Md5([u8; 16]),
    /// SHA-1, 40 digits.
    Sha1([u8; 20]),
    /// SHA-256, 64 digits.
    Sha256([u8; 32]),
}

impl Hash {
    /// The hash that hexadecimal digits of either case name.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = crate::hex::decode(text)?;
        Self::from_bytes(&bytes)
    }

    /// The hash with these bytes; the kind follows from their number.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            16 => bytes.try_into().ok().map(Self::Md5),
            20 => bytes.try_into().ok().map(Self::Sha1),
            32 => bytes.try_into().ok().map(Self::Sha256),
            _ => None,
        }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Md5(bytes) => bytes,
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::write(f, self.as_bytes())
    }
}
