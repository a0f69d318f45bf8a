//! Lists, builders and maps.
//!
//! A part of a list shares its words; a map is its keys, ascending, with their
//! values behind them, so keys and values are lists without copying.

use core::cmp::Ordering;

use rye_core::limit::ELEMENTS_MAX;
use rye_core::ty::TypeId;

use super::compare::{self, sort_key};
use crate::fuel;
use crate::heap::Memory;
use crate::slot::{self, Span};
use crate::trap::{Reason, Trap};

/// The element at an index, or none.
#[inline]
pub(crate) fn element(memory: &Memory<'_>, list: u64, index: u64) -> Result<Option<u64>, Trap> {
    if index < u64::from(slot::length(list)) {
        memory.word(list, slot::low(index)).map(Some)
    } else {
        Ok(None)
    }
}

/// The units of a list of texts.
pub(crate) fn text_units(texts: &[u64]) -> u64 {
    let inner = texts.iter().fold(0, |sum: u64, text| sum.saturating_add(fuel::text_units(*text)));
    inner.saturating_add(slot::count(texts.len()))
}

/// Whether a text stands among others.
#[inline(never)]
pub(crate) fn contains_text(memory: &Memory<'_>, texts: &[u64], text: u64) -> Result<bool, Trap> {
    for other in texts {
        if compare::texts_equal(memory, *other, text)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a list has an element equal to this.
pub(crate) fn contains(
    memory: &Memory<'_>,
    element: TypeId,
    list: u64,
    value: u64,
) -> Result<bool, Trap> {
    for other in memory.list(list)? {
        if compare::equal(memory, element, [*other, 0], [value, 0])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first elements, at most so many.
pub(crate) fn take(list: u64, count: i64) -> u64 {
    let span = Span::of(list);
    span.part(0, clamp(count, span.length)).slot()
}

/// All but the first elements.
pub(crate) fn drop_first(list: u64, count: i64) -> u64 {
    let span = Span::of(list);
    let skip = clamp(count, span.length);
    span.part(skip, span.length.saturating_sub(skip)).slot()
}

fn clamp(count: i64, length: u32) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX).min(length)
}

/// A list that is no longer than its type says.
pub(crate) fn fits(length: usize, max: u32) -> Result<(), Trap> {
    if length <= slot::size(max) { Ok(()) } else { Err(Reason::ListTooLong.into()) }
}

/// The indices of elements in the order of their keys; equal keys as they stand,
/// in either direction.
fn order(
    memory: &Memory<'_>,
    key: TypeId,
    keys: &[u64],
    descending: bool,
) -> Result<Vec<usize>, Trap> {
    let layout = memory.layouts.get(key);
    let plain: Option<Vec<(u64, usize)>> = keys
        .iter()
        .enumerate()
        .map(|(index, slot)| {
            let number = sort_key(layout, *slot)?;
            Some((if descending { !number } else { number }, index))
        })
        .collect();
    if let Some(mut plain) = plain {
        plain.sort_unstable();
        return Ok(plain.into_iter().map(|(_, index)| index).collect());
    }
    // A comparison that fails in the middle of sorting could be no order any more,
    // which the standard library may answer with a panic. What compares with
    // itself compares with all others.
    for slot in keys {
        compare::compare(memory, key, [*slot, 0], [*slot, 0])?;
    }
    let mut indices: Vec<(usize, u64)> = keys.iter().copied().enumerate().collect();
    indices.sort_by(|(_, a), (_, b)| {
        let order = compare::compare(memory, key, [*a, 0], [*b, 0]).unwrap_or(Ordering::Equal);
        if descending { order.reverse() } else { order }
    });
    Ok(indices.into_iter().map(|(index, _)| index).collect())
}

/// The elements in the order of their keys.
pub(crate) fn sort(
    memory: &mut Memory<'_>,
    key: TypeId,
    list: u64,
    keys: u64,
    descending: bool,
) -> Result<u64, Trap> {
    let elements = memory.list(list)?;
    let keys = memory.list(keys)?;
    if elements.len() != keys.len() {
        return Err(Reason::UnequalLists.into());
    }
    let order = order(memory, key, keys, descending)?;
    let sorted = pick(elements, &order);
    memory.add_words(&sorted).map(Span::slot)
}

/// Whether two elements of a list are equal.
fn same(memory: &Memory<'_>, ty: TypeId, a: Option<&u64>, b: Option<&u64>) -> Result<bool, Trap> {
    match (a, b) {
        (Some(a), Some(b)) => compare::equal(memory, ty, [*a, 0], [*b, 0]),
        _ => Ok(false),
    }
}

/// The indices of a list's elements in groups of equal ones: each group in the
/// order of the list, the groups in that of their values.
struct Groups {
    order: Vec<usize>,
    /// Where each group ends in `order`.
    ends: Vec<usize>,
}

impl Groups {
    fn of(memory: &Memory<'_>, ty: TypeId, list: &[u64]) -> Result<Self, Trap> {
        let order = order(memory, ty, list, false)?;
        let mut ends = Vec::with_capacity(order.len());
        for (end, pair) in (1..).zip(order.windows(2)) {
            let joins = match pair {
                [before, next] => same(memory, ty, list.get(*before), list.get(*next))?,
                _ => false,
            };
            if !joins {
                ends.push(end);
            }
        }
        if !order.is_empty() {
            ends.push(order.len());
        }
        Ok(Self { order, ends })
    }

    fn iter(&self) -> impl Iterator<Item = &[usize]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let group = self.order.get(start..*end).unwrap_or_default();
            start = *end;
            group
        })
    }

    /// The first index of each group.
    fn firsts(&self) -> Vec<usize> {
        self.iter().filter_map(|group| group.first().copied()).collect()
    }
}

/// The elements at some indices.
fn pick(list: &[u64], indices: &[usize]) -> Vec<u64> {
    indices.iter().filter_map(|index| list.get(*index).copied()).collect()
}

/// Each element once, where it stands first.
pub(crate) fn distinct(memory: &mut Memory<'_>, ty: TypeId, list: u64) -> Result<u64, Trap> {
    let elements = memory.list(list)?;
    let mut firsts = Groups::of(memory, ty, elements)?.firsts();
    firsts.sort_unstable();
    let kept = pick(elements, &firsts);
    memory.add_words(&kept).map(Span::slot)
}

/// The elements of all lists in order.
pub(crate) fn flat(memory: &mut Memory<'_>, lists: u64, max: u32) -> Result<u64, Trap> {
    let mut elements = Vec::new();
    for list in memory.list(lists)? {
        elements.extend_from_slice(memory.list(*list)?);
        fits(elements.len(), max)?;
    }
    memory.add_words(&elements).map(Span::slot)
}

/// The elements of two lists.
pub(crate) fn join(memory: &mut Memory<'_>, a: u64, b: u64, max: u32) -> Result<u64, Trap> {
    let elements = [memory.list(a)?, memory.list(b)?].concat();
    fits(elements.len(), max)?;
    memory.add_words(&elements).map(Span::slot)
}

/// Room for a list.
pub(crate) fn new_builder(memory: &mut Memory<'_>, capacity: i64) -> Result<u64, Trap> {
    let capacity = u32::try_from(capacity).ok().filter(|capacity| *capacity <= ELEMENTS_MAX);
    let capacity = capacity.ok_or(Trap::Raise(Reason::ListTooLong))?;
    memory.reserve_words(slot::size(capacity.saturating_add(1))).map(Span::slot)
}

/// Adds an element.
#[inline]
pub(crate) fn push(memory: &mut Memory<'_>, builder: u64, element: u64) -> Result<(), Trap> {
    let room = memory.words_mut(Span::of(builder))?;
    let (length, elements) =
        room.split_first_mut().ok_or(Trap::invariant("a builder has no length"))?;
    let place = elements.get_mut(slot::size(slot::low(*length)));
    *place.ok_or(Trap::Raise(Reason::NoRoom))? = element;
    *length = length.wrapping_add(1);
    Ok(())
}

/// The map from keys to values; the last of two equal keys counts.
pub(crate) fn new_map(
    memory: &mut Memory<'_>,
    key: TypeId,
    keys: u64,
    values: u64,
) -> Result<u64, Trap> {
    let (keys, values) = (memory.list(keys)?, memory.list(values)?);
    if keys.len() != values.len() {
        return Err(Reason::UnequalLists.into());
    }
    let groups = Groups::of(memory, key, keys)?;
    let last: Vec<usize> = groups.iter().filter_map(|group| group.last().copied()).collect();
    let (keys, values) = (pick(keys, &last), pick(values, &last));
    add_map(memory, &keys, &values)
}

/// A map of keys that ascend, and as many values.
pub(crate) fn add_map(memory: &mut Memory<'_>, keys: &[u64], values: &[u64]) -> Result<u64, Trap> {
    let span = memory.add_words(keys)?;
    memory.add_words(values)?;
    Ok(span.slot())
}

/// The keys of a map.
pub(crate) fn keys(map: u64) -> Span {
    Span::of(map)
}

/// The values of a map.
pub(crate) fn values(map: u64) -> Span {
    let keys = Span::of(map);
    keys.part(keys.length, keys.length)
}

/// The value under a key.
pub(crate) fn get_map(
    memory: &Memory<'_>,
    ty: TypeId,
    map: u64,
    key: u64,
) -> Result<Option<u64>, Trap> {
    match place(memory, ty, memory.words(keys(map))?, key)? {
        Some(index) => Ok(memory.words(values(map))?.get(index).copied()),
        None => Ok(None),
    }
}

/// Where a key stands among keys that ascend.
fn place(memory: &Memory<'_>, ty: TypeId, keys: &[u64], key: u64) -> Result<Option<usize>, Trap> {
    let layout = memory.layouts.get(ty);
    if let Some(number) = sort_key(layout, key) {
        let compare = |other: &u64| {
            sort_key(layout, *other).map_or(Ordering::Greater, |other| other.cmp(&number))
        };
        return Ok(keys.binary_search_by(compare).ok());
    }
    let mut failed = None;
    let found = keys.binary_search_by(|other| {
        compare::compare(memory, ty, [*other, 0], [key, 0]).unwrap_or_else(|trap| {
            failed = Some(trap);
            Ordering::Equal
        })
    });
    failed.map_or(Ok(found.ok()), Err)
}

/// How often each key stands in a list.
pub(crate) fn tally(memory: &mut Memory<'_>, ty: TypeId, list: u64) -> Result<u64, Trap> {
    let elements = memory.list(list)?;
    let groups = Groups::of(memory, ty, elements)?;
    let keys = pick(elements, &groups.firsts());
    let counts: Vec<u64> = groups.iter().map(|group| slot::count(group.len())).collect();
    add_map(memory, &keys, &counts)
}

/// The map from keys to values, if no two keys are equal.
pub(crate) fn map_of_unique(
    memory: &mut Memory<'_>,
    ty: TypeId,
    keys: &[u64],
    values: &[u64],
) -> Result<Option<u64>, Trap> {
    let Groups { order, ends } = Groups::of(memory, ty, keys)?;
    if ends.len() != keys.len() {
        return Ok(None);
    }
    let (keys, values) = (pick(keys, &order), pick(values, &order));
    add_map(memory, &keys, &values).map(Some)
}

/// The words of the list that a builder has so far.
pub(crate) fn built(memory: &Memory<'_>, builder: u64) -> Result<Span, Trap> {
    let room = Span::of(builder);
    let length = memory.word(builder, 0)?;
    Ok(room.part(1, slot::low(length)))
}
