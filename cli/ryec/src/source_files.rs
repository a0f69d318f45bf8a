//! Finds and reads `.rye` files: the only module that walks folders. Links are not
//! followed, hidden files and folders not looked at.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rye_core::limit::{SOURCE_BYTES_MAX, SOURCE_FILES_MAX, SOURCE_FOLDER_DEPTH_MAX};

use crate::failure::Failure;
use crate::package;

/// What a package inside of the folder means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nested {
    /// A mistake.
    Refused,
    /// More files.
    Entered,
}

/// The `.rye` files of a folder in the order of their names, without those of the
/// folders in `but`.
pub(crate) fn below(
    folder: &Path,
    but: &[PathBuf],
    nested: Nested,
) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    Walk { but, nested }.enter(folder, SOURCE_FOLDER_DEPTH_MAX, &mut found)?;
    found.sort();
    Ok(found)
}

/// The text of a source.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    text(&shown.to_string(), file)
}

/// The text that a reader gives; messages call it `shown`.
pub(crate) fn text(shown: &str, reader: impl Read) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    // One byte more than is allowed shows that there are too many.
    let most = u64::try_from(SOURCE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let read = reader.take(most).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(Path::new(shown), &error))?;
    if bytes.len() > SOURCE_BYTES_MAX {
        let what = format!("`{shown}` is longer than {SOURCE_BYTES_MAX} bytes");
        return Err(Failure::input(what, "split it into several files"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let what = format!("`{shown}` is no UTF-8 text: byte {at} is wrong");
        Failure::input(what, "save it as UTF-8")
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(
        format!("`{}` can't be read: {error}", path.display()),
        "give yourself the right to read it",
    )
}

struct Walk<'w> {
    but: &'w [PathBuf],
    nested: Nested,
}

impl Walk<'_> {
    fn enter(&self, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let shown = folder.display();
        let unreadable = |error: io::Error| {
            Failure::input(
                format!("the folder `{shown}` can't be read: {error}"),
                "give yourself the right to read it",
            )
        };
        let too_many = |what: &str| {
            let what = format!("`{shown}` holds too many {what}");
            Failure::call(what, "name the folder of one package")
        };
        let depth = depth.checked_sub(1).ok_or_else(|| too_many("folders inside each other"))?;
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                if !path.canonicalize().is_ok_and(|path| self.but.contains(&path)) {
                    self.check_nested(&path)?;
                    self.enter(&path, depth, found)?;
                }
            } else if kind.is_file() && path.extension().is_some_and(|found| found == "rye") {
                found.push(path);
            }
            if found.len() > SOURCE_FILES_MAX {
                return Err(too_many("`.rye` files"));
            }
        }
        Ok(())
    }

    fn check_nested(&self, folder: &Path) -> Result<(), Failure> {
        if self.nested == Nested::Entered || !folder.join(package::FILE).exists() {
            return Ok(());
        }
        let what = format!("`{}` is a package of its own", folder.display());
        Err(Failure::call(what, "name the folder of one package"))
    }
}
