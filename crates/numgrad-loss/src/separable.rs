//! Losses that are a sum over the outputs.
use crate::Target;
use numgrad_scalar::Real;

/// Moves of an output that are looked at together.
const LANES: usize = 128;

/// A loss that is a sum of a term for each output: L(y, t) = Σ_k ℓ_k(y_k, t).
///
/// What each term does can then be found by itself. The gradient sweeps describe every term by five
/// of its differences, once for each sample and layer, and know from them what all neurons change. They
/// do so where the loss [is smooth but for corners](crate::Loss::is_piecewise_smooth), and take the
/// differences to be as exact as [`Loss::difference_is_exact`](crate::Loss::difference_is_exact) says. A
/// sample with a corner on the way is evaluated as a whole, by
/// [`Loss::differences`](crate::Loss::differences), which must be the sum of the terms'.
///
/// ```
/// use numgrad_loss::{Loss, Separable, Target};
///
/// // Σ_k (y_k − t_k)⁴
/// struct Quartic;
///
/// impl Loss<f64> for Quartic {
///     fn value(&self, y: &[f64], t: Target<'_, f64>) -> f64 {
///         (0..y.len()).map(|k| (y[k] - t.at(k)).powi(4)).sum()
///     }
///
///     fn is_piecewise_smooth(&self) -> bool {
///         true
///     }
///
///     fn separable(&self) -> Option<&dyn Separable<f64>> {
///         Some(self)
///     }
/// }
///
/// impl Separable<f64> for Quartic {
///     fn term_differences(&self, y: &[f64], k: usize, t: Target<'_, f64>, moves: &mut [f64]) {
///         let r = y[k] - t.at(k);
///         for d in moves {
///             *d = (r + *d).powi(4) - r.powi(4);
///         }
///     }
/// }
/// ```
pub trait Separable<T: Real>: Send + Sync {
    /// Replaces each move d of output k by ℓ_k(y_k + d, t) − ℓ_k(y_k, t).
    ///
    /// # Panics
    /// May panic if there is no output k.
    fn term_differences(&self, output: &[T], k: usize, target: Target<'_, T>, moves: &mut [T]);

    /// Writes over `out` what the terms of all outputs change by together, Σ_k ℓ_k(y_k + d_k, t) −
    /// ℓ_k(y_k, t), for moves as [`Loss::differences`](crate::Loss::differences) takes them: a way to
    /// write that method. Cost: a term's difference for each move.
    ///
    /// # Panics
    /// If there are fewer moves than outputs times the length of `out`.
    fn sum_of_terms(&self, output: &[T], moves: &[T], target: Target<'_, T>, out: &mut [T]) {
        let lanes = out.len();
        out.fill(T::zero());
        for k in 0..output.len() {
            let moves = &moves[k * lanes..][..lanes];
            for (out, moves) in out.chunks_mut(LANES).zip(moves.chunks(LANES)) {
                let mut terms = [T::zero(); LANES];
                let terms = &mut terms[..moves.len()];
                terms.copy_from_slice(moves);
                self.term_differences(output, k, target, terms);
                for (out, &term) in out.iter_mut().zip(&*terms) {
                    *out += term;
                }
            }
        }
    }
}
