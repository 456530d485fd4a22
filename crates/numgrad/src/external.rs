//! An external program as a black box: several at once, retried, and written down.
use crate::args::minimize::{OnFailure, RunningArguments};
use crate::failure::{Failure, Status};
use crate::program::{Fault, Program};
use numgrad_train::{BlackBox, EvaluationLog, Outcome};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// A program whose evaluations are logged before they are used.
#[derive(Debug)]
pub(crate) struct External {
    program: Program,
    log: EvaluationLog,
    folder: PathBuf,
    jobs: usize,
    retries: u32,
    on_failure: OnFailure,
    last_failure: Mutex<Option<String>>,
}

impl External {
    pub(crate) fn new(
        program: Program,
        log: EvaluationLog,
        folder: &Path,
        running: &RunningArguments,
    ) -> Self {
        let processors = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            program,
            log,
            folder: folder.to_owned(),
            jobs: if running.jobs == 0 {
                processors()
            } else {
                running.jobs
            },
            retries: running.retries,
            on_failure: running.on_failure,
            last_failure: Mutex::default(),
        }
    }

    /// Why an evaluation came to nothing, if one did.
    pub(crate) fn last_failure(&self) -> Option<String> {
        let last = self.last_failure.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One evaluation: from the log, or by the program and into the log.
    fn value(&self, evaluation: u64, point: &[f64]) -> Result<f64, Failure> {
        let outcome = match self.log.get(evaluation, point)? {
            Some(outcome) => outcome,
            None => self.run(evaluation, point)?,
        };
        Ok(match outcome {
            Outcome::Value(value) => value,
            Outcome::Failed(why, value) => {
                let mut last = (self.last_failure.lock()).unwrap_or_else(PoisonError::into_inner);
                *last = Some(format!("evaluation {evaluation} {why}"));
                value.unwrap_or(f64::NAN)
            }
        })
    }

    fn run(&self, evaluation: u64, point: &[f64]) -> Result<Outcome, Failure> {
        let file = self.folder.join(format!("parameters-{evaluation}.txt"));
        let mut attempts = 0;
        let outcome = loop {
            attempts += 1;
            match self.program.value(point, &file) {
                Ok(value) => break Outcome::Value(value),
                Err(Fault::Failed(_)) if attempts <= self.retries => {}
                Err(Fault::Failed(why)) => {
                    let times = match attempts {
                        1 => String::new(),
                        attempts => format!(" (attempt {attempts} of {attempts})"),
                    };
                    let why = format!("{why}{times}");
                    match self.on_failure {
                        OnFailure::Stop => {
                            let message = format!("evaluation {evaluation}: the command {why}");
                            return Err(Failure::new(Status::Program, message));
                        }
                        OnFailure::Skip => break Outcome::Failed(why, None),
                        OnFailure::Value(value) => break Outcome::Failed(why, Some(value)),
                    }
                }
                Err(Fault::Interrupted) => {
                    return Err(Failure::new(Status::Interrupted, "stopped and saved"));
                }
                Err(Fault::Start(error)) => {
                    let message = format!("'{}' cannot be started: {error}", self.program);
                    return Err(Failure::new(Status::Program, message));
                }
                Err(Fault::File(error)) => {
                    let message = format!("{}: {error}", file.display());
                    return Err(Failure::new(Status::Io, message));
                }
            }
        };
        self.log.append(evaluation, point, &outcome)?;
        Ok(outcome)
    }
}

impl BlackBox<f64> for External {
    type Error = Failure;

    /// Workers take one point after the other. When one fails for good, the others end what they
    /// are at, which is logged, and take no more.
    fn values(&self, first: u64, points: &[f64], values: &mut [f64]) -> Result<(), Failure> {
        let length = points.len() / values.len().max(1);
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let slots: Vec<Mutex<Option<Result<f64, Failure>>>> =
            values.iter().map(|_| Mutex::default()).collect();
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.min(values.len()) {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        let k = next.fetch_add(1, Ordering::SeqCst);
                        let Some(slot) = slots.get(k) else { break };
                        let found = self.value(first + k as u64, &points[k * length..][..length]);
                        if found.is_err() {
                            stop.store(true, Ordering::SeqCst);
                        }
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
                    }
                });
            }
        });
        let mut missing = false;
        for (slot, value) in slots.into_iter().zip(values) {
            match slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
                Some(found) => *value = found?,
                None => missing = true,
            }
        }
        if missing {
            return Err(Failure::new(Status::Internal, "an evaluation is missing"));
        }
        Ok(())
    }
}
