//! Texts with holes: values as people read them, exactly as
//! [`Value`](rye_core::value::Value) prints them.

use core::fmt::Write as _;

use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::{Duration, Finite, Time};

use super::heavy::read;
use crate::heap::{Memory, TextStart};
use crate::layout::Row;
use crate::program::{Part, Template};
use crate::slot::{self, Pair, Span};
use crate::stack::get;
use crate::trap::Trap;

/// Charges for a text with holes and writes it; the fuel that is left, and the text.
#[inline(never)]
pub(crate) fn template(
    memory: &mut Memory<'_>,
    types: &TypeTable,
    template: &Template,
    window: &[u64; 256],
    fuel: u64,
) -> (u64, Result<u64, Trap>) {
    match template.price.charge(memory, window, fuel) {
        Ok(rest) => {
            let mut printer = Printer::new(memory, types);
            let written = printer.template(template, window);
            (rest, printer.finish(written))
        }
        Err(trap) => (fuel, Err(trap)),
    }
}

/// A text that is being printed at the end of the instance's texts.
pub(crate) struct Printer<'m, 'a, 't> {
    memory: &'m mut Memory<'a>,
    types: &'t TypeTable,
    start: TextStart,
}

const NO_TYPE: Trap = Trap::invariant("what can't be printed is printed");

impl<'m, 'a, 't> Printer<'m, 'a, 't> {
    /// Begins a text.
    pub(crate) fn new(memory: &'m mut Memory<'a>, types: &'t TypeTable) -> Self {
        let start = memory.begin_text();
        Self { memory, types, start }
    }

    /// The text; if it got too long, or `written` is an error, there is none.
    pub(crate) fn finish(self, written: Result<(), Trap>) -> Result<u64, Trap> {
        self.memory.end_text(self.start, written)
    }

    fn word(&mut self, word: &str) {
        self.memory.text_end().push_str(word);
    }

    fn shown(&mut self, value: impl core::fmt::Display) {
        // Writing to a `String` does not fail.
        let _ = write!(self.memory.text_end(), "{value}");
    }

    fn template(&mut self, template: &Template, window: &[u64; 256]) -> Result<(), Trap> {
        for part in &template.parts {
            match part {
                Part::Piece(text) => self.piece(*text)?,
                Part::Text(slot) => {
                    self.memory.check_text(self.start)?;
                    self.piece(get(window, *slot))?;
                }
                Part::Value { slot, width, ty } => self.value(*ty, read(window, *slot, *width)?)?,
            }
        }
        Ok(())
    }

    fn piece(&mut self, text: u64) -> Result<(), Trap> {
        self.memory.append_text(text)
    }

    /// A value.
    pub(crate) fn value(&mut self, ty: TypeId, value: Pair) -> Result<(), Trap> {
        // What is nested multiplies; it must not grow far beyond what a text holds.
        self.memory.check_text(self.start)?;
        let [slot, second] = value;
        let declared = self.types.get(ty).ok_or(NO_TYPE)?;
        match declared {
            Type::Unit | Type::Approval => self.word("none"),
            Type::Bool => self.word(if slot == 0 { "false" } else { "true" }),
            Type::Int | Type::Port => self.integer(slot.cast_signed()),
            Type::Float => {
                let float = Finite::new(f64::from_bits(slot)).ok_or(NO_TYPE)?;
                self.shown(float);
            }
            Type::Text { .. } | Type::Url | Type::Domain | Type::Email => self.piece(slot)?,
            Type::Time | Type::Watch => self.shown(Time(slot.cast_signed())),
            Type::Duration => self.shown(Duration(slot.cast_signed())),
            Type::Ip => {
                let ip = self.memory.ip(slot)?;
                self.shown(ip);
            }
            Type::Cidr => {
                let cidr = self.memory.cidr(slot)?;
                self.shown(cidr);
            }
            Type::Hash => {
                let hash = self.memory.hash(slot)?;
                self.shown(hash);
            }
            Type::Bytes { .. } => self.bytes(slot)?,
            Type::Secret => {
                self.word("secret ");
                self.piece(slot)?;
            }
            Type::Asset { of, .. } => self.value(*of, value)?,
            Type::Record { name, fields } => {
                let row = self.row(ty)?;
                self.word(name);
                self.word("(");
                for (index, (field, place)) in fields.iter().zip(&row.places).enumerate() {
                    self.separator(index);
                    self.word(&field.name);
                    self.word(": ");
                    let inner = self.memory.pair(slot, place.offset, place.width)?;
                    self.value(place.ty, inner)?;
                }
                self.word(")");
            }
            Type::Enum { variants, .. } => {
                let variant = variants.get(slot::size(slot::low(slot))).ok_or(NO_TYPE)?;
                self.word(&variant.name);
                self.payload(ty, slot)?;
            }
            Type::List { element, .. } => {
                self.word("[");
                self.list(*element, Span::of(slot))?;
                self.word("]");
            }
            Type::Map { key, value, .. } => self.map(*key, *value, Span::of(slot))?,
            Type::Optional { .. } if slot == 0 => self.word("none"),
            Type::Optional { inner } => self.value(*inner, [second, 0])?,
            Type::Builder { .. } => return Err(NO_TYPE),
        }
        Ok(())
    }

    /// As the standard library prints it, without its machinery.
    fn integer(&mut self, value: i64) {
        let mut digits = [0_u8; 20];
        let mut rest = value.unsigned_abs();
        let mut used = 0_usize;
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.wrapping_add(u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
            used = used.wrapping_add(1);
            if rest == 0 {
                break;
            }
        }
        let from = digits.len().saturating_sub(used);
        let text = digits.get(from..).and_then(|digits| core::str::from_utf8(digits).ok());
        if value < 0 {
            self.word("-");
        }
        self.word(text.unwrap_or("0"));
    }

    fn bytes(&mut self, slot: u64) -> Result<(), Trap> {
        let bytes = self.memory.blob(slot)?.to_vec();
        let _ = rye_core::hex::write(self.memory.text_end(), &bytes);
        Ok(())
    }

    fn separator(&mut self, index: usize) {
        if index > 0 {
            self.word(", ");
        }
    }

    fn row(&self, ty: TypeId) -> Result<Row, Trap> {
        super::record::fields(self.memory.layouts, ty).cloned()
    }

    fn payload(&mut self, ty: TypeId, slot: u64) -> Result<(), Trap> {
        let row = super::record::payload(self.memory.layouts, ty, slot::low(slot))?.clone();
        if row.places.is_empty() {
            return Ok(());
        }
        self.word("(");
        let payload = slot::payload(slot, row.width).slot();
        for (index, place) in row.places.iter().enumerate() {
            self.separator(index);
            let inner = self.memory.pair(payload, place.offset, place.width)?;
            self.value(place.ty, inner)?;
        }
        self.word(")");
        Ok(())
    }

    fn list(&mut self, element: TypeId, span: Span) -> Result<(), Trap> {
        for index in 0..span.length {
            self.separator(slot::size(index));
            let inner = self.memory.word(span.slot(), index)?;
            self.value(element, [inner, 0])?;
        }
        Ok(())
    }

    fn map(&mut self, key: TypeId, value: TypeId, keys: Span) -> Result<(), Trap> {
        let values = keys.part(keys.length, keys.length);
        self.word("[");
        for index in 0..keys.length {
            self.separator(slot::size(index));
            let inner = self.memory.word(keys.slot(), index)?;
            self.value(key, [inner, 0])?;
            self.word(": ");
            let inner = self.memory.word(values.slot(), index)?;
            self.value(value, [inner, 0])?;
        }
        self.word("]");
        Ok(())
    }
}
