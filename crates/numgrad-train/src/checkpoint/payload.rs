//! What a checkpoint holds, as plain data.
use super::check::check;
use super::codec;
use super::error::Fault;
use super::format_1;
use super::frame::{Opened, open, seal};
use super::sequence::in_pieces;
use crate::audit::Audit;
use crate::configuration::Configuration;
use crate::dataset::{Columns, Dataset, Scaler, TargetScale};
use crate::history::{EpochRecord, LayerRecord};
use crate::trainer::Progress;
use numgrad_core::{Precision, Real};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Everything that the next step of a run needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// The readable part.
    pub header: Header,
    /// The numbers.
    pub payload: Payload,
}

/// The readable part of a checkpoint: JSON text in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of numgrad that wrote it.
    pub numgrad: String,
    /// What the run was asked to do.
    pub configuration: Configuration,
    /// BLAKE3 of the training data, in hexadecimal.
    pub data: String,
    /// How the inputs are scaled: the training set's numbers.
    pub scaler: Scaler,
    /// How the targets are scaled, if they are.
    #[serde(default, skip_serializing_if = "TargetScale::is_identity")]
    pub target_scale: TargetScale,
    /// What the columns of the training file are, if that was a table: every other file is read so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
    /// The number of parameters.
    pub parameters: u64,
    /// Epochs done.
    pub epoch: u64,
    /// Steps done, over all epochs.
    pub step: u64,
    /// The audits so far, if any were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audits: Vec<Audit>,
    /// The widest vector instructions of the CPU that computed it: other ones may round a matrix
    /// product differently.
    pub cpu: String,
}

impl Header {
    /// Scales other samples as those of the run.
    pub fn scale(&self, data: &mut Dataset) {
        self.scaler.apply(data);
        data.scale_targets(self.target_scale);
    }
}

/// The numbers of a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// θ.
    pub theta: Numbers,
    /// The optimizer's memories, each as long as θ.
    pub memories: Vec<Numbers>,
    /// The optimizer's steps.
    pub optimizer_steps: u64,
    /// How far the run is.
    pub progress: Progress,
    /// Layer by layer the last step of the epoch under way, if its batches are all done.
    pub layers: Vec<LayerRecord>,
    /// Weights beside θ, of a run that stops early.
    pub kept: Option<Kept>,
    /// One record for each epoch done.
    pub history: Vec<EpochRecord>,
}

/// The best weights of a run that stops early.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The epoch after which they were best, from 1.
    pub epoch: u64,
    /// The best weights; where θ itself is the best ones, the last ones.
    pub theta: Numbers,
    /// Whether θ is the best ones.
    pub is_restored: bool,
}

/// A vector in its own precision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Numbers {
    /// In f32.
    F32(#[serde(deserialize_with = "in_pieces")] Vec<f32>),
    /// In f64.
    F64(#[serde(deserialize_with = "in_pieces")] Vec<f64>),
}

impl Numbers {
    /// A copy of a vector.
    pub fn of<T: Real>(vector: &[T]) -> Self {
        // Every f32 is an f64, so the way there and back changes no bit of a number.
        match T::PRECISION {
            Precision::F32 => Self::F32(vector.iter().map(|x| x.as_f64() as f32).collect()),
            Precision::F64 => Self::F64(vector.iter().map(|x| x.as_f64()).collect()),
        }
    }

    /// The vector in `T`, if that is its precision.
    pub fn get<T: Real>(&self) -> Option<Vec<T>> {
        match (self, T::PRECISION) {
            (Self::F32(v), Precision::F32) => Some(v.iter().map(|&x| T::of(x.into())).collect()),
            (Self::F64(v), Precision::F64) => Some(v.iter().map(|&x| T::of(x)).collect()),
            _ => None,
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers in this precision, the nearest ones in f32.
    pub fn of_wide(numbers: Vec<f64>, precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32(numbers.into_iter().map(|x| x as f32).collect()),
            Precision::F64 => Self::F64(numbers),
        }
    }

    /// The numbers in f64, exactly.
    pub fn widened(&self) -> Vec<f64> {
        match self {
            Self::F32(v) => v.iter().map(|&x| x.into()).collect(),
            Self::F64(v) => v.clone(),
        }
    }

    /// Some of the entries.
    ///
    /// # Panics
    /// If there are fewer.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Self::F32(v) => Self::F32(v[range].to_vec()),
            Self::F64(v) => Self::F64(v[range].to_vec()),
        }
    }

    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Self::F32(v) => v.iter().all(|x| x.is_finite()),
            Self::F64(v) => v.iter().all(|x| x.is_finite()),
        }
    }

    /// The precision of the entries.
    pub fn precision(&self) -> Precision {
        match self {
            Self::F32(_) => Precision::F32,
            Self::F64(_) => Precision::F64,
        }
    }
}

impl Checkpoint {
    /// The bytes of a checkpoint file.
    ///
    /// # Errors
    /// If it is larger than a checkpoint may be, or could not be read again because a number is
    /// not finite or the parts do not fit together.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        check(self)?;
        let header = serde_json::to_vec_pretty(&self.header)
            .map_err(|error| Fault::Content(error.to_string()))?;
        seal(codec::ID, &header, &codec::encode(&self.payload)?)
    }

    /// The checkpoint in the bytes of a file, once everything about it is seen to be right.
    ///
    /// # Errors
    /// A [`Fault`] for every flipped bit and every cut, and for content that does not fit
    /// together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let Opened {
            version,
            header,
            payload,
        } = open(bytes, codec::ID)?;
        let header: Header = serde_json::from_slice(header)
            .map_err(|error| Fault::Content(format!("the header: {error}")))?;
        let payload = match version {
            1 => codec::decode::<format_1::Payload>(payload)?.today(&header),
            _ => codec::decode(payload)?,
        };
        let checkpoint = Self { header, payload };
        check(&checkpoint)?;
        Ok(checkpoint)
    }
}
