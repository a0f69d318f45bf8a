//! Whole runs, durable from the first entry to the last: one, 64 at once, 10,000 that
//! wait.

use std::time::Instant;

use rye_runtime::shell::{Shell, Until, Wanted};

use crate::bare::{Bare, Store};
use crate::site::{Site, THREE_ACTS, WAITING};
use crate::table::{Comparison, Goal, RYE, Unit};
use crate::timing::{Contender, Figure, median, waits_in_turns};

const ONE_BY_ONE: usize = 200;
const AT_ONCE: usize = 64;
const ROUNDS: usize = 10;
const PARKED: usize = 10_000;
const GROUP: usize = 500;

/// All of it.
pub fn compare() -> Vec<Comparison> {
    let site = Site::prepare();
    vec![one(&site), at_once(&site), parked(&site)]
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

fn parked(site: &Site) -> Comparison {
    let bundle = site.bundle("waiting", WAITING);
    let wanted = site.wanted(&bundle, "waiting", PARKED);
    let mut shell = site.shell("parked");
    for some in wanted.chunks(GROUP) {
        play(&mut shell, some);
    }
    drop(shell);
    let began = Instant::now();
    let shell = site.shell("parked");
    let count = shell.summaries().len();
    let took = began.elapsed().as_nanos() as f64;
    Comparison {
        what: format!("{count} parked runs, listed again after a crash"),
        unit: Unit::Nanoseconds,
        figures: vec![Figure::new(RYE, took)],
        goals: vec![Goal::Value(1e9)],
    }
}
