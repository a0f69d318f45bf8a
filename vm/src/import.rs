//! Values of the world become slots: constants, settings, answers, arguments of
//! functions that are called from outside.

use rye_core::ty::fit::{self, Misfit};
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::Value;

use crate::heap::Memory;
use crate::op::{collection, record};
use crate::slot::{self, Pair, Span};
use crate::trap::{Fault, Trap};

/// Why a value did not become slots.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is not of the type.
    Misfit(Misfit),
    /// There is no room for it.
    Fault(Fault),
}

/// The slots of `value`, which is checked against the type.
pub(crate) fn value(
    memory: &mut Memory<'_>,
    types: &TypeTable,
    ty: TypeId,
    value: &Value,
) -> Result<Pair, Refusal> {
    fit::fits(types, ty, value).map_err(Refusal::Misfit)?;
    Importer { memory, types }.pair(ty, value).map_err(|trap| {
        Refusal::Fault(match trap {
            Trap::Fault(fault) => fault,
            Trap::Raise(_) | Trap::RaiseSelf => Fault::Invariant("importing raised an error"),
        })
    })
}

/// `value`, cut if it is a list of more than `first` elements, and whether it was.
pub(crate) fn cut(value: Value, first: Option<u32>) -> (Value, bool) {
    match (value, first) {
        (Value::List(values), Some(first)) if values.len() > slot::size(first) => {
            (Value::list(values.iter().take(slot::size(first)).cloned()), true)
        }
        (value, _) => (value, false),
    }
}

struct Importer<'m, 'a, 't> {
    memory: &'m mut Memory<'a>,
    types: &'t TypeTable,
}

const MISFIT: Trap = Trap::invariant("a value that was checked does not fit");

impl Importer<'_, '_, '_> {
    fn pair(&mut self, ty: TypeId, value: &Value) -> Result<Pair, Trap> {
        match (self.types.get(ty), value) {
            (Some(Type::Optional { .. } | Type::Unit), Value::None) => Ok([0, 0]),
            (Some(Type::Optional { inner }), value) => Ok([1, self.one(*inner, value)?]),
            _ => Ok([self.one(ty, value)?, 0]),
        }
    }

    fn one(&mut self, ty: TypeId, value: &Value) -> Result<u64, Trap> {
        let declared = self.types.get(ty).ok_or(MISFIT)?;
        match (declared, value) {
            (Type::Unit, Value::None) => Ok(0),
            (_, Value::Bool(value)) => Ok(slot::of_bool(*value)),
            (_, Value::Int(value)) => Ok(value.cast_unsigned()),
            (_, Value::Float(value)) => Ok(value.get().to_bits()),
            (_, Value::Time(time)) => Ok(time.0.cast_unsigned()),
            (_, Value::Duration(duration)) => Ok(duration.0.cast_unsigned()),
            (_, Value::Port(port)) => Ok(u64::from(*port)),
            (
                _,
                Value::Text(text)
                | Value::Url(text)
                | Value::Domain(text)
                | Value::Email(text)
                | Value::Secret(text),
            ) => self.memory.add_text(text),
            (_, Value::Ip(ip)) => self.memory.add_ip(*ip),
            (_, Value::Cidr(cidr)) => self.memory.add_cidr(*cidr),
            (_, Value::Hash(hash)) => self.memory.add_blob(hash.as_bytes()),
            (_, Value::Bytes(bytes)) => self.memory.add_blob(bytes),
            (Type::Asset { of, .. }, Value::Asset { value, .. }) => self.one(*of, value),
            (Type::Record { fields, .. }, Value::Record { fields: values, .. }) => {
                let mut slots = Vec::with_capacity(fields.len());
                for (field, (_, value)) in fields.iter().zip(values.iter()) {
                    slots.push(self.pair(field.ty, value)?);
                }
                let layouts = self.memory.layouts;
                let row = record::fields(layouts, ty)?;
                record::add_row(self.memory, row, &slots).map(Span::slot)
            }
            (Type::Enum { variants, .. }, Value::Variant { variant, payload, .. }) => {
                let index = variants.iter().position(|known| known.name == *variant);
                let number = index.and_then(|index| u32::try_from(index).ok()).ok_or(MISFIT)?;
                let known = index.and_then(|index| variants.get(index)).ok_or(MISFIT)?;
                let mut slots = Vec::with_capacity(payload.len());
                for (ty, value) in known.payload.iter().zip(payload.iter()) {
                    slots.push(self.pair(*ty, value)?);
                }
                self.variant(ty, number, &slots)
            }
            (Type::List { element, .. }, Value::List(values)) => self
                .all(*element, values.iter())
                .and_then(|words| self.memory.add_words(&words).map(Span::slot)),
            (Type::Map { key, value, .. }, Value::Map(entries)) => {
                let keys = self.all(*key, entries.iter().map(|(key, _)| key))?;
                let values = self.all(*value, entries.iter().map(|(_, value)| value))?;
                collection::add_map(self.memory, &keys, &values)
            }
            _ => Err(MISFIT),
        }
    }

    fn all<'v>(
        &mut self,
        ty: TypeId,
        values: impl Iterator<Item = &'v Value>,
    ) -> Result<Vec<u64>, Trap> {
        values.map(|value| self.one(ty, value)).collect()
    }

    fn variant(&mut self, ty: TypeId, variant: u32, payload: &[Pair]) -> Result<u64, Trap> {
        add_variant(self.memory, ty, variant, payload)
    }
}

/// An alternative with what it carries.
pub(crate) fn add_variant(
    memory: &mut Memory<'_>,
    ty: TypeId,
    variant: u32,
    payload: &[Pair],
) -> Result<u64, Trap> {
    let layouts = memory.layouts;
    let row = record::payload(layouts, ty, variant)?;
    if row.width == 0 {
        return Ok(u64::from(variant));
    }
    let span = record::add_row(memory, row, payload)?;
    Ok(slot::of_variant(variant, span))
}
