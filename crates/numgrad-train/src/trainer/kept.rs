//! The best weights of a run that stops early.
use super::Trainer;
use crate::checkpoint;
use crate::checkpoint::Numbers;
use crate::history::EpochRecord;
use numgrad_core::{Aligned, Real};

/// The best weights so far; once these are restored, the last ones.
pub(super) struct Kept<T> {
    epoch: u64,
    theta: Aligned<T>,
    is_restored: bool,
}

impl<T: Real> Trainer<T> {
    /// Keeps θ if the epoch that has just ended was the best one, and sees whether to go on.
    pub(super) fn watch(&mut self) {
        let regime = &self.configuration.regime;
        let Some(patience) = regime.early_stopping else {
            return;
        };
        let watch = regime.watched();
        self.is_stuck = watch.is_stuck(&self.history, patience);
        if !self.is_best() {
            return;
        }
        let epoch = self.progress.epoch;
        match &mut self.kept {
            Some(kept) => {
                kept.epoch = epoch;
                kept.theta.copy_from_slice(&self.theta);
            }
            None => {
                self.kept = Some(Kept {
                    epoch,
                    theta: self.theta.clone(),
                    is_restored: false,
                });
            }
        }
    }

    /// Whether the last epoch was the best one of what is watched.
    pub fn is_best(&self) -> bool {
        let best = (self.configuration.regime.watched()).best(&self.history);
        best.is_some_and(|best| best + 1 == self.history.len())
    }

    /// Puts the best weights in θ's place, if the run stops early. A checkpoint from now on holds
    /// them as its θ, and goes on from the last ones.
    pub fn restore_best(&mut self) {
        if let Some(kept) = self.kept.as_mut().filter(|kept| !kept.is_restored) {
            std::mem::swap(&mut kept.theta, &mut self.theta);
            kept.is_restored = true;
        }
    }

    /// What the weights in θ came to: the last epoch's record, or that of the best one once it is
    /// restored.
    pub fn record(&self) -> Option<&EpochRecord> {
        match self.kept.as_ref().filter(|kept| kept.is_restored) {
            Some(kept) => self.history.get(kept.epoch as usize - 1),
            None => self.history.last(),
        }
    }

    /// What a checkpoint keeps beside θ.
    pub(super) fn kept_numbers(&self) -> Option<checkpoint::Kept> {
        self.kept.as_ref().map(|kept| checkpoint::Kept {
            epoch: kept.epoch,
            theta: Numbers::of(&kept.theta),
            is_restored: kept.is_restored,
        })
    }

    /// Goes on from what a checkpoint kept: the last weights, though the best ones were restored.
    /// `None` if they do not fit.
    pub(super) fn resume_kept(&mut self, kept: Option<checkpoint::Kept>) -> Option<()> {
        let Some(kept) = kept else {
            return Some(());
        };
        let numbers: Vec<T> = kept.theta.get()?;
        if numbers.len() != self.theta.len() {
            return None;
        }
        let mut theta = Aligned::from(&numbers[..]);
        if kept.is_restored {
            std::mem::swap(&mut theta, &mut self.theta);
        }
        self.kept = Some(Kept {
            epoch: kept.epoch,
            theta,
            is_restored: false,
        });
        Some(())
    }
}
