//! Golden diagnostics: each `ui/FOLDER/NAME.rye` holds one mistake and is named
//! for it; `NAME.stderr` beside it holds what the front end says, as plain text.
//!
//! `BLESS=1 cargo test -p rye-tests --test ui` rewrites the `.stderr` files.
//! Read them before they are committed: they must help a tired person at three
//! in the morning. What is in `ui/pass` must be silent.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a broken expectation fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rye_compiler::{CompileError, Source};
use rye_grammar::diagnostic::render::{Colour, to_text};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::SourceMap;

/// What the sources of a folder go through: the path and text of one, to what is said.
type Pass = fn(&str, &str) -> (Vec<Diagnostic>, SourceMap);

/// The folders: name, beginning of the codes that are shown there, what runs.
const FOLDERS: &[(&str, &str, Pass)] = &[
    ("lex", "E00", parse),
    ("parse", "E01", parse),
    ("name", "E02", check),
    ("type", "E03", check),
    ("effect", "E04", check),
    ("undo", "E05", check),
    ("limit", "E06", check),
    ("later", "E09", check),
    ("warning", "W01", check),
];

/// The folders whose sources say nothing: of the whole language, and of what is compiled.
const SILENT: &[(&str, Pass)] = &[("pass", parse), ("right", check)];

/// Codes of which an example would be too long to read. Unit tests of `rye-grammar` show the
/// first two, a source in `ui/limit` the last.
const TOO_LONG_FOR_A_FILE: &[Code] =
    &[Code::SourceTooLong, Code::TooManyMistakes, Code::BodyTooLarge];

fn parse(path: &str, text: &str) -> (Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::new();
    let file = sources.add(path, text);
    (rye_grammar::parse(file, text).diagnostics, sources)
}

/// The whole way to proved bytecode, as `ryec check` goes it, with the standard interfaces.
fn check(path: &str, text: &str) -> (Vec<Diagnostic>, SourceMap) {
    let interfaces: Vec<Source<'_>> = rye_stdlib::INTERFACES
        .iter()
        .map(|(module, text)| Source { module, path: module, text })
        .collect();
    let checked = rye_compiler::check(&[Source { module: "playbook", path, text }], &interfaces);
    assert_eq!(checked.package.is_none(), checked.diagnostics.iter().any(Diagnostic::is_error));
    match rye_compiler::compile(&checked) {
        Ok(_) => (checked.diagnostics, checked.sources),
        Err(CompileError::Diagnostics(diagnostics)) => (diagnostics, checked.sources),
        Err(error) => panic!("{path}: {error}"),
    }
}

/// The `.rye` files of a folder, by name.
fn sources(folder: &str) -> Vec<PathBuf> {
    files(folder, "rye")
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui").join(folder);
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// What is said about one source, as its golden file holds it.
fn run(pass: Pass, folder: &str, path: &Path) -> (Vec<Diagnostic>, String) {
    let text = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let (diagnostics, sources) = pass(&format!("{folder}/{name}"), &text);
    let rendered = to_text(&diagnostics, &sources, Colour::Plain);
    (diagnostics, rendered)
}

#[test]
fn every_mistake_is_explained_as_blessed() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for (folder, _, pass) in FOLDERS {
        for path in sources(folder) {
            let (_, said) = run(*pass, folder, &path);
            let golden = path.with_extension("stderr");
            if bless {
                fs::write(&golden, &said).unwrap();
            }
            let expected = fs::read_to_string(&golden).unwrap_or_default();
            if said != expected {
                wrong.push(format!("--- {}\n{expected}\n+++ found\n{said}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n(BLESS=1 rewrites)", wrong.join("\n"));
}

#[test]
fn every_source_with_a_mistake_is_refused() {
    for (folder, codes, pass) in FOLDERS {
        for path in sources(folder) {
            let (diagnostics, said) = run(*pass, folder, &path);
            assert!(
                diagnostics.iter().any(|found| found.code.number().starts_with(codes)),
                "{}: no {codes}xx in\n{said}",
                path.display()
            );
        }
    }
}

#[test]
fn what_is_right_is_silent() {
    for (folder, pass) in SILENT {
        for path in sources(folder) {
            let (_, said) = run(*pass, folder, &path);
            assert!(said.is_empty(), "{}\n{said}", path.display());
        }
    }
}

#[test]
fn every_code_of_these_passes_has_a_source() {
    let mut shown: BTreeSet<Code> = TOO_LONG_FOR_A_FILE.iter().copied().collect();
    for (folder, _, pass) in FOLDERS {
        for path in sources(folder) {
            shown.extend(run(*pass, folder, &path).0.iter().map(|found| found.code));
        }
    }
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| FOLDERS.iter().any(|(_, codes, _)| code.number().starts_with(codes)))
        .filter(|code| !shown.contains(code))
        .map(|code| code.number())
        .collect();
    assert!(missing.is_empty(), "no source in tests/ui shows {missing:?}");
}

/// The Rye blocks of a page behind a headline.
fn examples(page: &str, headline: &str) -> Vec<String> {
    let section = page.split("\n## ").find_map(|part| part.strip_prefix(headline)).unwrap_or("");
    section
        .split("```rye\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_examples_of_every_page_are_wrong_and_right_as_they_say() {
    for (_, codes, pass) in FOLDERS {
        for code in Code::ALL.iter().filter(|code| code.number().starts_with(codes)) {
            let say = |text: &str| pass(&format!("{code}.md"), text).0;
            for wrong in examples(code.page(), "Wrong\n") {
                let found = say(&wrong);
                let told = found.iter().any(|found| found.code == *code);
                assert!(told || TOO_LONG_FOR_A_FILE.contains(code), "{code}: {found:?}\n{wrong}");
            }
            for right in examples(code.page(), "Right\n") {
                assert_eq!(say(&right), [], "{code}\n{right}");
            }
        }
    }
}

#[test]
fn no_golden_file_is_left_over() {
    for (folder, ..) in FOLDERS {
        for golden in files(folder, "stderr") {
            let source = golden.with_extension("rye");
            assert!(source.exists(), "{} has no source", golden.display());
        }
    }
    for (folder, _) in SILENT {
        assert!(files(folder, "stderr").is_empty(), "what passes says nothing");
    }
}
