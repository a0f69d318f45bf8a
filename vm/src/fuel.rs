//! What computing costs. The prices stand in the instruction table; this page
//! says how they are counted, so that another machine can count the same.
//!
//! - An instruction is paid for whether it goes well or raises an error. What a
//!   price depends on is charged before the work is done.
//! - `Fixed(p)` is `p`.
//! - `Length(p)` is `p` and the units of the first operand with role `use`,
//!   without those of what it contains.
//! - `Size(p)` is `p` and the units of every operand with role `use` or
//!   `uses`, each for itself, with all that it contains.
//! - Units: a text, URL, domain, mail address or `Bytes` has one for each 64
//!   bytes, begun ones included. A list has its number of elements, a map its
//!   number of entries, and both the units of all that they contain. A record has
//!   the units of its fields, an enum those of what its alternative carries, a
//!   `T?` those of its value, an asset those of what names it. Everything else
//!   has none.
//! - When less fuel is left than an instruction costs, it is not executed, all
//!   fuel counts as used, and the run faults.
//!
//! The machine pays for the fixed prices of a basic block with the block's last
//! operation. A block ends before a label, and behind a jump, a call, a return,
//! an effect and an end, so nothing leaves the machine unpaid. An operation that
//! stops in mid-block pays for the part that ran.

use rye_core::ty::TypeId;

use crate::heap::Memory;
use crate::layout::{Layout, Row};
use crate::slot::{self, Pair, Span};
use crate::trap::Trap;

/// How many bytes of a text are one unit.
const TEXT_UNIT_BYTES: u32 = 64;

/// The units of a text by its slot.
#[inline]
pub(crate) fn text_units(slot: u64) -> u64 {
    u64::from(slot::length(slot).div_ceil(TEXT_UNIT_BYTES))
}

/// The units of a value alone, without what it contains.
pub(crate) fn own_units(memory: &Memory<'_>, ty: TypeId, slot: u64) -> u64 {
    match memory.layouts.get(ty) {
        Layout::Text | Layout::Bytes => text_units(slot),
        Layout::List(_) | Layout::Map(..) => u64::from(slot::length(slot)),
        _ => 0,
    }
}

/// The units of a value with all that it contains.
pub(crate) fn units(memory: &Memory<'_>, ty: TypeId, value: Pair) -> Result<u64, Trap> {
    let [slot, second] = value;
    if !memory.layouts.is_sized(ty) {
        return Ok(0);
    }
    match memory.layouts.get(ty) {
        Layout::Text | Layout::Bytes => Ok(text_units(slot)),
        Layout::List(element) => list_units(memory, *element, Span::of(slot)),
        Layout::Map(key, value) => {
            let keys = Span::of(slot);
            let values = keys.part(keys.length, keys.length);
            let sum = list_units(memory, *key, keys)?;
            // The entries were counted with their keys.
            let inner = list_units(memory, *value, values)?;
            Ok(sum.saturating_add(inner).saturating_sub(u64::from(keys.length)))
        }
        Layout::Record(row) => row_units(memory, row, slot),
        Layout::Enum { variants, .. } => match variants.get(slot::size(slot::low(slot))) {
            Some(row) => row_units(memory, row, slot::payload(slot, row.width).slot()),
            None => Err(Trap::invariant("an enum has no such alternative")),
        },
        Layout::Optional(_) if slot == 0 => Ok(0),
        Layout::Optional(inner) => units(memory, *inner, [second, 0]),
        _ => Ok(0),
    }
}

fn list_units(memory: &Memory<'_>, element: TypeId, span: Span) -> Result<u64, Trap> {
    let mut sum = u64::from(span.length);
    if memory.layouts.is_sized(element) {
        for slot in memory.words(span)? {
            sum = sum.saturating_add(units(memory, element, [*slot, 0])?);
        }
    }
    Ok(sum)
}

fn row_units(memory: &Memory<'_>, row: &Row, slot: u64) -> Result<u64, Trap> {
    let mut sum = 0_u64;
    for place in &row.places {
        if memory.layouts.is_sized(place.ty) {
            let pair = memory.pair(slot, place.offset, place.width)?;
            sum = sum.saturating_add(units(memory, place.ty, pair)?);
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use rye_core::ty::{Field, Type, TypeTable};

    use super::*;
    use crate::heap::Arena;
    use crate::layout::Layouts;

    const TEXT: TypeId = TypeId(0);
    const RECORD: TypeId = TypeId(1);
    const OPTIONAL: TypeId = TypeId(2);

    #[test]
    fn nothing_costs_nothing_whatever_stands_first_in_the_arena() {
        let note = Field { name: "note".into(), ty: TEXT };
        let layouts = Layouts::new(&TypeTable::new(vec![
            Type::Text { max: 1_000 },
            Type::Record { name: "Note".into(), fields: vec![note] },
            Type::Optional { inner: RECORD },
        ]));
        let (pool, mut own) = (Arena::default(), Arena::default());
        let mut memory = Memory::new(&layouts, &pool, &mut own, 1_000);
        let text = memory.add_text(&"a".repeat(65)).unwrap();
        let record = memory.add_words(&[text]).unwrap().slot();
        assert_eq!(units(&memory, OPTIONAL, [1, record]), Ok(2));
        assert_eq!(units(&memory, OPTIONAL, [0, 0]), Ok(0));
    }
}
