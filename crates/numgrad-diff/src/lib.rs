#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod any_stencil;
mod batched;
mod check;
#[cfg(feature = "complex")]
mod complex;
mod derivative;
mod descend;
mod differences;
mod direction;
mod direction_check;
mod error;
mod estimate;
mod estimates;
mod extrapolation;
mod fornberg;
mod gradient;
mod hessian;
mod hessian_vector;
mod higher;
mod jacobian;
mod noise;
mod pattern;
mod probe;
mod random_direction;
mod random_gradient;
mod ranks;
mod real;
mod scheme;
mod scratch;
mod search;
mod sides;
mod sparse;
mod stencil;
mod step;
mod sweep;
mod tableau;
mod watch;

pub use any_stencil::stencil_derivative;
pub use check::{CheckReport, GradientCheck, Mismatch, Reason, Verdict, check_gradient};
#[cfg(feature = "complex")]
pub use complex::{complex_derivative, complex_gradient, complex_jacobian};
pub use derivative::derivative;
pub use descend::{Descent, Stop, descend};
pub use differences::Differences;
pub use direction_check::{DirectionReport, check_directions};
pub use error::{DiffError, Failure, PatternError};
pub use estimate::{Estimate, Status};
pub use estimates::Estimates;
pub use extrapolation::{extrapolate, extrapolate_gradient};
pub use fornberg::fornberg_weights;
pub use gradient::{gradient, gradient_into};
pub use higher::nth_derivative;
pub use noise::{Noise, noise, noise_aware_step, noise_aware_steps};
pub use pattern::{Coloring, SparsityPattern};
pub use random_direction::{DIRECTION_TILE, Direction, Distribution};
pub use random_gradient::{Directions, RandomDirections, RandomEstimate, Rank};
pub use real::Real;
pub use scheme::{ParseSchemeError, Scheme};
pub use step::Step;
