//! Appending groups of growing size, each durable: the flush is shared.

#![expect(clippy::expect_used, reason = "a bench that can't be set up must stop and say why")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rye_benches::journal::{entry, journal};

fn groups(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = journal(&folder.path().join("store"));
    let mut group = c.benchmark_group("append");
    for size in [1, 8, 64, 512] {
        group.throughput(Throughput::Elements(size.try_into().unwrap_or(u64::MAX)));
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |b, size| {
            b.iter(|| journal.append((0..*size).map(entry).collect()).expect("a disk"));
        });
    }
    group.finish();
}

criterion_group!(benches, groups);
criterion_main!(benches);
