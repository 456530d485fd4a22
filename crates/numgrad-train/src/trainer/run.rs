//! A run from where it is to its end.
use super::{Saves, Trainer};
use crate::callback::Callback;
use crate::train_error::TrainError;
use numgrad_core::Real;

impl<T: Real> Trainer<T> {
    /// Trains until the run is finished or a callback ends it, and restores the best weights if
    /// the run watches for them.
    ///
    /// # Errors
    /// As [`Trainer::step`].
    pub fn run(&mut self, callbacks: &mut [&mut dyn Callback<T>]) -> Result<(), TrainError> {
        self.run_saved(callbacks, None)
    }

    /// The same, saved as it goes and at its end.
    ///
    /// # Errors
    /// As [`Trainer::step`], and if a checkpoint cannot be written.
    pub fn run_saved(
        &mut self,
        callbacks: &mut [&mut dyn Callback<T>],
        mut saves: Option<&mut Saves>,
    ) -> Result<(), TrainError> {
        if let Some(saves) = &mut saves {
            saves.save(self)?;
        }
        let mut goes_on = true;
        while goes_on && !self.is_finished() {
            if !self.epoch_is_over() {
                self.step()?;
            }
            let epoch_has_ended = self.epoch_is_over();
            if epoch_has_ended {
                let record = self.end_epoch()?.clone();
                for callback in &mut *callbacks {
                    goes_on &= callback.epoch(&record, &self.theta).is_continue();
                }
            }
            if let Some(saves) = &mut saves {
                if epoch_has_ended {
                    saves.keep(self)?;
                }
                if saves.is_due(epoch_has_ended) {
                    saves.save(self)?;
                }
            }
        }
        self.restore_best();
        if let Some(saves) = saves {
            saves.save(self)?;
        }
        Ok(())
    }
}
