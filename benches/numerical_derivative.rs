//! How long a gradient by central differences takes, beside the crates finitediff and numdiff.
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use numgrad_diff::{Differences, Scheme};
use std::hint::black_box;

/// A function of nanoseconds: one multiplication and one addition a coordinate.
fn squares(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// Rosenbrock's function, chained over n coordinates.
fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (1.0 - w[0]).powi(2) + 100.0 * (w[1] - w[0] * w[0]).powi(2))
        .sum()
}

/// A function of 10 µs or more: a thousand sines.
fn waves(x: &[f64]) -> f64 {
    (0..1000).fold(0.0, |sum, k| {
        (sum + x[k % x.len()] * f64::from(k as u32)).sin()
    })
}

/// A function that cannot be inlined, its name, and the n that it is asked for.
type Case = (&'static str, fn(&[f64]) -> f64, &'static [usize]);

const FUNCTIONS: [Case; 3] = [
    ("squares", squares, &[8, 32, 128, 1024]),
    ("rosenbrock", rosenbrock, &[8, 32, 128, 1024]),
    ("waves", waves, &[8, 64]),
];

fn numerical_derivative(criterion: &mut Criterion) {
    squares_inlined(criterion);
    for (name, f, sizes) in FUNCTIONS {
        for &n in sizes {
            let mut group = criterion.benchmark_group(format!("numerical_derivative/{name}/{n}"));
            group.sample_size(20);
            group.throughput(Throughput::Elements(n as u64));
            peers(&mut group, f, n);
            for threads in if name == "waves" { 1..=2 } else { 1..=1 } {
                ours(&mut group, f, n, threads);
            }
            group.finish();
        }
    }
}

fn start(n: usize) -> Vec<f64> {
    (0..n).map(|k| (k as f64 * 0.7).sin()).collect()
}

/// numgrad-diff on a pool of so many threads, with a new gradient and into an old one.
fn ours(
    group: &mut BenchmarkGroup<'_, WallTime>,
    f: impl Fn(&[f64]) -> f64 + Sync,
    n: usize,
    threads: usize,
) {
    let x = start(n);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads can be started");
    let central = Differences::new(Scheme::Central);
    group.bench_function(BenchmarkId::new("numgrad-diff", threads), |bencher| {
        pool.install(|| bencher.iter(|| central.gradient(&f, black_box(&x))));
    });
    let mut gradient = vec![0.0; n];
    group.bench_function(BenchmarkId::new("numgrad-diff, into", threads), |bencher| {
        pool.install(|| bencher.iter(|| central.gradient_into(&f, black_box(&x), &mut gradient)));
    });
}

fn peers(group: &mut BenchmarkGroup<'_, WallTime>, f: impl Fn(&[f64]) -> f64 + Copy, n: usize) {
    let x = start(n);
    let fallible = |x: &Vec<f64>| Ok(f(x));
    let central = finitediff::vec::central_diff(&fallible);
    group.bench_function("finitediff", |bencher| {
        bencher.iter(|| central(black_box(&x)));
    });
    let infallible = |x: &Vec<f64>| f(x);
    group.bench_function("numdiff", |bencher| {
        bencher.iter(|| numdiff::central_difference::gradient(&infallible, black_box(&x), None));
    });
}

/// The same with the function known to the compiler, which may inline it into a gradient.
fn squares_inlined(criterion: &mut Criterion) {
    for n in [8, 32, 128, 1024] {
        let mut group = criterion.benchmark_group(format!("numerical_derivative/inlined/{n}"));
        group.sample_size(20);
        group.throughput(Throughput::Elements(n as u64));
        peers(&mut group, squares, n);
        ours(&mut group, squares, n, 1);
        group.finish();
    }
}

criterion_group!(benches, numerical_derivative);
criterion_main!(benches);
