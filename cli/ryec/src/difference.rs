//! Where two texts differ, as people read it: the lines that go, and those that come.

/// So many places are shown.
const PLACES_MAX: usize = 3;

/// So many lines are shown of each side of a place.
const LINES_MAX: usize = 6;

/// So far ahead the lines that agree again are looked for.
const AHEAD_MAX: usize = 200;

/// One place where the texts differ.
#[derive(Debug)]
struct Place {
    /// The first line that differs in the text before, from 1.
    line: usize,
    gone: Vec<String>,
    new: Vec<String>,
}

/// The first places where `before` becomes `after`; `name` stands before each line number.
pub(crate) fn lines(name: &str, before: &str, after: &str) -> Vec<String> {
    let before: Vec<&str> = before.lines().collect();
    let after: Vec<&str> = after.lines().collect();
    let places = places(&before, &after);
    let mut shown = Vec::new();
    for place in places.iter().take(PLACES_MAX) {
        shown.push(format!("{name}:{}", place.line));
        side(&mut shown, '-', &place.gone);
        side(&mut shown, '+', &place.new);
    }
    if places.len() > PLACES_MAX {
        shown.push(format!("  … and in {} more places", places.len() - PLACES_MAX));
    }
    shown
}

fn side(shown: &mut Vec<String>, sign: char, lines: &[String]) {
    shown.extend(lines.iter().take(LINES_MAX).map(|line| format!("{sign} {line}")));
    if lines.len() > LINES_MAX {
        shown.push(format!("{sign} … {} more lines", lines.len() - LINES_MAX));
    }
}

fn places(mut before: &[&str], mut after: &[&str]) -> Vec<Place> {
    let mut places = Vec::new();
    let mut line = 1;
    loop {
        let same = before.iter().zip(after).take_while(|(left, right)| left == right).count();
        before = before.get(same..).unwrap_or(&[]);
        after = after.get(same..).unwrap_or(&[]);
        line += same;
        if before.is_empty() && after.is_empty() {
            return places;
        }
        let (gone, new) = until_they_agree(before, after);
        let (left, right) = (before.split_at(gone), after.split_at(new));
        let ends = left.0.iter().rev().zip(right.0.iter().rev());
        let alike = ends.take_while(|(left, right)| left == right).count();
        let (left, right) = (before.split_at(gone - alike), after.split_at(new - alike));
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        places.push(Place { line, gone: owned(left.0), new: owned(right.0) });
        (before, after) = (left.1, right.1);
        line += gone - alike;
    }
}

/// How many lines of each text stand before the next one that both have: the fewest.
fn until_they_agree(before: &[&str], after: &[&str]) -> (usize, usize) {
    for sum in 1..AHEAD_MAX.min(before.len() + after.len()) {
        for gone in 0..=sum {
            let new = sum - gone;
            let (left, right) = (before.get(gone), after.get(new));
            if left.is_some_and(|line| !line.trim().is_empty()) && left == right {
                return (gone, new);
            }
        }
    }
    (before.len(), after.len())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn places_are_shown_with_what_goes_and_what_comes() {
        let shown = lines("a.rye", "one\ntwo\nthree\nfour\n", "one\n2\nthree\nfour\nfive\n");
        assert_eq!(shown, ["a.rye:2", "- two", "+ 2", "a.rye:5", "+ five"]);
        assert_eq!(lines("a.rye", "one\n", "one\n"), Vec::<String>::new());
    }

    #[test]
    fn blank_lines_that_stay_are_not_shown() {
        let shown = lines("a", "one\n\ntwo\n", "1\n\ntwo\n");
        assert_eq!(shown, ["a:1", "- one", "+ 1"]);
    }

    #[test]
    fn long_differences_are_cut_and_that_is_said() {
        let numbers: Vec<String> = (0..20).map(|line: u8| line.to_string()).collect();
        let shown = lines("a", &numbers.join("\n"), "x\n");
        assert_eq!(shown.len(), 9);
        assert_eq!((&*shown[7], &*shown[8]), ("- … 14 more lines", "+ x"));
        let doubled = numbers.join("\nsame\n");
        let shown = lines("a", &doubled, &doubled.replace("same", "the same"));
        assert_eq!(shown.last().map(|line| &**line), Some("  … and in 16 more places"));
    }
}
