//! The training loop that all of these networks share.
use numgrad_train::dataset::order;
use numgrad_train::numgrad_core::{Initializer, Mlp};
use numgrad_train::numgrad_diff::Scheme;
use numgrad_train::numgrad_gradient::{Batch, EstimatorKind, Objective, Perturb};
use numgrad_train::numgrad_loss::{Loss, Targets};
use numgrad_train::optimizer::{Optimizer, OptimizerKind};
use numgrad_train::streams::{Purpose, stream};
use numgrad_train::{Prepared, evaluate};
use std::error::Error;

/// What is trained, and how.
#[derive(Clone)]
pub(crate) struct Recipe<'a> {
    pub(crate) network: Mlp<f64>,
    pub(crate) loss: &'a dyn Loss<f64>,
    pub(crate) weights: &'a dyn Weights,
    pub(crate) perturb: Perturb,
    pub(crate) step: f64,
    pub(crate) learning_rate: f64,
    pub(crate) epochs: u64,
}

/// The weights that a network runs with, made of the real numbers θ that an optimizer moves.
pub(crate) trait Weights {
    /// Writes over `weights` what the network runs with.
    fn of(&self, network: &Mlp<f64>, theta: &[f64], weights: &mut [f64]);

    /// Keeps θ where a change of it can still change a weight.
    fn keep(&self, _network: &Mlp<f64>, _theta: &mut [f64]) {}

    /// The gradient by differences between weights that the network can have.
    fn gradient(
        &self,
        recipe: &Recipe<'_>,
        weights: &[f64],
        batch: Batch<'_, f64>,
        gradient: &mut [f64],
    ) -> Result<(), Box<dyn Error>> {
        measure(
            recipe,
            Scheme::Central,
            recipe.step,
            weights,
            batch,
            gradient,
        )
    }
}

/// Weights that are θ itself.
pub(crate) struct Real;

impl Weights for Real {
    fn of(&self, _network: &Mlp<f64>, theta: &[f64], weights: &mut [f64]) {
        weights.copy_from_slice(theta);
    }
}

/// Measures a gradient at these weights.
pub(crate) fn measure(
    recipe: &Recipe<'_>,
    scheme: Scheme,
    step: f64,
    weights: &[f64],
    batch: Batch<'_, f64>,
    gradient: &mut [f64],
) -> Result<(), Box<dyn Error>> {
    let objective = Objective::new(&recipe.network, recipe.loss);
    let kind: EstimatorKind = recipe.perturb.into();
    let mut estimator = kind.build(scheme, step, 0)?;
    estimator.estimate(&objective, weights, batch, gradient)?;
    Ok(())
}

/// Trains, and returns the accuracy on the samples that were held out.
pub(crate) fn train(
    recipe: &Recipe<'_>,
    data: &Prepared,
    seed: u64,
) -> Result<f64, Box<dyn Error>> {
    const BATCH: usize = 100;
    let network = &recipe.network;
    let mut theta = vec![0.0; network.parameters()];
    let mut random = stream(seed, Purpose::Initialise, 0);
    Initializer::XavierUniform.draw(network, &mut random, &mut theta);
    let (mut weights, mut gradient) = (theta.clone(), theta.clone());
    let mut optimizer = Optimizer::new(OptimizerKind::Adam, recipe.learning_rate, 0.0, theta.len());
    let (mut indices, mut x, mut targets) = (Vec::new(), Vec::new(), Targets::Labels(Vec::new()));
    for epoch in 0..recipe.epochs {
        // Large steps find the place, small ones the spot.
        optimizer.learning_rate =
            recipe.learning_rate * (1.0 - 0.9 * epoch as f64 / recipe.epochs as f64);
        order(data.train.samples(), seed, epoch, &mut indices);
        for batch in indices.chunks(BATCH) {
            data.train.gather(batch, &mut x, &mut targets)?;
            let batch = Batch {
                x: &x,
                targets: &targets,
                step: optimizer.steps(),
            };
            recipe.weights.of(network, &theta, &mut weights);
            (recipe.weights).gradient(recipe, &weights, batch, &mut gradient)?;
            optimizer.step(&mut theta, &gradient);
            recipe.weights.keep(network, &mut theta);
        }
    }
    recipe.weights.of(network, &theta, &mut weights);
    let objective = Objective::new(network, recipe.loss);
    let found = evaluate(&objective, &weights, &data.test)?;
    found.accuracy().ok_or_else(|| "no classes".into())
}
