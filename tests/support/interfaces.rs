//! Interfaces of a site's own, as they lie beside a playbook's source.

use std::fs;
use std::path::{Path, PathBuf};

/// The interfaces of the source in `folder`: each module's name and text.
///
/// # Panics
/// When one can't be read.
pub fn beside(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&folder.join("interfaces"), "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
        let module = format!("{prefix}{stem}");
        if path.is_dir() {
            collect(&path, &format!("{module}."), found);
        } else {
            found.push((module, fs::read_to_string(&path).expect("an interface")));
        }
    }
}
