//! The compiler over packages of growing length: text to tree, text to typed tree, text
//! to proved module. All three must grow in step with the text.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rye_benches::rye::{compiled, functions};
use rye_compiler::Source;
use rye_grammar::span::FileId;

fn lengths(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    for count in [1, 10, 33, 100, 330] {
        let text = functions(count);
        group.throughput(Throughput::Bytes(text.len().try_into().unwrap_or(u64::MAX)));
        group.bench_with_input(BenchmarkId::new("tree", count), &text, |b, text| {
            b.iter(|| rye_grammar::parse(FileId(0), text));
        });
        group.bench_with_input(BenchmarkId::new("typed tree", count), &text, |b, text| {
            let sources = [Source { module: "bench", path: "bench.rye", text }];
            b.iter(|| rye_compiler::check(&sources, &[]));
        });
        group.bench_with_input(BenchmarkId::new("proved module", count), &text, |b, text| {
            b.iter(|| compiled(text, &[]));
        });
    }
    group.finish();
}

criterion_group!(benches, lengths);
criterion_main!(benches);
