//! What is written down of a run: a record for each epoch.
use numgrad_core::{Mlp, Real};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What one epoch came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: u64,
    /// The mean loss over the epoch's batches, each measured before its step.
    pub train_loss: f64,
    /// The mean loss on the validation data, after the epoch, if there are any.
    pub validation_loss: Option<f64>,
    /// The mean loss on the test data, after the epoch.
    pub test_loss: f64,
    /// The part of the epoch's samples classified rightly, each before its step.
    pub train_accuracy: Option<f64>,
    /// The part of the validation samples classified rightly, after the epoch.
    pub validation_accuracy: Option<f64>,
    /// The part of the test samples classified rightly, after the epoch.
    pub test_accuracy: Option<f64>,
    /// η of the epoch's last step.
    pub learning_rate: f64,
    /// Batch losses measured since the run began.
    pub loss_evaluations: u64,
    /// Seconds of training since the run began.
    pub seconds: f64,
    /// Where the seconds of this epoch went.
    pub spent: Spent,
    /// The epoch's last step, layer by layer. Empty where no gradient is ever written down
    /// (random directions with gradient descent), and in records that format 1 kept.
    pub layers: Vec<LayerRecord>,
}

/// Where the seconds of an epoch went.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Gathering batches.
    pub data: f64,
    /// Estimating gradients.
    pub gradient: f64,
    /// Clipping, penalties and the optimizer's steps.
    pub update: f64,
    /// The losses and metrics of test and validation data.
    pub evaluation: f64,
    /// All the rest of the steps: what the driver costs beside the work itself.
    pub driver: f64,
}

impl Spent {
    /// All of them together.
    pub fn total(&self) -> f64 {
        self.data + self.gradient + self.update + self.evaluation + self.driver
    }

    /// The sum over several epochs.
    pub fn sum<'a>(records: impl IntoIterator<Item = &'a EpochRecord>) -> Self {
        records
            .into_iter()
            .fold(Self::default(), |sum, record| Self {
                data: sum.data + record.spent.data,
                gradient: sum.gradient + record.spent.gradient,
                update: sum.update + record.spent.update,
                evaluation: sum.evaluation + record.spent.evaluation,
                driver: sum.driver + record.spent.driver,
            })
    }
}

/// One step of a layer's weights and biases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// ‖g‖₂ of the estimated gradient, before clipping and penalties.
    pub gradient_norm: f64,
    /// ‖Δθ‖₂ / ‖θ‖₂, with θ before the step. About 10⁻³ is often healthy; 0 where θ is 0.
    pub update_ratio: f64,
}

impl LayerRecord {
    /// The norms of each layer's gradient, with no update yet.
    pub(crate) fn of_gradient<T: Real>(network: &Mlp<T>, gradient: &[T], records: &mut Vec<Self>) {
        records.clear();
        records.extend((0..network.layers()).map(|layer| Self {
            gradient_norm: norm(&gradient[range(network, layer)], |&g| g.as_f64()),
            update_ratio: 0.0,
        }));
    }

    /// Adds what the step from `before` to `after` did.
    pub(crate) fn add_update<T: Real>(
        network: &Mlp<T>,
        (before, after): (&[T], &[T]),
        records: &mut [Self],
    ) {
        for (layer, record) in records.iter_mut().enumerate() {
            let range = range(network, layer);
            let (before, after) = (&before[range.clone()], &after[range]);
            let moved = norm(before.iter().zip(after), |(b, a)| a.as_f64() - b.as_f64());
            let length = norm(before, |&b| b.as_f64());
            // JSON knows no infinity.
            record.update_ratio = if length > 0.0 {
                (moved / length).min(f64::MAX)
            } else {
                0.0
            };
        }
    }
}

/// Where a layer's weights and biases lie in θ.
fn range<T: Real>(network: &Mlp<T>, layer: usize) -> Range<usize> {
    network.weights_range(layer).start..network.biases_range(layer).end
}

/// ‖·‖₂ in the order of the entries, so that no bit depends on the threads; what overflows is as
/// large as can be written.
pub(crate) fn norm<I: IntoIterator>(entries: I, value: impl Fn(I::Item) -> f64) -> f64 {
    let squares = entries.into_iter().map(|entry| value(entry).powi(2));
    squares.sum::<f64>().sqrt().min(f64::MAX)
}
