#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod derivative;
mod descend;
mod error;
mod gradient;
mod real;
mod scheme;
mod step;

pub use derivative::derivative;
pub use descend::{Descent, Stop, descend};
pub use error::DiffError;
pub use gradient::{gradient, gradient_into};
pub use real::Real;
pub use scheme::{ParseSchemeError, Scheme};
pub use step::Step;
