//! The bytes of one field or value, by the type of what stands in it. They are all
//! of it: so a text needs no length.

use std::sync::Arc;

use rye_core::canonical;
use rye_core::digest::Digest;
use rye_core::effect::{Call, Position};
use rye_core::error::ErrorKind;
use rye_core::id::{EffectId, KeyId, RunId};
use rye_core::limit::{INPUT_BYTES_MAX, VALUE_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Time, Value};
use rye_core::wire::{Reader, WireError, Writer};

use crate::alert::About;
use crate::entry::{LetGo, Release, RunOutcome, Then, UndoResult, Verdict, Why};
use crate::guardrail::Guardrail;
use crate::question::DecidedBy;

/// What is said of a code that nothing has.
pub(super) const UNKNOWN_CODE: &str = "no such code";

/// What fills a field or value.
pub(super) trait Bytes: Sized {
    /// Appends its bytes.
    fn write(&self, writer: &mut Writer);

    /// Reads it from all that is left.
    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError>;
}

/// What can stand one after the other, since its bytes say where it ends.
pub(super) trait Item: Sized {
    /// Appends its bytes.
    fn write(&self, writer: &mut Writer);

    /// Reads it from the front.
    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError>;
}

impl<T: Item> Bytes for Vec<T> {
    fn write(&self, writer: &mut Writer) {
        for item in self {
            item.write(writer);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let mut items = Vec::new();
        while !reader.is_empty() {
            items.push(T::read(reader)?);
        }
        Ok(items)
    }
}

impl<T: Bytes> Bytes for Box<T> {
    fn write(&self, writer: &mut Writer) {
        T::write(self, writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        T::read(reader).map(Self::new)
    }
}

macro_rules! numbers {
    ($($ty:ident: $number:ident),* $(,)?) => {$(
        impl Bytes for $ty {
            fn write(&self, writer: &mut Writer) {
                writer.$number(*self);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                reader.$number()
            }
        }
    )*};
}

numbers! { bool: bool, u8: u8, u16: u16, u64: u64 }

impl Bytes for (u8, bool) {
    fn write(&self, writer: &mut Writer) {
        writer.u8(self.0);
        writer.bool(self.1);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok((reader.u8()?, reader.bool()?))
    }
}

macro_rules! times {
    ($($ty:ident),*) => {$(
        impl Bytes for $ty {
            fn write(&self, writer: &mut Writer) {
                writer.i64(self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                reader.i64().map(Self)
            }
        }
    )*};
}

times! { Time, Duration }

macro_rules! ids {
    ($($bytes:ident: $($ty:ident),*);* $(;)?) => {$($(
        impl $bytes for $ty {
            fn write(&self, writer: &mut Writer) {
                writer.raw(&self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                reader.array().map(Self)
            }
        }
    )*)*};
}

ids! {
    Bytes: Digest, EffectId, KeyId, RunId;
    Item: EffectId, KeyId, RunId;
}

/// The code of an item is its place in the list of all.
macro_rules! listed {
    ($($ty:ident),* $(,)?) => {$(
        impl Bytes for $ty {
            fn write(&self, writer: &mut Writer) {
                let place = Self::ALL.iter().position(|item| item == self);
                writer.u8(place.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX));
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let unknown = reader.error(UNKNOWN_CODE);
                Self::ALL.get(usize::from(reader.u8()?)).copied().ok_or(unknown)
            }
        }
    )*};
}

listed! { About, DecidedBy, Guardrail, LetGo, Release, RunOutcome, UndoResult, Verdict, Why }

macro_rules! coded {
    ($($ty:ident),*) => {$(
        impl Bytes for $ty {
            fn write(&self, writer: &mut Writer) {
                writer.u8(self.code());
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let unknown = reader.error(UNKNOWN_CODE);
                Self::from_code(reader.u8()?).ok_or(unknown)
            }
        }
    )*};
}

coded! { ErrorKind, Mode }

impl Bytes for Name {
    fn write(&self, writer: &mut Writer) {
        writer.raw(self.as_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let wrong = reader.error("a text is not UTF-8");
        core::str::from_utf8(rest(reader, VALUE_BYTES_MAX)?).map(Self::from).map_err(|_| wrong)
    }
}

impl Item for Name {
    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        reader.text(VALUE_BYTES_MAX).map(Self::from)
    }
}

impl Bytes for Arc<[u8]> {
    fn write(&self, writer: &mut Writer) {
        writer.raw(self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        rest(reader, INPUT_BYTES_MAX).map(Self::from)
    }
}

impl Bytes for Position {
    fn write(&self, writer: &mut Writer) {
        writer.raw(&self.encode());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Self::decode(rest(reader, VALUE_BYTES_MAX)?)
    }
}

impl Bytes for Then {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Recover => writer.u8(0),
            Self::Hold(frame) => {
                writer.u8(1);
                frame.write(writer);
            }
            Self::End => writer.u8(2),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let unknown = reader.error("what follows is unknown");
        match reader.u8()? {
            0 => Ok(Self::Recover),
            1 => Position::read(reader).map(Self::Hold),
            2 => Ok(Self::End),
            _ => Err(unknown),
        }
    }
}

impl Bytes for Value {
    fn write(&self, writer: &mut Writer) {
        canonical::write(writer, self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        canonical::read(reader)
    }
}

impl Bytes for Vec<Value> {
    fn write(&self, writer: &mut Writer) {
        writer.count(self.len());
        for value in self {
            canonical::write(writer, value);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let mut values = Vec::new();
        for _ in 0..reader.u32()? {
            values.push(canonical::read(reader)?);
        }
        Ok(values)
    }
}

impl Bytes for Call {
    fn write(&self, writer: &mut Writer) {
        Self::write(self, writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Self::read(reader)
    }
}

fn rest<'a>(reader: &mut Reader<'a>, max: usize) -> Result<&'a [u8], WireError> {
    if reader.remaining() > max {
        return Err(reader.error("more bytes than allowed here"));
    }
    reader.take(reader.remaining())
}
