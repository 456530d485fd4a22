//! How far a run is.
use crate::history::Spent;
use serde::{Deserialize, Serialize};

/// How far a run is. A checkpoint holds it as it stands here: another order is another format.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Epochs done.
    pub epoch: u64,
    /// Batches done of the epoch under way.
    pub batch: u64,
    /// The sum of their samples' losses, each before its step.
    pub loss_sum: f64,
    /// Their samples classified rightly, each before its step.
    pub correct: u64,
    /// Batch losses measured since the run began.
    pub loss_evaluations: u64,
    /// Per-sample losses evaluated since the run began, or those whose place a series has taken.
    pub sample_evaluations: u64,
    /// Seconds of training since the run began.
    pub seconds: f64,
    /// The best test loss so far.
    pub best: Option<f64>,
    /// Where the seconds of the epoch under way went.
    pub spent: Spent,
}
