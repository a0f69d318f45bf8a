//! Random programs, computed twice: by the machine, from source text through
//! checker, code generator and verifier; and by walking the program here. Both must
//! come to the same number.
//!
//! Programs are written from a list of genes, so a failing one shrinks to a small one.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation fails the test"
)]

#[path = "random/program.rs"]
mod program;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rye_compiler::{CompileError, Source, check, compile};
use rye_core::effect::Effect;
use rye_core::id::RunId;
use rye_core::value::{Name, Time, Value};
use rye_grammar::diagnostic::render::{Colour, to_text};
use rye_stdlib::INTERFACES;
use rye_vm::{Machine, Program, Stack, Start, Yield};

use program::Whole;

/// What the machine comes to.
fn machine(source: &str, a: i64, b: i64, xs: &[i64]) -> Result<String, String> {
    let interface =
        |(module, text): &(&'static str, &'static str)| Source { module, path: module, text };
    let interfaces: Vec<Source<'_>> = INTERFACES.iter().map(interface).collect();
    let checked =
        check(&[Source { module: "random", path: "random.rye", text: source }], &interfaces);
    let compiled = compile(&checked).map_err(|error| {
        let diagnostics = match &error {
            CompileError::Diagnostics(diagnostics) => diagnostics.as_slice(),
            _ => &[],
        };
        format!("{error}\n{}", to_text(diagnostics, &checked.sources, Colour::Plain))
    })?;
    let start = Start {
        run: RunId([0; 16]),
        started: Time(0),
        starter: Name::from("test"),
        settings: Vec::new(),
        fuel: u64::MAX,
        memory: 1 << 26,
    };
    let input = format!("{{\"a\": {a}, \"b\": {b}, \"xs\": {xs:?}}}");
    let program = Program::new(compiled.module);
    let machine = Machine::start(program, 0, input.as_bytes(), start);
    let mut machine = machine.map_err(|error| error.to_string())?;
    match machine.run(&mut Stack::new()) {
        Yield::Effect { effect: Effect::Tell(notice), .. } => match notice.call.argument("text") {
            Some(Value::Text(text)) => Ok(text.to_string()),
            other => Err(format!("{other:?}")),
        },
        other => Err(format!("{other:?}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn machine_and_walk_come_to_the_same(
        genes in proptest::collection::vec(any::<u8>(), 0..300),
        a in -5_i64..100,
        b in any::<i64>(),
        xs in proptest::collection::vec(-20_i64..20, 0..8),
    ) {
        let program = Whole::new(&genes);
        let source = program.to_string();
        let walked = program.walk(a, b, &xs).to_string();
        match machine(&source, a, b, &xs) {
            Ok(found) => prop_assert_eq!(found, walked, "{}", source),
            Err(error) => return Err(TestCaseError::fail(format!("{source}\n{error}"))),
        }
    }
}
