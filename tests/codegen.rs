//! Golden code: each `codegen/NAME.rye` shows one construct, `NAME.ryasm` beside it
//! holds what it becomes. Whatever compiles is proved, here and for every playbook
//! that ships.
//!
//! `BLESS=1 cargo test -p rye-tests --test codegen` rewrites the `.ryasm` files.
//! Read them before they are committed: would you have written that by hand?

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken expectation fails the test")]

#[path = "worst_case.rs"]
mod worst_case;

use std::fs;
use std::path::{Path, PathBuf};

use rye_bytecode::disassemble;
use rye_compiler::{Checked, Compiled, Source, check, compile};
use rye_grammar::diagnostic::render::{Colour, to_text};
use rye_stdlib::INTERFACES;
use rye_tests::interfaces;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The `.rye` files of a folder and of those in it, by path; none if there is no folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rye") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn check_file(path: &Path) -> Checked {
    let text = fs::read_to_string(path).unwrap();
    let module = path.file_stem().unwrap().to_str().unwrap();
    let name = format!("{module}.rye");
    let own = path.parent().map(interfaces::beside).unwrap_or_default();
    let own = own.iter().map(|(module, text)| (module.as_str(), text.as_str()));
    let interface = |(module, text)| Source { module, path: module, text };
    let interfaces: Vec<Source<'_>> =
        INTERFACES.iter().copied().chain(own).map(interface).collect();
    check(&[Source { module, path: &name, text: &text }], &interfaces)
}

/// The proved module, or all that is wrong.
fn try_compile(path: &Path) -> Result<(Checked, Compiled), String> {
    let checked = check_file(path);
    let rendered = to_text(&checked.diagnostics, &checked.sources, Colour::Plain);
    match compile(&checked) {
        Ok(compiled) => Ok((checked, compiled)),
        Err(error) => Err(format!("{}: {error}\n{rendered}", path.display())),
    }
}

fn compiled(path: &Path) -> (Checked, Compiled) {
    try_compile(path).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_construct_becomes_the_code_that_was_blessed() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    let files = sources(&root().join("codegen"));
    assert!(!files.is_empty(), "no sources");
    for path in files {
        let (_, compiled) = match try_compile(&path) {
            Ok(compiled) => compiled,
            Err(error) => {
                wrong.push(error);
                continue;
            }
        };
        let found = disassemble(&compiled.module);
        let golden = path.with_extension("ryasm");
        if bless {
            fs::write(&golden, &found).unwrap();
        } else if fs::read_to_string(&golden).ok().as_deref() != Some(&found) {
            wrong.push(format!("{}\n{found}", golden.display()));
        }
    }
    assert!(wrong.is_empty(), "not as blessed:\n{}", wrong.join("\n"));
}

#[test]
fn golden_code_reads_back_as_the_module() {
    for path in sources(&root().join("codegen")) {
        let (_, compiled) = compiled(&path);
        let read = rye_bytecode::assemble(&disassemble(&compiled.module)).unwrap();
        assert_eq!(read, *compiled.module, "{}", path.display());
    }
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    for path in sources(&root().join("codegen")) {
        let bytes = || rye_bytecode::encode(&compiled(&path).1.module).unwrap();
        assert_eq!(bytes(), bytes(), "{}", path.display());
    }
}

#[test]
fn all_that_is_fine_compiles_and_both_worst_cases_agree() {
    let folders = ["codegen", "ui/right", "../playbooks"].map(|folder| root().join(folder));
    for path in folders.iter().flat_map(|folder| sources(folder)) {
        let (checked, compiled) = compiled(&path);
        let what = path.display().to_string();
        worst_case::assert_both_agree(&what, &checked.package.unwrap(), &compiled.module);
    }
}
