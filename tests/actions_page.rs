//! The reference page of the standard actions, queries and notices is what their
//! interface files say. `BLESS=1 cargo test -p rye-tests --test actions_page`
//! rewrites it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rye_stdlib::INTERFACES;

const INTRODUCTION: &str = "\
# Standard actions

What a playbook can `do`, `ask` and `tell` with what ships, as the interface files declare it. Each module is
known after a `use`, such as `use std.firewall`; the assets of `std.asset` are known everywhere. What each clause
means: [the language](language.md).
";

/// A module's page: its own words, then each declaration behind its words.
fn section(page: &mut String, module: &str, text: &str) {
    let _ = write!(page, "\n## `{module}`\n\n");
    let (mut words, mut code) = (String::new(), String::new());
    for line in text.lines().chain([""]) {
        if let Some(word) = line.strip_prefix("//!") {
            let _ = writeln!(page, "{}", word.trim());
        } else if let Some(word) = line.strip_prefix("///") {
            let _ = writeln!(words, "{}", word.trim());
        } else if !line.is_empty() && !line.starts_with("use ") {
            let _ = writeln!(code, "{line}");
        } else if !code.is_empty() {
            let _ = write!(page, "\n{}\n```rye,interface\n{code}```\n", words.trim_end());
            (words, code) = (String::new(), String::new());
        }
    }
}

#[test]
fn the_page_says_what_the_interfaces_say() {
    let mut page = String::from(INTRODUCTION);
    for (module, text) in INTERFACES {
        section(&mut page, module, text);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/actions.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "stale: BLESS=1 cargo test -p rye-tests --test actions_page");
}
