//! A run's data: read, split and scaled as its configuration says.
use crate::configuration::Configuration;
use crate::dataset::{
    DataError, Dataset, Features, Loaded, Scaler, Scaling, TargetScale, Task, fill, hold_out, split,
};
use crate::regime::Validation;
use crate::streams::{Purpose, stream};
use thiserror::Error;

/// Training and test data, ready for batches.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The samples to train on.
    pub train: Dataset,
    /// The samples that steer the run, if there are any.
    pub validation: Option<Dataset>,
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
    /// A part to hold out for testing that is none.
    #[error("--test-fraction must be between 0 and 1, but it is {0}")]
    TestFraction(f64),
    /// A part to hold out that leaves nothing on one side.
    #[error(
        "holding out {fraction} of {samples} samples leaves none on one side: choose another \
         {flag}"
    )]
    Split {
        /// The part asked for.
        fraction: f64,
        /// The samples there are.
        samples: usize,
        /// The flag that asked for it.
        flag: &'static str,
    },
}

impl Prepared {
    /// Splits (unless there is a test set) and fills what was loaded, and scales its inputs, without
    /// validation data.
    ///
    /// # Errors
    /// [`PrepareError::Split`] if one side would be empty, [`PrepareError::Data`] if the data are in a
    /// file that cannot be read.
    pub fn new(
        loaded: Loaded,
        scaling: Scaling,
        test_fraction: f64,
        seed: u64,
    ) -> Result<Self, PrepareError> {
        let split = Self::split(loaded, test_fraction, seed)?;
        Ok(split.filled().scaled(scaling)?)
    }

    /// Splits, fills and scales what was loaded as a configuration says, and loads what it validates
    /// on.
    ///
    /// # Errors
    /// If the data cannot be split, or the validation data cannot be read.
    pub fn of(run: &Configuration, loaded: Loaded) -> Result<Self, PrepareError> {
        let mut data = Self::split(loaded, run.test_fraction, run.seed)?;
        if let Some(Validation::Part(fraction)) = run.regime.validation {
            data = data.hold_out(fraction, run.seed)?;
        }
        data = data.filled();
        if let Some(Validation::Source(source)) = &run.regime.validation {
            let mut reading = run.reading.clone();
            reading.task.get_or_insert(match data.train.classes() {
                Some(_) => Task::Classification,
                None => Task::Regression,
            });
            // The file of --targets is the training samples'.
            reading.targets = None;
            let loaded = source.load_as(data.train.columns(), &reading);
            data.validation = Some(loaded.map_err(|error| error.named_with("--validation"))?);
        }
        Ok(data.scaled(run.scaling)?.with_targets(run.target_scaling))
    }

    /// Training and test data, as they were loaded.
    fn split(loaded: Loaded, test_fraction: f64, seed: u64) -> Result<Self, PrepareError> {
        let Loaded { train, test } = loaded;
        let (train, test) = match test {
            Some(test) => (train, test),
            None => sides(&train, split(train.samples(), test_fraction, seed)).ok_or(
                PrepareError::Split {
                    fraction: test_fraction,
                    samples: train.samples(),
                    flag: "--test-fraction",
                },
            )?,
        };
        Ok(Self {
            scaler: Scaler::identity(),
            train,
            validation: None,
            test,
        })
    }

    /// The same with a part of the training data to validate on.
    fn hold_out(mut self, fraction: f64, seed: u64) -> Result<Self, PrepareError> {
        let samples = self.train.samples();
        let random = &mut stream(seed, Purpose::Validation, 0);
        let (train, validation) =
            sides(&self.train, hold_out(samples, fraction, random)).ok_or(PrepareError::Split {
                fraction,
                samples,
                flag: "--validation",
            })?;
        self.train = train;
        self.validation = Some(validation);
        Ok(self)
    }

    /// The same without missing numbers.
    fn filled(mut self) -> Self {
        let others = std::iter::once(&mut self.test).chain(&mut self.validation);
        fill(&mut self.train, others);
        self
    }

    /// The same, scaled by the training set's numbers.
    fn scaled(mut self, scaling: Scaling) -> Result<Self, DataError> {
        let scaler = Scaler::fit(scaling, &self.train)?;
        self.each().for_each(|data| scaler.apply(data));
        self.scaler = scaler;
        Ok(self)
    }

    /// The same with scaled targets, by the training set's numbers.
    fn with_targets(mut self, scaling: Scaling) -> Self {
        let scale = TargetScale::fit(scaling, &self.train);
        self.each().for_each(|data| data.scale_targets(scale));
        self
    }

    /// The samples to train on, and all others.
    fn each(&mut self) -> impl Iterator<Item = &mut Dataset> {
        [&mut self.train, &mut self.test]
            .into_iter()
            .chain(&mut self.validation)
    }

    /// Reads and prepares the data of a configuration.
    ///
    /// # Errors
    /// If they cannot be read or split.
    pub fn load(configuration: &Configuration) -> Result<Self, PrepareError> {
        let loaded = configuration.data.load(&configuration.reading)?;
        Self::of(configuration, loaded)
    }
}

/// Two parts of a dataset, as they were drawn.
fn sides(data: &Dataset, drawn: Option<(Vec<usize>, Vec<usize>)>) -> Option<(Dataset, Dataset)> {
    let (mut kept, mut held_out) = drawn?;
    if let Features::Stored(_) = data.features() {
        // A file is best read from its start to its end. Numbers in memory keep their order, on which
        // the bits of their sums depend.
        kept.sort_unstable();
        held_out.sort_unstable();
    }
    Some((data.subset(&kept), data.subset(&held_out)))
}
