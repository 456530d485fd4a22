//! What a network says about samples whose targets nobody knows.
use crate::dataset::Dataset;
use crate::train_error::TrainError;
use numgrad_core::{Mlp, Real, Trace};
use numgrad_loss::Targets;

/// Samples of one pass: fixed, whatever the threads.
const CHUNK: usize = 1024;

/// Hands over what a network predicts for each sample of a dataset, in its order: its outputs, as
/// values of the dataset's [`target_scale`](Dataset::target_scale). Memory: that of 1,024
/// samples. Cost: a forward pass of the dataset.
///
/// # Errors
/// If the dataset does not fit the network, and whatever `take` fails with.
pub fn predict<T: Real, E: From<TrainError>>(
    network: &Mlp<T>,
    theta: &[T],
    data: &Dataset,
    mut take: impl FnMut(&[T]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut x, mut trace) = (Vec::new(), Trace::new());
    let mut targets = Targets::Labels(Vec::new());
    let scale = data.target_scale();
    let mut values = Vec::with_capacity(network.outputs());
    let indices: Vec<usize> = (0..data.samples()).collect();
    for chunk in indices.chunks(CHUNK) {
        data.gather(chunk, &mut x, &mut targets)
            .map_err(TrainError::from)?;
        network
            .forward(theta, &x, &mut trace)
            .map_err(TrainError::from)?;
        for b in 0..chunk.len() {
            let output = trace.output(network, b);
            if scale.is_identity() {
                take(output)?;
                continue;
            }
            values.clear();
            values.extend(output.iter().map(|y| T::of(scale.value(y.as_f64()))));
            take(&values)?;
        }
    }
    Ok(())
}
