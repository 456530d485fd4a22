//! What a run is made of that a user may bring: the network's functions and the loss.
use crate::configuration::Configuration;
use crate::train_error::TrainError;
use numgrad_core::{Activation, Mlp, Real};
use numgrad_loss::{Loss, Teaching};
use std::sync::Arc;

/// What a program brings in the place of what a configuration names.
pub(crate) struct Brought<T: Real> {
    /// Of all hidden layers.
    pub(crate) activation: Option<Arc<dyn Activation<T>>>,
    pub(crate) loss: Option<Box<dyn Loss<T>>>,
}

impl<T: Real> Brought<T> {
    pub(crate) fn nothing() -> Self {
        Self {
            activation: None,
            loss: None,
        }
    }
}

/// A network and a loss.
pub(super) struct Parts<T: Real> {
    pub(super) network: Mlp<T>,
    pub(super) loss: Box<dyn Loss<T>>,
}

impl<T: Real> Parts<T> {
    /// Those that the configuration names, but for what a program brings.
    pub(super) fn of(run: &Configuration, brought: Brought<T>) -> Result<Self, TrainError> {
        let Brought { activation, loss } = brought;
        let network = match activation {
            None => run.architecture.build()?,
            Some(activation) => {
                let widths = &run.architecture.widths;
                let hidden = vec![activation; widths.len().saturating_sub(2)];
                Mlp::new(widths, hidden, run.architecture.output.build())?
            }
        };
        let loss = match loss {
            None => run.build_loss()?,
            Some(loss) if run.regime.teaching() == Teaching::default() => loss,
            Some(_) => {
                return Err(TrainError::Setting(
                    "smoothed labels and class weights are for the losses of numgrad: a loss of \
                     one's own may have its own"
                        .to_owned(),
                ));
            }
        };
        Ok(Self { network, loss })
    }
}
