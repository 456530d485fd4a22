#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod derivative;
mod descend;
mod differences;
mod error;
mod estimate;
mod extrapolation;
mod fornberg;
mod gradient;
mod higher;
mod real;
mod scheme;
mod stencil;
mod step;
mod sweep;

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
