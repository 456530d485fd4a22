//! A run's data: read, split and scaled as its configuration says.
use crate::configuration::Configuration;
use crate::dataset::{DataError, Dataset, Loaded, Scaler, Scaling, split};
use thiserror::Error;

/// Training and test data, ready for batches.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The samples to train on.
    pub train: Dataset,
    /// The samples held out.
    pub test: Dataset,
    /// The scaling that both went through, with the training set's numbers.
    pub scaler: Scaler,
}

/// Data that cannot be prepared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A part for testing that leaves nothing on one side.
    #[error(
        "holding out {fraction} of {samples} samples leaves none on one side: choose another \
         --test-fraction"
    )]
    Split {
        /// The part asked for.
        fraction: f64,
        /// The samples there are.
        samples: usize,
    },
}

impl Prepared {
    /// Splits (unless there is a test set) and scales what was loaded.
    ///
    /// # Errors
    /// [`PrepareError::Split`] if one side would be empty.
    pub fn new(
        loaded: Loaded,
        scaling: Scaling,
        test_fraction: f64,
        seed: u64,
    ) -> Result<Self, PrepareError> {
        let Loaded { train, test } = loaded;
        let (mut train, mut test) = if let Some(test) = test {
            (train, test)
        } else {
            let sides = split(train.samples(), test_fraction, seed);
            let (kept, held_out) = sides.ok_or(PrepareError::Split {
                fraction: test_fraction,
                samples: train.samples(),
            })?;
            (train.subset(&kept), train.subset(&held_out))
        };
        let scaler = Scaler::fit(scaling, &train);
        scaler.apply(&mut train);
        scaler.apply(&mut test);
        Ok(Self {
            train,
            test,
            scaler,
        })
    }

    /// Reads and prepares the data of a configuration.
    ///
    /// # Errors
    /// If they cannot be read or split.
    pub fn load(configuration: &Configuration) -> Result<Self, PrepareError> {
        Self::new(
            configuration.data.load(&configuration.reading)?,
            configuration.scaling,
            configuration.test_fraction,
            configuration.seed,
        )
    }
}
