//! The known word that somebody probably meant.

/// Of `known`, the word nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = word.chars().count().div_ceil(3).min(3);
    known
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many characters must be put in, taken out or exchanged.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, from) in a.chars().enumerate() {
        let mut left = above.saturating_add(1);
        let mut corner = above;
        let mut next = vec![left];
        for (to, up) in b.iter().zip(row.iter().skip(1)) {
            let exchanged = corner.saturating_add(usize::from(from != *to));
            left = exchanged.min(left.saturating_add(1)).min(up.saturating_add(1));
            corner = *up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        let known = ["environment", "mode", "settings"];
        assert_eq!(nearest("enviroment", known.into_iter()), Some("environment"));
        assert_eq!(nearest("modes", known.into_iter()), Some("mode"));
        assert_eq!(nearest("timeout", known.into_iter()), None);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
