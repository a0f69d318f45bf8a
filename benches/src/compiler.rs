//! The compiler beside others: W5, and what share of it each pass has.

use core::hint::black_box;
use std::process::Command;

use rye_bytecode::Options;
use rye_compiler::Source;
use rye_grammar::span::FileId;
use rye_vm::Program;

use crate::engine::{Engine, examine};
use crate::rye::{functions, verified};
use crate::site::programs;
use crate::table::{Comparison, Goal, RYE, Unit};
use crate::timing::{Contender, Figure, in_turns, waits_in_turns};
use crate::workload::FUNCTIONS;

/// Compilers by functions per second, Rye's passes, and the command.
pub fn compare(engines: &mut [Box<dyn Engine>]) -> Vec<Comparison> {
    vec![compilers(engines), passes(), command()]
}

fn compilers(engines: &mut [Box<dyn Engine>]) -> Comparison {
    let text = functions(FUNCTIONS);
    let bare = Contender::new("logos and LALRPOP alone", || parse(&text));
    let mut contenders = vec![bare];
    for engine in engines {
        if let Some(source) = engine.source(FUNCTIONS)
            && examine(&mut **engine).compile
        {
            contenders.push(Contender::new(engine.name(), move || engine.compile(&source)));
        }
    }
    let per_second =
        |figure: Figure| Figure::new(figure.name, FUNCTIONS as f64 * 1e9 / figure.value);
    Comparison {
        what: String::from("W5 functions compiled"),
        unit: Unit::PerSecond,
        figures: in_turns(contenders).into_iter().map(per_second).collect(),
        goals: vec![Goal::Value(40e3), Goal::Times(1.0, "rhai + limit")],
    }
}

fn parse(text: &str) -> rye_grammar::Parsed {
    rye_grammar::parse(FileId(0), text)
}

/// What each pass takes of one function of W5.
fn passes() -> Comparison {
    let text = functions(FUNCTIONS);
    let sources = [Source { module: "bench", path: "bench.rye", text: &text }];
    let checked = rye_compiler::check(&sources, &[]);
    let package = checked.package.as_ref().expect("a package without mistakes");
    let generated =
        || rye_compiler::codegen::generate(package, &checked.sources).expect("a module");
    let module = generated();
    let proved = verified(&text, &[]);
    let copy = || module.clone();
    let passes = vec![
        Contender::new("tree", || parse(&text)),
        Contender::new("tree and types", || rye_compiler::check(&sources, &[])),
        Contender::new("code alone", generated),
        Contender::new("what is executed alone", || Program::new(proved.clone())),
        Contender::new("proof alone", move || rye_bytecode::verify(copy(), Options::default())),
        Contender::new(RYE, || {
            let checked = rye_compiler::check(&sources, &[]);
            black_box(rye_compiler::compile(&checked)).expect("a module");
        }),
    ];
    let of_one = |figure: Figure| Figure::new(figure.name, figure.value / FUNCTIONS as f64);
    Comparison {
        what: String::from("W5 one function, by pass"),
        unit: Unit::Nanoseconds,
        figures: in_turns(passes).into_iter().map(of_one).collect(),
        goals: vec![],
    }
}

/// `ryec check` of a package of 1,000 lines, from the start of the process to its end.
fn command() -> Comparison {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bench.rye");
    std::fs::write(&file, functions(FUNCTIONS)).expect("a file");
    let check = || {
        let output = Command::new(programs().join("ryec")).arg("check").arg(&file).output();
        let output = output.expect("a process");
        assert!(output.status.success(), "{output:?}");
    };
    let nothing = || Command::new("/bin/true").output().expect("a process");
    Comparison {
        what: String::from("`ryec check`, 1,000 lines"),
        unit: Unit::Nanoseconds,
        figures: waits_in_turns(
            30,
            vec![
                Contender::new(RYE, check),
                Contender::new("a process that does nothing", nothing),
            ],
        ),
        goals: vec![Goal::Value(30e6)],
    }
}
