//! A run that several ranks share.
use super::{Trainer, theta_blake3};
use crate::train_error::TrainError;
use numgrad_core::Real;
use numgrad_gradient::Team;

impl<T: Real> Trainer<T> {
    /// Shares the run with other ranks from here on: each has the same run at the same step, takes
    /// the same steps, and ends with the bits of one process. Every rank must call it. The number of
    /// ranks is no part of a run: a checkpoint goes on with any other.
    ///
    /// # Errors
    /// [`TrainError::OtherRank`] on all ranks if one has another run, and
    /// [`TrainError::Gradient`] if the estimator cannot be split so.
    pub fn share(&mut self, team: Team) -> Result<(), TrainError> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(team.split().to_string().as_bytes());
        hasher.update(format!("{:?}", self.configuration).as_bytes());
        hasher.update(self.fingerprint.as_bytes());
        for number in [self.progress.epoch, self.progress.batch] {
            hasher.update(&number.to_le_bytes());
        }
        hasher.update(theta_blake3(&self.theta).as_bytes());
        compare(
            &team,
            hasher.finalize(),
            "version, settings, data or parameters",
        )?;
        (self.estimator.share(team.clone())).map_err(TrainError::Gradient)?;
        self.team = Some(team);
        Ok(())
    }

    /// Whether the ranks still have one θ, at the end of an epoch.
    pub(super) fn agree(&self) -> Result<(), TrainError> {
        let Some(team) = &self.team else {
            return Ok(());
        };
        compare(team, theta_blake3(&self.theta), "parameters")
    }
}

/// Holds the start of a hash against that of rank 0.
fn compare(team: &Team, own: blake3::Hash, what: &'static str) -> Result<(), TrainError> {
    let (start, _) = own.as_bytes().split_at(8);
    let start = start
        .iter()
        .fold(0, |word, &byte| word << 8 | u64::from(byte));
    let all = team.each(start);
    match all.iter().position(|&other| other != all[0]) {
        Some(rank) => Err(TrainError::OtherRank { rank, what }),
        None => Ok(()),
    }
}
