//! The journal as JSON lines, for auditors and their tools.
//!
//! One line per entry. `entry` holds the exact bytes, so that hashes and links
//! can be recomputed from the export alone; the other fields say the same
//! taken apart. Numbers that may pass 2^53 are written as text.

use core::ops::ControlFlow;
use std::io::Write;
use std::path::Path;

use crate::disk::Disk;
use crate::error::{JournalError, io_error};
use crate::json::Object;
use crate::read::Reader;
use crate::stored::StoredEntry;
use crate::value::Content;

#[cfg(test)]
mod tests;

/// Whether the values go into an export, or only their commitments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportValues {
    /// Salt and bytes of every value that has not been erased.
    Included,
    /// Nothing that could be personal data beyond the entries themselves.
    Withheld,
}

/// Writes every entry from sequence number `from` on to `out`. `name_of` gives
/// the name of a kind, which only the engine knows. Returns how many there were.
///
/// # Errors
/// When reading or writing fails, or the journal is damaged; what came before
/// the damage has been written.
pub fn export<D: Disk>(
    reader: &Reader<D>,
    from: u64,
    values: ExportValues,
    name_of: &dyn Fn(u8) -> Option<&'static str>,
    out: &mut dyn Write,
) -> Result<u64, JournalError> {
    let mut count = 0_u64;
    let mut failed = None;
    reader.entries(from, &mut |stored| {
        let mut line = line(stored, values, name_of(stored.entry.kind));
        line.push('\n');
        if let Err(error) = out.write_all(line.as_bytes()) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        count = count.saturating_add(1);
        ControlFlow::Continue(())
    })?;
    match failed {
        Some(error) => Err(io_error("write", Path::new("the export"))(error)),
        None => Ok(count),
    }
}

/// One entry as a line of JSON, without the line's end.
pub fn line(stored: &StoredEntry<'_>, values: ExportValues, name: Option<&str>) -> String {
    let entry = &stored.entry;
    let mut object = Object::new();
    object.number("seq", entry.seq);
    object.shown("hash", stored.hash);
    object.shown("prev", entry.prev);
    object.number("kind", u64::from(entry.kind));
    if let Some(name) = name {
        object.text("name", name);
    }
    object.shown("journal", entry.journal);
    if !entry.run.is_none() {
        object.shown("run", entry.run);
    }
    object.shown("wall_unix_ns", entry.wall_unix_ns);
    object.shown("boot", entry.boot);
    object.shown("mono_ns", entry.mono_ns);
    object.list(
        "body",
        entry.body.iter().map(|(tag, bytes)| {
            let mut field = Object::new();
            field.number("tag", u64::from(tag));
            field.hex("bytes", bytes);
            field
        }),
    );
    object.list(
        "values",
        entry.commitments.iter().map(|(tag, commitment)| {
            let mut value = Object::new();
            value.number("tag", u64::from(tag));
            value.shown("commitment", commitment);
            match stored.values.get(tag).map(|found| found.content) {
                Some(Content::Kept { salt, bytes }) if values == ExportValues::Included => {
                    value.hex("salt", &salt.0);
                    value.hex("bytes", bytes);
                }
                Some(Content::Erased { .. }) => value.truth("erased"),
                _ => {}
            }
            value
        }),
    );
    object.hex("entry", stored.bytes);
    object.finish()
}
