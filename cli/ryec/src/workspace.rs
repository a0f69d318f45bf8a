//! The sources of a package and the interfaces beside them.
//!
//! A file is a module, called as its path below the folder, with dots: `net/lists.rye`
//! is `net.lists`. The files in interface folders are modules too; they are looked at as
//! far as somebody uses them. Such folders are `interfaces` beside the sources, those
//! that `rye.toml` names, and the one that the caller names.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use rye_compiler::{Checked, CompileError, Compiled, Source};
use rye_grammar::diagnostic::Diagnostic;
use rye_grammar::span::SourceMap;
use rye_stdlib::binding::interface::RESERVED;

use crate::failure::Failure;
use crate::package::{self, Package};
use crate::source_files::{self, Nested};
use crate::{file, output};

/// The folder of interfaces beside the sources.
const INTERFACES_FOLDER: &str = "interfaces";

/// Where the sources are, as the caller says it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// A `.rye` file, or a folder with all its `.rye` files.
    pub(crate) path: PathBuf,
    /// A folder with interfaces of the site's own actions, besides the folder
    /// `interfaces` beside the sources and those that `rye.toml` names.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) interfaces: Option<PathBuf>,
}

/// The sources of a package, read.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// What the caller named.
    named: PathBuf,
    /// What its `rye.toml` says, if it has one.
    package: Option<Package>,
    files: Vec<SourceFile>,
    /// Of the folders of interfaces.
    interfaces: Vec<SourceFile>,
}

#[derive(Debug)]
struct SourceFile {
    module: String,
    /// Where it can be opened.
    opened: PathBuf,
    /// Below the root, with slashes: the same wherever the package lies.
    path: String,
    text: String,
}

impl Workspace {
    /// What the package says of itself.
    pub(crate) fn package(&self) -> Option<&Package> {
        self.package.as_ref()
    }

    /// What people call it: its bundle's name, else that of what the caller named.
    pub(crate) fn title(&self) -> String {
        if let Some(package) = &self.package {
            return package.name.as_str().to_owned();
        }
        let path = self.named.canonicalize().unwrap_or_else(|_| self.named.clone());
        path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// The names of the site's own interfaces.
    pub(crate) fn interfaces(&self) -> impl Iterator<Item = &str> {
        self.interfaces.iter().map(|file| file.module.as_str())
    }

    /// Checks the sources against the standard interfaces and the package's own.
    pub(crate) fn check(&self) -> Checked {
        let sources: Vec<Source<'_>> = self
            .files
            .iter()
            .map(|file| Source { module: &file.module, path: &file.path, text: &file.text })
            .collect();
        self.check_sources(&sources)
    }

    /// Checks one of the interfaces, and what it uses.
    pub(crate) fn check_interface(&self, module: &str) -> Checked {
        let text = format!("use {module}\n");
        self.check_sources(&[Source { module: "interface", path: "interface", text: &text }])
    }

    fn check_sources(&self, sources: &[Source<'_>]) -> Checked {
        let standard = rye_stdlib::INTERFACES.iter().map(|(module, text)| Source {
            module,
            path: module,
            text,
        });
        let own = self.interfaces.iter().map(|file| {
            // Where the folder lies says nothing to who reads the bundle.
            Source { module: &file.module, path: &file.module, text: &file.text }
        });
        let interfaces: Vec<Source<'_>> = standard.chain(own).collect();
        rye_compiler::check(sources, &interfaces)
    }

    /// The files of a check under the paths that the caller can open.
    pub(crate) fn openable(&self, checked: &Checked) -> SourceMap {
        let mut map = SourceMap::new();
        for (index, (_, file)) in checked.sources.files().enumerate() {
            // The sources come first, in order; the standard interfaces have no file.
            let interface = || self.interfaces.iter().find(|own| own.module == file.name());
            let name = match self.files.get(index).or_else(interface) {
                Some(own) => own.opened.display().to_string(),
                None => file.name().to_owned(),
            };
            map.add(name, file.text());
        }
        map
    }
}

/// The sources at a place: one file, or all `.rye` files of a folder in the order of
/// their names.
pub(crate) fn read(place: &Place) -> Result<Workspace, Failure> {
    let path = place.path.as_path();
    let help = "name a `.rye` file, or a folder that holds some";
    let shown = path.display();
    let kind = fs::metadata(path)
        .map_err(|error| Failure::call(format!("`{shown}` can't be read: {error}"), help))?;
    if kind.is_file() {
        if let Some(workspace) = read_around(place)? {
            return Ok(workspace);
        }
        let root = path.parent().unwrap_or(Path::new(""));
        let files = vec![source(root, path)?];
        let interfaces = interfaces(&folders(place, root, &[]), &files)?;
        return Ok(Workspace { named: path.to_owned(), package: None, files, interfaces });
    }
    if !kind.is_dir() {
        // A pipe would be waited for.
        return Err(Failure::call(format!("`{shown}` is neither a file nor a folder"), help));
    }
    let package = package::load(path)?;
    let named = package.as_ref().map_or(&[][..], |package| &package.interfaces);
    let folders = folders(place, path, named);
    let files = modules(path, &folders)?;
    if files.is_empty() {
        return Err(Failure::call(format!("`{shown}` holds no `.rye` file"), help));
    }
    let interfaces = interfaces(&folders, &files)?;
    Ok(Workspace { named: path.to_owned(), package, files, interfaces })
}

/// The package that a file belongs to, if it is one of its modules: a file of a package
/// means what it means there.
fn read_around(place: &Place) -> Result<Option<Workspace>, Failure> {
    let Some(folder) = package::folder_of(&place.path) else { return Ok(None) };
    let whole = read(&Place { path: folder, interfaces: place.interfaces.clone() })?;
    let same =
        |file: &SourceFile| file.opened.canonicalize().ok() == place.path.canonicalize().ok();
    Ok(whole.files.iter().any(same).then_some(whole))
}

/// The interfaces in a folder alone.
pub(crate) fn read_interfaces(folder: &Path) -> Result<Workspace, Failure> {
    let (named, folders) = (folder.to_owned(), [folder.to_owned()]);
    let interfaces = interfaces(&folders, &[])?;
    Ok(Workspace { named, package: None, files: Vec::new(), interfaces })
}

/// The folders of interfaces for sources below `root`, each once.
fn folders(place: &Place, root: &Path, named: &[PathBuf]) -> Vec<PathBuf> {
    let beside = Some(root.join(INTERFACES_FOLDER)).filter(|folder| folder.is_dir());
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in place.interfaces.iter().chain(named).cloned().chain(beside) {
        let same = |other: &PathBuf| {
            *other == folder || other.canonicalize().ok() == folder.canonicalize().ok()
        };
        if !folders.iter().any(same) {
            folders.push(folder);
        }
    }
    folders
}

/// The interfaces in `folders`, beside the sources `files`.
fn interfaces(folders: &[PathBuf], files: &[SourceFile]) -> Result<Vec<SourceFile>, Failure> {
    let mut interfaces: Vec<SourceFile> = Vec::new();
    for folder in folders {
        if !folder.is_dir() {
            let what = format!("there is no folder `{}`", folder.display());
            let help = "name the folder that holds the site's `.rye` interfaces";
            return Err(Failure::call(what, help));
        }
        for file in modules(folder, &[])? {
            taken(&file, files, &interfaces)?;
            interfaces.push(file);
        }
    }
    Ok(interfaces)
}

/// The `.rye` files of a folder in the order of their names, without those of the
/// folders in `but`.
fn modules(folder: &Path, but: &[PathBuf]) -> Result<Vec<SourceFile>, Failure> {
    let but: Vec<PathBuf> = but.iter().filter_map(|one| one.canonicalize().ok()).collect();
    let found = source_files::below(folder, &but, Nested::Refused)?;
    found.iter().map(|file| source(folder, file)).collect()
}

/// Refuses an interface whose module is there already.
fn taken(
    file: &SourceFile,
    files: &[SourceFile],
    interfaces: &[SourceFile],
) -> Result<(), Failure> {
    let module = &file.module;
    let known = files.iter().chain(interfaces).find(|other| other.module == *module);
    let Some(known) = known else { return Ok(()) };
    let (file, first) = (file.opened.display(), known.opened.display());
    let what = format!("`{file}` is the module `{module}`, and so is {first}");
    Err(Failure::input(what, "rename one of them: a module is called as its file"))
}

/// The proved code of the sources. Diagnostics are printed, unless the
/// output is for programs.
pub(crate) fn compile(workspace: &Workspace, quiet: bool) -> Result<Compiled, Failure> {
    prove(workspace, &workspace.check(), quiet)
}

/// What sources mean, and the texts that the spans of their tree are in.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) package: rye_compiler::hir::Package,
    pub(crate) sources: SourceMap,
    /// So many of them, the first ones, are the package's own.
    pub(crate) own: u32,
}

/// What the sources mean. Diagnostics are printed, unless the output is for programs.
pub(crate) fn typed(workspace: &Workspace, quiet: bool) -> Result<Typed, Failure> {
    let checked = workspace.check();
    prove(workspace, &checked, quiet)?;
    let Checked { package, sources, .. } = checked;
    let package = package.ok_or_else(|| {
        Failure::input("the sources became no package", "send the sources with your report")
    })?;
    Ok(Typed { package, sources, own: u32::try_from(workspace.files.len()).unwrap_or(u32::MAX) })
}

fn prove(workspace: &Workspace, checked: &Checked, quiet: bool) -> Result<Compiled, Failure> {
    let show = |diagnostics: &[Diagnostic]| {
        if !quiet {
            output::diagnostics(diagnostics, &workspace.openable(checked));
        }
    };
    match rye_compiler::compile(checked) {
        Ok(compiled) => {
            show(&checked.diagnostics);
            Ok(compiled)
        }
        Err(CompileError::Diagnostics(diagnostics)) => {
            show(&diagnostics);
            let help = format!("`ryec check {}` says which", file::word(&workspace.named));
            Err(Failure::input("the sources have mistakes", help))
        }
        Err(error @ (CompileError::LeftOut { .. } | CompileError::Unproved(_))) => {
            Err(Failure::input(error.to_string(), "send the sources with it, if you may"))
        }
    }
}

fn source(root: &Path, path: &Path) -> Result<SourceFile, Failure> {
    let shown = path.display();
    let parts = parts(root, path).ok_or_else(|| {
        Failure::input(
            format!("`{shown}` has a name that no module can have"),
            "use letters, digits and `_` in the names of files and folders, and letters first",
        )
    })?;
    if parts.first().is_some_and(|first| first == RESERVED) {
        let what = format!("`{shown}`: modules that begin with `{RESERVED}` are Rye's own");
        return Err(Failure::input(what, "call it otherwise, such as `site`"));
    }
    let text = source_files::read(path)?;
    let below = format!("{}.rye", parts.join("/"));
    Ok(SourceFile { module: parts.join("."), opened: path.to_owned(), path: below, text })
}

/// `net/lists.rye` → `net`, `lists`; `None` if one of them is no name.
fn parts(root: &Path, path: &Path) -> Option<Vec<String>> {
    let below = path.strip_prefix(root).ok()?.with_extension("");
    let mut parts = Vec::new();
    for part in below.components() {
        let part = part.as_os_str().to_str()?;
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if !part.chars().all(fits) || part.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        parts.push(part.to_owned());
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_called_as_its_file() {
        let name = |path: &str| parts(Path::new("root"), Path::new(path)).map(|one| one.join("."));
        assert_eq!(name("root/net/lists.rye").as_deref(), Some("net.lists"));
        assert_eq!(name("root/playbook.rye").as_deref(), Some("playbook"));
        assert_eq!(name("root/a-b.rye"), None);
        assert_eq!(name("root/1st.rye"), None);
        assert_eq!(name("elsewhere/a.rye"), None);
    }
}
