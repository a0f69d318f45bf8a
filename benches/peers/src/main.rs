//! Rye beside what its users would pick instead, in one process and in turns: prints
//! the table of all comparisons, or of those that the words name.

mod lua;
mod rhai;
mod store;
mod wasmi;

use std::process::ExitCode;

use rye_benches::engine::Engine;
use rye_benches::plain::Plain;
use rye_benches::rye::Rye;
use rye_benches::table::{Comparison, markdown};
use rye_benches::{compiler, journal, loading, machine, memory, runs};

/// A subject, and what measures it.
type Subject = (&'static str, fn() -> Vec<Comparison>);

const SUBJECTS: &[Subject] = &[
    ("machine", || machine::compare(&mut engines())),
    ("memory", || memory::compare(&engines().iter().map(|it| it.name()).collect::<Vec<_>>())),
    ("compiler", || compiler::compare(&mut compilers())),
    ("loading", || loading::compare(&mut [Box::new(wasmi::Validation::default())])),
    ("journal", || journal::compare(&store::STORES)),
    ("runs", runs::compare),
];

fn engines() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Rye::default()),
        Box::new(Plain::default()),
        Box::new(wasmi::Wasmi::new(true)),
        Box::new(wasmi::Wasmi::new(false)),
        Box::new(lua::Lua54::new(true)),
        Box::new(lua::Lua54::new(false)),
        Box::new(rhai::Rhai::new()),
    ]
}

fn compilers() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Rye::default()),
        Box::new(lua::Lua54::new(false)),
        Box::new(rhai::Rhai::new()),
    ]
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, engine] = words.as_slice()
        && word == memory::CHILD
    {
        return memory::live(&mut engines(), engine);
    }
    if let [word, folder] = words.as_slice()
        && word == runs::CHILD
    {
        return runs::opened(folder);
    }
    if let Some(unknown) = words.iter().find(|word| SUBJECTS.iter().all(|(name, _)| name != word)) {
        let names: Vec<&str> = SUBJECTS.iter().map(|(name, _)| *name).collect();
        eprintln!("nothing is measured under `{unknown}`\n  help: one of {}", names.join(", "));
        return ExitCode::from(2);
    }
    let wanted = |(name, _): &&Subject| words.is_empty() || words.iter().any(|word| word == name);
    let comparisons: Vec<Comparison> = SUBJECTS
        .iter()
        .filter(wanted)
        .flat_map(|(name, measure)| {
            eprintln!("{name} …");
            measure()
        })
        .collect();
    print!("{}", markdown(&comparisons));
    ExitCode::SUCCESS
}
