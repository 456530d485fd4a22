//! Ranks end with the bits of one process, and hand over what the model says.
use crate::case::Case;
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, OutputKind};
use numgrad_gradient::numgrad_diff::{Rank, Scheme};
use numgrad_gradient::numgrad_loss::LossKind;
use numgrad_gradient::{
    Comm, Estimator, EstimatorKind, LocalRank, PlayedRank, Shared, Split, Team, Traffic,
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
    for (activation, step) in [(ActivationKind::Relu, 0.05), (ActivationKind::Tanh, 1e-3)] {
        let mut case = Case::new(&[7, 6, 5, 3], activation, 70);
        // So few that only those that are not 0 are multiplied.
        for (k, x) in case.x.iter_mut().enumerate() {
            *x = if k % 5 == 0 { 0.25 + 0.5 * *x } else { 0.0 };
        }
        for (name, split) in SPLITS {
            let alone = &mut *kind(name).build(Scheme::Central, step, 3).unwrap();
            let (measured, expected) = case.estimate(alone, 2);
            for ranks in [2, 3] {
                let each = LocalRank::run(ranks, |rank| {
                    let team = Team::new(Arc::new(rank), split);
                    let mut estimator = shared(kind(name), (Scheme::Central, step), team);
                    case.estimate(&mut *estimator, 2)
                });
                for (found, gradient) in each {
                    let what = format!("{name} by {split} on {ranks}, {activation}");
                    assert_eq!(gradient, expected, "{what}");
                    assert_eq!(found.loss, measured.loss, "{what}");
                    assert_eq!(found.loss_evaluations, measured.loss_evaluations, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_rank_that_is_played_hands_over_what_the_model_says() {
    // A sigmoid has no corner that a neuron could cross.
    let case = Case::new(&[7, 6, 5, 3], ActivationKind::Sigmoid, 70);
    for (name, split) in SPLITS {
        for scheme in Scheme::ALL {
            for ranks in [2, 5] {
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
                let after = played.traffic();
                let found = Traffic {
                    bytes: after.bytes - before.bytes,
                    exchanges: after.exchanges - before.exchanges,
                };
                let model = Shared {
                    kind: kind(name),
                    scheme,
                    split,
                    samples: 70,
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
    // To count the marks and the evaluations, a word each.
    assert_eq!(own, 8 * (34 * 31) + 16);
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
