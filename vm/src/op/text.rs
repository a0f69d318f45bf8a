//! Texts. A part of a text shares its bytes.

use crate::heap::Memory;
use crate::op::collection;
use crate::slot::{self, Span};
use crate::trap::{Reason, Trap};

/// The part of the text in a slot that `part`, a part of `text`, is.
fn within(span: Span, text: &str, part: &str) -> u64 {
    // Both addresses are of the same allocation, so the difference is the offset.
    let skip = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    span.part(number(skip), number(part.len())).slot()
}

/// How many Unicode scalar values.
pub(crate) fn length(memory: &Memory<'_>, text: u64) -> Result<u64, Trap> {
    Ok(slot::count(memory.text(text)?.chars().count()))
}

/// In lower case.
pub(crate) fn lower(memory: &mut Memory<'_>, text: u64) -> Result<u64, Trap> {
    let lower = memory.text(text)?.to_lowercase();
    let start = memory.begin_text();
    memory.text_end().push_str(&lower);
    memory.end_text(start, Ok(()))
}

/// Without white space at both ends.
pub(crate) fn trim(memory: &Memory<'_>, slot: u64) -> Result<u64, Trap> {
    let text = memory.text(slot)?;
    Ok(within(Span::of(slot), text, text.trim()))
}

/// The parts between the separators.
pub(crate) fn split(memory: &mut Memory<'_>, slot: u64, by: u64, max: u32) -> Result<u64, Trap> {
    let (text, by) = (memory.text(slot)?, memory.text(by)?);
    if by.is_empty() {
        return Err(Reason::EmptySeparator.into());
    }
    let mut parts = Vec::new();
    for part in text.split(by) {
        parts.push(within(Span::of(slot), text, part));
        collection::fits(parts.len(), max)?;
    }
    memory.add_words(&parts).map(Span::slot)
}
