//! From what is asked to a configuration: what is left open, the data and the other settings decide.
use crate::configuration::Configuration;
use crate::dataset::{DataSource, Dataset, LoadOptions, Loaded, Scaling};
use crate::optimizer::OptimizerKind;
use crate::prepared::{PrepareError, Prepared};
use crate::regime::Regime;
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision};
use numgrad_diff::Scheme;
use numgrad_gradient::{EstimatorKind, default_step};
use numgrad_loss::LossKind;

/// Neurons of the hidden layer where no widths are given: up to [`FEW`] inputs, and from there on.
const HIDDEN: (usize, usize) = (32, 50);
const FEW: usize = 100;

/// What a run is asked to do, with what may be left open. The command line and [`Builder`] both come
/// to their configurations by it.
///
/// [`Builder`]: crate::Builder
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Where the data come from; the digits by default.
    pub data: DataSource,
    /// How they are read.
    pub reading: LoadOptions,
    /// How inputs are scaled; by default images not at all, and all else to mean 0 and deviation 1.
    pub scaling: Option<Scaling>,
    /// How targets that are values are scaled; by default to mean 0 and deviation 1 where the output
    /// is the identity and the loss one of errors, and else not at all.
    pub target_scaling: Option<Scaling>,
    /// The part of the data held out for testing, where there is no test set: 0.2 by default.
    pub test_fraction: f64,
    /// Widths of inputs, hidden layers and outputs; by default those of the data, around a hidden
    /// layer of 32 neurons for up to 100 inputs, and of 50 for more.
    pub layers: Option<Vec<usize>>,
    /// The hidden layers' activation; ReLU by default.
    pub activation: ActivationKind,
    /// The output layer's function; by default softmax for classes, and the identity for values.
    pub output: Option<OutputKind>,
    /// The precision of all numbers; f64 by default.
    pub precision: Precision,
    /// The first weights; by default He's for ReLU and what is like it, and else Xavier's.
    pub initializer: Option<Initializer>,
    /// The loss; by default cross-entropy for classes, and the sum of squared errors for values.
    pub loss: Option<LossKind>,
    /// How the gradient is estimated.
    pub perturb: EstimatorKind,
    /// The difference scheme; central by default.
    pub scheme: Scheme,
    /// The step h; by default 1e-4, and 1e-2 in f32 where losses are subtracted.
    pub step: Option<f64>,
    /// The optimizer; Adam by default.
    pub optimizer: OptimizerKind,
    /// η; by default [`OptimizerKind::default_learning_rate`].
    pub learning_rate: Option<f64>,
    /// λ of the L2 penalty; none by default.
    pub weight_decay: f64,
    /// Samples of a mini-batch; 100 by default.
    pub batch_size: usize,
    /// Passes over the training data; 40 by default.
    pub epochs: u64,
    /// The seed of every random number.
    pub seed: u64,
    /// How many parameters are audited after each epoch; none by default.
    pub audit: usize,
    /// How the run is steered beside its optimizer; not at all by default.
    pub regime: Regime,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            data: DataSource::Digits,
            reading: LoadOptions::default(),
            scaling: None,
            target_scaling: None,
            test_fraction: 0.2,
            layers: None,
            activation: ActivationKind::Relu,
            output: None,
            precision: Precision::F64,
            initializer: None,
            loss: None,
            perturb: EstimatorKind::default(),
            scheme: Scheme::Central,
            step: None,
            optimizer: OptimizerKind::Adam,
            learning_rate: None,
            weight_decay: 0.0,
            batch_size: 100,
            epochs: 40,
            seed: 0,
            audit: 0,
            regime: Regime::default(),
        }
    }
}

impl Plan {
    /// Reads the data, and settles what was left open.
    ///
    /// # Errors
    /// If the data cannot be read or split.
    pub fn load(self) -> Result<(Configuration, Prepared), PrepareError> {
        self.check()?;
        let loaded = self.data.load(&self.reading)?;
        self.with(loaded)
    }

    /// Settles what was left open by data that are loaded already.
    ///
    /// # Errors
    /// If they cannot be split, or the validation data cannot be read.
    pub fn with(self, loaded: Loaded) -> Result<(Configuration, Prepared), PrepareError> {
        self.check()?;
        let configuration = self.settled(&loaded.train);
        let prepared = Prepared::of(&configuration, loaded)?;
        Ok((configuration, prepared))
    }

    fn check(&self) -> Result<(), PrepareError> {
        let part = self.test_fraction;
        if part > 0.0 && part < 1.0 {
            Ok(())
        } else {
            Err(PrepareError::TestFraction(part))
        }
    }

    fn settled(self, data: &Dataset) -> Configuration {
        let is_classified = data.classes().is_some();
        let is_of_one_scale = self.data.is_images() || data.are_bytes();
        let widths = self.layers.unwrap_or_else(|| {
            let is_small = data.inputs() <= FEW;
            let hidden = if is_small { HIDDEN.0 } else { HIDDEN.1 };
            vec![data.inputs(), hidden, data.outputs()]
        });
        // A margin is one of scores, not of probabilities.
        let is_margin = self.loss == Some(LossKind::Hinge);
        let output = self.output.unwrap_or(if is_classified && !is_margin {
            OutputKind::Softmax
        } else {
            OutputKind::Elementwise(ActivationKind::Identity)
        });
        let architecture = Architecture::new(&widths, self.activation, output);
        let is_rectified = |kind: &ActivationKind| {
            use ActivationKind::{Gelu, LeakyRelu, Relu, Softplus};
            matches!(kind, Relu | LeakyRelu | Gelu | Softplus)
        };
        let initializer = if architecture.hidden.iter().any(is_rectified) {
            Initializer::HeUniform
        } else {
            Initializer::XavierUniform
        };
        let scaling = if is_of_one_scale {
            Scaling::None
        } else {
            Scaling::Standard
        };
        let loss = if is_classified {
            LossKind::CrossEntropy
        } else {
            LossKind::SumOfSquaredErrors
        };
        let loss = self.loss.unwrap_or(loss);
        let target_scaling = if !is_classified && output.is_linear() && is_of_errors(loss) {
            Scaling::Standard
        } else {
            Scaling::None
        };
        let step = step_of(self.precision, self.perturb);
        let rate = self.optimizer.default_learning_rate();
        Configuration {
            data: self.data,
            reading: self.reading,
            scaling: self.scaling.unwrap_or(scaling),
            target_scaling: self.target_scaling.unwrap_or(target_scaling),
            test_fraction: self.test_fraction,
            architecture,
            precision: self.precision,
            initializer: self.initializer.unwrap_or(initializer),
            loss,
            perturb: self.perturb,
            scheme: self.scheme,
            step: self.step.unwrap_or(step),
            optimizer: self.optimizer,
            learning_rate: self.learning_rate.unwrap_or(rate),
            weight_decay: self.weight_decay,
            batch_size: self.batch_size,
            epochs: self.epochs,
            seed: self.seed,
            audit: self.audit,
            regime: self.regime,
        }
    }
}

/// Whether a loss asks for nothing but the difference of output and target.
fn is_of_errors(loss: LossKind) -> bool {
    use LossKind::{Huber, MeanAbsoluteError, MeanSquaredError, SumOfSquaredErrors};
    matches!(
        loss,
        SumOfSquaredErrors | MeanSquaredError | MeanAbsoluteError | Huber(_)
    )
}

/// The step where none is given. Full passes subtract two losses, which leaves f32 few digits.
fn step_of(precision: Precision, perturb: EstimatorKind) -> f64 {
    let is_exact = !perturb.subtracts_losses();
    match precision {
        Precision::F64 => default_step::<f64>(is_exact),
        Precision::F32 => default_step::<f32>(is_exact),
    }
}
