//! Equality and the total order of values: as [`rye_core::value::Value`] has
//! them, since maps that leave the machine must ascend in that order.

use core::cmp::Ordering;

use rye_core::ty::TypeId;

use crate::heap::Memory;
use crate::layout::{Layout, Order, Row, compare_words};
use crate::slot::{self, Pair, Span};
use crate::trap::Trap;

/// Whether two texts are equal.
#[inline]
pub(crate) fn texts_equal(memory: &Memory<'_>, a: u64, b: u64) -> Result<bool, Trap> {
    if a == b {
        return Ok(true);
    }
    if slot::length(a) != slot::length(b) {
        return Ok(false);
    }
    Ok(memory.text_bytes(a)? == memory.text_bytes(b)?)
}

/// Whether two values of one type are equal.
pub(crate) fn equal(memory: &Memory<'_>, ty: TypeId, a: Pair, b: Pair) -> Result<bool, Trap> {
    if memory.layouts.is_word(ty) {
        return Ok(a == b);
    }
    match memory.layouts.get(ty) {
        Layout::Text => texts_equal(memory, a[0], b[0]),
        Layout::List(_) | Layout::Map(..) if slot::length(a[0]) != slot::length(b[0]) => Ok(false),
        _ => compare(memory, ty, a, b).map(Ordering::is_eq),
    }
}

/// How two values of one type compare.
pub(crate) fn compare(memory: &Memory<'_>, ty: TypeId, a: Pair, b: Pair) -> Result<Ordering, Trap> {
    let ([a, a_second], [b, b_second]) = (a, b);
    match memory.layouts.get(ty) {
        Layout::Unit => Ok(Ordering::Equal),
        Layout::Word(order) => Ok(compare_words(*order, a, b)),
        Layout::Text => Ok(memory.text_bytes(a)?.cmp(memory.text_bytes(b)?)),
        Layout::Bytes => Ok(memory.blob(a)?.cmp(memory.blob(b)?)),
        Layout::Hash => Ok(memory.hash(a)?.cmp(&memory.hash(b)?)),
        Layout::Ip => compare_ips(memory, a, b),
        Layout::Cidr => {
            let addresses = compare_ips(memory, a, b)?;
            Ok(addresses.then_with(|| slot::prefix(a).cmp(&slot::prefix(b))))
        }
        Layout::Record(row) => compare_rows(memory, row, a, b),
        Layout::Enum { variants, ranks } => compare_enums(memory, variants, ranks, a, b),
        Layout::List(element) => compare_lists(memory, *element, Span::of(a), Span::of(b)),
        Layout::Map(key, value) => compare_maps(memory, (*key, *value), Span::of(a), Span::of(b)),
        Layout::Optional(inner) => match a.cmp(&b) {
            Ordering::Equal if a == 0 => Ok(Ordering::Equal),
            Ordering::Equal => compare(memory, *inner, [a_second, 0], [b_second, 0]),
            other => Ok(other),
        },
        Layout::Builder(_) | Layout::None => Err(Trap::invariant("what has no order is compared")),
    }
}

fn compare_ips(memory: &Memory<'_>, a: u64, b: u64) -> Result<Ordering, Trap> {
    match (slot::is_v6(a), slot::is_v6(b)) {
        (false, false) => Ok(slot::low(a).cmp(&slot::low(b))),
        (true, true) => Ok(memory.v6(a)?.cmp(&memory.v6(b)?)),
        (a, b) => Ok(a.cmp(&b)),
    }
}

fn compare_rows(memory: &Memory<'_>, row: &Row, a: u64, b: u64) -> Result<Ordering, Trap> {
    for place in &row.places {
        let a = memory.pair(a, place.offset, place.width)?;
        let b = memory.pair(b, place.offset, place.width)?;
        let order = compare(memory, place.ty, a, b)?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

fn compare_enums(
    memory: &Memory<'_>,
    variants: &[Row],
    ranks: &[u32],
    a: u64,
    b: u64,
) -> Result<Ordering, Trap> {
    let (variant, other) = (slot::size(slot::low(a)), slot::size(slot::low(b)));
    if variant != other {
        return Ok(ranks.get(variant).cmp(&ranks.get(other)));
    }
    let row = variants.get(variant).ok_or(Trap::invariant("an enum has no such alternative"))?;
    let payload = |slot| slot::payload(slot, row.width).slot();
    compare_rows(memory, row, payload(a), payload(b))
}

fn compare_lists(memory: &Memory<'_>, element: TypeId, a: Span, b: Span) -> Result<Ordering, Trap> {
    for (a, b) in memory.words(a)?.iter().zip(memory.words(b)?) {
        let order = compare(memory, element, [*a, 0], [*b, 0])?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(a.length.cmp(&b.length))
}

fn compare_maps(
    memory: &Memory<'_>,
    (key, value): (TypeId, TypeId),
    a: Span,
    b: Span,
) -> Result<Ordering, Trap> {
    let values = |keys: Span| memory.words(keys.part(keys.length, keys.length));
    let keys = memory.words(a)?.iter().zip(memory.words(b)?);
    for ((key_a, key_b), (a, b)) in keys.zip(values(a)?.iter().zip(values(b)?)) {
        let order = compare(memory, key, [*key_a, 0], [*key_b, 0])?;
        if order.is_ne() {
            return Ok(order);
        }
        let order = compare(memory, value, [*a, 0], [*b, 0])?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(a.length.cmp(&b.length))
}

/// A number that orders as the value in the slot does, if there is such a
/// number: sorting by it needs no look at the arenas. Values of one layout without
/// one come behind those that have one.
#[inline]
pub(crate) fn sort_key(layout: &Layout, slot: u64) -> Option<u64> {
    match layout {
        Layout::Word(Order::Signed) => Some(slot ^ 1 << 63),
        Layout::Word(Order::Float) => {
            // The bits of floats order as numbers, the negative ones backwards.
            Some(if slot >> 63 == 0 { slot ^ 1 << 63 } else { !slot })
        }
        Layout::Ip if !slot::is_v6(slot) => Some(slot),
        Layout::Cidr if !slot::is_v6(slot) => {
            Some(u64::from(slot::low(slot)) << 8 | u64::from(slot::prefix(slot)))
        }
        _ => None,
    }
}
