//! Slots become values that describe themselves: arguments and all else that
//! leaves the machine.

use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::{Duration, Finite, Name, Time, Value};
use std::sync::Arc;

use crate::heap::Memory;
use crate::layout::Row;
use crate::op::{collection, record};
use crate::slot::{self, Pair, Span};
use crate::trap::Trap;

const NO_TYPE: Trap = Trap::invariant("what leaves the machine is of no type");

/// A text or bytes longer than the type that is wanted outside allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    /// The way to it, such as `.hosts[3].name`.
    pub(crate) path: String,
    /// How many bytes it may have.
    pub(crate) max: u32,
    /// How many it has.
    pub(crate) found: usize,
}

/// Why slots did not become a value.
#[derive(Debug)]
pub(crate) enum Stop {
    TooLong(TooLong),
    Trap(Trap),
}

impl From<Trap> for Stop {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

/// The value in slots.
pub(crate) fn value(
    memory: &Memory<'_>,
    types: &TypeTable,
    ty: TypeId,
    value: Pair,
) -> Result<Value, Trap> {
    match (Exporter { memory, types, checks: false }).pair(ty, value) {
        Ok(value) => Ok(value),
        Err(Stop::Trap(trap)) => Err(trap),
        Err(Stop::TooLong(_)) => Err(NO_TYPE),
    }
}

/// The value in slots, if its texts and bytes are no longer than `ty`, the type
/// that is wanted outside, allows.
pub(crate) fn checked(
    memory: &Memory<'_>,
    types: &TypeTable,
    ty: TypeId,
    value: Pair,
) -> Result<Value, Stop> {
    Exporter { memory, types, checks: true }.pair(ty, value)
}

struct Exporter<'m, 'a, 't> {
    memory: &'m Memory<'a>,
    types: &'t TypeTable,
    checks: bool,
}

impl Exporter<'_, '_, '_> {
    fn pair(&self, ty: TypeId, value: Pair) -> Result<Value, Stop> {
        match self.types.get(ty) {
            Some(Type::Unit) => Ok(Value::None),
            Some(Type::Optional { .. }) if value[0] == 0 => Ok(Value::None),
            Some(Type::Optional { inner }) => self.one(*inner, value[1]),
            _ => self.one(ty, value[0]),
        }
    }

    fn one(&self, ty: TypeId, slot: u64) -> Result<Value, Stop> {
        let text = |text: Result<&str, Trap>| text.map(Arc::<str>::from);
        Ok(match self.types.get(ty).ok_or(NO_TYPE)? {
            Type::Bool => Value::Bool(slot != 0),
            Type::Int => Value::Int(slot.cast_signed()),
            Type::Float => Value::Float(Finite::new(f64::from_bits(slot)).ok_or(NO_TYPE)?),
            Type::Time => Value::Time(Time(slot.cast_signed())),
            Type::Duration => Value::Duration(Duration(slot.cast_signed())),
            Type::Port => Value::Port(u16::try_from(slot).map_err(|_| NO_TYPE)?),
            Type::Text { max } => {
                self.check(*max, slot)?;
                Value::Text(text(self.memory.text(slot))?)
            }
            Type::Url => Value::Url(text(self.memory.text(slot))?),
            Type::Domain => Value::Domain(text(self.memory.text(slot))?),
            Type::Email => Value::Email(text(self.memory.text(slot))?),
            Type::Secret => Value::Secret(text(self.memory.text(slot))?),
            Type::Ip => Value::Ip(self.memory.ip(slot)?),
            Type::Cidr => Value::Cidr(self.memory.cidr(slot)?),
            Type::Hash => Value::Hash(self.memory.hash(slot)?),
            Type::Bytes { max } => {
                self.check(*max, slot)?;
                Value::Bytes(self.memory.blob(slot)?.into())
            }
            Type::Asset { name, of, .. } => {
                let value = within(self.one(*of, slot), || String::from(".value"))?;
                Value::Asset { kind: Name::clone(name), value: Arc::new(value) }
            }
            Type::Record { name, fields } => {
                let row = record::fields(self.memory.layouts, ty)?;
                let mut values = Vec::with_capacity(fields.len());
                for (field, place) in fields.iter().zip(&row.places) {
                    let pair = self.memory.pair(slot, place.offset, place.width)?;
                    let value = within(self.pair(place.ty, pair), || format!(".{}", field.name))?;
                    values.push((Name::clone(&field.name), value));
                }
                Value::Record { name: Name::clone(name), fields: values.into() }
            }
            Type::Enum { name, variants, .. } => {
                let number = slot::low(slot);
                let row = record::payload(self.memory.layouts, ty, number)?;
                let known = variants.get(slot::size(number)).ok_or(NO_TYPE)?;
                let payload = self.payload(&known.name, row, slot)?;
                Value::Variant {
                    name: Name::clone(name),
                    variant: Name::clone(&known.name),
                    payload: payload.into(),
                }
            }
            Type::List { element, .. } => Value::List(self.all(*element, Span::of(slot))?.into()),
            Type::Map { key, value, .. } => {
                let keys = self.all(*key, collection::keys(slot))?;
                let values = self.all(*value, collection::values(slot))?;
                Value::Map(keys.into_iter().zip(values).collect())
            }
            Type::Unit
            | Type::Watch
            | Type::Approval
            | Type::Optional { .. }
            | Type::Builder { .. } => {
                return Err(NO_TYPE.into());
            }
        })
    }

    fn payload(&self, name: &str, row: &Row, slot: u64) -> Result<Vec<Value>, Stop> {
        let payload = slot::payload(slot, row.width).slot();
        let one = |(index, place): (usize, &crate::layout::Place)| {
            let pair = self.memory.pair(payload, place.offset, place.width)?;
            within(self.pair(place.ty, pair), || format!(".{name}[{index}]"))
        };
        row.places.iter().enumerate().map(one).collect()
    }

    fn all(&self, ty: TypeId, span: Span) -> Result<Vec<Value>, Stop> {
        let words = self.memory.words(span)?.iter().enumerate();
        words.map(|(index, slot)| within(self.one(ty, *slot), || format!("[{index}]"))).collect()
    }

    fn check(&self, max: u32, slot: u64) -> Result<(), Stop> {
        let length = slot::length(slot);
        if !self.checks || length <= max {
            return Ok(());
        }
        let found = slot::size(length);
        Err(Stop::TooLong(TooLong { path: String::new(), max, found }))
    }
}

fn within<T>(result: Result<T, Stop>, step: impl FnOnce() -> String) -> Result<T, Stop> {
    result.map_err(|stop| match stop {
        Stop::TooLong(long) => Stop::TooLong(TooLong { path: step() + &long.path, ..long }),
        Stop::Trap(trap) => Stop::Trap(trap),
    })
}
