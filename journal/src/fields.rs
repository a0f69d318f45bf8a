//! The body of an entry: tagged fields in strictly ascending order of their
//! tags, so that one meaning has one encoding.
//!
//! What a tag means is the business of whoever writes the entry.

use core::fmt;

use rye_core::limit::ENTRY_BYTES_MAX;

use crate::bytes::{Cursor, narrow32};

/// Tag and length before a field's bytes.
const FIELD_HEADER_BYTES: usize = 6;

/// The checked fields of an entry that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// No field at all.
    pub const NONE: Self = Self(&[]);

    /// Checks `bytes` as `{u16 tag, u32 length, bytes}*` with ascending tags.
    ///
    /// # Errors
    /// Where the first field is that breaks the form.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FieldError> {
        let mut cursor = Cursor::new(bytes);
        let mut last = None;
        while !cursor.rest().is_empty() {
            let at = cursor.at();
            let (tag, _) = next(&mut cursor).ok_or(FieldError::Cut { at })?;
            if last.is_some_and(|last| tag <= last) {
                return Err(FieldError::Order { at, tag });
            }
            last = Some(tag);
        }
        Ok(Self(bytes))
    }

    /// The encoded fields.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Tag and bytes of each field, in order.
    pub fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut cursor = Cursor::new(self.0);
        core::iter::from_fn(move || next(&mut cursor))
    }

    /// The bytes of the field `tag`.
    pub fn get(self, tag: u16) -> Option<&'a [u8]> {
        self.iter().find(|(found, _)| *found == tag).map(|(_, bytes)| bytes)
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

fn next<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, &'a [u8])> {
    let tag = cursor.u16()?;
    let len = cursor.u32()?;
    Some((tag, cursor.slice(narrow32(len))?))
}

/// The fields of an entry that is being made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    bytes: Vec<u8>,
    last: Option<u16>,
}

impl Body {
    /// A body without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the field `tag`, which must be greater than the one before.
    ///
    /// # Errors
    /// When the tags don't ascend, or the body grows past what an entry holds.
    pub fn push(&mut self, tag: u16, bytes: &[u8]) -> Result<(), FieldError> {
        let at = self.bytes.len();
        if self.last.is_some_and(|last| tag <= last) {
            return Err(FieldError::Order { at, tag });
        }
        let whole = at.saturating_add(FIELD_HEADER_BYTES).saturating_add(bytes.len());
        let len = u32::try_from(bytes.len()).ok().filter(|_| whole <= ENTRY_BYTES_MAX);
        let len = len.ok_or(FieldError::TooLong { at, tag })?;
        self.bytes.extend_from_slice(&tag.to_be_bytes());
        self.bytes.extend_from_slice(&len.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
        self.last = Some(tag);
        Ok(())
    }

    /// [`push`](Self::push) for building in one expression.
    ///
    /// # Errors
    /// Those of `push`.
    pub fn with(mut self, tag: u16, bytes: &[u8]) -> Result<Self, FieldError> {
        self.push(tag, bytes)?;
        Ok(self)
    }

    /// What has been added so far.
    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.bytes)
    }
}

/// Why some bytes are not the fields of an entry. Offsets count from the body's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// A field's header or bytes run past the end of the body.
    Cut {
        /// Where the field begins.
        at: usize,
    },
    /// A tag is not greater than the one before.
    Order {
        /// Where the field begins.
        at: usize,
        /// The tag that stands there.
        tag: u16,
    },
    /// The body would not fit into an entry.
    TooLong {
        /// Where the field would begin.
        at: usize,
        /// The tag of the field.
        tag: u16,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { at } => write!(f, "the field at byte {at} of the body is cut short"),
            Self::Order { at, tag } => {
                write!(f, "the field at byte {at} of the body has tag {tag}, which must ascend")
            }
            Self::TooLong { at, tag } => {
                write!(
                    f,
                    "field {tag} at byte {at} makes the entry longer than {ENTRY_BYTES_MAX} bytes"
                )
            }
        }
    }
}

impl core::error::Error for FieldError {}
