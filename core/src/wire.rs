//! Reading and writing the fixed binary forms of Rye: big-endian integers and
//! length-prefixed bytes. A reader never panics, never reads past the end, and
//! says at which byte something was wrong.

use core::fmt;

/// Where and why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError {
    /// The offset of the first byte that is wrong or missing.
    pub at: usize,
    /// What was wrong, such as "the text is not UTF-8".
    pub reason: &'static str,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.at, self.reason)
    }
}

impl core::error::Error for WireError {}

/// Reads from the front of a slice.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

macro_rules! integers {
    ($($name:ident: $ty:ty),*) => {
        impl Reader<'_> {
            $(
                #[doc = concat!("A big-endian `", stringify!($ty), "`.")]
                ///
                /// # Errors
                /// When the bytes end before it does.
                pub fn $name(&mut self) -> Result<$ty, WireError> {
                    self.array().map(<$ty>::from_be_bytes)
                }
            )*
        }

        impl Writer {
            $(
                #[doc = concat!("Appends a big-endian `", stringify!($ty), "`.")]
                pub fn $name(&mut self, value: $ty) {
                    self.bytes.extend_from_slice(&value.to_be_bytes());
                }
            )*
        }
    };
}

integers!(u8: u8, u16: u16, u32: u32, u64: u64, i64: i64);

impl<'a> Reader<'a> {
    /// Reads `bytes` from the first one.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    /// The offset of the next byte.
    pub fn position(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// An error at the next byte.
    pub fn error(&self, reason: &'static str) -> WireError {
        WireError { at: self.position(), reason }
    }

    /// Exactly `count` bytes.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| self.error("the bytes end too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Exactly `N` bytes.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) =
            self.rest.split_first_chunk().ok_or_else(|| self.error("the bytes end too early"))?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A byte that is 0 or 1.
    ///
    /// # Errors
    /// For any other byte, so that one value has one form.
    pub fn bool(&mut self) -> Result<bool, WireError> {
        let at = self.position();
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(WireError { at, reason: "a truth value is neither 0 nor 1" }),
        }
    }

    /// Bytes behind a 32-bit length of at most `max`.
    ///
    /// # Errors
    /// When they are more or end too early.
    pub fn bytes(&mut self, max: usize) -> Result<&'a [u8], WireError> {
        let at = self.position();
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        if length > max {
            return Err(WireError { at, reason: "a length is larger than allowed here" });
        }
        self.take(length)
    }

    /// A text behind a 32-bit length of at most `max` bytes.
    ///
    /// # Errors
    /// As [`Reader::bytes`], and when it is not UTF-8.
    pub fn text(&mut self, max: usize) -> Result<&'a str, WireError> {
        let at = self.position();
        core::str::from_utf8(self.bytes(max)?)
            .map_err(|_| WireError { at, reason: "a text is not UTF-8" })
    }

    /// Whether all bytes were read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// When something is.
    pub fn finish(&self) -> Result<(), WireError> {
        if self.is_empty() { Ok(()) } else { Err(self.error("bytes follow the end")) }
    }
}

/// Appends to a buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a truth value as one byte.
    pub fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends bytes behind their 32-bit length. What is longer than 32 bits can
    /// count does not exist here: every length is limited far below.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// Appends a text behind its 32-bit length.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Appends a number of things as 32 bits.
    pub fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
