//! Places in source text: files, byte ranges, lines and columns.
//!
//! A span is twelve bytes and `Copy`, so every node of the tree carries one.
//! Only the source map knows texts, names and line starts.

use core::fmt;
use core::ops::Range;

/// Which file of a source map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileId(pub u32);

/// A range of bytes of one file; `start <= end`, both on character boundaries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file that the offsets count in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`; a range that is upside down is empty at `start`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: end.max(start) }
    }

    /// From the first byte of `self` to the last one of `other`, which stands behind it.
    pub fn to(self, other: Span) -> Self {
        Self::new(self.file, self.start.min(other.start), self.end.max(other.end))
    }

    /// The empty span right before this one.
    pub fn at_start(self) -> Self {
        Self::new(self.file, self.start, self.start)
    }

    /// The empty span right behind this one.
    pub fn at_end(self) -> Self {
        Self::new(self.file, self.end, self.end)
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The range as Rust wants it for slicing.
    pub fn range(self) -> Range<usize> {
        offset(self.start)..offset(self.end)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// A 32-bit offset as an index. Sources are limited far below 32 bits, so nothing is lost.
pub(crate) fn offset(position: u32) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// An index as a 32-bit offset. Sources are limited far below 32 bits, so nothing is lost.
pub(crate) fn position(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A place as people count: both begin at one, columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lines {
    starts: Vec<u32>,
}

impl Default for Lines {
    /// One line, empty so far.
    fn default() -> Self {
        Self { starts: vec![0] }
    }
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let mut lines = Self::default();
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                lines.add(position(at) + 1);
            }
        }
        lines
    }

    /// The next line begins at `start`.
    pub(crate) fn add(&mut self, start: u32) {
        self.starts.push(start);
    }

    /// The number of the line that holds a byte, from one.
    pub(crate) fn line(&self, byte: u32) -> u32 {
        position(self.starts.partition_point(|start| *start <= byte))
    }

    /// The offset at which a line begins, by its number.
    pub(crate) fn start(&self, line: u32) -> u32 {
        self.starts.get(offset(line.saturating_sub(1))).copied().unwrap_or(0)
    }
}

/// One source text and its name.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: String,
    lines: Lines,
}

impl SourceFile {
    fn new(name: String, text: String) -> Self {
        let lines = Lines::new(&text);
        Self { name, text, lines }
    }

    /// The name that messages show: a path, or the name of an interface.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte; the end of the text for one behind it.
    pub fn position(&self, byte: u32) -> Position {
        let byte = byte.min(position(self.text.len()));
        let line = self.lines.line(byte);
        let before = self.text.get(offset(self.lines.start(line))..offset(byte)).unwrap_or("");
        Position { line, column: position(before.chars().count()) + 1 }
    }
}

/// The files of one compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file in; the ids count from zero, in order.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(position(self.files.len()));
        self.files.push(SourceFile::new(name.into(), text.into()));
        id
    }

    /// The file of that id, if this map gave it.
    pub fn get(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(offset(file.0))
    }

    /// All files with their ids, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(position(at)), file))
    }

    /// The text that a span covers; empty when it lies outside of its file.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|file| file.text.get(span.range())).unwrap_or("")
    }

    /// The line in which a span begins, from one.
    pub fn line(&self, span: Span) -> Option<u32> {
        self.get(span.file).map(|file| file.lines.line(span.start))
    }

    /// Where a span begins, as people count.
    pub fn start(&self, span: Span) -> Option<Position> {
        self.get(span.file).map(|file| file.position(span.start))
    }
}

#[cfg(test)]
mod tests;
