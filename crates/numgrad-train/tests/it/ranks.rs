//! A run that ranks share ends with the bits of one process, and they hand over what the model
//! says.
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision, Real};
use numgrad_diff::{Rank, Scheme};
use numgrad_gradient::{Comm, EstimatorKind, LocalRank, Shared, Split, Team};
use numgrad_loss::LossKind;
use numgrad_train::checkpoint::Payload;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, TrainError, Trainer};
use std::sync::Arc;

/// The most steps of a run: two, and the shorter one at an epoch's end.
const STEPS: usize = 3;

/// Those of an epoch of large batches may be fewer.
fn steps<T: Real>(trainer: &Trainer<T>) -> usize {
    STEPS.min(trainer.batches() as usize)
}

fn configuration(perturb: &str, widths: &[usize], activation: ActivationKind) -> Configuration {
    let mut perturb: EstimatorKind = perturb.parse().unwrap();
    if let EstimatorKind::Directions(directions) = &mut perturb {
        directions.count = 7;
    }
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.95,
        architecture: Architecture::new(widths, activation, OutputKind::Softmax),
        precision: Precision::F64,
        initializer: Initializer::XavierUniform,
        loss: LossKind::CrossEntropy,
        perturb,
        scheme: Scheme::Central,
        step: 1e-4,
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.01,
        weight_decay: 1e-4,
        batch_size: 35,
        epochs: 2,
        seed: 42,
        audit: 0,
        regime: numgrad_train::Regime::default(),
    }
}

/// What a run came to, without its seconds.
fn ended<T: Real>(trainer: &Trainer<T>) -> Payload {
    let mut payload = trainer.checkpoint().payload;
    payload.progress.seconds = 0.0;
    payload.progress.spent = numgrad_train::Spent::default();
    payload
}

fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(work)
}

/// Some steps of a run by so many ranks; what each came to, and the bytes of a step.
fn shared<T: Real>(
    configuration: &Configuration,
    data: &Prepared,
    split: Split,
    (ranks, threads): (usize, usize),
) -> Vec<(Payload, Vec<u64>)> {
    LocalRank::run(ranks, |rank| {
        on_threads(threads, || {
            let rank: Arc<dyn Comm> = Arc::new(rank);
            let team = Team::new(Arc::clone(&rank), split);
            let mut trainer = Trainer::<T>::new(configuration.clone(), data.clone()).unwrap();
            trainer.share(team).unwrap();
            let steps = steps(&trainer);
            let step = |_| {
                let before = rank.sent();
                trainer.step().unwrap();
                rank.sent() - before
            };
            let bytes = (0..steps).map(step).collect();
            (ended(&trainer), bytes)
        })
    })
}

/// Whether every number of ranks and threads comes to what one process does.
fn has_equal_bits<T: Real>(configuration: &Configuration, split: Split) {
    let data = Prepared::load(configuration).unwrap();
    let mut alone = Trainer::<T>::new(configuration.clone(), data.clone()).unwrap();
    for _ in 0..steps(&alone) {
        on_threads(1, || alone.step()).unwrap();
    }
    let alone = ended(&alone);
    for ranks in 1..=4 {
        for threads in [1, 2] {
            for (found, _) in shared::<T>(configuration, &data, split, (ranks, threads)) {
                let what = configuration.perturb;
                assert!(found == alone, "{what} by {split}, {ranks} × {threads}");
            }
        }
    }
}

const NETS: [(&[usize], ActivationKind); 3] = [
    (&[64, 12, 10], ActivationKind::Relu),
    (&[64, 13, 9, 10], ActivationKind::LeakyRelu),
    (&[64, 11, 7, 10], ActivationKind::Tanh),
];

#[test]
fn samples_over_ranks_end_with_the_bits_of_one_process() {
    for (widths, activation) in NETS {
        for perturb in ["weight", "neuron", "layer", "random:20%", "saliency:0.3"] {
            let run = configuration(perturb, widths, activation);
            has_equal_bits::<f64>(&run, Split::Samples);
        }
    }
    let direct = configuration("weight-direct", &[64, 5, 10], ActivationKind::Relu);
    has_equal_bits::<f64>(&direct, Split::Samples);
    let alone = configuration("weight", &[64, 10], ActivationKind::Relu);
    has_equal_bits::<f32>(&alone, Split::Samples);
}

#[test]
fn ranks_that_add_up_their_own_chunks_end_with_the_bits_of_one_process() {
    for (batch_size, perturb) in [(512, "weight"), (768, "neuron"), (1024, "layer")] {
        let mut run = configuration(perturb, &[64, 9, 7, 10], ActivationKind::Relu);
        (run.batch_size, run.test_fraction) = (batch_size, 0.2);
        has_equal_bits::<f64>(&run, Split::Samples);
        has_equal_bits::<f32>(&run, Split::Coordinates);
    }
    let mut chosen = configuration("random:20%", &[64, 9, 7, 10], ActivationKind::Relu);
    (chosen.batch_size, chosen.test_fraction) = (512, 0.2);
    has_equal_bits::<f64>(&chosen, Split::Samples);
    let mut rough = configuration("weight", &[64, 9, 7, 10], ActivationKind::Relu);
    (rough.batch_size, rough.test_fraction, rough.step) = (1024, 0.2, 0.01);
    has_equal_bits::<f64>(&rough, Split::Samples);
}

#[test]
fn coordinates_over_ranks_end_with_the_bits_of_one_process() {
    for (widths, activation) in NETS {
        for perturb in ["weight", "neuron", "layer"] {
            let run = configuration(perturb, widths, activation);
            has_equal_bits::<f64>(&run, Split::Coordinates);
            let run = configuration(perturb, widths, activation);
            has_equal_bits::<f32>(&run, Split::Coordinates);
        }
    }
    let direct = configuration("weight-direct", &[64, 5, 10], ActivationKind::Relu);
    has_equal_bits::<f64>(&direct, Split::Coordinates);
    let naive = configuration("weight-naive", &[64, 2, 10], ActivationKind::Relu);
    has_equal_bits::<f64>(&naive, Split::Coordinates);
}

#[test]
fn a_large_step_that_crosses_corners_ends_with_the_bits_of_one_process() {
    for split in [Split::Coordinates, Split::Samples] {
        for (widths, activation) in NETS {
            for perturb in ["weight", "neuron"] {
                for (step, loss) in [
                    (0.003, LossKind::CrossEntropy),
                    (0.2, LossKind::CrossEntropy),
                    (0.05, LossKind::SumOfSquaredErrors),
                ] {
                    let mut run = configuration(perturb, widths, activation);
                    (run.step, run.loss) = (step, loss);
                    has_equal_bits::<f64>(&run, split);
                }
            }
        }
        let mut jumps = configuration("weight", &[64, 5, 10], ActivationKind::Step);
        jumps.step = 0.1;
        has_equal_bits::<f64>(&jumps, split);
    }
}

#[test]
fn directions_over_ranks_end_with_the_bits_of_one_process() {
    for optimizer in [OptimizerKind::GradientDescent, OptimizerKind::Adam] {
        for scheme in [Scheme::Forward, Scheme::Central, Scheme::FivePoint] {
            for rank in [Rank::None, Rank::Centred] {
                let mut run = configuration("directions", &[64, 8, 10], ActivationKind::Relu);
                (run.optimizer, run.scheme) = (optimizer, scheme);
                if let EstimatorKind::Directions(directions) = &mut run.perturb {
                    directions.rank = rank;
                }
                has_equal_bits::<f64>(&run, Split::Directions);
            }
        }
    }
}

#[test]
fn ranks_hand_over_what_the_model_says() {
    for (perturb, split) in [
        ("weight", Split::Coordinates),
        ("weight", Split::Samples),
        ("neuron", Split::Coordinates),
        ("neuron", Split::Samples),
        ("layer", Split::Samples),
        ("weight-direct", Split::Coordinates),
        ("weight-direct", Split::Samples),
        ("weight-naive", Split::Coordinates),
        ("directions", Split::Directions),
    ] {
        for (scheme, test_fraction, batch_size) in [
            (Scheme::Central, 0.95, 35),
            (Scheme::Forward, 0.95, 35),
            (Scheme::Central, 0.2, 512),
        ] {
            // A sigmoid has no corner that a neuron could cross.
            let mut run = configuration(perturb, &[64, 4, 10], ActivationKind::Sigmoid);
            run.scheme = scheme;
            (run.test_fraction, run.batch_size) = (test_fraction, batch_size);
            let data = Prepared::load(&run).unwrap();
            let network = run.architecture.build::<f64>().unwrap();
            for ranks in 1..=3 {
                let found = shared::<f64>(&run, &data, split, (ranks, 1));
                for step in 0..STEPS {
                    let bytes: u64 = found.iter().map(|rank| rank.1[step]).sum();
                    let first = step * run.batch_size;
                    let model = Shared {
                        kind: run.perturb,
                        scheme,
                        split,
                        samples: run.batch_size.min(data.train.samples() - first),
                        ranks,
                        rough: 0,
                    };
                    let traffic = model.traffic(&network).unwrap();
                    // Ranks that have not seen all samples count together what they got right.
                    let words = if traffic.scattered > 0 { ranks } else { 0 };
                    let expected = traffic.bytes + 8 * words as u64;
                    assert_eq!(bytes, expected, "{perturb} by {split} on {ranks} ranks");
                    if split == Split::Directions && ranks > 1 {
                        assert_eq!(bytes, 8 * 7, "8 bytes a direction");
                    }
                }
            }
        }
    }
}

#[test]
fn rows_of_rough_neurons_travel_where_they_are_less_than_the_rest_of_the_pass() {
    let run = configuration("weight", &[64, 12, 10], ActivationKind::Relu);
    let data = Prepared::load(&run).unwrap();
    let network = run.architecture.build::<f64>().unwrap();
    let predicted = |rough| {
        let model = Shared {
            kind: run.perturb,
            scheme: run.scheme,
            split: Split::Samples,
            samples: run.batch_size,
            ranks: 3,
            rough,
        };
        model.traffic(&network).unwrap().bytes
    };
    let (least, most) = (predicted(0), predicted(u64::MAX));
    // To count the evaluations, once there are rows.
    let words = predicted(1) - least - 8;
    let all = [0.001, 0.002, 0.003, 0.005, 0.2].map(|step| {
        let mut run = run.clone();
        run.step = step;
        let found = shared::<f64>(&run, &data, Split::Samples, (3, 1));
        found.iter().map(|rank| rank.1[0]).sum::<u64>()
    });
    for bytes in all {
        // A row has 65 numbers, or 13 in the output layer.
        let thirteens = bytes.saturating_sub(least + words) / (13 * 8);
        let is_as_predicted = bytes == predicted(13 * thirteens) || bytes == most;
        assert!(is_as_predicted, "{all:?}");
    }
    assert!(
        all.iter().any(|bytes| (least + 1..most).contains(bytes)),
        "{all:?}"
    );
    assert_eq!(all[4], most, "a large step makes many neurons rough");
}

#[test]
fn a_loss_that_is_not_finite_ends_every_rank_with_the_same_error() {
    for (perturb, split) in [
        ("directions", Split::Directions),
        ("weight-naive", Split::Coordinates),
        ("weight", Split::Samples),
    ] {
        let mut run = configuration(perturb, &[64, 2, 10], ActivationKind::Identity);
        // The moved weights overflow, those at rest do not.
        (run.step, run.loss) = (1e200, LossKind::SumOfSquaredErrors);
        run.architecture = Architecture::new(
            &[64, 2, 10],
            ActivationKind::Identity,
            OutputKind::Elementwise(ActivationKind::Identity),
        );
        let data = Prepared::load(&run).unwrap();
        let errors = LocalRank::run(3, |rank| {
            let team = Team::new(Arc::new(rank), split);
            let mut trainer = Trainer::<f64>::new(run.clone(), data.clone()).unwrap();
            trainer.share(team).unwrap();
            trainer.step().unwrap_err().to_string()
        });
        assert!(errors[0].contains("diverged"), "{}", errors[0]);
        assert_eq!(errors[1..], [errors[0].clone(), errors[0].clone()]);
    }
}

#[test]
fn ranks_with_other_settings_and_splits_that_cannot_be_are_refused_on_every_rank() {
    let run = configuration("weight", &[64, 4, 10], ActivationKind::Relu);
    let data = Prepared::load(&run).unwrap();
    let share = |own: &Configuration, rank: LocalRank, split| {
        let mut trainer = Trainer::<f64>::new(own.clone(), data.clone()).unwrap();
        trainer.share(Team::new(Arc::new(rank), split)).unwrap_err()
    };
    let found = LocalRank::run(3, |rank| {
        let mut own = run.clone();
        own.learning_rate += rank.rank() as f64 / 2.0;
        share(&own, rank, Split::Samples)
    });
    for error in found {
        assert!(
            matches!(error, TrainError::OtherRank { rank: 1, .. }),
            "{error}"
        );
    }
    let found = LocalRank::run(2, |rank| share(&run, rank, Split::Directions));
    for error in found {
        let expected = "weight cannot be split by directions over ranks: split it by samples";
        assert_eq!(error.to_string(), expected);
    }
}
