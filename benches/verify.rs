//! Decoding and proving modules of growing size: time must grow in step with it.

#![expect(clippy::expect_used, reason = "a bench that can't be set up must stop and say why")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rye_benches::rye::{compiled, functions};
use rye_bytecode::{Options, decode, encode, verify};

fn sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    for count in [10, 100, 1_000] {
        let program = compiled(&functions(count), &[]);
        let sections = encode(program.module()).expect("a module");
        let bytes: usize = sections.iter().map(|(_, bytes)| bytes.len()).sum();
        group.throughput(Throughput::Bytes(bytes.try_into().unwrap_or(u64::MAX)));
        group.bench_with_input(BenchmarkId::new("decode", bytes), &sections, |b, sections| {
            b.iter(|| decode(sections));
        });
        let module = decode(&sections).expect("the same module");
        group.bench_with_input(BenchmarkId::new("prove", bytes), &module, |b, module| {
            let copy = || module.clone();
            b.iter_batched(copy, |it| verify(it, Options::default()), BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, sizes);
criterion_main!(benches);
