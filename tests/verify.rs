//! Golden verifier tests: each `verify/PASS/NAME.ryasm` holds code that no compiler
//! would write, and is named for what it shows; `NAME.expected` beside it holds what
//! the verifier says: the refusal, or the bounds of what it accepts.
//!
//! `verify/prelude.ryasm` stands in front of every file.
//! `BLESS=1 cargo test -p rye-tests --test verify` rewrites the `.expected` files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test whose files can't be read must fail, and say why"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rye_bytecode::instruction::{Instruction, Opcode, TABLE};
use rye_bytecode::module::Module;
use rye_bytecode::{
    Options, Verified, VerifyCode, VerifyError, assemble, decode, disassemble, encode, verify,
};
use rye_core::value::Duration;

/// The passes in their order, each with the codes that its files are refused with.
const FOLDERS: &[(&str, &[VerifyCode])] = &[
    (
        "structure",
        &[
            VerifyCode::Limit,
            VerifyCode::Bounds,
            VerifyCode::Form,
            VerifyCode::Name,
            VerifyCode::Duplicate,
            VerifyCode::Constant,
            VerifyCode::Secret,
            VerifyCode::Retry,
        ],
    ),
    ("call", &[VerifyCode::Recursion, VerifyCode::Call, VerifyCode::Type]),
    ("flow", &[VerifyCode::Flow, VerifyCode::Unreachable, VerifyCode::Loop]),
    (
        "effect",
        &[
            VerifyCode::Effect,
            VerifyCode::Capability,
            VerifyCode::Undo,
            VerifyCode::Approval,
            VerifyCode::Retry,
            VerifyCode::AssetLimit,
            VerifyCode::Unreachable,
            VerifyCode::Type,
            VerifyCode::Secret,
        ],
    ),
    ("typing", &[VerifyCode::Type, VerifyCode::Secret, VerifyCode::Bounds]),
    ("register", &[VerifyCode::Uninitialised]),
    ("frame", &[VerifyCode::Frame, VerifyCode::Type]),
    ("approval", &[VerifyCode::Approval, VerifyCode::Type]),
    ("bound", &[VerifyCode::Bound]),
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("verify").join(name)
}

/// The files of a folder with this extension, by name.
fn files(name: &str, extension: &str) -> Vec<PathBuf> {
    let path = folder(name);
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

fn module(path: &Path) -> Module {
    let prelude = fs::read_to_string(folder("prelude.ryasm")).unwrap();
    let text = fs::read_to_string(path).unwrap();
    assemble(&format!("{prelude}{text}"))
        .unwrap_or_else(|error| panic!("{}, behind the prelude: {error}", path.display()))
}

fn say(result: &Result<Verified<Module>, VerifyError>) -> String {
    let verified = match result {
        Ok(verified) => verified,
        Err(error) => return format!("{error}\n"),
    };
    let mut said = String::from("accepted\n");
    for (playbook, bound) in verified.playbooks.iter().zip(verified.bounds()) {
        let saturated = if bound.fuel_saturated { " (saturated)" } else { "" };
        let waiting = Duration(i64::try_from(bound.waiting_micros).unwrap());
        writeln!(
            said,
            "{}: fuel {}{saturated}, waiting {waiting}, queries {}",
            playbook.name, bound.fuel, bound.queries
        )
        .unwrap();
        for (action, count) in verified.actions.iter().zip(&bound.actions) {
            writeln!(said, "  {} {count}", action.name).unwrap();
        }
    }
    said
}

fn all() -> impl Iterator<Item = (&'static [VerifyCode], PathBuf)> {
    FOLDERS
        .iter()
        .flat_map(|(name, codes)| files(name, "ryasm").into_iter().map(move |path| (*codes, path)))
}

#[test]
fn every_module_is_judged_as_blessed() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for (codes, path) in all() {
        let result = verify(module(&path), Options::default());
        if let Err(error) = &result {
            assert!(codes.contains(&error.code), "{}: {error}", path.display());
        }
        let said = say(&result);
        let golden = path.with_extension("expected");
        if bless {
            fs::write(&golden, &said).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if said != expected {
            wrong.push(format!("--- {}\n{expected}\n+++ found\n{said}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\n(BLESS=1 rewrites)", wrong.join("\n"));
}

#[test]
fn every_pass_accepts_and_every_code_refuses_something() {
    for (name, codes) in FOLDERS {
        let results = files(name, "ryasm");
        let results: Vec<_> =
            results.iter().map(|path| verify(module(path), Options::default())).collect();
        assert!(results.iter().any(Result::is_ok), "{name} accepts nothing");
        let refused: BTreeSet<VerifyCode> =
            results.iter().filter_map(|result| Some(result.as_ref().err()?.code)).collect();
        for code in *codes {
            assert!(refused.contains(code), "nothing in {name} is refused with {code}");
        }
    }
    // The budget needs a module that is too large to read.
    let shown: BTreeSet<VerifyCode> =
        FOLDERS.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    let missing = VerifyCode::ALL.iter().filter(|(code, _)| !shown.contains(code));
    let missing: Vec<&str> = missing.map(|(code, _)| code.word()).collect();
    assert_eq!(missing, ["V_BUDGET"]);
}

#[test]
fn every_instruction_stands_in_an_accepted_module() {
    let mut seen: BTreeSet<Opcode> = BTreeSet::new();
    for (_, path) in all() {
        let Ok(verified) = verify(module(&path), Options::default()) else { continue };
        let code = verified.functions.iter().flat_map(|function| &function.code);
        seen.extend(code.map(Instruction::opcode));
    }
    let missing = TABLE
        .iter()
        .filter(|row| Opcode::from_number(row.number).is_none_or(|opcode| !seen.contains(&opcode)));
    let missing: Vec<&str> = missing.map(|row| row.mnemonic).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_module_survives_its_text_and_its_bytes() {
    for (_, path) in all() {
        let module = module(&path);
        assert_eq!(assemble(&disassemble(&module)).as_ref(), Ok(&module), "{}", path.display());
        let sections = encode(&module).unwrap();
        match decode(&sections) {
            Ok(decoded) => assert_eq!(decoded, module, "{}", path.display()),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
}

#[test]
fn no_golden_file_is_left_over() {
    for (name, _) in FOLDERS {
        for golden in files(name, "expected") {
            let source = golden.with_extension("ryasm");
            assert!(source.exists(), "{} has no source", golden.display());
        }
    }
}
