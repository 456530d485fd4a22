//! The scalars that a network is computed in: f32 and f64.
use crate::Lanes;
use nalgebra::RealField;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A floating-point number that networks are computed in. Only f32 and f64 are.
pub trait Real: RealField + Lanes + Default + sealed::Sealed {
    /// Which of the two this is.
    const PRECISION: Precision;

    /// The distance from 1 to the next larger number: 2⁻²³ in f32, 2⁻⁵² in f64.
    const EPSILON: Self;

    /// The nearest number of this precision.
    fn of(value: f64) -> Self;

    /// The same number in f64, exactly.
    fn as_f64(self) -> f64;

    /// Appends the number's little-endian bytes.
    fn write_le(self, bytes: &mut Vec<u8>);

    /// The numbers as the bytes they are in memory, for what carries them to another process of the
    /// same kind of machine.
    fn bytes(numbers: &[Self]) -> &[u8];

    /// The same bytes, to be written over.
    fn bytes_mut(numbers: &mut [Self]) -> &mut [u8];
}

impl Real for f32 {
    const PRECISION: Precision = Precision::F32;
    const EPSILON: Self = f32::EPSILON;

    fn of(value: f64) -> Self {
        value as f32
    }

    fn as_f64(self) -> f64 {
        self.into()
    }

    fn write_le(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn bytes(numbers: &[Self]) -> &[u8] {
        pulp::bytemuck::cast_slice(numbers)
    }

    fn bytes_mut(numbers: &mut [Self]) -> &mut [u8] {
        pulp::bytemuck::cast_slice_mut(numbers)
    }
}

impl Real for f64 {
    const PRECISION: Precision = Precision::F64;
    const EPSILON: Self = f64::EPSILON;

    fn of(value: f64) -> Self {
        value
    }

    fn as_f64(self) -> f64 {
        self
    }

    fn write_le(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn bytes(numbers: &[Self]) -> &[u8] {
        pulp::bytemuck::cast_slice(numbers)
    }

    fn bytes_mut(numbers: &mut [Self]) -> &mut [u8] {
        pulp::bytemuck::cast_slice_mut(numbers)
    }
}

/// The precision of a network's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 24 bits of significand, 4 bytes a number.
    F32,
    /// 53 bits of significand, 8 bytes a number. The default.
    #[default]
    F64,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "f32" => Ok(Self::F32),
            "f64" => Ok(Self::F64),
            _ => Err(format!("unknown precision '{name}': f32 or f64")),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}
