//! How the program ends when it cannot do what it was asked: one line, and an exit status.
use numgrad_gradient::GradientError;
use numgrad_train::checkpoint::CheckpointError;
use numgrad_train::dataset::DataError;
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
    /// An external program fails.
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
    fn of_code(code: u8) -> Self {
        match code {
            65 => Self::Data,
            66 => Self::NoInput,
            73 => Self::CannotCreate,
            74 => Self::Io,
            75 => Self::Busy,
            _ => Self::Internal,
        }
    }
}

/// Why the program ends, and with which status.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl fmt::Display) -> Self {
        Self {
            status,
            message: message.to_string(),
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
            GradientError::Step(_) | GradientError::Directions(_) => Status::Usage,
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
            TrainError::Diverged { .. } => Self::new(Status::Diverged, error),
            TrainError::Shape(_) | TrainError::Widths { .. } | TrainError::Setting(_) => {
                Self::usage(error)
            }
            error => Self::data(error),
        }
    }
}
