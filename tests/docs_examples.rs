//! What the pages show is true: every block of Rye in them is compiled, every
//! value that they name is computed by the machine, every input is decoded.
//!
//! The word behind the fence says what a block is:
//!
//! | fence | the block is |
//! | --- | --- |
//! | `rye` | a whole file, about which nothing is said |
//! | `rye,items` | declarations, beside the `use` lines of [`USES`] and a playbook |
//! | `rye,body` | statements of the playbook [`PLAYBOOK`] |
//! | `rye,values` | an expression a line; behind `//` what a hole shows of it |
//! | `rye,syntax` | a form, with words in capitals: not compiled |
//! | `rye,interface` | a declaration of an interface that ships: compiled there |
//! | `rye,interface:MODULE` | an interface of a site's own, which the whole files may use |
//! | `json,input` | an input of the last whole file before it |
//!
//! `fails E0301` behind it: exactly that is found, and first; `warns W0104` likewise.

#![expect(clippy::expect_used, clippy::panic, reason = "a broken expectation fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rye_compiler::{CompileError, Compiled, Source, check, compile};
use rye_core::id::RunId;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::value::Time;
use rye_grammar::diagnostic::render::{Colour, to_text};
use rye_vm::{Machine, Program, Stack, Start, Yield};

/// What a fragment may use.
const USES: &str = "use std.clock\nuse std.firewall\nuse std.notify\n";

/// The playbook around statements.
const PLAYBOOK: &str = "playbook example(address: Address, network: Network, user: Account, \
                        ips: List<Ip>, name: Text, number: Int, perhaps: Int?)";

/// Its head: wide enough for every example.
const HEAD: &str = "severity high deadline 12h on failure hold\n\
                    limit Address 50 limit Network 256";

/// An input of it.
const INPUT: &str = r#"{"address": "203.0.113.7", "network": "203.0.113.0/24", "user": "ann",
    "ips": ["203.0.113.7", "203.0.113.9", "2001:db8::1"], "name": "Ann", "number": 7}"#;

/// What is said of every fragment: names that nobody reads, limits that nothing needs.
const OF_FRAGMENTS: [&str; 2] = ["W0101", "W0105"];

/// What the kind of a block begins with that declares a site's own verbs.
const INTERFACE: &str = "rye,interface:";

/// A block of a page.
struct Block {
    place: String,
    /// `rye`, `rye,body`, …
    kind: String,
    /// The code that is found, if any is.
    code: Option<String>,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Every block of the pages whose fence says that it is shown here.
fn blocks() -> Vec<Block> {
    let root = root();
    let mut paths = vec![root.join("README.md")];
    pages(&root.join("docs"), &mut paths);
    pages(&root.join("playbooks"), &mut paths);
    let mut found = Vec::new();
    for path in paths {
        let page = fs::read_to_string(&path).expect("a page");
        let shown = path.strip_prefix(&root).expect("a page of ours").display().to_string();
        let mut open: Option<Block> = None;
        for (line, number) in page.lines().zip(1..) {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => found.extend(open.take()),
                (Some(fence), None) => {
                    let mut words = fence.splitn(3, ' ');
                    let kind = words.next().unwrap_or_default().to_string();
                    let verb = words.next();
                    let known = verb.is_none_or(|verb| ["fails", "warns"].contains(&verb));
                    assert!(known, "{shown}:{number}: what is `{fence}`?");
                    let code = words.next().map(String::from);
                    let place = format!("{shown}:{number}");
                    open = Some(Block { place, kind, code, text: String::new() });
                }
                (None, Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{shown}: a block without an end");
    }
    found.retain(|block| {
        let language = block.kind.split(',').next();
        language == Some("rye") || block.kind == "json,input"
    });
    found
}

/// The file that a block stands for.
fn source(block: &Block) -> String {
    match block.kind.as_str() {
        "rye" => block.text.clone(),
        "rye,items" => format!("{USES}{}\nplaybook other() {{ {HEAD} }}\n", block.text),
        "rye,body" => format!("{USES}{PLAYBOOK} {{ {HEAD}\n{}}}\n", block.text),
        other => match other.strip_prefix(INTERFACE) {
            Some(module) => format!("use {module}\n"),
            None => panic!("{}: what is a block of `{other}`?", block.place),
        },
    }
}

/// The interfaces of a site's own that the pages show, by their modules.
fn own_interfaces() -> &'static [(String, String)] {
    static INTERFACES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    INTERFACES.get_or_init(|| {
        let module = |block: &Block| Some(block.kind.strip_prefix(INTERFACE)?.to_string());
        blocks().into_iter().filter_map(|block| Some((module(&block)?, block.text))).collect()
    })
}

/// What is said about a source: its code, and all of it as people read it.
fn compiled(text: &str) -> (Option<Compiled>, Vec<String>, String) {
    let own = own_interfaces().iter().map(|(module, text)| (module.as_str(), text.as_str()));
    let interfaces: Vec<Source<'_>> = rye_stdlib::INTERFACES
        .iter()
        .copied()
        .chain(own)
        .map(|(module, text)| Source { module, path: module, text })
        .collect();
    let checked = check(&[Source { module: "example", path: "example", text }], &interfaces);
    let (compiled, found) = match compile(&checked) {
        Ok(compiled) => (Some(compiled), checked.diagnostics),
        Err(CompileError::Diagnostics(found)) => (None, found),
        Err(error) => {
            return (None, vec![String::from("a mistake in the compiler")], error.to_string());
        }
    };
    let codes = found.iter().map(|one| one.code.number().to_string()).collect();
    (compiled, codes, to_text(&found, &checked.sources, Colour::Plain))
}

fn machine(compiled: Compiled, input: &str) -> Result<Machine, String> {
    let program: Arc<Program> = Program::new(compiled.module);
    let settings = program.module().settings.iter().map(|one| one.default.clone()).collect();
    let facts = Start {
        run: RunId([7; 16]),
        started: Time::parse("2026-03-01T09:30:00Z").expect("a time"),
        starter: "test".into(),
        settings,
        fuel: RUN_FUEL_MAX,
        memory: RUN_MEMORY_BYTES_MAX,
    };
    Machine::start(program, 0, input.as_bytes(), facts).map_err(|error| error.to_string())
}

#[test]
fn every_block_compiles_or_fails_as_it_says() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for block in blocks() {
        if matches!(
            block.kind.as_str(),
            "rye,syntax" | "rye,interface" | "rye,values" | "json,input"
        ) {
            continue;
        }
        seen += 1;
        let (compiled, mut codes, said) = compiled(&source(&block));
        if block.kind != "rye" {
            codes.retain(|code| !OF_FRAGMENTS.contains(&code.as_str()));
        }
        let fits = codes.first() == block.code.as_ref()
            && compiled.is_none() == codes.iter().any(|code| code.starts_with(['E', 'u']));
        if !fits {
            wrong.push(format!("{}: `{}` {:?}\n{said}", block.place, block.kind, block.code));
        }
    }
    assert!(seen > 30, "only {seen} blocks were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a hole shows of an expression, or the error that it raises.
fn shown(expression: &str) -> String {
    let text = format!("{USES}{PLAYBOOK} {{ {HEAD}\nfinish escalated \"{{{expression}}}\" }}\n");
    let (Some(compiled), _, _) = compiled(&text) else { return compiled_codes(&text) };
    let mut machine = machine(compiled, INPUT).expect("the input fits");
    match machine.run(&mut Stack::new()) {
        Yield::Ended { text, .. } => text.to_string(),
        Yield::Raised { error, .. } => format!("error {error}"),
        other => format!("{other:?}"),
    }
}

fn compiled_codes(text: &str) -> String {
    let (_, codes, said) = compiled(text);
    format!("fails {}\n{said}", codes.first().cloned().unwrap_or_default())
}

#[test]
fn every_value_is_what_the_page_says() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for block in blocks() {
        if block.kind != "rye,values" {
            continue;
        }
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            let (expression, expected) =
                line.rsplit_once(" // ").unwrap_or_else(|| panic!("{}: `{line}`", block.place));
            let found = shown(expression.trim());
            let short = found.lines().next().unwrap_or_default();
            seen += 1;
            if short != expected.trim() {
                wrong.push(format!("{}: `{}` shows\n{found}", block.place, expression.trim()));
            }
        }
    }
    assert!(seen > 50, "only {seen} values were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_input_fits_or_is_refused_as_the_page_says() {
    let mut before = String::new();
    let mut seen = 0;
    for block in blocks() {
        match block.kind.as_str() {
            "rye" => before = block.text,
            "json,input" => {
                seen += 1;
                let (compiled, _, said) = compiled(&before);
                let compiled = compiled.unwrap_or_else(|| panic!("{}: {said}", block.place));
                if let Err(error) = machine(compiled, &block.text) {
                    panic!("{}: {error}", block.place);
                }
            }
            _ => {}
        }
    }
    assert!(seen > 0, "no page shows an input");
}
