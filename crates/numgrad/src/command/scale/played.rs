//! How long a rank computes: each is played in turn on this machine.
use crate::failure::Failure;
use numgrad_core::Real;
use numgrad_gradient::{Batch, Comm, Objective, PlayedRank, Split, Team, Traffic};
use numgrad_loss::Targets;
use numgrad_train::optimizer::Optimizer;
use numgrad_train::{Configuration, Prepared, TrainError, Trainer};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most ranks of a number that are played: the first, the last and some between them.
const MOST: usize = 8;

/// One of so many ranks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    /// Seconds of the gradient, on the rank that takes longest.
    pub(super) seconds: f64,
    /// What all ranks hand over in a step.
    pub(super) traffic: Traffic,
}

/// What was found by playing.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) each: Vec<Played>,
    pub(super) update: f64,
    pub(super) samples: usize,
    pub(super) threads: usize,
}

/// Plays ranks of each of these numbers, the first of which is 1.
pub(super) fn play<T: Real>(
    run: &Configuration,
    data: &Prepared,
    split: Split,
    counts: &[usize],
    budget: Duration,
) -> Result<Found, Failure> {
    let trainer = Trainer::<T>::new(run.clone(), data.clone())?;
    let (objective, theta) = (trainer.objective(), trainer.theta());
    let samples = run.batch_size.min(data.train.samples());
    let indices: Vec<usize> = (0..samples).collect();
    let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
    (data.train.gather(&indices, &mut x, &mut targets)).map_err(TrainError::from)?;
    let batch = Batch {
        x: &x,
        targets: &targets,
        step: 0,
    };
    let mut estimator = (run.perturb).build(run.scheme, T::of(run.step), run.seed)?;
    estimator.prepare(&objective, theta, batch, trainer.batches())?;
    let mut gradient = vec![T::zero(); theta.len()];
    let mut estimate = |estimator: &mut dyn numgrad_gradient::Estimator<T>,
                        objective: &Objective<'_, T>| {
        estimator.estimate(objective, theta, batch, &mut gradient)
    };
    let mut each = Vec::with_capacity(counts.len());
    for &count in counts {
        let ranks = played(count);
        let of_one = budget / ranks.len() as u32;
        let mut longest = Played {
            seconds: 0.0,
            traffic: Traffic::default(),
        };
        for rank in ranks {
            let role = Arc::new(PlayedRank::new(rank, count));
            if count > 1 {
                estimator.share(Team::new(Arc::clone(&role) as Arc<dyn Comm>, split))?;
            }
            let before = role.traffic();
            estimate(&mut *estimator, &objective)?;
            let traffic = role.traffic() - before;
            let work = || estimate(&mut *estimator, &objective).map(|_| ());
            let seconds = median(of_one, work)?;
            if seconds > longest.seconds {
                longest = Played { seconds, traffic };
            }
        }
        each.push(longest);
    }
    let mut moved = theta.to_vec();
    // A rate that leaves θ as it is.
    let mut optimizer = Optimizer::new(run.optimizer, 1e-12, 0.0, theta.len());
    let update = median(budget / 10, || {
        optimizer.step(&mut moved, &gradient);
        Ok::<(), Failure>(())
    })?;
    Ok(Found {
        each,
        update,
        samples,
        threads: rayon::current_num_threads(),
    })
}

/// Which ranks of so many are played.
fn played(count: usize) -> Vec<usize> {
    let some = count.min(MOST);
    let last = some.saturating_sub(1).max(1);
    (0..some).map(|k| k * (count - 1) / last).collect()
}

/// The median time of some work, over about so long.
fn median<E>(budget: Duration, mut work: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.is_empty() || (start.elapsed() < budget && times.len() < 10_000) {
        let started = Instant::now();
        work()?;
        times.push(started.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_rank_are_played_and_some_between() {
        assert_eq!(played(1), [0]);
        assert_eq!(played(3), [0, 1, 2]);
        assert_eq!(played(8), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(played(8000), [0, 1142, 2285, 3428, 4570, 5713, 6856, 7999]);
    }
}
