//! The losses that a configuration can name.
use numgrad_loss::LossKind;

pub(crate) const ALL: [LossKind; 10] = [
    LossKind::CrossEntropy,
    LossKind::SoftmaxCrossEntropy,
    LossKind::SumOfSquaredErrors,
    LossKind::MeanSquaredError,
    LossKind::MeanAbsoluteError,
    LossKind::Huber(0.5),
    LossKind::BinaryCrossEntropy,
    LossKind::BinaryCrossEntropyLogits,
    LossKind::Hinge,
    LossKind::ZeroOne,
];
