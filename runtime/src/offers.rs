//! The files with trust roots and revocation lists that people named: looked at
//! again and again, so that what is put there holds from the next act on.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rye_bundle::archive::CONTAINER_BYTES_MAX;

use crate::file::{self, FileError, Writers};

/// The files that people named.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// The trust root that is pinned, and those that followed it.
    pub trust_roots: Vec<PathBuf>,
    /// The revocation list.
    pub revocations: Option<PathBuf>,
    /// The folder in which the store keeps what was believed.
    pub kept: PathBuf,
}

impl Offers {
    /// The folder in which the store at `path` keeps what was believed.
    pub fn folder(path: &Path) -> PathBuf {
        rye_journal::store::trust_folder(path)
    }
}

/// What was seen of the files so far.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeSet<(PathBuf, Option<Look>)>);

/// What tells that a file is another than before: device and number of the file,
/// length, and when it and what is known of it were changed.
type Look = [i128; 5];

impl Seen {
    /// The files at `paths`, if one of them is another than when this was asked last.
    pub(crate) fn changed<'a>(&mut self, paths: impl Iterator<Item = &'a PathBuf>) -> bool {
        let now: BTreeSet<_> = paths.map(|path| (path.clone(), look(path))).collect();
        let changed = now != self.0;
        self.0 = now;
        changed
    }
}

/// The bytes of a file that somebody offers.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    file::read(path, CONTAINER_BYTES_MAX, Writers::NotEverybody)
}

fn look(path: &Path) -> Option<Look> {
    let found = fs::symlink_metadata(path).ok()?;
    let time = |seconds: i64, nanos: i64| i128::from(seconds) << 32 | i128::from(nanos);
    Some([
        i128::from(found.dev()),
        i128::from(found.ino()),
        i128::from(found.size()),
        time(found.mtime(), found.mtime_nsec()),
        time(found.ctime(), found.ctime_nsec()),
    ])
}
