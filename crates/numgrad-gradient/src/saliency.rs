//! How many coordinates each layer should have: a score of every weight, from losses alone.
use crate::random::RandomEstimator;
use crate::{Batch, Estimator, GradientError, Objective};
use numgrad_core::Real;
use numgrad_diff::{Directions, Scheme};

/// Random directions of each of the two gradients that a score takes.
const DIRECTIONS: usize = 64;

/// The step of their differences, and the length of the move along the first of them.
const STEP: f64 = 1e-3;
const MOVE: f64 = 1e-2;

/// Each layer's share of `count` coordinates: how many of the `count` most salient weights it has.
///
/// The score is that of ZO-GraSP (Chen et al., "DeepZero: scaling up zeroth-order optimization for
/// deep neural network training", ICLR 2024, section 4): −θ ⊙ \[ĝ(θ + μ·ĝ(θ)) − ĝ(θ)\]/μ, with
/// gradients ĝ by random directions, of which the least is the most salient: it is what the flow of
/// the gradient would lose by the weight. As single scores are mostly noise, only how many fall to
/// each layer is kept, and each layer has a hundredth of its weights at least, so that none is
/// left out.
///
/// Both gradients take the same directions, so that their difference is along those. Returns the
/// losses evaluated as well.
pub(crate) fn shares<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    batch: Batch<'_, T>,
    count: usize,
    seed: u64,
) -> Result<(Vec<usize>, u64), GradientError> {
    let network = objective.network();
    let directions = Directions {
        count: DIRECTIONS,
        ..Directions::default()
    };
    let mut random = RandomEstimator::new(directions, Scheme::Central, T::of(STEP), seed)?;
    let mut before = vec![T::zero(); theta.len()];
    let mut spent = random
        .estimate(objective, theta, batch, &mut before)?
        .loss_evaluations;
    let square = before.iter().map(|g| g.as_f64() * g.as_f64());
    let length = square.sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    let mu = T::of(MOVE / length);
    let moved = theta.iter().zip(&before);
    let moved: Vec<T> = moved.map(|(&theta, &g)| theta + mu * g).collect();
    let mut after = vec![T::zero(); theta.len()];
    spent += random
        .estimate(objective, &moved, batch, &mut after)?
        .loss_evaluations;
    let gradients = after.iter().zip(&before);
    let scores = theta.iter().zip(gradients);
    let mut scores: Vec<(f64, usize)> = scores
        .map(|(&theta, (&after, &before))| (-theta * (after - before)).as_f64())
        .zip(0..)
        .collect();
    scores.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let chosen = &scores[..count];
    let share = |layer| {
        let range = network.weights_range(layer).start..network.biases_range(layer).end;
        let within = chosen.iter().filter(|(_, index)| range.contains(index));
        within.count().max(range.len() / 100)
    };
    let mut shares: Vec<usize> = (0..network.layers()).map(share).collect();
    // What the least shares added, the largest gives back.
    let surplus = shares.iter().sum::<usize>().saturating_sub(count);
    if let Some(largest) = shares.iter_mut().max() {
        *largest = largest.saturating_sub(surplus);
    }
    Ok((shares, spent))
}
