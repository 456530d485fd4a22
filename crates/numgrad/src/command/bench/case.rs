//! What is measured: a network with its first parameters, and a batch.
use crate::failure::{Failure, Status};
use numgrad_core::{Aligned, Mlp, Real};
use numgrad_loss::{Loss, Targets};
use numgrad_train::{Configuration, Prepared, TrainError, Trainer};
use serde_json::json;
use std::path::Path;

/// A network, a batch and a number of threads.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) run: Configuration,
    pub(super) samples: usize,
    /// 0 is as many as the container allows.
    pub(super) threads: usize,
}

/// A setting in numbers of one precision.
pub(super) struct Case<T: Real> {
    pub(super) network: Mlp<T>,
    pub(super) loss: Box<dyn Loss<T>>,
    pub(super) theta: Aligned<T>,
    pub(super) x: Vec<T>,
    pub(super) targets: Targets<T>,
}

impl<T: Real> Case<T> {
    /// The parameters with which a training of this run would start, and the first samples.
    pub(super) fn new(setting: &Setting, data: &Prepared) -> Result<Self, Failure> {
        let run = &setting.run;
        let trainer = Trainer::<f64>::new(run.clone(), data.clone())?;
        let indices: Vec<usize> = (0..setting.samples).collect();
        let mut theta = Aligned::zeros(trainer.theta().len());
        for (to, &entry) in theta.iter_mut().zip(trainer.theta()) {
            *to = T::of(entry);
        }
        let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
        data.train.gather(&indices, &mut x, &mut targets)?;
        Ok(Self {
            network: run.architecture.build().map_err(TrainError::from)?,
            loss: run.build_loss().map_err(TrainError::from)?,
            theta,
            x,
            targets,
        })
    }
}

/// The network, its parameters and the batch as JSON, for programs to compare with.
pub(super) fn write(path: &Path, setting: &Setting, data: &Prepared) -> Result<(), Failure> {
    let case = Case::<f64>::new(setting, data)?;
    let Targets::Labels(labels) = &case.targets else {
        return Err(Failure::usage("--write-case needs data with classes"));
    };
    let architecture = &setting.run.architecture;
    let text = json!({
        "layers": architecture.widths, "activation": architecture.hidden.first(),
        "batch": setting.samples, "theta": &case.theta[..], "x": case.x, "labels": labels,
    });
    std::fs::write(path, text.to_string()).map_err(|error| {
        let path = path.display();
        Failure::new(
            Status::CannotCreate,
            format!("{path}: cannot be written: {error}"),
        )
    })
}
