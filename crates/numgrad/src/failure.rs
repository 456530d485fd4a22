//! How the program ends when it cannot do what it was asked: one line, and an exit status.
use crate::out::{say, shout};
use numgrad_gradient::GradientError;
use numgrad_train::checkpoint::CheckpointError;
use numgrad_train::dataset::DataError;
use numgrad_train::exchange::ExchangeError;
use numgrad_train::{LogError, PrepareError, TrainError};
use std::fmt;

/// The exit statuses, after BSD's sysexits where one fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// The command line asks for something that cannot be.
    Usage = 2,
    /// The data, the checkpoint or a check's verdict is bad.
    Data = 65,
    /// An input file does not exist.
    NoInput = 66,
    /// An external program fails, or no mirror of a dataset answers.
    Program = 69,
    /// A defect of numgrad.
    Internal = 70,
    /// The output cannot be created.
    CannotCreate = 73,
    /// Reading or writing failed.
    Io = 74,
    /// Another process holds the run.
    Busy = 75,
    /// The loss is not finite any more.
    Diverged = 76,
    /// Stopped by a signal, after saving.
    Interrupted = 130,
}

impl Status {
    pub(crate) fn of_code(code: u8) -> Self {
        match code {
            2 => Self::Usage,
            65 => Self::Data,
            66 => Self::NoInput,
            69 => Self::Program,
            73 => Self::CannotCreate,
            74 => Self::Io,
            75 => Self::Busy,
            76 => Self::Diverged,
            130 => Self::Interrupted,
            _ => Self::Internal,
        }
    }
}

/// Who knows of a failure, and who says it, where ranks share a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Each rank that meets it: the first of all says it.
    Here,
    /// All ranks, which end with it: this one says it, even if it is a silent one.
    ToAll,
    /// All ranks, and another one says it.
    FromAnother,
}

/// Why the program ends, and with which status.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    message: String,
    known: Known,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl fmt::Display) -> Self {
        Self {
            status,
            message: message.to_string(),
            known: Known::Here,
        }
    }

    /// A failure that all ranks have agreed to end with, and that this one says.
    pub(crate) fn told_by(mut self, rank: usize) -> Self {
        if rank > 0 {
            self.message = format!("rank {rank}: {}", self.message);
        }
        self.known = Known::ToAll;
        self
    }

    /// The failure of another rank, which says it.
    pub(crate) fn untold(code: u8) -> Self {
        Self {
            known: Known::FromAnother,
            ..Self::new(Status::of_code(code), "")
        }
    }

    /// Whether the other ranks end by themselves, and nobody has to end them.
    pub(crate) fn is_common(&self) -> bool {
        let found_by_each = matches!(
            self.status,
            Status::Usage | Status::Diverged | Status::Interrupted
        );
        found_by_each || self.known != Known::Here
    }

    /// Says the failure, if nobody else does.
    pub(crate) fn say(&self) {
        let line = format_args!("numgrad: {self}");
        match self.known {
            Known::Here => say(line),
            Known::ToAll => shout(line),
            Known::FromAnother => {}
        }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Status::Usage, message)
    }

    pub(crate) fn data(message: impl fmt::Display) -> Self {
        Self::new(Status::Data, message)
    }
}

impl fmt::Display for Failure {
    /// One line, whatever a file name or a message holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.message.chars() {
            match part {
                '\n' | '\r' => f.write_str(" ")?,
                part if part.is_control() => write!(f, "{}", part.escape_default())?,
                part => write!(f, "{part}")?,
            }
        }
        Ok(())
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self::new(Status::of_code(error.exit_code()), error)
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Data(error) => error.into(),
            error => Self::usage(error),
        }
    }
}

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        Self::new(Status::of_code(error.exit_code()), error)
    }
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        Self::new(Status::of_code(error.exit_code()), error)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let status = match error {
            LogError::Io { .. } => Status::Io,
            _ => Status::Data,
        };
        Self::new(status, error)
    }
}

impl From<GradientError> for Failure {
    fn from(error: GradientError) -> Self {
        let status = match error {
            GradientError::Step(_) | GradientError::Directions(_) | GradientError::Split { .. } => {
                Status::Usage
            }
            GradientError::NotFinite { .. } | GradientError::Infinite { .. } => Status::Diverged,
            GradientError::Shape(_)
            | GradientError::Loss(_)
            | GradientError::EmptyBatch
            | GradientError::NoDerivative(_) => Status::Data,
            _ => Status::Internal,
        };
        Self::new(status, error)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Gradient(error) => error.into(),
            TrainError::Data(error) => error.into(),
            TrainError::Prepare(error) => error.into(),
            TrainError::Checkpoint(error) => error.into(),
            TrainError::Diverged { .. } => Self::new(Status::Diverged, error),
            TrainError::Shape(_)
            | TrainError::Widths { .. }
            | TrainError::Setting(_)
            | TrainError::EpochsDone { .. }
            | TrainError::OtherRank { .. } => Self::usage(error),
            error => Self::data(error),
        }
    }
}
