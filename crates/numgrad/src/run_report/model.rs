//! A run's network with its trained parameters, ready to be asked.
use crate::failure::Failure;
use numgrad_core::{Mlp, Real};
use numgrad_gradient::Objective;
use numgrad_loss::{Loss, Targets};
use numgrad_train::checkpoint::Checkpoint;
use numgrad_train::dataset::{Columns, Dataset};
use numgrad_train::{Configuration, TrainError};

pub(super) struct Model<'a, T: Real> {
    pub(super) run: &'a Configuration,
    pub(super) network: Mlp<T>,
    pub(super) theta: Vec<T>,
    loss: Box<dyn Loss<T>>,
    /// Height, width and channels of the images, where the run knows them.
    image: Option<(usize, usize, usize)>,
}

impl<'a, T: Real> Model<'a, T> {
    pub(super) fn of(checkpoint: &'a Checkpoint) -> Result<Self, Failure> {
        let run = &checkpoint.header.configuration;
        Ok(Self {
            run,
            network: run.architecture.build().map_err(TrainError::from)?,
            loss: run.build_loss().map_err(TrainError::from)?,
            image: checkpoint.header.columns.as_ref().and_then(Columns::image),
            theta: checkpoint
                .payload
                .theta
                .get()
                .ok_or(TrainError::OtherState)?,
        })
    }

    pub(super) fn objective(&self) -> Objective<'_, T> {
        Objective::new(&self.network, &*self.loss)
    }

    /// Width and height of a sample that is a square image.
    pub(super) fn side(&self) -> Option<usize> {
        if let Some((height, width, channels)) = self.image {
            return (height == width && channels == 1 && height >= 4).then_some(height);
        }
        let inputs = self.network.inputs();
        let side = inputs.isqrt();
        (self.run.data.is_images() && side >= 4 && side * side == inputs).then_some(side)
    }
}

/// At most so many indices of a dataset's samples, evenly spread.
pub(super) fn spread(data: &Dataset, most: usize) -> Vec<usize> {
    let all = data.samples();
    let count = all.min(most);
    (0..count).map(|k| k * all / count).collect()
}

/// Some samples as a batch.
pub(super) fn batch<T: Real>(
    data: &Dataset,
    indices: &[usize],
) -> Result<(Vec<T>, Targets<T>), Failure> {
    let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
    data.gather(indices, &mut x, &mut targets)?;
    Ok((x, targets))
}
