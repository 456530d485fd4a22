//! What a run's network says about inputs that were not scaled yet.
use super::Trainer;
use crate::dataset::{Dataset, Features, Labels};
use crate::prediction::predict;
use crate::train_error::TrainError;
use numgrad_core::Real;

impl<T: Real> Trainer<T> {
    /// What the network predicts for some samples, one after the other as their inputs are. Inputs and
    /// predicted values are raw, as the run's data were before it scaled them (pixels of bytes from 0
    /// to 1).
    ///
    /// # Errors
    /// If the inputs are not those of whole samples, or none.
    pub fn outputs(&self, inputs: &[f64]) -> Result<Vec<T>, TrainError> {
        let width = self.network.inputs();
        let samples = inputs.len() / width;
        let features = Features::Numbers(inputs.to_vec());
        let mut data =
            Dataset::new(width, features, Labels::Unknown(samples)).map_err(TrainError::Setting)?;
        self.scaler.apply(&mut data);
        data.scale_targets(self.train.target_scale());
        let mut outputs = Vec::with_capacity(samples * self.network.outputs());
        predict(&self.network, &self.theta, &data, |output| {
            outputs.extend_from_slice(output);
            Ok::<(), TrainError>(())
        })?;
        Ok(outputs)
    }
}
