//! `rye.toml`, at the top of a package's folder: what the package is called, and which
//! interfaces it uses besides the standard ones.

use std::path::{Component, Path, PathBuf};

use rye_bundle::name::{BundleName, Label};
use rye_core::limit::{INTERFACE_FOLDERS_MAX, PACKAGE_FILE_BYTES_MAX};
use toml::de::DeTable;

use crate::failure::{Failure, Mistake};
use crate::toml_file::{self, Walk};

/// What the file is called.
pub(crate) const FILE: &str = "rye.toml";

/// What may stand in it.
const KNOWN: &[&str] = &["name", "version", "display_version", "interfaces"];

/// What a package says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// What its bundle is called.
    pub(crate) name: BundleName,
    /// Counts up from 1.
    pub(crate) version: u64,
    /// The version as people call it.
    pub(crate) display_version: Option<Label>,
    /// Folders whose files are interfaces, as they can be opened from here.
    pub(crate) interfaces: Vec<PathBuf>,
}

/// The folder of the package around the file at `file`: the nearest above it that has a
/// `rye.toml`.
pub(crate) fn folder_of(file: &Path) -> Option<PathBuf> {
    let mut folder = beside(file);
    loop {
        if folder.join(FILE).is_file() {
            return Some(folder);
        }
        folder.canonicalize().ok()?.parent()?;
        folder = match folder.components().next_back() {
            Some(Component::Normal(_)) => beside(&folder),
            _ => folder.join(".."),
        };
    }
}

/// The folder that a path names something in.
fn beside(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// What the package in `folder` says of itself; nothing if it has no `rye.toml`.
pub(crate) fn load(folder: &Path) -> Result<Option<Package>, Failure> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let text = toml_file::text(&path, PACKAGE_FILE_BYTES_MAX)?;
    let package = read(&text, folder).map_err(|mistakes| toml_file::wrong(&path, mistakes))?;
    Ok(Some(package))
}

fn read(text: &str, folder: &Path) -> Result<Package, Vec<Mistake>> {
    let (root, mut walk) = Walk::begin(text, KNOWN)?;
    let root = root.get_ref();
    let name = name(&mut walk, root);
    let version = version(&mut walk, root);
    let display_version = display_version(&mut walk, root);
    let interfaces = interfaces(&mut walk, root, folder);
    match (walk.is_fine(), name, version) {
        (true, Some(name), Some(version)) => {
            Ok(Package { name, version, display_version, interfaces })
        }
        _ => Err(walk.into_mistakes()),
    }
}

fn name(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<BundleName> {
    let help = "write what its bundle is called, such as `name = \"soc/contain_scanner\"`";
    let found = walk.required(root, "", "name", "\"contain_scanner\"")?;
    let text = walk.text(found, "name", help)?;
    walk.name("name", BundleName::new(text), help)
}

fn version(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<u64> {
    let help = "write `version = 1`, and count up by one with each bundle that is signed";
    let found = walk.required(root, "", "version", "1")?;
    let version: u64 = walk.number(found, "version", help)?;
    if version == 0 {
        walk.wrong("version", "expected 1 or more, found 0", help);
    }
    Some(version)
}

fn display_version(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<Label> {
    let help = "write the version as people call it, such as `display_version = \"1.4.0\"`";
    let found = root.get("display_version")?;
    let text = walk.text(found, "display_version", help)?;
    walk.name("display_version", Label::new(text), help)
}

fn interfaces(walk: &mut Walk<'_>, root: &DeTable<'_>, folder: &Path) -> Vec<PathBuf> {
    let help = "list folders, as they are seen from here: `interfaces = [\"../our_actions\"]`";
    let Some(found) = root.get("interfaces") else { return Vec::new() };
    let texts = walk.texts(found, "interfaces", help).unwrap_or_default();
    if texts.len() > INTERFACE_FOLDERS_MAX {
        let problem = format!("expected at most {INTERFACE_FOLDERS_MAX}, found {}", texts.len());
        walk.wrong("interfaces", problem, "put several interfaces into one folder");
    }
    let mut folders: Vec<PathBuf> = Vec::with_capacity(texts.len());
    for (path, text) in texts {
        let interface = folder.join(text);
        if Path::new(text).is_absolute() {
            walk.wrong(&path, "this path begins at the root of the machine", help);
        } else if !interface.is_dir() {
            walk.wrong(&path, format!("there is no folder `{}`", text.escape_debug()), help);
        } else if folders.contains(&interface) {
            walk.wrong(&path, "this folder stands here twice", "drop one of them");
        } else {
            folders.push(interface);
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let mistakes = read(text, Path::new(".")).map(|_| ()).unwrap_err();
        mistakes
            .iter()
            .map(|one| {
                let (line, _) = one.at.unwrap_or_default();
                format!("{line} {}: {}", one.option, one.problem)
            })
            .collect()
    }

    #[test]
    fn a_package_says_its_name_and_version() {
        let package =
            read("name = \"soc/block\"\nversion = 3\ninterfaces = [\"src\"]\n", Path::new("."));
        let package = package.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        assert_eq!((package.name.as_str(), package.version), ("soc/block", 3));
        assert_eq!(package.interfaces, [Path::new("./src")]);
    }

    #[test]
    fn every_mistake_has_its_line() {
        assert_eq!(mistakes("name = \"block\"\n"), ["0 version: it is missing"]);
        let text = "name = \"Block it\"\nversion = 0\nauthor = \"ann\"\ninterfaces = [\n  \"src\",\n  \
                    \"nowhere\",\n  \"/etc\",\n  \"src\",\n]\n";
        let found = mistakes(text);
        let lines: Vec<&str> = found.iter().filter_map(|one| one.split(' ').next()).collect();
        assert_eq!(lines, ["1", "2", "3", "6", "7", "8"], "{found:#?}");
        assert_eq!(mistakes("name = block\n").len(), 1);
    }
}
