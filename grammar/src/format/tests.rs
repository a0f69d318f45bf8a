//! What the style looks like: each case is a source and what becomes of it.

use super::format;
use crate::span::FileId;

#[track_caller]
fn formatted(source: &str) -> String {
    let once = format(FileId::default(), source).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    let twice = format(FileId::default(), &once).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    assert_eq!(once, twice);
    once
}

/// What `source` becomes; `same` if it is in the style already.
#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(formatted(source), expected);
}

#[track_caller]
fn same(source: &str) {
    check(source, source);
}

mod comments;
mod lines;
mod spaces;
