#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod aligned;
mod elementary;
mod exponential;
mod instructions;
pub mod lanes;
mod logarithm;
mod normal;
mod real;
pub mod slices;
mod softplus;

pub use aligned::Aligned;
pub use elementary::Elementary;
pub use exponential::{exp, exp_m1, exp_m1_near_zero, exp_m1_within, sigmoid, tanh};
pub use instructions::{Instructions, use_instructions};
pub use lanes::Lanes;
pub use logarithm::{ln_1p, ln_1p_near_zero};
pub use normal::{gelu, normal};
pub use pulp::{Simd, WithSimd};
pub use real::{Precision, Real};
pub use slices::{instruction_set, wide};
pub use softplus::{softplus, softplus_difference};
