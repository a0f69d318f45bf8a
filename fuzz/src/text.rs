//! Source text before anybody asks what it means: a tree with every mistake in its
//! place, and the same tree when it is written in the style.

use rye_core::limit::DIAGNOSTICS_MAX;
use rye_grammar::diagnostic::Diagnostic;
use rye_grammar::format::format;
use rye_grammar::parse;
use rye_grammar::span::FileId;

pub(crate) fn check_parse(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let parsed = parse(FileId::default(), text);
    assert!(parsed.diagnostics.len() <= DIAGNOSTICS_MAX, "{} mistakes", parsed.diagnostics.len());
    for Diagnostic { span, .. } in &parsed.diagnostics {
        let (start, end) = (usize::try_from(span.start), usize::try_from(span.end));
        let range = start.expect("a short text")..end.expect("a short text");
        assert!(text.get(range.clone()).is_some(), "{range:?} is no part of the text");
    }
    parsed.diagnostics.is_empty()
}

pub(crate) fn check_format(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let formatted = format(FileId::default(), text);
    let Ok(once) = formatted else { return false };
    let twice = format(FileId::default(), &once);
    assert_eq!(twice.as_ref(), Ok(&once), "formatting again changes nothing:\n{text}");
    assert_eq!(tree(text), tree(&once), "the tree is the same:\n{text}\n---\n{once}");
    true
}

/// The tree of a source without the places, if it can be read.
pub fn tree(source: &str) -> Option<String> {
    let parsed = parse(FileId::default(), source);
    let shown = format!("{:?} {:?}", parsed.tree.items, parsed.tree.docs);
    parsed.diagnostics.is_empty().then(|| without_places(&shown))
}

/// A debug text without `0:12..15` and without the offsets before doc comments.
fn without_places(shown: &str) -> String {
    let mut text = String::new();
    for part in shown.split_inclusive([' ', '{', '(']) {
        let place = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_place = place.len() < part.len() && place.starts_with(':');
        text.push_str(if is_place { "_ " } else { part });
    }
    text
}
