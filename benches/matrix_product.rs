//! Which matrix product is the fastest on one thread at the shapes of the sweeps, in
//! floating-point operations a second.
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::{DMatrix, DMatrixView};
use numgrad_core::{Matrix, MatrixMut, Onto, Real, multiply};
use std::hint::black_box;
use std::time::Duration;

/// rows × inner · inner × columns: a layer's forward pass, a tile of it, and a larger network's.
const SHAPES: [[usize; 3]; 5] = [
    [50, 784, 100],
    [10, 50, 100],
    [32, 64, 100],
    [128, 784, 128],
    [1024, 1024, 256],
];

fn matrix_product(criterion: &mut Criterion) {
    in_precision::<f64>(criterion);
    in_precision::<f32>(criterion);
}

fn in_precision<T: Real + faer::traits::ComplexField>(criterion: &mut Criterion) {
    for [rows, inner, columns] in SHAPES {
        let name = format!(
            "matrix_product/{}/{rows}x{inner} · {inner}x{columns}",
            T::PRECISION
        );
        let mut group = criterion.benchmark_group(name);
        group.warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements((2 * rows * inner * columns) as u64));
        let entry = |k: usize| T::of(((k * 37) % 101) as f64 / 101.0 - 0.5);
        let a: Vec<T> = (0..rows * inner).map(entry).collect();
        let b: Vec<T> = (0..inner * columns).map(entry).collect();
        let mut c = vec![T::zero(); rows * columns];

        group.bench_function(BenchmarkId::from_parameter("numgrad-core"), |bencher| {
            bencher.iter(|| {
                let a = Matrix::new(black_box(&a), rows, inner, rows);
                let b = Matrix::new(black_box(&b), inner, columns, inner);
                let c = MatrixMut::new(&mut c, rows, columns, rows);
                multiply(a, b, Onto::Nothing, c);
            });
        });
        group.bench_function(BenchmarkId::from_parameter("nalgebra"), |bencher| {
            let mut c = DMatrix::<T>::zeros(rows, columns);
            bencher.iter(|| {
                let a = DMatrixView::from_slice(black_box(&a), rows, inner);
                let b = DMatrixView::from_slice(black_box(&b), inner, columns);
                c.gemm(T::one(), &a, &b, T::zero());
            });
        });
        group.bench_function(BenchmarkId::from_parameter("faer"), |bencher| {
            bencher.iter(|| {
                let a = MatRef::from_column_major_slice(black_box(&a), rows, inner);
                let b = MatRef::from_column_major_slice(black_box(&b), inner, columns);
                let c = MatMut::from_column_major_slice_mut(&mut c, rows, columns);
                let one = <T as nalgebra::ComplexField>::from_real(T::one());
                faer::linalg::matmul::matmul(c, Accum::Replace, a, b, one, Par::Seq);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, matrix_product);
criterion_main!(benches);
