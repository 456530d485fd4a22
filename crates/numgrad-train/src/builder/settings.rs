//! The wishes of a [`Builder`] that are settings of its plan: each is a flag of `numgrad train`.
use super::Builder;
use crate::dataset::{DataSource, LoadOptions, Scaling};
use crate::optimizer::OptimizerKind;
use crate::regime::{ClassWeights, Schedule, Validation, Watch};
use numgrad_core::{ActivationKind, Initializer, OutputKind, Real};
use numgrad_diff::Scheme;
use numgrad_gradient::EstimatorKind;
use numgrad_loss::LossKind;

impl<T: Real> Builder<'_, T> {
    /// Where the data come from; the digits by default.
    #[must_use]
    pub fn data(mut self, source: DataSource) -> Self {
        self.plan.data = source;
        self
    }

    /// How a file is read: its target, missing cells, categories and limits.
    #[must_use]
    pub fn reading(mut self, options: LoadOptions) -> Self {
        self.plan.reading = options;
        self
    }

    /// How inputs are scaled; by default images not at all, and all else to mean 0 and deviation 1.
    #[must_use]
    pub fn scaling(mut self, scaling: Scaling) -> Self {
        self.plan.scaling = Some(scaling);
        self
    }

    /// How targets that are values are scaled; by default to mean 0 and deviation 1 where the output is
    /// the identity and the loss one of errors, and else not at all. Predictions and errors are in the
    /// target's own units; the loss, and the δ of Huber's, are of scaled targets.
    #[must_use]
    pub fn target_scaling(mut self, scaling: Scaling) -> Self {
        self.plan.target_scaling = Some(scaling);
        self
    }

    /// The part of the data held out for testing, where there is no test set: 0.2 by default.
    #[must_use]
    pub fn test_fraction(mut self, part: f64) -> Self {
        self.plan.test_fraction = part;
        self
    }

    /// Widths of inputs, hidden layers and outputs; by default those of the data around a hidden
    /// layer.
    #[must_use]
    pub fn layers(mut self, widths: &[usize]) -> Self {
        self.plan.layers = Some(widths.to_vec());
        self
    }

    /// The hidden layers' activation; ReLU by default.
    #[must_use]
    pub fn activation(mut self, kind: ActivationKind) -> Self {
        self.plan.activation = kind;
        self
    }

    /// The output layer's function; by default softmax for classes, and the identity for values.
    #[must_use]
    pub fn output(mut self, kind: OutputKind) -> Self {
        self.plan.output = Some(kind);
        self
    }

    /// The first weights; by default He's for ReLU and leaky ReLU, and else Xavier's.
    #[must_use]
    pub fn initializer(mut self, initializer: Initializer) -> Self {
        self.plan.initializer = Some(initializer);
        self
    }

    /// The loss; by default cross-entropy for classes, and the sum of squared errors for values.
    #[must_use]
    pub fn loss(mut self, kind: LossKind) -> Self {
        self.plan.loss = Some(kind);
        self
    }

    /// How the gradient is estimated: what is perturbed. Each weight by default.
    #[must_use]
    pub fn perturb(mut self, estimator: impl Into<EstimatorKind>) -> Self {
        self.plan.perturb = estimator.into();
        self
    }

    /// The difference scheme; central by default.
    #[must_use]
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.plan.scheme = scheme;
        self
    }

    /// The step h; by default 1e-4, and 1e-2 in f32 where losses are subtracted.
    #[must_use]
    pub fn step(mut self, h: f64) -> Self {
        self.plan.step = Some(h);
        self
    }

    /// The optimizer; Adam by default.
    #[must_use]
    pub fn optimizer(mut self, kind: OptimizerKind) -> Self {
        self.plan.optimizer = kind;
        self
    }

    /// η; by default 0.01 for RMSprop and Adam, and else 0.1.
    #[must_use]
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.plan.learning_rate = Some(rate);
        self
    }

    /// The factors of the learning rate; constant by default.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.plan.regime.schedule = schedule;
        self
    }

    /// λ of the L2 penalty λ/2·‖θ‖², or of AdamW's decay; none by default.
    #[must_use]
    pub fn l2(mut self, lambda: f64) -> Self {
        self.plan.weight_decay = lambda;
        self
    }

    /// λ of the L1 penalty λ·‖θ‖₁; none by default.
    #[must_use]
    pub fn l1(mut self, lambda: f64) -> Self {
        self.plan.regime.l1 = lambda;
        self
    }

    /// ε of smoothed labels, from 0 up to 1, for cross-entropy; none by default.
    #[must_use]
    pub fn label_smoothing(mut self, epsilon: f64) -> Self {
        self.plan.regime.label_smoothing = epsilon;
        self
    }

    /// How much a sample of each class counts in the loss; all the same by default.
    #[must_use]
    pub fn class_weights(mut self, weights: ClassWeights) -> Self {
        self.plan.regime.class_weights = Some(weights);
        self
    }

    /// The longest gradient ‖g‖₂: a longer one is shortened.
    #[must_use]
    pub fn clip_norm(mut self, length: f64) -> Self {
        self.plan.regime.clip_norm = Some(length);
        self
    }

    /// The largest entry of a gradient: a larger one is cut.
    #[must_use]
    pub fn clip_value(mut self, size: f64) -> Self {
        self.plan.regime.clip_value = Some(size);
        self
    }

    /// The data that are validated on after each epoch: a part of the training data, or a source.
    #[must_use]
    pub fn validation(mut self, data: Validation) -> Self {
        self.plan.regime.validation = Some(data);
        self
    }

    /// What plateaus, early stopping and the best checkpoint look at; by default the validation loss,
    /// or without validation data the training loss.
    #[must_use]
    pub fn watch(mut self, value: Watch) -> Self {
        self.plan.regime.watch = Some(value);
        self
    }

    /// Ends the run after so many epochs in which nothing improved, and restores the best weights.
    #[must_use]
    pub fn early_stopping(mut self, epochs: u64) -> Self {
        self.plan.regime.early_stopping = Some(epochs);
        self
    }

    /// Keeps the checkpoints of the last epochs, and the best one, in the folder of
    /// [`save_in`](Self::save_in).
    #[must_use]
    pub fn keep(mut self, count: u64) -> Self {
        self.plan.regime.keep = Some(count);
        self
    }

    /// Samples of a mini-batch; 100 by default.
    #[must_use]
    pub fn batch_size(mut self, samples: usize) -> Self {
        self.plan.batch_size = samples;
        self
    }

    /// Passes over the training data; 40 by default. Of a resumed run, the total.
    #[must_use]
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.plan.epochs = epochs;
        self.epochs = Some(epochs);
        self
    }

    /// The seed of every random number; 0 by default.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// Audits so many parameters after each epoch: [`Trainer::audits`](crate::Trainer::audits).
    #[must_use]
    pub fn audit(mut self, parameters: usize) -> Self {
        self.plan.audit = parameters;
        self
    }
}
