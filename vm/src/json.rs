//! The input of a run: JSON, decoded straight into typed slots.
//!
//! The declared types say what is wanted; no generic value stands in between.
//!
//! | type | JSON |
//! | --- | --- |
//! | `Bool` `Float` | as JSON has them |
//! | `Int` `Port` | a number without fraction and exponent |
//! | `Text` | a text of at most `max` bytes |
//! | `Time` | a text in RFC 3339, the offset also as `+0000` |
//! | `Duration` | a text such as `"15m"` or `"-1h30m"` |
//! | `Ip` `Cidr` `Url` `Domain` `Email` `Hash` | a text, brought into canonical form |
//! | `Bytes` | a text in base64, standard alphabet, padded |
//! | an asset | as what names it, brought into canonical form |
//! | a record | an object; members that the type doesn't name are passed over |
//! | an enum | the alternative's name; with a payload `{"name": [payload]}` |
//! | `List` | a list of at most `max` elements |
//! | `Map` | an object; the keys as texts name them |
//! | `T?` | as `T`, or null, or no member at all |
//!
//! Refused are: members that stand twice, numbers that don't fit, names that an
//! enum doesn't have (unless it has `else`), secrets, anything behind the value.

use rye_core::base64;
use rye_core::limit::INPUT_BYTES_MAX;
use rye_core::ty::{AssetForm, Field, Type, TypeId, TypeTable, Variant};
use rye_core::value::Name;

use crate::heap::Memory;
use crate::layout::Row;
use crate::named;
use crate::op::{collection, record};
use crate::slot::{self, Pair, Span};
use crate::trap::{Fault, Trap};

mod error;
mod escape;
mod object;
mod scan;
mod similar;

pub use error::InputError;
use error::Refused;
use escape::unescape;
use object::Fields;
use scan::{RawText, Scanner};

/// What the members of the outermost object are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<'a> {
    /// Their names.
    pub(crate) names: &'a [Name],
    /// Their types and slots, in the same order.
    pub(crate) row: &'a Row,
}

type Outcome<T> = Result<T, Refused>;

/// Decodes an object with one member per parameter into their slots, one behind
/// the other.
pub(crate) fn decode(
    memory: &mut Memory<'_>,
    types: &TypeTable,
    parameters: &Parameters<'_>,
    input: &[u8],
    slots: &mut Vec<u64>,
) -> Result<(), InputError> {
    slots.clear();
    slots.resize(slot::size(parameters.row.width), 0);
    if input.len() > INPUT_BYTES_MAX {
        let expected = format!("an input of at most {INPUT_BYTES_MAX} bytes");
        return Err(InputError::call(&expected, &input.len().to_string()));
    }
    let text = match core::str::from_utf8(input) {
        Ok(text) => text,
        Err(error) => {
            let refused = Refused::new(error.valid_up_to(), "UTF-8", "other bytes");
            return Err(refused.into_error(input));
        }
    };
    let (scan, scratch) = (Scanner::new(text), memory.take_scratch());
    let mut decoder = Decoder { memory, types, scan, scratch, key: String::new() };
    let result = decoder.parameters(parameters, slots);
    let scratch = decoder.scratch;
    memory.keep_scratch(scratch);
    result.map_err(|refused| refused.into_error(input))
}

struct Decoder<'m, 'a, 't, 'i> {
    memory: &'m mut Memory<'a>,
    types: &'t TypeTable,
    scan: Scanner<'i>,
    /// Elements of lists that are being read.
    scratch: Vec<u64>,
    /// A key with escapes.
    key: String,
}

impl<'i> Decoder<'_, '_, '_, 'i> {
    /// An error of the machine while a value is put into memory.
    fn trapped(&self, trap: Trap) -> Refused {
        let expected = match trap {
            Trap::Fault(Fault::Memory) => "an input that fits the memory that the run may use",
            _ => "a type that the machine can hold",
        };
        Refused::new(self.scan.at(), expected, "more")
    }

    fn parameters(&mut self, parameters: &Parameters<'_>, slots: &mut [u64]) -> Outcome<()> {
        self.object(parameters, |_, index, pair| {
            if let Some(place) = parameters.row.places.get(index) {
                let words = slots.iter_mut().skip(slot::size(place.offset));
                for (slot, word) in words.zip(pair).take(place.width) {
                    *slot = word;
                }
            }
            Ok(())
        })?;
        if self.scan.peek().is_some() {
            return Err(self.scan.unexpected("nothing behind the input's object"));
        }
        Ok(())
    }

    fn pair(&mut self, ty: TypeId) -> Outcome<Pair> {
        match self.types.get(ty) {
            Some(Type::Optional { .. }) if self.scan.word("null") => Ok([0, 0]),
            Some(Type::Optional { inner }) => Ok([1, self.value(*inner)?]),
            Some(declared) => Ok([self.of_type(ty, declared)?, 0]),
            None => Err(self.wrong(ty)),
        }
    }

    /// A refusal of what begins at the next byte.
    #[cold]
    fn wrong(&mut self, ty: TypeId) -> Refused {
        let expected = named::example(self.types, ty);
        self.scan.unexpected(&expected)
    }

    fn value(&mut self, ty: TypeId) -> Outcome<u64> {
        match self.types.get(ty) {
            Some(declared) => self.of_type(ty, declared),
            None => Err(self.wrong(ty)),
        }
    }

    /// Only says who reads the value: each of those has what it needs, and no more, at hand.
    fn of_type(&mut self, ty: TypeId, declared: &Type) -> Outcome<u64> {
        match declared {
            Type::Unit => self.word(ty, &[("null", 0)]),
            Type::Bool => self.word(ty, &[("false", 0), ("true", 1)]),
            Type::Text { max } => self.text(ty, *max),
            Type::Int => self.number(ty, |number| named::integer(number).map(i64::cast_unsigned)),
            Type::Float => self.number(ty, |number| named::float(number).map(f64::to_bits)),
            Type::Port => self.number(ty, |number| {
                named::integer(number).and_then(|port| u16::try_from(port).ok()).map(u64::from)
            }),
            Type::Asset { form: AssetForm::Value, of, .. } => self.value(*of),
            Type::Record { fields, .. } => self.record(ty, fields),
            Type::Enum { variants, open, .. } => self.variant(ty, variants, *open),
            Type::List { element, max } => self.list(*element, *max),
            Type::Map { key, value, max } => self.map(*key, *value, *max),
            Type::Bytes { max } => self.bytes(ty, *max),
            Type::Time
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Url
            | Type::Domain
            | Type::Email
            | Type::Hash
            | Type::Asset { .. } => self.named(ty),
            Type::Secret
            | Type::Watch
            | Type::Approval
            | Type::Optional { .. }
            | Type::Builder { .. } => Err(self.wrong(ty)),
        }
    }

    /// One of some words.
    #[inline(never)]
    fn word(&mut self, ty: TypeId, words: &[(&str, u64)]) -> Outcome<u64> {
        let found = words.iter().find(|(word, _)| self.scan.word(word));
        found.map(|(_, value)| *value).ok_or_else(|| self.wrong(ty))
    }

    #[inline(never)]
    fn number(&mut self, ty: TypeId, read: impl FnOnce(&str) -> Option<u64>) -> Outcome<u64> {
        let before = self.scan;
        let (number, _) = self.scan.number();
        read(number).ok_or_else(|| {
            self.scan = before;
            self.wrong(ty)
        })
    }

    /// A text with its escapes resolved.
    fn string(&mut self, ty: TypeId) -> Outcome<(RawText<'i>, Option<String>)> {
        if self.scan.peek() != Some(b'"') {
            return Err(self.wrong(ty));
        }
        let text = self.scan.text()?;
        if !text.escaped {
            return Ok((text, None));
        }
        let mut plain = String::new();
        unescape(text, &mut plain)?;
        Ok((text, Some(plain)))
    }

    #[inline(never)]
    fn text(&mut self, ty: TypeId, max: u32) -> Outcome<u64> {
        self.scan.peek();
        let before = self.scan;
        match self.scan.plain_text() {
            Some(text) if text.len() <= slot::size(max) => {
                self.memory.add_text(text).map_err(|trap| self.trapped(trap))
            }
            _ => {
                self.scan = before;
                self.odd_text(ty, max)
            }
        }
    }

    /// A text with escapes, or none that is wanted.
    #[inline(never)]
    fn odd_text(&mut self, ty: TypeId, max: u32) -> Outcome<u64> {
        let (raw, plain) = self.string(ty)?;
        let text = plain.as_deref().unwrap_or(raw.raw);
        if text.len() > slot::size(max) {
            let found = format!("one of {} bytes", text.len());
            return Err(Refused::new(raw.at, named::example(self.types, ty), found));
        }
        self.memory.add_text(text).map_err(|trap| self.trapped(trap))
    }

    #[inline(never)]
    fn bytes(&mut self, ty: TypeId, max: u32) -> Outcome<u64> {
        let (raw, plain) = self.string(ty)?;
        let bytes = base64::decode(plain.as_deref().unwrap_or(raw.raw));
        match bytes.filter(|bytes| bytes.len() <= slot::size(max)) {
            Some(bytes) => self.memory.add_blob(&bytes).map_err(|trap| self.trapped(trap)),
            None => Err(Refused::new(raw.at, named::example(self.types, ty), "another text")),
        }
    }

    /// What a text names.
    #[inline(never)]
    fn named(&mut self, ty: TypeId) -> Outcome<u64> {
        self.scan.peek();
        let before = self.scan;
        let (raw, plain) = self.string(ty)?;
        let text = plain.as_deref().unwrap_or(raw.raw);
        match named::parse(self.memory, self.types, ty, text) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => {
                self.scan = before;
                Err(self.wrong(ty))
            }
            Err(trap) => Err(self.trapped(trap)),
        }
    }

    #[inline(never)]
    fn record(&mut self, ty: TypeId, fields: &[Field]) -> Outcome<u64> {
        let row = record::fields(self.memory.layouts, ty).map_err(|trap| self.trapped(trap))?;
        let span =
            self.memory.reserve_words(slot::size(row.width)).map_err(|trap| self.trapped(trap))?;
        let members = Fields { declared: fields, row };
        self.object(&members, |memory, index, pair| {
            let Some(place) = row.places.get(index) else { return Ok(()) };
            memory.set_pair(span, place.offset, place.width, pair)
        })?;
        Ok(span.slot())
    }

    #[inline(never)]
    fn variant(&mut self, ty: TypeId, variants: &[Variant], open: bool) -> Outcome<u64> {
        let before = self.scan;
        if self.scan.take(b'{') {
            return self.carrying(ty, variants, open);
        }
        let (raw, plain) = self.string(ty)?;
        let name = plain.as_deref().unwrap_or(raw.raw);
        let named = |variant: &Variant| *variant.name == *name && variant.payload.is_empty();
        if let Some(index) = variants.iter().position(named) {
            return Ok(slot::count(index));
        }
        // The last alternative stands for the names that nobody knows.
        match variants.len().checked_sub(1) {
            Some(last) if open && !variants.iter().any(|variant| *variant.name == *name) => {
                Ok(slot::count(last))
            }
            _ => {
                self.scan = before;
                Err(self.wrong(ty))
            }
        }
    }

    /// `"name": [payload]}`
    fn carrying(&mut self, ty: TypeId, variants: &[Variant], open: bool) -> Outcome<u64> {
        let key = self.scan.key()?;
        let known = variants.iter().position(|variant| *variant.name == *key.raw);
        let Some((index, variant)) = known.and_then(|at| Some((at, variants.get(at)?))) else {
            if let Some(last) = variants.len().checked_sub(1).filter(|_| open) {
                self.scan.skip()?;
                self.scan.expect(b'}', "`}`")?;
                return Ok(slot::count(last));
            }
            let found = format!("the name `{}`", key.raw);
            return Err(Refused::new(key.at, named::example(self.types, ty), found));
        };
        let row =
            record::payload(self.memory.layouts, ty, u32::try_from(index).unwrap_or(u32::MAX))
                .map_err(|trap| self.trapped(trap))?;
        let span =
            self.memory.reserve_words(slot::size(row.width)).map_err(|trap| self.trapped(trap))?;
        let count = format!("a list of {} values", row.places.len());
        self.scan.expect(b'[', "a list")?;
        for (at, place) in row.places.iter().enumerate() {
            if at > 0 {
                self.scan.expect(b',', COUNT)?;
            }
            let pair = self
                .pair(place.ty)
                .map_err(|refused| refused.in_element(at).in_member(&variant.name))?;
            let put = self.memory.set_pair(span, place.offset, place.width, pair);
            put.map_err(|trap| self.trapped(trap))?;
        }
        if !self.scan.take(b']') {
            return Err(self.scan.unexpected(&count));
        }
        self.scan.expect(b'}', "`}`")?;
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        Ok(if row.width == 0 { u64::from(number) } else { slot::of_variant(number, span) })
    }

    #[inline(never)]
    fn list(&mut self, element: TypeId, max: u32) -> Outcome<u64> {
        if self.scan.peek() != Some(b'[') {
            return Err(self.scan.unexpected(&format!("a list of at most {max} elements")));
        }
        let at = self.scan.at();
        self.scan.take(b'[');
        let start = self.scratch.len();
        let mut more = !self.scan.take(b']');
        while more {
            let index = self.scratch.len().saturating_sub(start);
            if index >= slot::size(max) {
                return Err(Refused::new(at, format!("a list of at most {max} elements"), "more"));
            }
            let value = self.value(element).map_err(|refused| refused.in_element(index))?;
            self.scratch.push(value);
            more = self.scan.take(b',');
            if !more {
                self.scan.expect(b']', "`,` or `]`")?;
            }
        }
        let elements = self.scratch.get(start..).unwrap_or_default();
        let span = self.memory.add_words(elements);
        self.scratch.truncate(start);
        span.map(Span::slot).map_err(|trap| self.trapped(trap))
    }

    #[inline(never)]
    fn map(&mut self, key: TypeId, value: TypeId, max: u32) -> Outcome<u64> {
        if self.scan.peek() != Some(b'{') {
            return Err(self.scan.unexpected(&format!("an object of at most {max} entries")));
        }
        let at = self.scan.at();
        self.scan.take(b'{');
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let mut more = !self.scan.take(b'}');
        while more {
            if keys.len() >= slot::size(max) {
                return Err(Refused::new(
                    at,
                    format!("an object of at most {max} entries"),
                    "more",
                ));
            }
            let name = self.scan.key()?;
            let mut plain = String::new();
            unescape(name, &mut plain)?;
            let parsed = named::parse(self.memory, self.types, key, &plain);
            let Some(found) = parsed.map_err(|trap| self.trapped(trap))? else {
                let expected = format!("a key: {}", named::example(self.types, key));
                return Err(Refused::new(name.at, expected, format!("`{plain}`")));
            };
            keys.push(found);
            values.push(self.value(value).map_err(|refused| refused.in_member(&plain))?);
            more = self.scan.take(b',');
            if !more {
                self.scan.expect(b'}', "`,` or `}`")?;
            }
        }
        let map = collection::map_of_unique(self.memory, key, &keys, &values);
        match map.map_err(|trap| self.trapped(trap))? {
            Some(map) => Ok(map),
            None => Err(Refused::new(at, "each key once", "one of them twice")),
        }
    }
}

const COUNT: &str = "`,` and another value";

#[cfg(test)]
mod tests;
