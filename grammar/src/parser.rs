//! Drives the generated parser: tokens in, tree and diagnostics out.
//!
//! The order is the order of the files: [`crate::lexer`] cuts, [`brackets`] puts
//! missing braces in, the generated parser calls [`build`], [`report`] tells
//! what it stumbled over.

mod brackets;
pub(crate) mod build;
mod expected;
mod foreign;
mod help;
mod report;

use core::cell::Cell;

use rye_core::limit::{DIAGNOSTICS_MAX, SOURCE_BYTES_MAX};

use crate::Parsed;
use crate::ast::{Docs, ErrorItem, File, Item, ItemKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::generated::FileParser;
use crate::lexer;
use crate::span::{FileId, Lines, Span};
use build::Builder;
use report::Reader;

/// Reads a source; see [`crate::parse`].
pub(crate) fn parse(file: FileId, source: &str) -> Parsed {
    if source.len() > SOURCE_BYTES_MAX {
        let tree = File { file, items: Vec::new(), docs: Docs::default() };
        return Parsed { tree, diagnostics: vec![too_long(file, source)] };
    }
    let lexed = lexer::lex(file, source);
    let lines = lexed.lines;
    let balanced = brackets::balance(file, &lines, lexed.tokens);
    let tokens = &balanced.tokens;

    let recoveries = Cell::new(0);
    let mut builder = Builder::new(file, source, tokens, &recoveries);
    let stream = tokens
        .iter()
        // Whoever makes so many mistakes has not written Rye; recovery is slow, so it ends.
        .take_while(|_| recoveries.get() <= 2 * DIAGNOSTICS_MAX)
        .map(|token| (token.start, token.kind, token.end));
    let (items, last_mistake) = match FileParser::new().parse(&mut builder, stream) {
        Ok(items) => (items, None),
        Err(mistake) => (Vec::new(), Some(mistake)),
    };
    let (mut mistakes, of_nodes) = builder.finish();
    mistakes.extend(last_mistake);

    let mut diagnostics = lexed.diagnostics;
    diagnostics.extend(balanced.diagnostics);
    let reader = Reader { file, source, lines: &lines, tokens };
    reader.report(mistakes, balanced.cut_at, &mut diagnostics);
    let known_depth = balanced.cut_at.is_some();
    diagnostics.extend(of_nodes.into_iter().filter(|of| !known_depth || of.code != Code::TooDeep));
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    shorten(&mut diagnostics);
    let items = join_broken_signatures(items, &lines);
    Parsed { tree: File { file, items, docs: lexed.docs }, diagnostics }
}

/// A signature ends where the next item begins, so what could not be read of its clauses comes
/// out as a broken item without a name behind it, indented as clauses are. Together they are one
/// broken item: nobody shall miss the clauses that could not be read.
fn join_broken_signatures(items: Vec<Item>, lines: &Lines) -> Vec<Item> {
    let mut joined: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        let nameless = matches!(&item.kind, ItemKind::Error(error) if error.name.is_none());
        let indented = lines.start(lines.line(item.span.start)) != item.span.start;
        if nameless
            && indented
            && let Some(before) = joined.last_mut()
            && let ItemKind::Signature(signature) = &before.kind
        {
            before.kind = ItemKind::Error(ErrorItem { name: Some(signature.name.clone()) });
            before.span = before.span.to(item.span);
        } else {
            joined.push(item);
        }
    }
    joined
}

fn too_long(file: FileId, source: &str) -> Diagnostic {
    let message = format!(
        "this file has {} bytes, more than the {SOURCE_BYTES_MAX} that are read",
        source.len()
    );
    Diagnostic::new(Code::SourceTooLong, Span::new(file, 0, 0), message)
        .help("split it into modules and `use` them")
}

/// Keeps as many as a person may read, and says that there are more.
fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics.len() <= DIAGNOSTICS_MAX {
        return;
    }
    diagnostics.truncate(DIAGNOSTICS_MAX - 1);
    let Some(last) = diagnostics.last() else {
        return;
    };
    let message = format!("there are more mistakes than the {} above", diagnostics.len());
    let rest = Diagnostic::new(Code::TooManyMistakes, last.span, message)
        .help("mend those first; many of the others may be their echoes");
    diagnostics.push(rest);
}

#[cfg(test)]
mod tests;
