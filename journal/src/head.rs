//! The end of the chain: how many entries there are, and what the next links to.

use core::fmt;
use core::str::FromStr;

use rye_core::digest::Digest;

/// The size of a journal with the hash of its last entry. Whoever keeps one
/// elsewhere can later tell that the journal still begins with what it had then.
///
/// Written as `SIZE:HASH`, the size in decimal and the hash in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are; the next one's sequence number.
    pub size: u64,
    /// The hash of the last one; the genesis digest when there is none.
    pub hash: Digest,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.size, self.hash)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (size, hash) = text.split_once(':').ok_or(HeadError)?;
        let size = size.parse().map_err(|_| HeadError)?;
        Ok(Self { size, hash: Digest::from_hex(hash).ok_or(HeadError)? })
    }
}

/// A text that is not a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadError;

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected SIZE:HASH, a number and 64 hexadecimal digits")
    }
}

impl core::error::Error for HeadError {}
