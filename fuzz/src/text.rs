//! Source text before anybody asks what it means: tokens that leave nothing out, a tree
//! with every mistake in its place, and the same tree when it is written in the style.

use std::collections::BTreeSet;

use rye_core::limit::DIAGNOSTICS_MAX;
use rye_grammar::diagnostic::Diagnostic;
use rye_grammar::format::format;
use rye_grammar::span::FileId;
use rye_grammar::{parse, tokens};

pub(crate) fn check_tokens(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let (tokens, diagnostics) = tokens(FileId::default(), text);
    let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |at: usize| breaks.partition_point(|end| *end < at);
    let wrong: BTreeSet<usize> = diagnostics.iter().map(|it| line(it.span.range().start)).collect();
    let mut from = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let end = text.len()..text.len();
    for token in tokens.iter().map(|span| span.range()).chain([end]) {
        let between = text.get(from..token.start);
        let between = between.unwrap_or_else(|| panic!("{from} is not before {token:?}"));
        assert!(text.get(token.clone()).is_some(), "{token:?} is no part of the text");
        let mut at = from;
        for part in between.split_inclusive('\n') {
            let is_trivia = part.trim().is_empty() || part.trim_start().starts_with("//");
            assert!(is_trivia || wrong.contains(&line(at)), "{part:?} at {at} is left out");
            at += part.len();
        }
        from = token.end;
    }
    diagnostics.is_empty()
}

pub(crate) fn check_parse(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let parsed = parse(FileId::default(), text);
    assert!(parsed.diagnostics.len() <= DIAGNOSTICS_MAX, "{} mistakes", parsed.diagnostics.len());
    for Diagnostic { span, .. } in &parsed.diagnostics {
        let range = span.range();
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
