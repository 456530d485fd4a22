//! One training of a comparison: until its budget or its time is spent.
use crate::args::CompareArguments;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::setup::on_pool;
use numgrad_core::{Precision, Real};
use numgrad_train::dataset::Dataset;
use numgrad_train::{Configuration, Prepared, Progress, TrainError, Trainer, evaluate};

/// From one look at the test data to the next, loss evaluations and seconds grow by this factor.
const BETWEEN_LOOKS: f64 = 1.5;

/// How far a training was at a look, and its test accuracy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) progress: Progress,
    pub(super) steps: u64,
    pub(super) accuracy: f64,
}

/// Why a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its loss evaluations were spent.
    Budget,
    /// Its time was.
    Time,
    /// Its loss was not finite any more.
    Diverged,
    /// Somebody asked the program to stop.
    Stopped,
}

impl End {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Time => "time",
            Self::Diverged => "diverged",
            Self::Stopped => "stopped",
        }
    }
}

/// What a training did.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) seed: u64,
    pub(super) looks: Vec<Look>,
    pub(super) end: End,
    /// The accuracy on the validation data at the end, by which a rate is picked: 0 of a training
    /// that diverged.
    pub(super) validation: f64,
}

impl Training {
    /// The test accuracy at the end.
    pub(super) fn accuracy(&self) -> f64 {
        self.looks.last().map_or(0.0, |look| look.accuracy)
    }
}

/// Trains as the configuration says.
pub(super) fn train(
    run: Configuration,
    (data, validation): (&Prepared, &Dataset),
    arguments: &CompareArguments,
    interrupt: &Interrupt,
) -> Result<Training, Failure> {
    let data = data.clone();
    on_pool(arguments.threads, || match run.precision {
        Precision::F32 => train_in::<f32>(run, (data, validation), arguments, interrupt),
        Precision::F64 => train_in::<f64>(run, (data, validation), arguments, interrupt),
    })?
}

fn train_in<T: Real>(
    run: Configuration,
    (data, validation): (Prepared, &Dataset),
    arguments: &CompareArguments,
    interrupt: &Interrupt,
) -> Result<Training, Failure> {
    let mut training = Training {
        seed: run.seed,
        looks: Vec::new(),
        end: End::Diverged,
        validation: 0.0,
    };
    let mut trainer = Trainer::<T>::new(run, data)?;
    match walk(&mut trainer, arguments, interrupt, &mut training.looks) {
        Ok(end) => training.end = end,
        Err(TrainError::Diverged { .. }) => return Ok(training),
        Err(error) => return Err(error.into()),
    }
    let validated = evaluate(&trainer.objective(), trainer.theta(), validation);
    match validated {
        Ok(validated) => training.validation = validated.accuracy().unwrap_or_default(),
        Err(_) => training.end = End::Diverged,
    }
    Ok(training)
}

fn walk<T: Real>(
    trainer: &mut Trainer<T>,
    arguments: &CompareArguments,
    interrupt: &Interrupt,
    looks: &mut Vec<Look>,
) -> Result<End, TrainError> {
    let (mut steps, mut evaluations, mut seconds) = (0, 0.0, 0.0);
    loop {
        if interrupt.is_asked() {
            return Ok(End::Stopped);
        }
        trainer.step()?;
        steps += 1;
        let progress = trainer.progress();
        let spent = progress.loss_evaluations;
        let end = if spent >= arguments.budget {
            Some(End::Budget)
        } else {
            (progress.seconds >= arguments.seconds).then_some(End::Time)
        };
        if end.is_some() || spent as f64 >= evaluations || progress.seconds >= seconds {
            evaluations = spent as f64 * BETWEEN_LOOKS;
            seconds = progress.seconds * BETWEEN_LOOKS;
            let accuracy = trainer.evaluate_test()?.accuracy().unwrap_or_default();
            looks.push(Look {
                progress,
                steps,
                accuracy,
            });
        }
        if let Some(end) = end {
            return Ok(end);
        }
        if trainer.epoch_is_over() {
            trainer.end_epoch()?;
        }
    }
}
