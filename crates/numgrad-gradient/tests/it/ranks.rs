//! Ranks end with the bits of one process, and hand over what the model says.
use crate::case::Case;
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, OutputKind};
use numgrad_gradient::numgrad_diff::{Rank, Scheme};
use numgrad_gradient::numgrad_loss::LossKind;
use numgrad_gradient::{
    Comm, Estimator, EstimatorKind, GradientError, LocalRank, Measurement, PlayedRank, Shared,
    Split, Team, Traffic,
};
use std::sync::Arc;

fn kind(name: &str) -> EstimatorKind {
    let mut kind: EstimatorKind = name.parse().unwrap();
    if let EstimatorKind::Directions(directions) = &mut kind {
        directions.count = 7;
    }
    kind
}

const SPLITS: [(&str, Split); 9] = [
    ("weight", Split::Coordinates),
    ("weight", Split::Samples),
    ("neuron", Split::Coordinates),
    ("neuron", Split::Samples),
    ("layer", Split::Samples),
    ("weight-direct", Split::Coordinates),
    ("weight-direct", Split::Samples),
    ("weight-naive", Split::Coordinates),
    ("directions", Split::Directions),
];

fn shared(
    kind: EstimatorKind,
    (scheme, step): (Scheme, f64),
    team: Team,
) -> Box<dyn Estimator<f64>> {
    let mut estimator = kind.build(scheme, step, 3).unwrap();
    estimator.share(team).unwrap();
    estimator
}

#[test]
fn a_gradient_of_ranks_has_the_bits_of_one_process_also_across_corners() {
    has_the_bits_of_one_process(70, LossKind::CrossEntropy, &[2, 3]);
}

#[test]
fn so_has_that_of_a_batch_of_which_each_rank_adds_up_its_own_chunks() {
    // Two chunks of two ranks; three, of which each has one, or three have none; four; and six, of
    // which each of two ranks has a half that is no half of the tree.
    for samples in [512, 700, 1024, 1500] {
        has_the_bits_of_one_process(samples, LossKind::CrossEntropy, &[2, 3, 4]);
    }
}

#[test]
fn so_has_that_of_a_loss_that_is_a_sum_of_terms() {
    for samples in [70, 600] {
        for loss in [LossKind::BinaryCrossEntropy, LossKind::SumOfSquaredErrors] {
            has_the_bits_of_one_process(samples, loss, &[2, 3]);
        }
    }
}

fn has_the_bits_of_one_process(samples: usize, loss: LossKind, ranks: &[usize]) {
    for (activation, step) in [
        (ActivationKind::Relu, 0.05),
        (ActivationKind::LeakyRelu, 1e-4),
        (ActivationKind::Tanh, 1e-3),
    ] {
        let mut case = Case::new(&[7, 6, 5, 3], activation, samples);
        if loss == LossKind::BinaryCrossEntropy {
            let output = OutputKind::Elementwise(ActivationKind::Sigmoid);
            let architecture = Architecture::new(&[7, 6, 5, 3], activation, output);
            case.network = architecture.build().unwrap();
        }
        case.loss = loss;
        // So few that only those that are not 0 are multiplied.
        for (k, x) in case.x.iter_mut().enumerate() {
            *x = if k % 5 == 0 { 0.25 + 0.5 * *x } else { 0.0 };
        }
        for (name, split) in SPLITS {
            let alone = &mut *kind(name).build(Scheme::Central, step, 3).unwrap();
            let (measured, expected) = case.estimate(alone, 2);
            for &ranks in ranks {
                let each = LocalRank::run(ranks, |rank| {
                    let team = Team::new(Arc::new(rank), split);
                    let mut estimator = shared(kind(name), (Scheme::Central, step), team);
                    only_what_is_looked_at(&case, &mut *estimator)
                });
                for (found, gradient) in each {
                    let what =
                        format!("{name} by {split} on {ranks}, {activation}, {loss}, {samples}");
                    assert_eq!(gradient, expected, "{what}");
                    assert_eq!(found.loss, measured.loss, "{what}");
                    assert_eq!(found.loss_evaluations, measured.loss_evaluations, "{what}");
                    let evaluations = (found.sample_evaluations, measured.sample_evaluations);
                    assert_eq!(evaluations.0, evaluations.1, "{what}");
                }
            }
        }
    }
}

/// An estimate by an estimator that is shown the inputs which it says it looks at.
fn only_what_is_looked_at(
    case: &Case,
    estimator: &mut dyn Estimator<f64>,
) -> (Measurement<f64>, Vec<f64>) {
    let samples = case.targets.len();
    let some = case.with(|objective| estimator.looks_at(objective, samples));
    let inputs = case.network.inputs();
    let mut shown = case.clone();
    shown.x[..some.start * inputs].fill(f64::NAN);
    shown.x[some.end * inputs..].fill(f64::NAN);
    shown.estimate(estimator, 2)
}

#[test]
fn who_adds_up_its_own_chunks_looks_at_no_other_samples() {
    let looks_at = |name: &str, split, samples, (rank, ranks)| {
        let case = Case::new(&[7, 6, 5, 3], ActivationKind::Relu, samples);
        let team = Team::new(Arc::new(PlayedRank::new(rank, ranks)), split);
        let estimator = shared(kind(name), (Scheme::Central, 1e-4), team);
        case.with(|objective| estimator.looks_at(objective, samples))
    };
    assert_eq!(looks_at("weight", Split::Samples, 1000, (0, 2)), 0..512);
    assert_eq!(looks_at("neuron", Split::Samples, 1000, (1, 2)), 512..1000);
    assert_eq!(looks_at("layer", Split::Samples, 2304, (1, 3)), 768..1536);
    for (name, split, samples, ranks) in [
        ("weight", Split::Samples, 256, 2),
        ("weight", Split::Samples, 1024, 3),
        ("weight", Split::Samples, 1024, 5),
        ("weight-direct", Split::Samples, 1024, 2),
        ("weight", Split::Coordinates, 1024, 2),
        ("directions", Split::Directions, 1024, 2),
    ] {
        let found = looks_at(name, split, samples, (0, ranks));
        assert_eq!(found, 0..samples, "{name} by {split}, {samples} on {ranks}");
    }
}

#[test]
fn a_rank_that_is_played_hands_over_what_the_model_says() {
    for (samples, ranks) in [(70, 2), (70, 5), (1024, 2), (1024, 5), (1500, 2), (2560, 5)] {
        // A sigmoid has no corner that a neuron could cross.
        let case = Case::new(&[7, 6, 5, 3], ActivationKind::Sigmoid, samples);
        for (name, split) in SPLITS {
            for scheme in Scheme::ALL {
                let played = Arc::new(PlayedRank::new(ranks - 1, ranks));
                let team = Team::new(Arc::clone(&played) as Arc<dyn Comm>, split);
                let before = played.traffic();
                let mut estimator = shared(kind(name), (scheme, 1e-4), team);
                // What the others would hand over stays what it was.
                let mut gradient = vec![0.0; case.theta.len()];
                let batch = case.batch(0);
                case.with(|objective| {
                    estimator.estimate(objective, &case.theta, batch, &mut gradient)
                })
                .unwrap();
                let found = played.traffic() - before;
                let model = Shared {
                    kind: kind(name),
                    scheme,
                    split,
                    samples,
                    ranks,
                    rough: 0,
                };
                let what = format!("{name} by {split}, {scheme}, {ranks} ranks");
                assert_eq!(model.traffic(&case.network), Some(found), "{what}");
                let alone = Shared { ranks: 1, ..model };
                let nothing = alone.traffic(&case.network);
                assert_eq!(nothing, Some(Traffic::default()), "{what}");
            }
        }
    }
}

#[test]
fn a_rank_that_is_played_hears_its_own_words_from_all() {
    for rank in 0..4 {
        let team = Team::new(Arc::new(PlayedRank::new(rank, 4)), Split::Samples);
        assert_eq!(team.threads(), 4 * rayon::current_num_threads());
        assert_eq!(team.each(0x0102_0304_0506_0708), [0x0102_0304_0506_0708; 4]);
        assert_eq!(team.sum(rank as u64 + 5), 4 * (rank as u64 + 5));
    }
}

/// What the first of two ranks hands over of a gradient, and both together.
fn sent_by_the_first(case: &Case, split: Split) -> (u64, u64) {
    let played = Arc::new(PlayedRank::new(0, 2));
    let team = Team::new(Arc::clone(&played) as Arc<dyn Comm>, split);
    let before = (played.sent(), played.traffic().bytes);
    let mut gradient = vec![0.0; case.theta.len()];
    let mut sweep = shared(kind("weight"), (Scheme::Central, 1e-4), team);
    let batch = case.batch(0);
    case.with(|objective| sweep.estimate(objective, &case.theta, batch, &mut gradient))
        .unwrap();
    (played.sent() - before.0, played.traffic().bytes - before.1)
}

#[test]
fn ranks_have_as_many_neurons_as_cost_the_same() {
    // Two powers of each weight's input; and of the last hidden layer, where every rank measures
    // its own neurons, eight for each output. In all 40·62 + 6·242 + 20·14, of which a half is
    // reached with 34 neurons of the first layer.
    let case = Case::new(&[30, 40, 6, 20], ActivationKind::Sigmoid, 8);
    let (own, _) = sent_by_the_first(&case, Split::Coordinates);
    // To count the evaluations, a word.
    assert_eq!(own, 8 * (34 * 31) + 8);
}

#[test]
fn ranks_have_as_many_columns_as_cost_the_same() {
    let share = |case: &Case| {
        let (own, all) = sent_by_the_first(case, Split::Samples);
        own as f64 / all as f64
    };
    let mut case = Case::new(&[40, 20], ActivationKind::Sigmoid, 8);
    case.x.fill(0.5);
    // Of 41 columns 21, and of all else a half.
    assert!((share(&case) - 0.5).abs() < 0.02, "{}", share(&case));
    // Columns of inputs that are 0 everywhere cost next to nothing.
    for (k, x) in case.x.iter_mut().enumerate() {
        if k % 40 < 30 {
            *x = 0.0;
        }
    }
    assert!(share(&case) > 0.62, "{}", share(&case));
}

#[test]
fn ranked_losses_all_travel_and_differences_once() {
    let case = Case::new(&[7, 6, 3], ActivationKind::Sigmoid, 10);
    for (rank, bytes) in [(Rank::None, 8 * 7), (Rank::Centred, 8 * 7 * 2)] {
        let mut ranked = kind("directions");
        if let EstimatorKind::Directions(directions) = &mut ranked {
            directions.rank = rank;
        }
        let sent = LocalRank::run(3, |own| {
            let own: Arc<dyn Comm> = Arc::new(own);
            let team = Team::new(Arc::clone(&own), Split::Directions);
            let before = own.sent();
            case.estimate(&mut *shared(ranked, (Scheme::Central, 1e-4), team), 0);
            own.sent() - before
        });
        assert_eq!(sent.iter().sum::<u64>(), bytes, "{rank}");
    }
}

#[test]
fn every_rank_has_what_the_others_have_for_it() {
    // Rank r has r + 1 times as many bytes for each as rank 0, and of rank s come 2·s.
    let (times, lengths) = ([1, 2, 3], [0, 2, 4]);
    let part = |from: usize, to: usize| vec![(10 * from + to) as u8; times[from] * lengths[to]];
    let found = LocalRank::run(3, |rank| {
        let own: Vec<u8> = (0..3).flat_map(|to| part(rank.rank(), to)).collect();
        let mut found = vec![0; 6 * lengths[rank.rank()]];
        rank.all_to_all(&own, &mut found, &times, &lengths);
        (found, rank.sent())
    });
    for (rank, (found, sent)) in found.into_iter().enumerate() {
        let expected: Vec<u8> = (0..3).flat_map(|from| part(from, rank)).collect();
        assert_eq!(found, expected, "to {rank}");
        assert_eq!(sent as usize, times[rank] * (6 - lengths[rank]));
        let played = PlayedRank::new(rank, 3);
        let own: Vec<u8> = (0..3).flat_map(|to| part(rank, to)).collect();
        let mut kept = vec![255; found.len()];
        played.all_to_all(&own, &mut kept, &times, &lengths);
        let own: Vec<u8> = (0..3)
            .flat_map(|from| {
                if from == rank {
                    part(from, rank)
                } else {
                    vec![255; times[from] * lengths[rank]]
                }
            })
            .collect();
        assert_eq!(kept, own);
        assert_eq!(played.sent(), sent);
        let all = 6 + 2 * 4 + 3 * 2;
        assert_eq!(
            (played.traffic().bytes, played.traffic().scattered),
            (all, all)
        );
    }
}

#[test]
fn every_rank_has_the_bytes_of_the_one_that_broadcasts() {
    for root in 0..3 {
        let found = LocalRank::run(3, |rank| {
            let mut bytes = [rank.rank() as u8 + 1; 4];
            rank.broadcast(root, &mut bytes);
            (bytes, rank.sent())
        });
        for (rank, (bytes, sent)) in found.into_iter().enumerate() {
            assert_eq!(bytes, [root as u8 + 1; 4], "from {root} to {rank}");
            assert_eq!(sent, if rank == root { 4 } else { 0 });
        }
        let played = PlayedRank::new(1, 3);
        played.broadcast(root, &mut [0; 4]);
        assert_eq!(played.sent(), if root == 1 { 4 } else { 0 });
        assert_eq!(played.traffic().bytes, 4);
    }
}

#[test]
fn every_rank_hears_of_the_loss_that_only_one_of_them_saw_to_be_infinite() {
    let identity = OutputKind::Elementwise(ActivationKind::Identity);
    let mut case = Case::new(&[3, 4], ActivationKind::Identity, 3);
    case.network = Architecture::new(&[3, 4], ActivationKind::Identity, identity)
        .build()
        .unwrap();
    case.loss = LossKind::SumOfSquaredErrors;
    // The moved weights overflow, those at rest do not; and an input of 0 moves nothing.
    let step = 1e200;
    case.x = vec![0.0, 0.5, 1.0, 0.0, 0.25, 0.75, 0.0, 1.0, 0.5];
    let naive = kind("weight-naive");
    let alone = &mut *naive.build(Scheme::Central, step, 3).unwrap();
    let expected = case.try_estimate(alone, 0).unwrap_err();
    let errors = LocalRank::run(4, |rank| {
        let team = Team::new(Arc::new(rank), Split::Coordinates);
        let mut estimator = shared(naive, (Scheme::Central, step), team);
        case.try_estimate(&mut *estimator, 0).unwrap_err()
    });
    assert_eq!(errors, vec![expected; 4]);
}

#[test]
fn so_it_does_where_each_adds_up_its_own_samples() {
    let mut case = Case::new(&[7, 6, 5, 3], ActivationKind::Relu, 512);
    let identity = OutputKind::Elementwise(ActivationKind::Identity);
    case.network = Architecture::new(&[7, 6, 5, 3], ActivationKind::Relu, identity)
        .build()
        .unwrap();
    case.loss = LossKind::SumOfSquaredErrors;
    case.x[7 * 300..7 * 301].fill(1e200);
    let found = LocalRank::run(2, |rank| {
        let team = Team::new(Arc::new(rank), Split::Samples);
        let mut sweep = shared(kind("weight"), (Scheme::Central, 1e-4), team);
        case.try_estimate(&mut *sweep, 0).unwrap_err()
    });
    let loss = f64::INFINITY;
    assert_eq!(
        found,
        [300; 2].map(|sample| GradientError::NotFinite { sample, loss })
    );
}
