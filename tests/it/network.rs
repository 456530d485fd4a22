//! Seeded networks and batches, and slow reference quotients by whole forward passes.
use numgrad_core::{
    Activation, ActivationKind, Architecture, Initializer, Mlp, Output, OutputKind, Trace, softmax,
};
use numgrad_diff::Scheme;
use numgrad_gradient::{Backpropagation, Batch, EstimatorKind, Measurement, Objective, Perturb};
use numgrad_loss::{Loss, LossKind, Targets};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

/// A network with its parameters and a batch.
pub(crate) struct Case {
    pub(crate) network: Mlp<f64>,
    pub(crate) theta: Vec<f64>,
    pub(crate) x: Vec<f64>,
    pub(crate) targets: Targets<f64>,
}

impl Case {
    pub(crate) fn new(
        widths: &[usize],
        activation: ActivationKind,
        output: OutputKind,
        samples: usize,
    ) -> Self {
        Self::with(widths, activation, output, samples)
    }

    /// Most inputs are 0, as in images.
    pub(crate) fn with(
        widths: &[usize],
        activation: impl Activation<f64> + Copy + 'static,
        output: OutputKind,
        samples: usize,
    ) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let hidden = (2..widths.len())
            .map(|_| Arc::new(activation) as Arc<dyn Activation<f64>>)
            .collect();
        let network = Mlp::new(widths, hidden, output.build()).unwrap();
        let mut theta = vec![0.0; network.parameters()];
        Initializer::XavierNormal.draw(&network, &mut random, &mut theta);
        for layer in 0..network.layers() {
            for bias in &mut theta[network.biases_range(layer)] {
                *bias = 0.2 * random.random::<f64>() - 0.1;
            }
        }
        let x = (0..widths[0] * samples)
            .map(|_| {
                if random.random::<f64>() < 0.7 {
                    0.0
                } else {
                    random.random()
                }
            })
            .collect();
        let classes = network.outputs() as u32;
        let targets = (0..samples)
            .map(|_| random.random_range(0..classes))
            .collect();
        Self {
            network,
            theta,
            x,
            targets: Targets::Labels(targets),
        }
    }

    pub(crate) fn samples(&self) -> usize {
        self.targets.len()
    }

    pub(crate) fn loss(&self, loss: LossKind) -> f64 {
        let loss = loss.build().unwrap();
        self.loss_at(&*loss, &self.theta)
    }

    pub(crate) fn gradient(
        &self,
        loss: LossKind,
        perturb: Perturb,
        scheme: Scheme,
        h: f64,
    ) -> Vec<f64> {
        self.gradient_of(&*loss.build().unwrap(), perturb, scheme, h)
    }

    pub(crate) fn gradient_of(
        &self,
        loss: &dyn Loss<f64>,
        perturb: Perturb,
        scheme: Scheme,
        h: f64,
    ) -> Vec<f64> {
        self.measure(loss, perturb, scheme, h).1
    }

    pub(crate) fn measurement(
        &self,
        loss: LossKind,
        perturb: Perturb,
        scheme: Scheme,
        h: f64,
    ) -> Measurement<f64> {
        self.measure(&*loss.build().unwrap(), perturb, scheme, h).0
    }

    /// The loss that a sweep finds beside its gradient.
    pub(crate) fn measured_loss(&self, loss: &dyn Loss<f64>, perturb: Perturb) -> f64 {
        self.measure(loss, perturb, Scheme::Central, 1e-4).0.loss
    }

    fn measure(
        &self,
        loss: &dyn Loss<f64>,
        perturb: Perturb,
        scheme: Scheme,
        h: f64,
    ) -> (Measurement<f64>, Vec<f64>) {
        let objective = Objective::new(&self.network, loss);
        let mut gradient = vec![f64::NAN; self.network.parameters()];
        let mut sweep = EstimatorKind::Sweep(perturb).build(scheme, h, 0).unwrap();
        let batch = Batch {
            x: &self.x,
            targets: &self.targets,
            step: 0,
        };
        let measurement = sweep.estimate(&objective, &self.theta, batch, &mut gradient);
        (measurement.unwrap(), gradient)
    }

    /// The gradient by central differences in f32.
    pub(crate) fn narrow_gradient(&self, loss: LossKind, perturb: Perturb, h: f32) -> Vec<f64> {
        let narrow = |v: &[f64]| v.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let hidden = |layer| self.network.activation(layer).unwrap().kind().unwrap();
        let widths: Vec<usize> = std::iter::once(self.network.inputs())
            .chain((0..self.network.layers()).map(|layer| self.network.width(layer)))
            .collect();
        let output = match self.network.output() {
            Output::Softmax => OutputKind::Softmax,
            Output::Elementwise(activation) => OutputKind::Elementwise(activation.kind().unwrap()),
        };
        let architecture = Architecture::new(&widths, hidden(0), output);
        let network = architecture.build().unwrap();
        let loss = loss.build().unwrap();
        let Targets::Labels(labels) = &self.targets else {
            unreachable!("the cases have labels")
        };
        let mut gradient = vec![f32::NAN; network.parameters()];
        let batch = Batch {
            x: &narrow(&self.x),
            targets: &Targets::Labels(labels.clone()),
            step: 0,
        };
        let (objective, theta) = (Objective::new(&network, &*loss), narrow(&self.theta));
        let sweep = EstimatorKind::Sweep(perturb).build(Scheme::Central, h, 0);
        (sweep
            .unwrap()
            .estimate(&objective, &theta, batch, &mut gradient))
        .unwrap();
        gradient.into_iter().map(f64::from).collect()
    }

    /// Makes every sample's label the class that the network finds.
    pub(crate) fn label_as_classified(&mut self) {
        let mut trace = Trace::new();
        self.network
            .forward(&self.theta, &self.x, &mut trace)
            .unwrap();
        let class = |b| numgrad_loss::metrics::class_of(trace.output(&self.network, b)) as u32;
        self.targets = Targets::Labels((0..trace.samples()).map(class).collect());
    }

    /// The gradient by backpropagation.
    pub(crate) fn derived(&self, loss: LossKind) -> Vec<f64> {
        self.derived_of(&*loss.build().unwrap())
    }

    pub(crate) fn derived_of(&self, loss: &dyn Loss<f64>) -> Vec<f64> {
        let objective = Objective::new(&self.network, loss);
        let mut gradient = vec![f64::NAN; self.network.parameters()];
        Backpropagation::new()
            .derive(
                &objective,
                &self.theta,
                &self.x,
                &self.targets,
                &mut gradient,
            )
            .unwrap();
        gradient
    }

    pub(crate) fn loss_at(&self, loss: &dyn Loss<f64>, theta: &[f64]) -> f64 {
        let objective = Objective::new(&self.network, loss);
        objective
            .loss(theta, &self.x, &self.targets, &mut Trace::new())
            .unwrap()
    }

    /// The batch without the samples of which some unit is nearer to a corner of its activation
    /// or of the loss than ten times what a perturbation by h moves it.
    pub(crate) fn away_from_corners(mut self, loss: LossKind, h: f64) -> Self {
        let mut trace = Trace::new();
        self.network
            .forward(&self.theta, &self.x, &mut trace)
            .unwrap();
        let inputs = self.network.inputs();
        let last = self.network.layers() - 1;
        let corners: &[f64] = match loss {
            LossKind::MeanAbsoluteError => &[0.0],
            LossKind::Huber(_) => &[0.3, -0.3],
            _ => &[],
        };
        let far = |b: usize| {
            let norm = norm(&self.x[b * inputs..(b + 1) * inputs]);
            let hidden = (0..last).flat_map(|l| trace.units(&self.network, l, b).z.to_vec());
            let residuals = trace.output(&self.network, b).iter().enumerate();
            let distances = residuals.flat_map(|(k, y)| {
                let r = y - self.targets.get(b).at(k);
                corners.iter().map(move |corner| r - corner)
            });
            hidden.chain(distances).all(|z| z.abs() > 10.0 * h * norm)
        };
        let kept: Vec<usize> = (0..self.samples()).filter(|&b| far(b)).collect();
        let column = |b: &usize| self.x[b * inputs..(b + 1) * inputs].to_vec();
        self.x = kept.iter().flat_map(column).collect();
        if let Targets::Labels(labels) = &self.targets {
            self.targets = Targets::Labels(kept.iter().map(|&b| labels[b]).collect());
        }
        self
    }

    /// Moves the biases of the hidden layers but the first, so that each unit is at its corner in
    /// one of the samples, but for less than what a perturbation by h moves it.
    pub(crate) fn near_corners(mut self, h: f64) -> Self {
        for layer in 1..self.network.layers() - 1 {
            for i in 0..self.network.width(layer) {
                let z = self.z(i % self.samples(), layer)[i];
                let bias = self.network.biases_range(layer).start + i;
                self.theta[bias] -= z - 0.1 * h;
            }
        }
        self
    }

    /// The quotient of each z, by passing the whole network behind it again; then δZ·Aᵀ / B.
    pub(crate) fn neuron_quotients(&self, loss: LossKind, scheme: Scheme, h: f64) -> Vec<f64> {
        let loss = loss.build().unwrap();
        self.chained(|b, layer, i| {
            quotient(scheme, h, |d| {
                let mut z = self.z(b, layer);
                z[i] += d;
                self.loss_behind(&*loss, b, layer, &z)
            })
        })
    }

    /// The quotient of each activation and of the loss in each output's z, chained by hand.
    pub(crate) fn layer_quotients(&self, loss: LossKind, scheme: Scheme, h: f64) -> Vec<f64> {
        let loss = loss.build().unwrap();
        let last = self.network.layers() - 1;
        let slope = |b: usize, layer: usize, i: usize| {
            let z = self.z(b, layer);
            if layer == last {
                quotient(scheme, h, |d| {
                    let mut z = z.clone();
                    z[i] += d;
                    self.loss_behind(&*loss, b, last, &z)
                })
            } else {
                let activation = self.network.activation(layer).unwrap();
                quotient(scheme, h, |d| activation.value(z[i] + d))
            }
        };
        let deltas: Vec<Vec<Vec<f64>>> = (0..self.samples())
            .map(|b| {
                let mut deltas = vec![Vec::new(); last + 1];
                for layer in (0..=last).rev() {
                    let above: Vec<f64> = deltas.get(layer + 1).cloned().unwrap_or_default();
                    deltas[layer] = (0..self.network.width(layer))
                        .map(|i| {
                            let chain = if layer == last {
                                1.0
                            } else {
                                let w = self.network.weights(&self.theta, layer + 1);
                                above.iter().enumerate().map(|(k, d)| w[(k, i)] * d).sum()
                            };
                            chain * slope(b, layer, i)
                        })
                        .collect();
                }
                deltas
            })
            .collect();
        self.chained(|b, layer, i| deltas[b][layer][i])
    }

    /// (1/B)·Σ_b delta_b·a_bᵀ for every layer, and (1/B)·Σ_b delta_b for its biases.
    fn chained(&self, delta: impl Fn(usize, usize, usize) -> f64) -> Vec<f64> {
        let mut gradient = Vec::new();
        let mean = 1.0 / self.samples() as f64;
        for layer in 0..self.network.layers() {
            let width = self.network.width(layer);
            let rows: Vec<Vec<f64>> = (0..self.samples())
                .map(|b| (0..width).map(|i| mean * delta(b, layer, i)).collect())
                .collect();
            for j in 0..=self.network.fan_in(layer) {
                for (i, _) in rows[0].iter().enumerate() {
                    let terms = (0..self.samples())
                        .map(|b| rows[b][i] * self.a(b, layer).get(j).copied().unwrap_or(1.0));
                    gradient.push(terms.sum());
                }
            }
        }
        gradient
    }

    fn z(&self, b: usize, layer: usize) -> Vec<f64> {
        let a = self.a(b, layer);
        let w = self.network.weights(&self.theta, layer);
        let biases = self.network.biases(&self.theta, layer);
        let row = |i: usize| {
            a.iter()
                .enumerate()
                .map(|(j, a)| w[(i, j)] * a)
                .sum::<f64>()
        };
        (0..self.network.width(layer))
            .map(|i| row(i) + biases[i])
            .collect()
    }

    fn a(&self, b: usize, layer: usize) -> Vec<f64> {
        if layer == 0 {
            let inputs = self.network.inputs();
            return self.x[b * inputs..(b + 1) * inputs].to_vec();
        }
        let activation = self.network.activation(layer - 1).unwrap();
        let z = self.z(b, layer - 1);
        z.into_iter().map(|z| activation.value(z)).collect()
    }

    fn loss_behind(&self, loss: &dyn Loss<f64>, b: usize, layer: usize, z: &[f64]) -> f64 {
        let (mut z, last) = (z.to_vec(), self.network.layers() - 1);
        for layer in layer..last {
            let activation = self.network.activation(layer).unwrap();
            let w = self.network.weights(&self.theta, layer + 1);
            let biases = self.network.biases(&self.theta, layer + 1);
            let a: Vec<f64> = z.iter().map(|&z| activation.value(z)).collect();
            z = (0..biases.len())
                .map(|k| {
                    biases[k]
                        + a.iter()
                            .enumerate()
                            .map(|(i, a)| w[(k, i)] * a)
                            .sum::<f64>()
                })
                .collect();
        }
        let mut y = z.clone();
        match self.network.output() {
            Output::Elementwise(activation) => {
                for y in &mut y {
                    *y = activation.value(*y);
                }
            }
            Output::Softmax => softmax(&z, z.len(), &mut y),
        }
        loss.value(&y, self.targets.get(b))
    }
}

fn quotient(scheme: Scheme, h: f64, f: impl Fn(f64) -> f64) -> f64 {
    match scheme {
        Scheme::Forward => (f(h) - f(0.0)) / h,
        Scheme::Backward => (f(0.0) - f(-h)) / h,
        Scheme::FivePoint => (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h),
        Scheme::Central => (f(h) - f(-h)) / (2.0 * h),
    }
}

pub(crate) fn norm(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// The relative distance ‖a − b‖ / ‖b‖.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    let difference: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    norm(&difference) / norm(b)
}
