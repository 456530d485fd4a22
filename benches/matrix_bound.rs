//! What share of the fastest matrix product's speed the matrix-bound sweeps reach: a sweep beside
//! the products that it is made of, all entries counted, on one thread.
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use criterion::{criterion_group, criterion_main};
use faer::{Accum, MatMut, MatRef, Par};
use numgrad_benches::Workload;
use numgrad_core::{ActivationKind, Matrix, MatrixMut, Mlp, Onto, Real, multiply};
use numgrad_diff::Scheme;
use numgrad_gradient::{FiniteDifferences, Objective, Perturb};
use numgrad_loss::CrossEntropy;
use std::hint::black_box;
use std::time::Duration;

const WIDTHS: [usize; 4] = [784, 1024, 1024, 10];
const SAMPLES: usize = 256;

fn matrix_bound(criterion: &mut Criterion) {
    in_precision::<f64>(criterion);
    in_precision::<f32>(criterion);
}

fn in_precision<T: Real + faer::traits::ComplexField>(criterion: &mut Criterion) {
    for filled in [1.0, 0.19] {
        let relu = ActivationKind::Relu;
        let case = Workload::<T>::new("784-1024-1024-10", &WIDTHS, relu, SAMPLES, filled);
        for perturb in [Perturb::Neuron, Perturb::Layer] {
            let name = format!(
                "matrix_bound/{}/{}/{:.0} % of the inputs/{perturb}",
                case.name,
                T::PRECISION,
                100.0 * filled
            );
            let mut group = criterion.benchmark_group(name);
            group.sample_size(10);
            group.warm_up_time(Duration::from_millis(500));
            group.measurement_time(Duration::from_secs(3));
            let products = products(&case.network, perturb);
            let operations = products.iter().map(|p| 2 * p.rows * p.inner * p.columns);
            group.throughput(Throughput::Elements(operations.sum::<usize>() as u64));
            sweep(&mut group, &case, perturb);
            alone::<T>(&mut group, &products);
            group.finish();
        }
    }
}

/// rows × inner · inner × columns, the right factor transposed or not.
struct Product {
    rows: usize,
    inner: usize,
    columns: usize,
    transposed: bool,
}

/// The products of a sweep: forward, backward (for `neuron` a column for each sample and output,
/// and none in the last hidden layer, whose directions are the weights), and the gradient.
fn products<T: Real>(network: &Mlp<T>, perturb: Perturb) -> Vec<Product> {
    let mut products = Vec::new();
    let last = network.layers() - 1;
    for layer in 0..network.layers() {
        let (rows, inner) = (network.width(layer), network.fan_in(layer));
        let mut add = |rows, inner, columns, transposed| {
            products.push(Product {
                rows,
                inner,
                columns,
                transposed,
            });
        };
        add(rows, inner, SAMPLES, false);
        add(rows, SAMPLES, inner, true);
        if perturb == Perturb::Neuron && 0 < layer && layer < last {
            add(inner, rows, SAMPLES * network.outputs(), false);
        } else if perturb == Perturb::Layer && 0 < layer {
            add(inner, rows, SAMPLES, false);
        }
    }
    products
}

fn sweep<T: Real>(group: &mut BenchmarkGroup<'_, WallTime>, case: &Workload<T>, perturb: Perturb) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    let pool = pool.build().expect("a thread can be started");
    let objective = Objective::new(&case.network, &CrossEntropy);
    let mut gradient = vec![T::zero(); case.theta.len()];
    let mut sweep = FiniteDifferences::new(perturb, Scheme::Central, T::of(1e-4))
        .expect("the step is positive");
    group.bench_function(BenchmarkId::from_parameter("the sweep"), |bencher| {
        pool.install(|| {
            bencher.iter(|| {
                let theta = black_box(&case.theta);
                sweep
                    .measure(&objective, theta, &case.x, &case.targets, &mut gradient)
                    .expect("the loss is finite")
            });
        });
    });
}

/// The products by themselves, by the sweeps' own product and by the fastest other one.
fn alone<T: Real + faer::traits::ComplexField>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    products: &[Product],
) {
    let longest = |length: fn(&Product) -> usize| products.iter().map(length).max().unwrap_or(0);
    let entry = |k: usize| T::of(((k * 37) % 101) as f64 / 101.0 - 0.5);
    let a: Vec<T> = (0..longest(|p| p.rows * p.inner)).map(entry).collect();
    let b: Vec<T> = (0..longest(|p| p.inner * p.columns)).map(entry).collect();
    let mut c = vec![T::zero(); longest(|p| p.rows * p.columns)];
    group.bench_function(BenchmarkId::from_parameter("by numgrad-core"), |bencher| {
        bencher.iter(|| {
            for p in products {
                let a = Matrix::new(black_box(&a), p.rows, p.inner, p.rows);
                let b = if p.transposed {
                    Matrix::new(&b, p.columns, p.inner, p.columns).transposed()
                } else {
                    Matrix::new(&b, p.inner, p.columns, p.inner)
                };
                let c = MatrixMut::new(&mut c, p.rows, p.columns, p.rows);
                multiply(a, b, Onto::Nothing, c);
            }
        });
    });
    group.bench_function(BenchmarkId::from_parameter("by faer"), |bencher| {
        bencher.iter(|| {
            for p in products {
                let a = &black_box(&a)[..p.rows * p.inner];
                let a = MatRef::from_column_major_slice(a, p.rows, p.inner);
                let b = &b[..p.inner * p.columns];
                let b = if p.transposed {
                    MatRef::from_column_major_slice(b, p.columns, p.inner).transpose()
                } else {
                    MatRef::from_column_major_slice(b, p.inner, p.columns)
                };
                let c = &mut c[..p.rows * p.columns];
                let c = MatMut::from_column_major_slice_mut(c, p.rows, p.columns);
                let one = <T as nalgebra::ComplexField>::from_real(T::one());
                faer::linalg::matmul::matmul(c, Accum::Replace, a, b, one, Par::Seq);
            }
        });
    });
}

criterion_group!(benches, matrix_bound);
criterion_main!(benches);
