//! Reads the fields of a signed object one by one, and says of a bad one where
//! it stands, what was expected and what was found.

use core::fmt::Display;
use core::ops::RangeInclusive;

use rye_core::wire::{Reader, WireError};

use crate::error::Flaw;
use crate::name::NameFlaw;

/// A reader whose every step names the field that it reads.
pub(crate) struct FieldReader<'a> {
    reader: Reader<'a>,
}

impl<'a> FieldReader<'a> {
    /// Reads `bytes` from the first one.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes) }
    }

    /// The offset of the next byte.
    pub(crate) fn position(&self) -> usize {
        self.reader.position()
    }

    /// One byte.
    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Flaw> {
        self.read(field, "1 byte", Reader::u8)
    }

    /// A 16-bit number.
    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Flaw> {
        self.read(field, "2 bytes", Reader::u16)
    }

    /// The version of the format, 16 bits in front of all else: no other is known.
    pub(crate) fn spec_version(&mut self, known: u16) -> Result<(), Flaw> {
        let field = "spec_version";
        let at = self.position();
        match self.u16(field)? {
            found if found == known => Ok(()),
            found => Err(Flaw::new(field, known, found).at_byte(at)),
        }
    }

    /// A 32-bit length.
    pub(crate) fn length(&mut self, field: &'static str) -> Result<usize, Flaw> {
        let length = self.read(field, "4 bytes", Reader::u32)?;
        // A length that the machine can't address is longer than any limit.
        Ok(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// A 64-bit number.
    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, Flaw> {
        self.read(field, "8 bytes", Reader::u64)
    }

    /// Exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Flaw> {
        self.read(field, format_args!("{N} bytes"), Reader::array)
    }

    /// Exactly `count` bytes.
    pub(crate) fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], Flaw> {
        self.read(field, format_args!("{count} bytes"), |reader| reader.take(count))
    }

    /// A name behind its 32-bit length. `BYTES_MAX` of the name bounds the work.
    pub(crate) fn name<T>(
        &mut self,
        field: &'static str,
        bytes_max: usize,
        new: impl FnOnce(&str) -> Result<T, NameFlaw>,
    ) -> Result<T, Flaw> {
        let at = self.position();
        let bytes = self.read(field, format_args!("a text of at most {bytes_max} bytes"), |r| {
            r.bytes(bytes_max)
        })?;
        let text = core::str::from_utf8(bytes)
            .map_err(|_| Flaw::new(field, "ASCII", "other bytes").at_byte(at))?;
        new(text).map_err(|flaw| Flaw::new(field, flaw.expected, flaw.found).at_byte(at))
    }

    /// How many items follow, as 32 bits.
    pub(crate) fn count(
        &mut self,
        field: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Result<usize, Flaw> {
        let at = self.position();
        let count = self.length(field)?;
        if allowed.contains(&count) {
            return Ok(count);
        }
        let expected = format!("{} to {} items", allowed.start(), allowed.end());
        Err(Flaw::new(field, expected, count).at_byte(at))
    }

    /// The value that one byte stands for.
    pub(crate) fn coded<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        from_code: impl FnOnce(u8) -> Option<T>,
    ) -> Result<T, Flaw> {
        let at = self.position();
        let code = self.u8(field)?;
        from_code(code).ok_or_else(|| Flaw::new(field, expected, code).at_byte(at))
    }

    /// `allowed` items, each read by `item`, strictly ascending by what `key`
    /// makes of them, so that a set has one form and no item twice.
    pub(crate) fn ascending<T, K: PartialOrd>(
        &mut self,
        field: &'static str,
        allowed: RangeInclusive<usize>,
        mut item: impl FnMut(&mut Self) -> Result<T, Flaw>,
        key: impl Fn(&T) -> K,
    ) -> Result<Vec<T>, Flaw> {
        let count = self.count(field, allowed)?;
        let mut items: Vec<T> = Vec::new();
        for index in 0..count {
            let at = self.position();
            let place = || format!("{field}[{index}]");
            let next = item(self).map_err(|flaw| flaw.inside(&place()))?;
            if items.last().is_some_and(|last| key(last) >= key(&next)) {
                return Err(
                    Flaw::new(place(), "more than the item before", "as much or less").at_byte(at)
                );
            }
            items.push(next);
        }
        Ok(items)
    }

    /// Nothing may be left.
    pub(crate) fn finish(&self, field: &'static str) -> Result<(), Flaw> {
        match self.reader.remaining() {
            0 => Ok(()),
            left => Err(Flaw::new(field, "the end", format_args!("{left} more bytes"))
                .at_byte(self.position())),
        }
    }

    fn read<T>(
        &mut self,
        field: &'static str,
        expected: impl Display,
        step: impl FnOnce(&mut Reader<'a>) -> Result<T, WireError>,
    ) -> Result<T, Flaw> {
        step(&mut self.reader)
            .map_err(|error| Flaw::new(field, expected, error.reason).at_byte(error.at))
    }
}
