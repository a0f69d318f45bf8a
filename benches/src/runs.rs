//! Whole runs, durable from the first entry to the last: one, 64 at once, 10,000 that
//! wait.

use std::process::ExitCode;
use std::time::Instant;

use rye_runtime::shell::{Shell, Until, Wanted};

use crate::bare::{Bare, Store};
use crate::memory;
use crate::site::{Site, THREE_ACTS, WAITING};
use crate::table::{Comparison, Goal, RYE, Unit};
use crate::timing::{Contender, Figure, median, waits_in_turns};

const ONE_BY_ONE: usize = 200;
const AT_ONCE: usize = 64;
const ROUNDS: usize = 10;
const PARKED: usize = 10_000;
const GROUP: usize = 500;

/// The word by which a process learns that it is the one that opens parked runs, so that
/// its memory can be looked at.
pub const CHILD: &str = "parked-runs";

/// The store of the runs that wait.
const PARKED_STORE: &str = "parked";

/// All of it.
pub fn compare() -> Vec<Comparison> {
    let site = Site::prepare();
    vec![one(&site), at_once(&site), parked(&site), memory_of_each(&site)]
}

fn play(shell: &mut Shell, wanted: &[Wanted]) {
    for started in shell.start_all(wanted).unwrap_or_else(|error| panic!("{error}")) {
        started.unwrap_or_else(|error| panic!("{error}"));
    }
    shell.run(Until::All).unwrap_or_else(|error| panic!("{error}"));
}

fn one(site: &Site) -> Comparison {
    let bundle = site.bundle("three_acts", THREE_ACTS);
    let wanted = site.wanted(&bundle, "three_acts", 1);
    let mut shell = site.shell("one");
    let mut bare = Bare::new(&site.at("."));
    let entries = [vec![0x5a; 600]];
    let contenders = vec![
        Contender::new(RYE, move || play(&mut shell, &wanted)),
        Contender::new("four bare appends", move || (0..4).for_each(|_| bare.append(&entries))),
    ];
    Comparison {
        what: String::from("a run of three acts"),
        unit: Unit::Nanoseconds,
        figures: waits_in_turns(ONE_BY_ONE, contenders),
        goals: vec![Goal::Times(1.5, "four bare appends")],
    }
}

fn at_once(site: &Site) -> Comparison {
    let bundle = site.at("three_acts.ryeb");
    let wanted = site.wanted(&bundle, "three_acts", AT_ONCE);
    let mut shell = site.shell("many");
    let samples = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        play(&mut shell, &wanted);
        AT_ONCE as f64 / began.elapsed().as_secs_f64()
    });
    Comparison {
        what: format!("{AT_ONCE} such runs at once, runs"),
        unit: Unit::PerSecond,
        figures: vec![Figure::new(RYE, median(samples.collect()))],
        goals: vec![Goal::Value(6_000.0)],
    }
}

/// Starts runs that wait for a day.
fn park(site: &Site) {
    let wanted = site.wanted(&site.at("waiting.ryeb"), "waiting", PARKED);
    let mut shell = site.shell(PARKED_STORE);
    for some in wanted.chunks(GROUP) {
        play(&mut shell, some);
    }
}

fn parked(site: &Site) -> Comparison {
    site.bundle("waiting", WAITING);
    park(site);
    let began = Instant::now();
    let shell = site.shell(PARKED_STORE);
    let count = shell.summaries().len();
    let took = began.elapsed().as_nanos() as f64;
    Comparison {
        what: format!("{count} parked runs, listed again after a crash"),
        unit: Unit::Nanoseconds,
        figures: vec![Figure::new(RYE, took)],
        goals: vec![Goal::Value(1e9)],
    }
}

/// What a fresh process takes more for twice as many parked runs. All that does not grow
/// with them is left out: code, bundle, what reading the journal takes.
fn memory_of_each(site: &Site) -> Comparison {
    let taken = || {
        let words = [CHILD.as_ref(), site.folder().as_os_str()];
        memory::told_by(&words).expect("a process that opens the store")
    };
    let before = taken();
    park(site);
    let each = (taken() - before) / PARKED as f64;
    Comparison {
        what: String::from("memory of a parked run"),
        unit: Unit::Bytes,
        figures: vec![Figure::new(RYE, each)],
        goals: vec![Goal::Value(512.0)],
    }
}

/// The process that is measured: says how much memory it takes once it has opened the
/// store and has looked at every run.
#[expect(clippy::print_stdout, reason = "that is what the process is for")]
pub fn opened(folder: &str) -> ExitCode {
    let mut shell = Site::prepared(folder.into()).shell(PARKED_STORE);
    play(&mut shell, &[]);
    println!("{}", memory::resident());
    ExitCode::SUCCESS
}
