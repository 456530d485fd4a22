#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod batched;
mod derivative;
mod descend;
mod differences;
mod direction;
mod error;
mod estimate;
mod extrapolation;
mod fornberg;
mod gradient;
mod hessian;
mod higher;
mod jacobian;
mod probe;
mod real;
mod scheme;
mod sides;
mod stencil;
mod step;
mod sweep;
mod tableau;

pub use derivative::derivative;
pub use descend::{Descent, Stop, descend};
pub use differences::Differences;
pub use error::{DiffError, Failure};
pub use estimate::{Estimate, Status};
pub use extrapolation::{extrapolate, extrapolate_gradient};
pub use fornberg::fornberg_weights;
pub use gradient::{gradient, gradient_into};
pub use higher::nth_derivative;
pub use real::Real;
pub use scheme::{ParseSchemeError, Scheme};
pub use step::Step;
