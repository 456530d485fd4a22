//! The same network for inputs, or targets, that are scaled in another way.
use crate::checkpoint::Numbers;
use crate::dataset::{Scaler, TargetScale};
use numgrad_core::Mlp;

/// Parameters for inputs that went through the scaler `to`, of a network that was trained on ones
/// that went through `from`.
///
/// With x' = (x − o')·f' and x" = (x − o")·f" the first layer's W·x' + b is
/// W·diag(f'/f")·x" + b + W·((o" − o')∘f'). A column with f" = 0 is always 0, and stands for o".
/// Equal scalers change no bit.
pub(super) fn rescaled(network: &Mlp<f64>, theta: &Numbers, from: &Scaler, to: &Scaler) -> Numbers {
    if from == to {
        return theta.clone();
    }
    let mut wide = theta.widened();
    let outputs = network.width(0);
    let (weights, biases) = (network.weights_range(0), network.biases_range(0));
    let mut moved: Vec<f64> = wide[biases.clone()].to_vec();
    for (j, column) in wide[weights].chunks_exact_mut(outputs).enumerate() {
        let ((offset, factor), (new_offset, new_factor)) = (from.column(j), to.column(j));
        let ratio = if new_factor == 0.0 {
            0.0
        } else {
            factor / new_factor
        };
        let shift = (new_offset - offset) * factor;
        for (bias, weight) in moved.iter_mut().zip(column) {
            *bias += *weight * shift;
            *weight *= ratio;
        }
    }
    wide[biases].copy_from_slice(&moved);
    Numbers::of_wide(wide, theta.precision())
}

/// Parameters whose outputs stand for values by the scale `to`, of a network whose last layer is
/// linear and whose outputs stand for them by `from`: with s, o the spread and offset of each,
/// W·s/s' and (b·s + o − o')/s'. Equal scales change no bit.
pub(super) fn retargeted(
    network: &Mlp<f64>,
    theta: &Numbers,
    from: TargetScale,
    to: TargetScale,
) -> Numbers {
    if from == to {
        return theta.clone();
    }
    let mut wide = theta.widened();
    let last = network.layers() - 1;
    for weight in &mut wide[network.weights_range(last)] {
        *weight *= from.spread() / to.spread();
    }
    for bias in &mut wide[network.biases_range(last)] {
        *bias = (from.value(*bias) - to.offset()) / to.spread();
    }
    Numbers::of_wide(wide, theta.precision())
}
