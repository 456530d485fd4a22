//! How many samples a second a training takes with each sweep: an epoch of the digits, and some
//! steps on images like MNIST's.
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use numgrad_benches::images;
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision, Real};
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb;
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaler, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Regime, Trainer};
use std::time::Duration;

/// Steps on images, of as many samples as a batch has.
const STEPS: usize = 20;

fn epoch(criterion: &mut Criterion) {
    in_precision::<f64>(criterion);
    in_precision::<f32>(criterion);
}

fn in_precision<T: Real>(criterion: &mut Criterion) {
    let digits = configuration(&[64, 32, 10], 100, T::PRECISION);
    let data = Prepared::load(&digits).expect("the digits come with the crate");
    let all = &Perturb::ALL[..];
    trained::<T>(criterion, "epoch/digits, 64-32-10", all, &digits, &data);
    let images = images(128 * STEPS, 784, 0.19);
    let data = Prepared {
        scaler: Scaler::fit(Scaling::None, &images).expect("the images are in memory"),
        validation: None,
        test: images.subset(&[0]),
        train: images,
    };
    let mnist = configuration(&[784, 128, 10], 128, T::PRECISION);
    // A full pass for each weight takes minutes.
    trained::<T>(
        criterion,
        "epoch/20 steps, 784-128-10",
        &all[1..],
        &mnist,
        &data,
    );
}

/// Whole epochs of a training, one after the other, each with an evaluation of the test data.
fn trained<T: Real>(
    criterion: &mut Criterion,
    name: &str,
    sweeps: &[Perturb],
    configuration: &Configuration,
    data: &Prepared,
) {
    let pool = rayon::ThreadPoolBuilder::new().build();
    let pool = pool.expect("threads can be started");
    let threads = pool.current_num_threads();
    let name = format!("{name}/{}/threads={threads}", T::PRECISION);
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(500));
    group.measurement_time(Duration::from_secs(2));
    group.throughput(Throughput::Elements(data.train.samples() as u64));
    for &perturb in sweeps {
        let configuration = Configuration {
            perturb: perturb.into(),
            ..configuration.clone()
        };
        let mut trainer = Trainer::<T>::new(configuration, data.clone()).expect("the data fit");
        group.bench_function(BenchmarkId::from_parameter(perturb), |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    while !trainer.epoch_is_over() {
                        trainer.step().expect("the training converges");
                    }
                    trainer.end_epoch().expect("the loss is finite").test_loss
                });
            });
        });
    }
    group.finish();
}

fn configuration(widths: &[usize], batch_size: usize, precision: Precision) -> Configuration {
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::Standard,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: Architecture::new(widths, ActivationKind::Relu, OutputKind::Softmax),
        precision,
        initializer: Initializer::HeUniform,
        loss: LossKind::CrossEntropy,
        perturb: Perturb::default().into(),
        scheme: Scheme::Central,
        step: 1e-4,
        optimizer: OptimizerKind::GradientDescent,
        learning_rate: 0.01,
        weight_decay: 0.0,
        batch_size,
        epochs: u64::MAX,
        seed: 0,
        audit: 0,
        regime: Regime::default(),
    }
}

criterion_group!(benches, epoch);
criterion_main!(benches);
