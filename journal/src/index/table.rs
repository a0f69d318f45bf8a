//! What an index is kept in: an ordered map from bytes to bytes, in which a
//! batch is added as a whole or not at all. Nothing is flushed for its own sake;
//! what a crash takes away is put back from the segments.

use core::fmt;
use std::path::Path;

/// A key with what stands under it.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// A database as an index uses it. One thread owns it.
pub(crate) trait Table: Sized {
    /// Opens the table in `folder`, and makes it when there is none.
    fn open(folder: &Path) -> Result<Self, TableError>;
    /// Adds all of `pairs`, or none.
    fn add(&mut self, pairs: &[Pair]) -> Result<(), TableError>;
    /// What stands under `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError>;
    /// The pairs from `key` on, in order of their keys.
    fn pairs(&self, key: &[u8]) -> Result<Pairs<'_>, TableError>;
    /// The last pair before `key`.
    fn last_before(&self, key: &[u8]) -> Result<Option<Pair>, TableError>;
}

/// Pairs in order of their keys.
pub(crate) type Pairs<'a> = Box<dyn Iterator<Item = Result<Pair, TableError>> + 'a>;

/// What a database says when it fails.
#[derive(Debug)]
pub(crate) struct TableError {
    /// Whether there is no space, which says nothing against the table.
    pub(crate) full: bool,
    pub(crate) text: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
