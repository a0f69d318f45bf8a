//! Habits that a program can check: a review comment made twice becomes a test.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The longest Rust file, in lines. Longer ones hold more than one job.
const FILE_LINES_MAX: usize = 800;

/// Files that are one flat table or one flat match, and may be longer.
const LONG_TABLES: &[&str] = &["bytecode/src/instruction.rs"];

/// Words that must not stand in a source file, with what to use instead.
const BANNED: &[(&str, &str)] = &[
    (concat!("FIX", "ME"), "finish it"),
    (concat!("XX", "X:"), "finish it"),
    (concat!("dbg", "!("), "tracing"),
    (concat!("#[", "ignore"), "assert what is true today and say what is wrong with it"),
    (concat!("/", "work/"), "a relative path"),
    (concat!("crates", ".io"), "the name of the package alone"),
];

/// What the pure crates must not use, with what to use instead.
const BANNED_IN_PURE: &[(&str, &str)] = &[
    ("HashMap", "BTreeMap: its order is the same everywhere"),
    ("HashSet", "BTreeSet: its order is the same everywhere"),
    ("SystemTime", "a time that is handed in"),
    ("Instant::now", "a time that is handed in"),
    ("std::thread", "nothing: the shell has the threads"),
];

/// Crates whose results follow from their arguments alone.
const PURE: &[&str] =
    &["core/src", "grammar/src", "bytecode/src", "compiler/src", "vm/src", "engine/src"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// The files that git knows or would take.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git ls-files");
    assert!(output.status.success(), "git ls-files");
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    listed.lines().map(PathBuf::from).filter(|path| root().join(path).is_file()).collect()
}

fn texts(extension: &str) -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            let text = fs::read_to_string(root().join(&path)).expect("a text");
            (path.display().to_string(), text)
        })
        .collect()
}

fn complain(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_rust_file_says_first_what_it_is_for() {
    let complaints: Vec<String> = texts("rs")
        .iter()
        .filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| format!("{path}: begin with a `//!` paragraph"))
        .collect();
    complain(&complaints);
}

#[test]
fn files_are_short_enough_to_hold_one_job() {
    let complaints: Vec<String> = texts("rs")
        .iter()
        .filter(|(path, _)| !LONG_TABLES.contains(&path.as_str()))
        .filter(|(_, text)| text.lines().count() > FILE_LINES_MAX)
        .map(|(path, text)| format!("{path}: {} lines; split it", text.lines().count()))
        .collect();
    complain(&complaints);
}

#[test]
fn no_file_is_called_mod() {
    let complaints: Vec<String> = files()
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "mod.rs"))
        .map(|path| format!("{}: use `x.rs` beside the folder `x/`", path.display()))
        .collect();
    complain(&complaints);
}

#[test]
fn no_banned_word_stands_in_a_source() {
    let mut complaints = Vec::new();
    for (path, text) in texts("rs").iter().chain(&texts("md")).chain(&texts("toml")) {
        let pure = PURE.iter().any(|pure| path.starts_with(pure));
        let banned = BANNED.iter().chain(BANNED_IN_PURE.iter().filter(|_| pure));
        for (word, instead) in banned {
            if path == "tests/tidy.rs" || path.ends_with("clippy.toml") {
                continue;
            }
            for (index, line) in text.lines().enumerate() {
                if line.contains(word) {
                    complaints.push(format!("{path}:{}: `{word}`: use {instead}", index + 1));
                }
            }
        }
    }
    complain(&complaints);
}

#[test]
fn texts_have_no_tabs_and_no_trailing_blanks() {
    let mut complaints = Vec::new();
    for (path, text) in texts("rs").iter().chain(&texts("md")).chain(&texts("toml")) {
        for (index, line) in text.lines().enumerate() {
            if line.contains('\t') || line.ends_with(' ') {
                complaints.push(format!("{path}:{}: a tab or a trailing blank", index + 1));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            complaints.push(format!("{path}: no line break at the end"));
        }
    }
    complain(&complaints);
}

#[test]
fn every_page_has_one_title_and_no_dead_link() {
    let mut complaints = Vec::new();
    for (path, text) in texts("md") {
        let mut fenced = false;
        let mut titles = 0;
        for (index, line) in text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            if fenced {
                continue;
            }
            titles += usize::from(line.starts_with("# "));
            for link in links(line) {
                let target = link.split('#').next().unwrap_or_default();
                let folder = root().join(&path).parent().expect("a folder").to_path_buf();
                if target.starts_with('/') {
                    complaints.push(format!("{path}:{}: an absolute link", index + 1));
                } else if !target.is_empty()
                    && !target.contains(':')
                    && !folder.join(target).exists()
                {
                    complaints.push(format!("{path}:{}: nothing at {target}", index + 1));
                }
            }
        }
        if titles != 1 {
            complaints.push(format!("{path}: {titles} titles"));
        }
    }
    complain(&complaints);
}

/// The targets of `[text](target)` in a line.
fn links(line: &str) -> Vec<&str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// The page on security names only tests that there are, where they are.
#[test]
fn every_abuse_case_of_the_page_is_a_test() {
    let page = fs::read_to_string(root().join("SECURITY.md")).expect("SECURITY.md");
    let sources = texts("rs");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | `"));
    let mut cases = 0;
    for (what, rest) in rows {
        let (name, places) = rest.split_once("` | ").expect("a test and its places");
        let folders: Vec<&str> = places.split('`').skip(1).step_by(2).collect();
        let is_there = |folder: &str| {
            let test = format!("fn {name}");
            let mut found = sources.iter().filter(|(path, _)| path.starts_with(folder));
            found.any(|(_, text)| text.contains(&test))
        };
        let paths = folders.iter().filter(|folder| folder.contains('/'));
        let missing: Vec<_> = paths.filter(|folder| !is_there(folder)).collect();
        assert!(missing.is_empty(), "{what}: no test `{name}` in {missing:?}");
        cases += 1;
    }
    assert!(cases > 15, "the table can't be read any more");
}
