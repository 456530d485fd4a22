//! How many values a second the elementary functions take on slices, beside the standard
//! library's.
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use criterion::{criterion_group, criterion_main};
use nalgebra::ComplexField;
use numgrad_core::Real;
use numgrad_scalar::slices;
use std::hint::black_box;
use std::time::Duration;

/// Values of a slice: few enough to stay in the first cache.
const VALUES: usize = 1_000;

fn elementwise(criterion: &mut Criterion) {
    in_precision::<f64>(criterion);
    in_precision::<f32>(criterion);
}

fn in_precision<T: Real>(criterion: &mut Criterion) {
    // From −8 to 8, where the functions of a network are asked.
    let z: Vec<T> = (0..VALUES)
        .map(|k| T::of(16.0 * k as f64 / VALUES as f64 - 8.0))
        .collect();
    let positive: Vec<T> = z.iter().map(|&z| z + T::of(8.0)).collect();
    in_place(
        group::<T>(criterion, "exp"),
        &z,
        slices::exp,
        ComplexField::exp,
    );
    in_place(group::<T>(criterion, "exp_m1"), &z, slices::exp_m1, |z| {
        z.exp_m1()
    });
    in_place(
        group::<T>(criterion, "ln_1p"),
        &positive,
        slices::ln_1p,
        ComplexField::ln_1p,
    );
    with_slope(group::<T>(criterion, "sigmoid"), &z, slices::sigmoid, |z| {
        let value = T::one() / (T::one() + (-z).exp());
        (value, value * (T::one() - value))
    });
    with_slope(group::<T>(criterion, "tanh"), &z, slices::tanh, |z| {
        let value = z.tanh();
        (value, T::one() - value * value)
    });
}

fn group<'a, T: Real>(
    criterion: &'a mut Criterion,
    function: &str,
) -> BenchmarkGroup<'a, WallTime> {
    let name = format!("elementwise/{function}/{}", T::PRECISION);
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(VALUES as u64));
    group.warm_up_time(Duration::from_millis(300));
    group.measurement_time(Duration::from_secs(1));
    group
}

/// A function that replaces its arguments; they are copied before, which takes little.
fn in_place<T: Real>(
    mut group: BenchmarkGroup<'_, WallTime>,
    z: &[T],
    of_slice: impl Fn(&mut [T]),
    standard: impl Fn(T) -> T,
) {
    let mut room = z.to_vec();
    group.bench_function(BenchmarkId::from_parameter("numgrad-scalar"), |bencher| {
        bencher.iter(|| {
            room.copy_from_slice(black_box(z));
            of_slice(black_box(&mut room));
        });
    });
    group.bench_function(BenchmarkId::from_parameter("std"), |bencher| {
        bencher.iter(|| {
            room.copy_from_slice(black_box(z));
            for z in black_box(&mut room) {
                *z = standard(*z);
            }
        });
    });
    group.finish();
}

/// A function that gives its value and its slope.
fn with_slope<T: Real>(
    mut group: BenchmarkGroup<'_, WallTime>,
    z: &[T],
    of_slice: impl Fn(&[T], &mut [T], &mut [T]),
    standard: impl Fn(T) -> (T, T),
) {
    let (mut value, mut slope) = (z.to_vec(), z.to_vec());
    group.bench_function(BenchmarkId::from_parameter("numgrad-scalar"), |bencher| {
        bencher.iter(|| of_slice(black_box(z), &mut value, &mut slope));
    });
    group.bench_function(BenchmarkId::from_parameter("std"), |bencher| {
        bencher.iter(|| {
            for ((&z, value), slope) in black_box(z).iter().zip(&mut value).zip(&mut slope) {
                (*value, *slope) = standard(z);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, elementwise);
criterion_main!(benches);
