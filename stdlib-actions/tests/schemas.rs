//! The digests in `src/schema.rs` are those of the interface files, as the
//! compiler understands them: what a bundle was built against is what the adapters
//! carry out. `BLESS=1` writes them anew.

#![expect(clippy::expect_used, reason = "a broken expectation fails the test")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use rye_compiler::{Source, check};
use rye_core::action::{ActionSignature, Verb};
use rye_core::ty::Type;
use rye_stdlib::INTERFACES;

const HEAD: &str = "\
//! What a bundle must have been built against: the digest of each verb's
//! declaration; and what a site's rules may name. Generated from the interface
//! files by `tests/schemas.rs`.

/// Every verb of the standard interfaces with the digest of its declaration, in
/// hexadecimal digits, ascending.
pub const SCHEMAS: &[(&str, &str)] = &[
";

/// The longest line.
const WIDTH: usize = 100;

/// The file as it should be.
fn expected() -> String {
    let uses: String = INTERFACES.iter().fold(String::new(), |mut text, (module, _)| {
        let _ = writeln!(text, "use {module}");
        text
    });
    let interface =
        |(module, text): &(&'static str, &'static str)| Source { module, path: module, text };
    let interfaces: Vec<Source<'_>> = INTERFACES.iter().map(interface).collect();
    let all = Source { module: "all", path: "all.rye", text: &uses };
    let checked = check(&[all], &interfaces);
    let package = checked.package.expect("the interfaces are right");
    let mut verbs: Vec<(String, String)> = package
        .actions
        .iter()
        .map(|action| (action.name.to_string(), action.schema_digest(&package.types).to_string()))
        .collect();
    verbs.sort();
    let mut text = String::from(HEAD);
    for (name, digest) in verbs {
        // As the formatter leaves it.
        let row = format!("    (\"{name}\", \"{digest}\"),");
        let row = if row.len() <= WIDTH {
            row
        } else {
            format!("    (\n        \"{name}\",\n        \"{digest}\",\n    ),")
        };
        let _ = writeln!(text, "{row}");
    }
    text.push_str("];\n");
    let is_action = |action: &&ActionSignature| action.verb == Verb::Action;
    let actions = package.actions.iter().filter(is_action).map(|action| &*action.name);
    list(
        &mut text,
        "The verbs of the standard interfaces that change something",
        "ACTIONS",
        actions,
    );
    let kinds = package.types.types().iter().filter_map(|ty| match ty {
        Type::Asset { name, .. } => Some(&**name),
        _ => None,
    });
    list(&mut text, "The kinds of assets of the standard interfaces", "KINDS", kinds);
    text
}

/// A list of names, ascending, each on a line of its own.
fn list<'a>(text: &mut String, what: &str, name: &str, names: impl Iterator<Item = &'a str>) {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let _ = writeln!(text, "\n/// {what}, ascending.\npub const {name}: &[&str] = &[");
    for name in names {
        let _ = writeln!(text, "    \"{name}\",");
    }
    text.push_str("];\n");
}

#[test]
fn the_digests_are_those_of_the_interface_files() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs");
    let expected = expected();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("the file can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "src/schema.rs is stale (BLESS=1 rewrites)");
}
