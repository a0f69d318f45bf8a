//! Where a part of an entry stands: in a field, in a value, or, for the records,
//! in several of them. Each is read once, and none may be left over: so one entry
//! has one form.

use std::collections::BTreeMap;

use rye_core::wire::{Reader, WireError, Writer};

use super::bytes::Bytes;
use super::{Draft, EntryError};

/// A place in an entry for parts of type `T`.
pub(super) trait Part<T> {
    /// Puts the part there.
    fn write(&self, to: &mut Collector, part: &T);

    /// Takes the part from there.
    fn read(&self, from: &mut Source<'_>) -> Result<T, EntryError>;
}

/// A field, by its tag: the journal shows it.
#[derive(Clone, Copy)]
pub(super) struct Field(pub(super) u16);

impl Field {
    /// That all of its bytes are wrong.
    pub(super) fn wrong(self, reason: &'static str) -> EntryError {
        EntryError::Bytes(self.0, WireError { at: 0, reason })
    }
}

/// A field that stands there only if its list has something in it.
#[derive(Clone, Copy)]
pub(super) struct SomeField(pub(super) u16);

/// A value, by its tag: the journal only commits to it.
#[derive(Clone, Copy)]
pub(super) struct Committed(pub(super) u16);

/// Fields and values while they are collected; the maps put them in order.
#[derive(Default)]
pub(super) struct Collector {
    fields: BTreeMap<u16, Vec<u8>>,
    values: BTreeMap<u16, Vec<u8>>,
}

impl Collector {
    /// The entry of this kind.
    pub(super) fn finish(self, kind: u8) -> Draft {
        let (fields, values) = (self.fields.into_iter(), self.values.into_iter());
        Draft { kind, fields: fields.collect(), values: values.collect() }
    }
}

/// Fields and values that nobody has read yet.
pub(super) struct Source<'a> {
    fields: BTreeMap<u16, &'a [u8]>,
    values: BTreeMap<u16, &'a [u8]>,
}

impl<'a> Source<'a> {
    /// All of an entry.
    pub(super) fn new(draft: &'a Draft) -> Self {
        let map = |list: &'a [(u16, Vec<u8>)]| {
            list.iter().map(|(tag, bytes)| (*tag, bytes.as_slice())).collect()
        };
        Self { fields: map(&draft.fields), values: map(&draft.values) }
    }

    /// Whether the field stands there.
    pub(super) fn has(&self, field: Field) -> bool {
        self.fields.contains_key(&field.0)
    }

    /// That nothing is left over.
    pub(super) fn finish(self) -> Result<(), EntryError> {
        match self.fields.keys().chain(self.values.keys()).next() {
            Some(tag) => Err(EntryError::Extra(*tag)),
            None => Ok(()),
        }
    }
}

impl<T: Bytes> Part<T> for Field {
    fn write(&self, to: &mut Collector, part: &T) {
        to.fields.insert(self.0, bytes_of(part));
    }

    fn read(&self, from: &mut Source<'_>) -> Result<T, EntryError> {
        let bytes = from.fields.remove(&self.0).ok_or(EntryError::Missing(self.0))?;
        whole(self.0, bytes)
    }
}

impl<T: Bytes> Part<Option<T>> for Field {
    fn write(&self, to: &mut Collector, part: &Option<T>) {
        if let Some(part) = part {
            self.write(to, part);
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Option<T>, EntryError> {
        if from.has(*self) { self.read(from).map(Some) } else { Ok(None) }
    }
}

impl<T> Part<Vec<T>> for SomeField
where
    Vec<T>: Bytes,
{
    fn write(&self, to: &mut Collector, part: &Vec<T>) {
        if !part.is_empty() {
            Field(self.0).write(to, part);
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Vec<T>, EntryError> {
        let field = Field(self.0);
        let list: Option<Vec<T>> = field.read(from)?;
        match list {
            Some(list) if list.is_empty() => Err(field.wrong("an empty list")),
            list => Ok(list.unwrap_or_default()),
        }
    }
}

impl<T: Bytes> Part<T> for Committed {
    fn write(&self, to: &mut Collector, part: &T) {
        to.values.insert(self.0, bytes_of(part));
    }

    fn read(&self, from: &mut Source<'_>) -> Result<T, EntryError> {
        let bytes = from.values.remove(&self.0).ok_or(EntryError::Missing(self.0))?;
        whole(self.0, bytes)
    }
}

fn bytes_of(part: &impl Bytes) -> Vec<u8> {
    let mut writer = Writer::new();
    part.write(&mut writer);
    writer.into_bytes()
}

/// What all of the bytes are.
fn whole<T: Bytes>(tag: u16, bytes: &[u8]) -> Result<T, EntryError> {
    let mut reader = Reader::new(bytes);
    let part = T::read(&mut reader).and_then(|part| reader.finish().map(|()| part));
    part.map_err(|error| EntryError::Bytes(tag, error))
}
