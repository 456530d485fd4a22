//! How many multiply-adds the matrix products of each sweep take: the one place of that count.
use numgrad_core::{ActivationKind, Architecture};
use numgrad_diff::Scheme;
use numgrad_gradient::{EstimatorKind, Perturb};

/// A network's shape, a batch and a scheme, which the counts follow from.
///
/// With n_0 … n_L the widths, K = n_L, B samples, P parameters, M = Σ_l n_{l−1}·n_l, M' the same with
/// the first layer's products by inputs that are 0 left out where at most a third of them are not,
/// and e losses a quotient:
///
/// | | multiply-adds |
/// | --- | --- |
/// | forward pass | B·M' |
/// | weights' gradient, δZ·Aᵀ of each layer | B·M' |
/// | chain, Wᵀ·δZ of each layer but the first | B·(M − n_0·n_1) |
/// | partial passes | B·Σ_l n_l·R_l |
/// | backpropagation, `layer` | forward + gradient + chain |
/// | `neuron` | forward + gradient + partial passes |
/// | `weight` | forward + p·gradient + partial passes, with p powers of the inputs |
/// | `weight-direct` | forward + e·Σ_l D_l·n_l·Q_l, with D_l inputs that differ from 0 and each other |
/// | `weight-naive` | (e·P + 1)·B·M |
/// | `directions` | (e·q + 1)·B·M |
///
/// Q_l is what one move of a neuron of layer l changes behind it: K where the logits move on a
/// straight line (behind layer l no hidden layer, or piecewise linear ones), 0 in the output layer,
/// else n_{l+1} + Σ_{m > l+1} n_{m−1}·n_m. R_l is, on a straight line, K to find its loss and
/// K·n_{l+1} to find the line itself through a layer. Else it takes c = e columns for `neuron` and 5
/// nodes for `weight`: before a smooth last hidden layer, where the logits move on a curve of three
/// powers, c·K to find its losses and 3·K·n_{l+1} to find the curve; before any other, c·Q_l.
///
/// Elementary functions, the loss, a curve's fourth power, and passes that a corner or a large h
/// makes necessary are not counted: the share of the peak is a lower bound, but for the units of a
/// ReLU layer that let nothing through and are left out of a line.
#[derive(Debug)]
pub(super) struct Operations<'a> {
    pub(super) architecture: &'a Architecture,
    pub(super) samples: usize,
    pub(super) scheme: Scheme,
    /// D_l of each layer for the whole batch, the bias's 1 with them.
    pub(super) inputs: Vec<usize>,
    /// The part of the first layer's products that is not left out.
    pub(super) first_part: f64,
}

/// The nodes at which `weight` describes a curve.
const NODES: f64 = 5.0;

/// The powers of a curve on which the logits move.
const CURVE: f64 = 3.0;

impl Operations<'_> {
    /// The count of an estimator; none for chosen weights, of which every step has other ones.
    pub(super) fn of(&self, kind: EstimatorKind) -> Option<f64> {
        match kind {
            EstimatorKind::Sweep(perturb) => Some(self.of_sweep(perturb)),
            EstimatorKind::Directions(directions) => {
                let passes = directions.count as f64 * losses(self.scheme) + 1.0;
                Some(passes * self.all_products())
            }
            _ => None,
        }
    }

    fn of_sweep(&self, perturb: Perturb) -> f64 {
        let (forward, gradient) = (self.products(), self.products());
        let losses = losses(self.scheme);
        match perturb {
            Perturb::Neuron => forward + gradient + self.partial_passes(losses),
            Perturb::Layer => self.of_backpropagation(),
            Perturb::Weight => {
                forward + powers(self.scheme) * gradient + self.partial_passes(NODES)
            }
            Perturb::WeightDirect => {
                let layers = self.inputs.iter().enumerate();
                let columns = layers
                    .map(|(l, &inputs)| inputs as f64 * self.width(l + 1) * self.changed(l + 1));
                forward + losses * columns.sum::<f64>()
            }
            _ => (losses * self.parameters() + 1.0) * self.all_products(),
        }
    }

    pub(super) fn of_backpropagation(&self) -> f64 {
        2.0 * self.products() + self.all_products() - self.of_first_layer()
    }

    /// B·M.
    fn all_products(&self) -> f64 {
        let pairs = (1..self.architecture.widths.len()).map(|l| self.width(l - 1) * self.width(l));
        self.samples as f64 * pairs.sum::<f64>()
    }

    fn of_first_layer(&self) -> f64 {
        self.samples as f64 * self.width(0) * self.width(1)
    }

    /// B·M'.
    fn products(&self) -> f64 {
        self.all_products() - (1.0 - self.first_part) * self.of_first_layer()
    }

    fn partial_passes(&self, columns_where_bent: f64) -> f64 {
        let last = self.architecture.widths.len() - 1;
        let layers = 1..=last;
        let columns = layers.map(|l| {
            let behind = if l + 2 == last && self.is_curved(l + 1) {
                self.width(last) * (columns_where_bent + CURVE * self.width(l + 1))
            } else if !self.is_straight_behind(l) {
                columns_where_bent * self.changed(l)
            } else if l + 1 < last {
                self.changed(l) * (1.0 + self.width(l + 1))
            } else {
                self.changed(l)
            };
            self.width(l) * behind
        });
        self.samples as f64 * columns.sum::<f64>()
    }

    /// Q_l.
    fn changed(&self, l: usize) -> f64 {
        let last = self.architecture.widths.len() - 1;
        if l == last {
            return 0.0;
        }
        if self.is_straight_behind(l) {
            return self.width(last);
        }
        let further = (l + 2..=last).map(|m| self.width(m - 1) * self.width(m));
        self.width(l + 1) + further.sum::<f64>()
    }

    /// Whether a hidden layer's function is smooth, and bent.
    fn is_curved(&self, l: usize) -> bool {
        self.architecture.hidden[l - 1] != ActivationKind::Step && !self.is_straight_behind(l - 1)
    }

    /// Whether the hidden layers behind layer l, which are l+1 … L−1, are piecewise linear.
    fn is_straight_behind(&self, l: usize) -> bool {
        let behind = self.architecture.hidden.iter().skip(l);
        let mut bent = behind.filter(|kind| {
            !matches!(
                kind,
                ActivationKind::Identity | ActivationKind::Relu | ActivationKind::LeakyRelu
            )
        });
        bent.next().is_none()
    }

    fn width(&self, l: usize) -> f64 {
        self.architecture.widths[l] as f64
    }

    fn parameters(&self) -> f64 {
        let layers = 1..self.architecture.widths.len();
        layers
            .map(|l| (self.width(l - 1) + 1.0) * self.width(l))
            .sum()
    }
}

/// The moved losses of a quotient.
fn losses(scheme: Scheme) -> f64 {
    match scheme {
        Scheme::Forward | Scheme::Backward => 1.0,
        Scheme::Central => 2.0,
        Scheme::FivePoint => 4.0,
    }
}

/// The powers of a polynomial of degree 4 that a scheme's quotient keeps.
fn powers(scheme: Scheme) -> f64 {
    match scheme {
        Scheme::Forward | Scheme::Backward => 4.0,
        Scheme::Central => 2.0,
        Scheme::FivePoint => 1.0,
    }
}

/// D of a layer for one sample: its inputs that are not 0, equal ones once where they are shared,
/// and the bias's 1.
pub(super) fn inputs_evaluated<T: numgrad_core::Real>(a: &[T], is_shared: bool) -> usize {
    let mut moved: Vec<f64> = a.iter().map(|a| a.as_f64()).filter(|&a| a != 0.0).collect();
    if is_shared {
        moved.sort_unstable_by(f64::total_cmp);
        moved.dedup();
    }
    moved.len() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use numgrad_core::OutputKind;

    /// 3-4-5-2 and 7 samples, counted by hand.
    fn count(activation: ActivationKind, perturb: Perturb) -> f64 {
        let operations = Operations {
            architecture: &Architecture::new(&[3, 4, 5, 2], activation, OutputKind::Softmax),
            samples: 7,
            scheme: Scheme::Central,
            inputs: vec![20, 30, 40],
            first_part: 1.0,
        };
        operations.of_sweep(perturb)
    }

    #[test]
    fn the_counts_are_those_of_the_products() {
        let m = f64::from(3 * 4 + 4 * 5 + 5 * 2);
        let forward = 7.0 * m;
        // A neuron of layer 1 moves 5 units and, through them, 2 logits; one of layer 2, 2 logits.
        let (first, second) = (f64::from(4 * (5 + 5 * 2)), f64::from(5 * 2));
        // On a curve it is found through 5 units for 2 logits and 3 powers, and followed by columns.
        let curve = |columns| f64::from(4 * (3 * 5 * 2 + columns * 2));
        // On a straight line it is found through 5 units for 2 logits, and followed for those.
        let straight = f64::from(4 * (5 * 2 + 2));
        let relu = ActivationKind::Relu;
        assert_eq!(count(relu, Perturb::Layer), 3.0 * forward - 7.0 * 12.0);
        assert_eq!(
            count(relu, Perturb::Neuron),
            2.0 * forward + 7.0 * (straight + second)
        );
        assert_eq!(
            count(relu, Perturb::Weight),
            3.0 * forward + 7.0 * (straight + second)
        );
        let tanh = ActivationKind::Tanh;
        assert_eq!(
            count(tanh, Perturb::Neuron),
            2.0 * forward + 7.0 * (curve(2) + second)
        );
        assert_eq!(
            count(tanh, Perturb::Weight),
            3.0 * forward + 7.0 * (curve(5) + second)
        );
        let step = ActivationKind::Step;
        assert_eq!(
            count(step, Perturb::Neuron),
            2.0 * forward + 7.0 * (2.0 * first + second)
        );
        let direct = 2.0 * (20.0 * first + 30.0 * second);
        assert_eq!(count(tanh, Perturb::WeightDirect), forward + direct);
        let parameters = f64::from(4 * 4 + 5 * 5 + 6 * 2);
        assert_eq!(
            count(tanh, Perturb::WeightNaive),
            (2.0 * parameters + 1.0) * forward
        );
    }

    #[test]
    fn equal_inputs_count_once_where_they_are_shared_and_zeros_never() {
        let a = [0.0, 0.5, 0.25, 0.5, 0.0];
        assert_eq!(inputs_evaluated(&a, true), 2 + 1);
        assert_eq!(inputs_evaluated(&a, false), 3 + 1);
    }
}
