//! The formatter's laws, over every source of the repository, over random programs, and over
//! both with comments and line breaks wherever some can stand; and the sources that are shown
//! to people are in the style.

#![expect(clippy::expect_used, reason = "a broken expectation fails the test")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use rye_fuzz::tree;
use rye_grammar::format::format;
use rye_grammar::parse;
use rye_grammar::span::FileId;
use rye_reference::generator::generate;

/// What people see first: all of it must be in the style.
const SHOWN: &[&str] = &["playbooks/", "stdlib-actions/interface/", "cli/ryec/template/"];

/// The playbook around statements that a page shows.
const AROUND: (&str, &str) = ("playbook example() {\n", "}\n");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The files of the repository that end so, with their texts.
fn files(ending: &str) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git ls-files");
    String::from_utf8(listed.stdout)
        .expect("paths are UTF-8")
        .lines()
        .filter(|path| path.ends_with(ending) && root().join(path).is_file())
        .filter_map(|path| Some((path.to_owned(), fs::read_to_string(root().join(path)).ok()?)))
        // What `ryec new` puts a name into.
        .map(|(path, text)| (path, text.replace("{{name}}", "example")))
        .collect()
}

fn formatted(source: &str) -> Option<String> {
    format(FileId::default(), source).ok()
}

/// Follows a source through its texts, whose holes may contain others.
#[derive(Default)]
struct Texts {
    /// The texts that are open, each with the braces that are open in its hole, if it is
    /// in one.
    open: Vec<Option<usize>>,
    escaped: bool,
}

impl Texts {
    /// One character more; whether it stands in a text.
    fn contain(&mut self, character: char) -> bool {
        let was_open = !self.open.is_empty();
        let is_escaped = core::mem::take(&mut self.escaped);
        match (self.open.last_mut(), character) {
            (Some(None), _) if is_escaped => {}
            (Some(None), '\\') => self.escaped = true,
            (Some(None), '"') => drop(self.open.pop()),
            (Some(hole @ None), '{') => *hole = Some(0),
            (Some(hole @ Some(0)), '}') => *hole = None,
            (Some(Some(braces)), '{') => *braces += 1,
            (Some(Some(braces)), '}') => *braces -= 1,
            (Some(Some(_)) | None, '"') => self.open.push(None),
            _ => {}
        }
        was_open || !self.open.is_empty()
    }
}

/// The comments of a source, in order.
fn comments(source: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let mut texts = Texts::default();
        let mut before = ' ';
        for (at, character) in line.char_indices() {
            let in_text = texts.contain(character);
            if character == '/' && before == '/' && !in_text {
                return Some(line.get(at - 1..)?.trim_end().to_owned());
            }
            before = character;
        }
        None
    };
    source.lines().filter_map(of_line).collect()
}

/// The laws for one source that can be read.
fn check(place: &str, source: &str) -> Result<(), String> {
    let Some(once) = formatted(source) else {
        return Err(format!("{place}: can't be read:\n{source}"));
    };
    let of = |text: &str| tree(text).ok_or(format!("{place}: can't be read:\n{text}"));
    let twice = formatted(&once).ok_or(format!("{place}: can't be read again:\n{once}"))?;
    for (law, before, after) in [
        ("formatting again changes nothing", once.clone(), twice),
        ("the tree is the same", of(source)?, of(&once)?),
        ("comments are kept", comments(source).join("\n"), comments(&once).join("\n")),
    ] {
        if before != after {
            return Err(format!(
                "{place}: {law}\n{source}\n---\n{once}\n--- {before}\n--- {after}"
            ));
        }
    }
    Ok(())
}

/// A source with a comment of its own line, or behind what is there, at each line break.
fn commented(source: &str, behind: bool) -> String {
    let mut text = String::new();
    for (number, line) in source.lines().enumerate() {
        let sits_behind = behind && !line.trim().is_empty() && comments(line).is_empty();
        let gap = if sits_behind { " " } else { "\n\n\n" };
        write!(text, "{line}{gap}// comment {number}\n\n").expect("a text");
    }
    text
}

#[test]
fn every_source_keeps_what_it_says() {
    let mut seen = 0;
    for (path, source) in files(".rye") {
        if formatted(&source).is_none() {
            continue;
        }
        seen += 1;
        for variant in [source.clone(), commented(&source, false), commented(&source, true)] {
            check(&path, &variant).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
    assert!(seen > 200, "only {seen} sources can be read");
}

#[test]
fn a_source_with_mistakes_is_refused_with_them() {
    let source = "playbook p( {\n";
    let refused = format(FileId::default(), source).expect_err("it is no playbook");
    assert_eq!(refused, parse(FileId::default(), source).diagnostics);
}

#[test]
fn what_is_shown_to_people_is_in_the_style() {
    let mut wrong = String::new();
    let shown =
        files(".rye").into_iter().filter(|(path, _)| SHOWN.iter().any(|on| path.starts_with(on)));
    for (path, source) in shown.chain(blocks()) {
        match formatted(&source) {
            Some(text) if text == source => {}
            Some(text) => wrong.extend([path, ": in the style it is\n".into(), text]),
            None => wrong.extend([path, ": can't be read\n".into(), source]),
        }
    }
    assert!(wrong.is_empty(), "`ryec fmt` would change these:\n{wrong}");
}

/// The blocks of Rye in the pages, as whole files.
fn blocks() -> Vec<(String, String)> {
    let pages = files(".md").into_iter().filter(|(path, _)| {
        path == "README.md" || path.starts_with("docs/") || path.starts_with("playbooks/")
    });
    let mut found = Vec::new();
    for (path, page) in pages {
        let mut lines = page.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let Some(fence) = line.trim_start().strip_prefix("```") else { continue };
            let block: String = lines
                .by_ref()
                .map(|(line, _)| line)
                .take_while(|line| !line.trim_start().starts_with("```"))
                .fold(String::new(), |block, line| block + line + "\n");
            let (kind, says) = fence.split_once(' ').unwrap_or((fence, ""));
            let source = match kind {
                "rye,body" => around(&block),
                "rye" | "rye,items" | "rye,interface" => block,
                other if other.starts_with("rye,interface:") => block,
                _ => continue,
            };
            // An example of a mistake may be one that can't be read.
            if !says.starts_with("fails") || formatted(&source).is_some() {
                found.push((format!("{path}:{number}"), source));
            }
        }
    }
    found
}

/// Statements in a playbook.
fn around(statements: &str) -> String {
    let mut text = String::from(AROUND.0);
    for line in statements.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        writeln!(text, "{indent}{line}").expect("a text");
    }
    text + AROUND.1
}

/// A source with other gaps: `choices` say what stands in the place of each blank and line
/// break outside of texts.
fn scattered(source: &str, choices: &[u8]) -> String {
    let mut text = String::new();
    let mut texts = Texts::default();
    for (at, character) in source.chars().enumerate() {
        let in_text = texts.contain(character);
        let choice = choices.get(at % choices.len().max(1)).copied().unwrap_or(0);
        match choice {
            _ if in_text || !character.is_whitespace() => text.push(character),
            0..150 => text.push(' '),
            150..190 => text.push('\n'),
            190..210 => text.push_str("\n\n\n"),
            210..235 => writeln!(text, " // behind {at}").expect("a text"),
            235.. => writeln!(text, "\n// before {at}").expect("a text"),
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_keep_what_they_say(
        genes in proptest::collection::vec(any::<u8>(), 0..300),
        choices in proptest::collection::vec(any::<u8>(), 1..400),
    ) {
        let source = generate(&genes).source;
        for variant in [source.clone(), scattered(&source, &choices)] {
            check("random", &variant).map_err(TestCaseError::fail)?;
        }
    }
}
