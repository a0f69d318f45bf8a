//! Diagnostics as people read them on a terminal, and as programs read them.
//!
//! The only use of a rendering crate. The text form without colour is what the
//! golden files hold.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use rye_core::visible::visible;
use serde::Serialize;

use super::{Diagnostic, Severity};
use crate::span::{SourceFile, SourceMap, Span};

/// Whether the text has colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Plain text, for files and pipes.
    Plain,
    /// With the escape sequences that terminals know.
    Ansi,
}

/// Diagnostics with the lines that they are about, one after the other with an empty line
/// between them. Empty when there are none; otherwise the last line ends with a line break.
pub fn to_text(diagnostics: &[Diagnostic], sources: &SourceMap, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    let blocks: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| renderer.render(&[group(diagnostic, sources)]) + "\n")
        .collect();
    blocks.join("\n")
}

fn group<'d>(diagnostic: &'d Diagnostic, sources: &'d SourceMap) -> Group<'d> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.number());
    title
        .elements(snippets(diagnostic, sources))
        .elements(diagnostic.notes.iter().map(|note| Level::NOTE.message(note.as_str())))
        .elements(diagnostic.help.iter().map(|help| Level::HELP.message(help.as_str())))
}

/// One snippet per file: the one with the mistake first, then the others in the order of their
/// labels.
fn snippets<'d>(
    diagnostic: &'d Diagnostic,
    sources: &'d SourceMap,
) -> Vec<Snippet<'d, Annotation<'d>>> {
    let mut files = vec![diagnostic.span.file];
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
        .into_iter()
        .filter_map(|id| Some((id, sources.get(id)?)))
        .map(|(id, file)| {
            let of_file = |span: Span| span.file == id;
            let primary = Some(diagnostic.span).filter(|span| of_file(*span)).map(|span| {
                let own = diagnostic.labels.iter().find(|label| label.span == span);
                let annotation = AnnotationKind::Primary.span(clamp(file, span));
                annotation.label(own.map(|label| label.message.as_str()))
            });
            let others = diagnostic
                .labels
                .iter()
                .filter(|label| of_file(label.span) && label.span != diagnostic.span)
                .filter(|label| !is_far_along(file, diagnostic.span, label.span))
                .map(|label| {
                    let annotation = AnnotationKind::Context.span(clamp(file, label.span));
                    annotation.label(label.message.as_str())
                });
            Snippet::source(file.text())
                .path(visible(file.name()))
                .annotations(primary.into_iter().chain(others))
        })
        .collect()
}

/// Whether two marks in one file are on the same line, and so far from each other that
/// nobody sees them together.
fn is_far_along(file: &SourceFile, one: Span, other: Span) -> bool {
    let (one, other) = (clamp(file, one), clamp(file, other));
    let between = one.start.min(other.start)..one.end.max(other.end);
    let between = file.text().get(between).unwrap_or_default();
    between.len() > MARKED_BYTES_MAX && !between.contains('\n')
}

/// The longest line, in bytes, that is marked as a whole: nobody reads more of it, and
/// the renderer would print all of it, and a mark below each character.
const MARKED_BYTES_MAX: usize = 500;

/// The range of a span inside its file's text, on character boundaries; of one with a
/// line too long to be read only the beginning.
fn clamp(file: &SourceFile, span: Span) -> core::ops::Range<usize> {
    let text = file.text();
    let range = span.range();
    let start = text.floor_char_boundary(range.start);
    let end = text.ceil_char_boundary(range.end).max(start);
    let marked = text.get(start..end).unwrap_or_default();
    if marked.lines().all(|line| line.len() <= MARKED_BYTES_MAX) {
        return start..end;
    }
    start..text.floor_char_boundary(start.saturating_add(MARKED_BYTES_MAX)).min(end)
}

/// One JSON object on one line, without a line break: `code`, `severity`, `file`, `line`,
/// `column`, `end` (`line` and `column` behind the last character), `message`, `labels`,
/// `help`, `notes`. Lines and columns count from one, columns in characters.
pub fn to_json(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let object = Object {
        code: diagnostic.code.number(),
        severity: diagnostic.severity().word(),
        place: Place::new(diagnostic.span, sources),
        message: &diagnostic.message,
        labels: diagnostic
            .labels
            .iter()
            .map(|label| LabelObject {
                place: Place::new(label.span, sources),
                message: &label.message,
            })
            .collect(),
        help: &diagnostic.help,
        notes: &diagnostic.notes,
    };
    // Texts and numbers under fixed keys always have a JSON form.
    serde_json::to_string(&object).unwrap_or_default()
}

#[derive(Serialize)]
struct Object<'d> {
    code: &'d str,
    severity: &'d str,
    #[serde(flatten)]
    place: Place<'d>,
    message: &'d str,
    labels: Vec<LabelObject<'d>>,
    help: &'d [String],
    notes: &'d [String],
}

#[derive(Serialize)]
struct LabelObject<'d> {
    #[serde(flatten)]
    place: Place<'d>,
    message: &'d str,
}

#[derive(Serialize)]
struct Place<'d> {
    file: &'d str,
    line: u32,
    column: u32,
    end: End,
}

#[derive(Serialize)]
struct End {
    line: u32,
    column: u32,
}

impl<'d> Place<'d> {
    /// The place of a span; line and column are zero for a file that the map doesn't have.
    fn new(span: Span, sources: &'d SourceMap) -> Self {
        let file = sources.get(span.file);
        let at = |byte| {
            file.map_or((0, 0), |file| {
                let position = file.position(byte);
                (position.line, position.column)
            })
        };
        let (line, column) = at(span.start);
        let (end_line, end_column) = at(span.end);
        let end = End { line: end_line, column: end_column };
        Self { file: file.map_or("", SourceFile::name), line, column, end }
    }
}

#[cfg(test)]
mod tests;
