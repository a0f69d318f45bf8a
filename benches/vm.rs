//! The machine's workloads, Rye beside plain Rust.

use criterion::{Criterion, criterion_group, criterion_main};
use rye_benches::engine::{Engine, examine};
use rye_benches::plain::Plain;
use rye_benches::rye::Rye;
use rye_benches::workload::{GREETED, MIX_ROUNDS, alerts};

fn workloads(c: &mut Criterion) {
    for engine in [&mut Rye::default() as &mut dyn Engine, &mut Plain::default()] {
        examine(engine);
        let name = engine.name();
        let texts: Vec<String> = alerts().iter().map(|alert| engine.alert_json(alert)).collect();
        let (mut decision, mut networks) = (String::new(), Vec::new());
        let mut turn = (0..texts.len()).cycle();
        let mut next = move || turn.next().unwrap_or_default();
        c.bench_function(&format!("W1 triage/{name}"), |b| {
            b.iter(|| {
                decision.clear();
                engine.triage(next(), &mut decision);
            });
        });
        c.bench_function(&format!("W1 from JSON/{name}"), |b| {
            b.iter(|| {
                decision.clear();
                texts.get(next()).map(|text| engine.triage_json(text, &mut decision))
            });
        });
        c.bench_function(&format!("W2 fleet/{name}"), |b| {
            b.iter(|| {
                networks.clear();
                engine.fleet(&mut networks);
            });
        });
        c.bench_function(&format!("W3 integers/{name}"), |b| b.iter(|| engine.mix(MIX_ROUNDS)));
        c.bench_function(&format!("W4 fresh instance/{name}"), |b| {
            b.iter(|| engine.greet(GREETED));
        });
    }
}

criterion_group!(benches, workloads);
criterion_main!(benches);
