//! Records and enums: values that lie together.

use crate::heap::Memory;
use crate::layout::{Layout, Layouts, Row};
use crate::slot::{self, Pair, Span};
use crate::trap::Trap;
use rye_core::ty::TypeId;

/// The fields of a record type.
pub(crate) fn fields(layouts: &Layouts, ty: TypeId) -> Result<&Row, Trap> {
    match layouts.get(ty) {
        Layout::Record(row) => Ok(row),
        _ => Err(Trap::invariant("a record was expected")),
    }
}

/// The payload of an alternative of an enum type.
pub(crate) fn payload(layouts: &Layouts, ty: TypeId, variant: u32) -> Result<&Row, Trap> {
    match layouts.get(ty) {
        Layout::Enum { variants, .. } => variants.get(slot::size(variant)),
        _ => None,
    }
    .ok_or(Trap::invariant("an enum has no such alternative"))
}

/// New values that lie together.
pub(crate) fn add_row(memory: &mut Memory<'_>, row: &Row, values: &[Pair]) -> Result<Span, Trap> {
    if row.places.len() != values.len() {
        return Err(Trap::invariant("a record has another number of fields"));
    }
    let span = memory.reserve_words(slot::size(row.width))?;
    for (place, value) in row.places.iter().zip(values) {
        memory.set_pair(span, place.offset, place.width, *value)?;
    }
    Ok(span)
}
