//! How many weights' gradients a second each sweep measures, beside backpropagation.
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use criterion::{criterion_group, criterion_main};
use numgrad_benches::Workload;
use numgrad_core::{Real, Trace};
use numgrad_diff::Scheme;
use numgrad_gradient::{Backpropagation, FiniteDifferences, Objective, Perturb};
use numgrad_loss::CrossEntropy;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::hint::black_box;
use std::time::Duration;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn gradient_throughput(criterion: &mut Criterion) {
    in_precision::<f64>(criterion);
    in_precision::<f32>(criterion);
}

fn in_precision<T: Real>(criterion: &mut Criterion) {
    for case in [
        Workload::<T>::mnist(),
        Workload::mnist_deep(),
        Workload::digits(),
    ] {
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().expect("threads can be started");
            let name = format!(
                "gradient_throughput/{}/{}/threads={threads}",
                case.name,
                T::PRECISION
            );
            let mut group = criterion.benchmark_group(name);
            group.sample_size(20);
            group.warm_up_time(Duration::from_millis(500));
            group.measurement_time(Duration::from_secs(2));
            of_workload(&mut group, &case, &pool);
            group.finish();
        }
    }
}

fn of_workload<T: Real>(group: &mut Group<'_>, case: &Workload<T>, pool: &ThreadPool) {
    full_passes(group, case, pool);
    group.throughput(Throughput::Elements(case.network.parameters() as u64));
    let objective = Objective::new(&case.network, &CrossEntropy);
    let (theta, x, targets) = (&case.theta, &case.x, &case.targets);
    let mut gradient = vec![T::zero(); theta.len()];
    for perturb in Perturb::ALL {
        if perturb == Perturb::WeightNaive {
            continue;
        }
        let mut sweep = FiniteDifferences::new(perturb, Scheme::Central, T::of(1e-4))
            .expect("the step is positive");
        group.bench_function(BenchmarkId::from_parameter(perturb), |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    black_box(sweep.measure(&objective, theta, x, targets, &mut gradient))
                        .expect("the case is sound")
                });
            });
        });
    }
    let mut reference = Backpropagation::new();
    group.bench_function("backpropagation", |bencher| {
        pool.install(|| {
            bencher.iter(|| {
                black_box(reference.derive(&objective, theta, x, targets, &mut gradient))
                    .expect("the case is sound")
            });
        });
    });
}

/// `weight-naive` takes minutes for a gradient of the larger networks. So each thread measures
/// one weight, by two full passes: a weight costs the same, whichever it is.
fn full_passes<T: Real>(group: &mut Group<'_>, case: &Workload<T>, pool: &ThreadPool) {
    let objective = Objective::new(&case.network, &CrossEntropy);
    let mut traces: Vec<Trace<T>> = vec![Trace::new(); pool.current_num_threads()];
    group.throughput(Throughput::Elements(traces.len() as u64));
    group.bench_function("weight-naive (a weight a thread)", |bencher| {
        pool.install(|| {
            bencher.iter(|| {
                traces.par_iter_mut().for_each(|trace| {
                    for _ in 0..2 {
                        black_box(objective.loss(&case.theta, &case.x, &case.targets, trace))
                            .expect("the case is sound");
                    }
                });
            });
        });
    });
}

criterion_group!(benches, gradient_throughput);
criterion_main!(benches);
