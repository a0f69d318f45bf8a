//! How much memory a live instance takes: what a process of its own grows by, as the
//! system counts it, while it makes very many.

use std::ffi::OsStr;
use std::process::{Command, ExitCode};

use crate::engine::Engine;
use crate::table::{Comparison, Goal, Unit};
use crate::timing::Figure;
use crate::workload::GREETED;

/// The word by which a process learns that it is the one to measure.
pub const CHILD: &str = "live-instances";

/// How many instances are alive at the end.
const INSTANCES: usize = 4_000;

/// The memory of one instance of each engine.
pub fn compare(engines: &[&str]) -> Vec<Comparison> {
    let measured = |name: &&str| Some(Figure::new(*name, of(name)?));
    vec![Comparison {
        what: String::from("memory of an instance that has run"),
        unit: Unit::Bytes,
        figures: engines.iter().filter_map(measured).collect(),
        goals: vec![Goal::Value(2048.0)],
    }]
}

fn of(name: &str) -> Option<f64> {
    told_by(&[CHILD.as_ref(), name.as_ref()])
}

/// The number that this program tells in a process of its own, called with these words.
pub(crate) fn told_by(words: &[&OsStr]) -> Option<f64> {
    let program = std::env::current_exe().expect("the name of this program");
    let output = Command::new(program).args(words).output().expect("a process");
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The process that is measured: says how many bytes each instance took.
#[expect(clippy::print_stdout, reason = "that is what the process is for")]
pub fn live(engines: &mut [Box<dyn Engine>], name: &str) -> ExitCode {
    let Some(engine) = engines.iter_mut().find(|engine| engine.name() == name) else {
        return ExitCode::FAILURE;
    };
    // What is made once for all of them is there before counting begins.
    let Some(first) = engine.instance(GREETED) else { return ExitCode::FAILURE };
    let mut alive = Vec::with_capacity(INSTANCES);
    let before = resident();
    alive.resize_with(INSTANCES, || engine.instance(GREETED));
    let grown = resident().saturating_sub(before);
    println!("{}", grown / INSTANCES);
    drop((first, alive));
    ExitCode::SUCCESS
}

/// The bytes of this process that are in memory.
pub(crate) fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("the system's word");
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("a number of pages") * rustix::param::page_size()
}
