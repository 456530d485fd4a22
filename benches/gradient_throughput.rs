//! How many weights' gradients a second each sweep measures, beside backpropagation.
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use numgrad_benches::Workload;
use numgrad_core::Real;
use numgrad_diff::Scheme;
use numgrad_gradient::{Backpropagation, FiniteDifferences, Objective, Perturb};
use numgrad_loss::CrossEntropy;
use std::hint::black_box;

fn gradient_throughput(criterion: &mut Criterion) {
    workload(criterion, &Workload::<f64>::mnist());
    workload(criterion, &Workload::<f32>::mnist());
    workload(criterion, &Workload::<f64>::mnist_deep());
    workload(criterion, &Workload::<f64>::digits());
}

fn workload<T: Real>(criterion: &mut Criterion, case: &Workload<T>) {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads can be started");
        let name = format!(
            "gradient_throughput/{}/{}/threads={threads}",
            case.name,
            T::PRECISION
        );
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(case.network.parameters() as u64));
        group.sample_size(20);
        let objective = Objective::new(&case.network, &CrossEntropy);
        let mut gradient = vec![T::zero(); case.network.parameters()];
        // A full pass for each weight takes minutes on the larger networks.
        let small = case.network.parameters() < 3_000;
        for perturb in Perturb::ALL {
            if perturb == Perturb::WeightNaive && !small {
                continue;
            }
            let mut sweep = FiniteDifferences::new(perturb, Scheme::Central, T::of(1e-4))
                .expect("the step is positive");
            group.bench_function(BenchmarkId::from_parameter(perturb), |bencher| {
                pool.install(|| {
                    bencher.iter(|| {
                        black_box(sweep.measure(
                            &objective,
                            &case.theta,
                            &case.x,
                            &case.targets,
                            &mut gradient,
                        ))
                        .expect("the case is sound")
                    });
                });
            });
        }
        let mut reference = Backpropagation::new();
        group.bench_function("backpropagation", |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    black_box(reference.derive(
                        &objective,
                        &case.theta,
                        &case.x,
                        &case.targets,
                        &mut gradient,
                    ))
                    .expect("the case is sound")
                });
            });
        });
        group.finish();
    }
}

criterion_group!(benches, gradient_throughput);
criterion_main!(benches);
