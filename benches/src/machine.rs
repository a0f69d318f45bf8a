//! The machine beside others: W1 to W4.

use crate::engine::{Abilities, Engine, Mix, examine};
use crate::table::{Comparison, Goal, Unit};
use crate::timing::{Contender, in_turns};
use crate::workload::{GREETED, MIX_ROUNDS, alerts, blocks, hosts};

/// The peer that goals are set by: the fastest interpreter whose work is metered.
const PEER: &str = "wasmi 2.0 + fuel";

/// What an engine does in one operation of a workload.
type Work<'e> = Box<dyn FnMut() + 'e>;

/// Times all engines at all workloads that they do.
pub fn compare(engines: &mut [Box<dyn Engine>]) -> Vec<Comparison> {
    let abilities: Vec<Abilities> = engines.iter_mut().map(|it| examine(&mut **it)).collect();
    let mut time =
        |what: &str,
         value,
         times,
         work: &dyn for<'e> Fn(&'e mut dyn Engine, Abilities) -> Option<Work<'e>>| {
            let able = engines.iter_mut().zip(&abilities).filter_map(|(engine, abilities)| {
                let name = engine.name();
                work(&mut **engine, *abilities).map(|work| Contender::new(name, work))
            });
            Comparison {
                what: what.to_owned(),
                unit: Unit::Nanoseconds,
                figures: in_turns(able.collect()),
                goals: vec![Goal::Value(value), Goal::Times(times, PEER)],
            }
        };
    vec![
        time("W1 triage", 150.0, 0.73, &|engine, can| can.triage.then(|| triage(engine))),
        time("W1 from JSON", 500.0, 0.80, &|engine, can| {
            can.triage_json.then(|| from_json(engine))
        }),
        time("W2 fleet", 20e3, 0.38, &|engine, can| can.fleet.then(|| fleet(engine))),
        time("W3 integers", 4.5e6, 1.0, &|engine, can| {
            (can.mix == Some(Mix::Wide)).then(|| mix(engine))
        }),
        time("W3 integers, 32 bits", 4.5e6, 1.0, &|engine, can| {
            (can.mix == Some(Mix::Narrow)).then(|| mix(engine))
        }),
        time("W4 fresh instance", 150.0, 0.13, &|engine, can| can.greet.then(|| greet(engine))),
    ]
}

fn triage(engine: &mut dyn Engine) -> Work<'_> {
    // What another workload left in its memory may lie where the alerts were.
    engine.load_alerts(&alerts());
    let (count, mut next, mut decision) = (alerts().len(), 0, String::new());
    Box::new(move || {
        decision.clear();
        engine.triage(next, &mut decision);
        next = (next + 1) % count;
    })
}

fn from_json(engine: &mut dyn Engine) -> Work<'_> {
    let texts: Vec<String> = alerts().iter().map(|alert| engine.alert_json(alert)).collect();
    let (mut next, mut decision) = (0, String::new());
    Box::new(move || {
        decision.clear();
        if let Some(text) = texts.get(next) {
            engine.triage_json(text, &mut decision);
        }
        next = (next + 1) % texts.len();
    })
}

fn fleet(engine: &mut dyn Engine) -> Work<'_> {
    engine.load_fleet(&hosts(), &blocks());
    let mut networks = Vec::new();
    Box::new(move || {
        networks.clear();
        engine.fleet(&mut networks);
    })
}

fn mix(engine: &mut dyn Engine) -> Work<'_> {
    Box::new(move || {
        std::hint::black_box(engine.mix(std::hint::black_box(MIX_ROUNDS)));
    })
}

fn greet(engine: &mut dyn Engine) -> Work<'_> {
    Box::new(move || {
        std::hint::black_box(engine.greet(std::hint::black_box(GREETED)));
    })
}
