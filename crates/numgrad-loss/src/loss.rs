//! The trait of every loss: what one sample costs, and how that changes.
use crate::{LossError, Separable, Target, Targets};
use nalgebra::DMatrix;
use numgrad_scalar::Real;

/// What being wrong costs, for one sample. A batch's loss is the mean over its samples.
///
/// Only [`value`](Self::value) must be written, and a closure with its signature is a loss:
/// a network trains on it as it is. The other methods have defaults that rest on the value.
///
/// ```
/// use numgrad_loss::{Loss, Target};
///
/// // The largest error of any output: not differentiable, and yet a loss to train on.
/// let worst = |y: &[f64], t: Target<'_, f64>| {
///     (0..y.len()).map(|k| (y[k] - t.at(k)).abs()).fold(0.0, f64::max)
/// };
/// assert_eq!(worst.value(&[0.25, 0.5], Target::Label(1)), 0.5);
/// ```
pub trait Loss<T: Real>: Send + Sync {
    /// L(y, t): the loss of one sample with outputs y and target t.
    fn value(&self, output: &[T], target: Target<'_, T>) -> T;

    /// L(y + d, t) − L(y, t) for many moves d of the outputs of one sample, each written over
    /// `out[lane]`.
    ///
    /// `moves` holds the lanes of one output side by side: the move of output k in lane m is
    /// `moves[k * out.len() + m]`. `scratch` has room for one vector of outputs.
    ///
    /// The default subtracts two values, which loses the digits that L(y) and L(y + d) share.
    /// A loss whose form is known computes the difference itself; that is the same quotient,
    /// in better arithmetic.
    fn differences(
        &self,
        output: &[T],
        moves: &[T],
        target: Target<'_, T>,
        scratch: &mut [T],
        out: &mut [T],
    ) {
        let lanes = out.len();
        let before = self.value(output, target);
        for (lane, difference) in out.iter_mut().enumerate() {
            for (k, moved) in scratch.iter_mut().enumerate() {
                *moved = output[k] + moves[k * lanes + lane];
            }
            *difference = self.value(scratch, target) - before;
        }
    }

    /// Whether [`differences`](Self::differences) keeps its digits for small moves. Where it is
    /// a plain subtraction (the default), f32 needs a larger step.
    fn difference_is_exact(&self) -> bool {
        false
    }

    /// Whether the loss is continuous in the outputs, and smooth but for isolated corners. A
    /// closure is not taken to be unless it is wrapped in [`Smooth`].
    fn is_piecewise_smooth(&self) -> bool {
        false
    }

    /// The loss as a sum of a term for each output, if it is one and
    /// [is smooth but for corners](Self::is_piecewise_smooth): a sweep through layers whose neurons move
    /// the outputs in a known way is then about ten times as fast.
    fn separable(&self) -> Option<&dyn Separable<T>> {
        None
    }

    /// ∂L/∂y_k into `gradient`, if the loss has a derivative and knows it: `false` if not.
    ///
    /// Nothing trains by it. It serves the hand-derived backpropagation that the measured
    /// gradients are checked against.
    fn gradient(&self, _output: &[T], _target: Target<'_, T>, _gradient: &mut [T]) -> bool {
        false
    }

    /// The same loss as a function of the pre-activations (logits) of an output layer with this
    /// link, if it is known in a form that does not lose digits on the way through the outputs.
    fn on_logits(&self, _link: Link) -> Option<&dyn Loss<T>> {
        None
    }

    /// The target that this loss hands to its closed form in place of another one: itself, unless
    /// labels are softened. The gradient sweeps ask for it where they go past this trait's other
    /// methods, each of which does it by itself.
    fn soften<'a>(&'a self, target: Target<'a, T>) -> Target<'a, T> {
        target
    }

    /// Whether a target is one this loss is defined for, beyond its shape.
    ///
    /// # Errors
    /// What is wrong with the target, by sample 0: a caller who knows the sample says so by
    /// [`LossError::at_sample`].
    fn check_target(&self, _target: Target<'_, T>) -> Result<(), LossError> {
        Ok(())
    }

    /// Which of this crate's own losses this is, of [softened](Self::soften) targets. The gradient
    /// sweeps recognise by it the losses that they have a closed form for.
    fn kind(&self) -> Option<crate::LossKind> {
        None
    }
}

/// The functions by which an output layer turns pre-activations z into outputs y and for which
/// some losses have a form of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// y_k = exp z_k / Σ_c exp z_c.
    Softmax,
    /// y_k = 1 / (1 + exp −z_k).
    Sigmoid,
}

/// A closure that is known to be continuous, and smooth but for isolated corners: sweeps may then
/// describe it by a few of its values.
///
/// ```
/// use numgrad_loss::{Loss, Smooth, Target};
///
/// let quartic = Smooth(|y: &[f64], t: Target<'_, f64>| {
///     (0..y.len()).map(|k| (y[k] - t.at(k)).powi(4)).sum::<f64>()
/// });
/// assert!(quartic.is_piecewise_smooth());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Smooth<F>(pub F);

impl<T, F> Loss<T> for Smooth<F>
where
    T: Real,
    F: Fn(&[T], Target<'_, T>) -> T + Send + Sync,
{
    fn value(&self, output: &[T], target: Target<'_, T>) -> T {
        (self.0)(output, target)
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }
}

impl<T, F> Loss<T> for F
where
    T: Real,
    F: Fn(&[T], Target<'_, T>) -> T + Send + Sync,
{
    fn value(&self, output: &[T], target: Target<'_, T>) -> T {
        self(output, target)
    }
}

/// The mean loss of a batch: outputs × samples in `outputs`, a sample a column.
///
/// # Errors
/// [`LossError`] names the first sample whose target the loss is not defined for, or the shapes
/// that do not fit.
pub fn mean_loss<T: Real>(
    loss: &dyn Loss<T>,
    outputs: &DMatrix<T>,
    targets: &Targets<T>,
) -> Result<T, LossError> {
    if targets.len() != outputs.ncols() {
        return Err(LossError::Samples {
            expected: outputs.ncols(),
            found: targets.len(),
        });
    }
    targets.check(outputs.nrows())?;
    let mut sum = T::zero();
    let columns = outputs.as_slice().chunks_exact(outputs.nrows());
    for (b, output) in columns.enumerate() {
        let target = targets.get(b);
        loss.check_target(target)
            .map_err(|error| error.at_sample(b))?;
        sum += loss.value(output, target);
    }
    Ok(sum / T::of(outputs.ncols() as f64))
}
