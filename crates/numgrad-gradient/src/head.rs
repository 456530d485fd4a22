//! The output layer's function and the loss as one: the loss of a sample as a function of the
//! output layer's pre-activations (logits).
use numgrad_core::{Activation, ActivationKind, Output, Real, Units, softmax_differences};
use numgrad_loss::{Link, Loss, LossKind, Separable, Target};
use std::fmt;

/// What a loss along a direction of the logits is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The cross-entropy of softmax.
    SoftmaxCrossEntropy,
    /// A sum of a term for each logit.
    Terms,
    /// A sum of a term for each output of softmax.
    TermsOfSoftmax,
}

/// The loss of one sample as a function of its logits.
#[derive(Clone, Copy)]
pub(crate) enum Head<'a, T: Real> {
    /// A loss that knows its form on logits.
    Logits(&'a dyn Loss<T>),
    /// Softmax with cross-entropy on logits: the outputs are its probabilities.
    SoftmaxLogits(&'a dyn Loss<T>),
    /// An activation on each output, then the loss.
    Elementwise(&'a dyn Activation<T>, &'a dyn Loss<T>),
    /// Softmax, then the loss.
    Softmax(&'a dyn Loss<T>),
}

impl<'a, T: Real> Head<'a, T> {
    pub(crate) fn new(output: &'a Output<T>, outputs: usize, loss: &'a dyn Loss<T>) -> Self {
        match output {
            // A single logit says nothing of its softmax, which is 1.
            Output::Softmax if outputs == 1 => Self::Softmax(loss),
            Output::Softmax => loss
                .on_logits(Link::Softmax)
                .map_or(Self::Softmax(loss), |loss| match loss.kind() {
                    Some(LossKind::SoftmaxCrossEntropy) => Self::SoftmaxLogits(loss),
                    _ => Self::Logits(loss),
                }),
            Output::Elementwise(activation) => match activation.kind() {
                Some(ActivationKind::Identity) => Self::Logits(loss),
                Some(ActivationKind::Sigmoid) => loss
                    .on_logits(Link::Sigmoid)
                    .map_or(Self::Elementwise(activation.as_ref(), loss), Self::Logits),
                _ => Self::Elementwise(activation.as_ref(), loss),
            },
        }
    }

    /// The loss in use: on logits where it has such a form.
    pub(crate) fn loss(&self) -> &'a dyn Loss<T> {
        match self {
            Self::Logits(loss)
            | Self::SoftmaxLogits(loss)
            | Self::Elementwise(_, loss)
            | Self::Softmax(loss) => *loss,
        }
    }

    /// Whether labels are softened: none of them stands for itself then.
    pub(crate) fn softens_labels(&self) -> bool {
        matches!(self.loss().soften(Target::Label(0)), Target::Values(_))
    }

    /// Whether the outputs are softmax of the logits and the loss their cross-entropy.
    pub(crate) fn is_softmax_cross_entropy(&self) -> bool {
        matches!(self, Self::SoftmaxLogits(_))
    }

    pub(crate) fn difference_is_exact(&self) -> bool {
        let activation = match self {
            Self::Elementwise(activation, _) => activation.difference_is_exact(),
            Self::Logits(_) | Self::SoftmaxLogits(_) | Self::Softmax(_) => true,
        };
        activation && self.loss().difference_is_exact()
    }

    pub(crate) fn is_piecewise_smooth(&self) -> bool {
        let activation = match self {
            Self::Elementwise(activation, _) => activation.is_piecewise_smooth(),
            Self::Logits(_) | Self::SoftmaxLogits(_) | Self::Softmax(_) => true,
        };
        activation && self.loss().is_piecewise_smooth()
    }

    /// What the loss along a direction of the logits is, where that is known as a series.
    pub(crate) fn form(&self) -> Option<Form> {
        if self.is_softmax_cross_entropy() {
            return Some(Form::SoftmaxCrossEntropy);
        }
        let is_sum = self.separable().is_some() && self.is_piecewise_smooth();
        is_sum.then_some(match self {
            Self::Softmax(_) => Form::TermsOfSoftmax,
            _ => Form::Terms,
        })
    }

    fn separable(&self) -> Option<&'a dyn Separable<T>> {
        match self {
            Self::Logits(loss) | Self::Elementwise(_, loss) | Self::Softmax(loss) => {
                loss.separable()
            }
            Self::SoftmaxLogits(_) => None,
        }
    }

    /// Replaces each move of logit k, or of output k behind a softmax, by what its term changes by,
    /// where there are terms.
    pub(crate) fn term_differences(
        &self,
        units: Units<'_, T>,
        k: usize,
        target: Target<'_, T>,
        moves: &mut [T],
    ) {
        let Some(terms) = self.separable() else {
            return;
        };
        let outputs = match self {
            Self::Elementwise(activation, _) => {
                let unit = units.some(k, 1);
                activation.differences(unit, moves);
                units.a
            }
            Self::Softmax(_) => units.a,
            _ => units.z,
        };
        terms.term_differences(outputs, k, target, moves);
    }

    /// The loss of a sample with these output units.
    pub(crate) fn value(&self, units: Units<'_, T>, target: Target<'_, T>) -> T {
        match self {
            Self::Logits(loss) | Self::SoftmaxLogits(loss) => loss.value(units.z, target),
            Self::Elementwise(_, loss) | Self::Softmax(loss) => loss.value(units.a, target),
        }
    }

    /// How the loss changes with each of `out.len()` moves of the logits: the move of logit k
    /// in lane m is `moves[k * out.len() + m]`. `scratch` has room for one vector of outputs.
    pub(crate) fn differences(
        &self,
        units: Units<'_, T>,
        moves: &mut [T],
        target: Target<'_, T>,
        scratch: &mut [T],
        out: &mut [T],
    ) {
        let lanes = out.len();
        match self {
            Self::Logits(loss) | Self::SoftmaxLogits(loss) => {
                loss.differences(units.z, moves, target, scratch, out);
            }
            Self::Elementwise(activation, loss) => {
                for (k, moves) in moves.chunks_exact_mut(lanes).enumerate() {
                    activation.differences(units.some(k, 1), moves);
                }
                loss.differences(units.a, moves, target, scratch, out);
            }
            Self::Softmax(loss) => {
                softmax_differences(units.z, units.a, moves, lanes, scratch);
                loss.differences(units.a, moves, target, scratch, out);
            }
        }
    }

    /// ∂L/∂z, derived by hand, for a target as the loss's closed form takes it: `Err` names what has
    /// no derivative.
    pub(crate) fn gradient(
        &self,
        units: Units<'_, T>,
        target: Target<'_, T>,
        gradient: &mut [T],
    ) -> Result<(), &'static str> {
        if self.is_softmax_cross_entropy() {
            // p = softmax z is at hand.
            let scale = target.total();
            for (k, (g, &p)) in gradient.iter_mut().zip(units.a).enumerate() {
                *g = scale * p - target.at(k);
            }
            return Ok(());
        }
        let at = match self {
            Self::Logits(_) | Self::SoftmaxLogits(_) => units.z,
            Self::Elementwise(..) | Self::Softmax(_) => units.a,
        };
        if !self.loss().gradient(at, target, gradient) {
            return Err("the loss");
        }
        match self {
            Self::Logits(_) | Self::SoftmaxLogits(_) => {}
            Self::Elementwise(activation, _) => {
                for (g, &z) in gradient.iter_mut().zip(units.z) {
                    *g *= activation.derivative(z).ok_or("the output's activation")?;
                }
            }
            Self::Softmax(_) => {
                let mean = (gradient.iter().zip(units.a)).fold(T::zero(), |s, (&g, &p)| s + g * p);
                for (g, &p) in gradient.iter_mut().zip(units.a) {
                    *g = p * (*g - mean);
                }
            }
        }
        Ok(())
    }
}

impl<T: Real> fmt::Debug for Head<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, activation) = match self {
            Self::Logits(_) | Self::SoftmaxLogits(_) => ("Logits", None),
            Self::Elementwise(activation, _) => ("Elementwise", activation.kind()),
            Self::Softmax(_) => ("Softmax", None),
        };
        f.debug_struct(name)
            .field("activation", &activation)
            .field("loss", &self.loss().kind())
            .finish()
    }
}
