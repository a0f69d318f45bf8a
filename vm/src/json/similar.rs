//! Which member somebody probably meant.

use super::scan::Scanner;

/// The longest name that is compared: the work grows with its square.
const NAME_BYTES_MAX: usize = 64;

/// A member of the object at `object` that nobody knows and whose name is almost
/// `name`.
pub(super) fn member(
    mut object: Scanner<'_>,
    name: &str,
    known: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    object.take(b'{');
    // It was read before, so it ends well.
    while object.peek() == Some(b'"') {
        let key = object.key().ok()?;
        let near = distance(&key.raw.to_lowercase(), &name.to_lowercase());
        // Two letters in the wrong order are one slip, though two edits.
        let close = near <= name.len().max(3) / 3 || same_letters(key.raw, name);
        let close = close && near < name.len();
        if close && !known(key.raw) && best.as_ref().is_none_or(|(least, _)| near < *least) {
            best = Some((near, String::from(key.raw)));
        }
        object.skip().ok()?;
        object.take(b',');
    }
    best.map(|(_, name)| name)
}

/// The one of `known` that `name` was probably meant to be.
pub(super) fn name<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let near = |other: &&str| {
        let edits = distance(&name.to_lowercase(), &other.to_lowercase());
        let close = edits <= other.len().max(3) / 3 || same_letters(name, other);
        (close && edits < other.len()).then_some(edits)
    };
    known.filter_map(|other| Some((near(&other)?, other))).min().map(|(_, other)| other)
}

fn same_letters(a: &str, b: &str) -> bool {
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    a.len() == b.len() && a.len() <= NAME_BYTES_MAX && sorted(a) == sorted(b)
}

/// How many bytes have to be changed, added or dropped to get from one name to
/// the other; a great many where that is not worth counting.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > NAME_BYTES_MAX || b.len() > NAME_BYTES_MAX {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, byte) in a.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(b.bytes()) {
            let change = diagonal.saturating_add(usize::from(byte != other));
            diagonal = *cell;
            left = change.min(left.saturating_add(1)).min(diagonal.saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn names_are_as_far_apart_as_edits() {
        for (a, b, expected) in
            [("src_ip", "src_ip", 0), ("srcip", "src_ip", 1), ("ip", "", 2), ("abc", "axbd", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }
}
