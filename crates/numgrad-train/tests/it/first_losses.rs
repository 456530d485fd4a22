//! The numbers of a seeded run are those of this version: a change of one bit is noticed.
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision, Real};
use numgrad_diff::Scheme;
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Trainer};
use std::fs;
use std::path::Path;

fn configuration(
    perturb: &str,
    widths: &[usize],
    activation: ActivationKind,
    optimizer: OptimizerKind,
    precision: Precision,
) -> Configuration {
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: Architecture::new(widths, activation, OutputKind::Softmax),
        precision,
        initializer: Initializer::XavierUniform,
        loss: LossKind::CrossEntropy,
        perturb: perturb.parse().unwrap(),
        scheme: Scheme::Central,
        step: 1e-4,
        optimizer,
        learning_rate: 0.01,
        weight_decay: 1e-4,
        batch_size: 100,
        epochs: 1,
        seed: 42,
        audit: 0,
        regime: numgrad_train::Regime::default(),
    }
}

/// The bits of a run's first ten losses as f64, and the losses beside them for whoever reads this.
fn first_losses<T: Real>(configuration: Configuration) -> String {
    let name = configuration.perturb.to_string();
    let data = Prepared::load(&configuration).unwrap();
    let mut trainer = Trainer::<T>::new(configuration, data).unwrap();
    let losses = (1..=10).map(|step| {
        let loss = trainer.step().unwrap();
        format!("{name} {step} {:016x} {loss}\n", loss.to_bits())
    });
    losses.collect()
}

/// What may change these numbers stands in ARCHITECTURE.md, and a change is marked in CHANGELOG.md.
#[test]
fn the_first_ten_losses_of_three_runs_are_those_of_this_version() {
    let weight = configuration(
        "weight",
        &[64, 16, 10],
        ActivationKind::Relu,
        OptimizerKind::Adam,
        Precision::F64,
    );
    let neuron = configuration(
        "neuron",
        &[64, 12, 9, 10],
        ActivationKind::Tanh,
        OptimizerKind::Momentum,
        Precision::F32,
    );
    let directions = configuration(
        "directions",
        &[64, 10, 10],
        ActivationKind::Sigmoid,
        OptimizerKind::GradientDescent,
        Precision::F64,
    );
    let found = [
        first_losses::<f64>(weight),
        first_losses::<f32>(neuron),
        first_losses::<f64>(directions),
    ]
    .concat();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/first-losses.txt");
    if std::env::var_os("NUMGRAD_WRITE_GOLDEN").is_some() {
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(path).unwrap());
}
