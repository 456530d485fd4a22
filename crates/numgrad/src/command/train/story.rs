//! What `-v` tells of a training.
use numgrad_core::{Real, instruction_set};
use numgrad_gradient::EstimatorKind;
use numgrad_train::checkpoint::EpochRecord;
use numgrad_train::{Advice, Trainer};
use tracing::{debug, info, warn};

/// What is about to be trained, and by what.
pub(super) fn begins<T: Real>(trainer: &Trainer<T>) {
    let run = trainer.configuration();
    info!(
        layers = crate::report::widths(&run.architecture.widths),
        activation = run.architecture.hidden.first().map(tracing::field::display),
        output = %run.architecture.output,
        parameters = trainer.theta().len(),
        precision = %run.precision,
        init = %run.initializer,
        "network"
    );
    info!(
        loss = %run.loss,
        perturb = %run.perturb,
        scheme = %run.scheme,
        step = run.step,
        optimizer = %run.optimizer,
        learning_rate = run.learning_rate,
        schedule = %run.regime.schedule,
        "gradient"
    );
    info!(
        epochs = run.epochs,
        batches = trainer.batches(),
        batch_size = run.batch_size,
        done = trainer.progress().epoch,
        threads = rayon::current_num_threads(),
        instructions = %instruction_set(),
        "training"
    );
}

/// A step that was taken.
pub(super) fn step<T: Real>(trainer: &Trainer<T>, loss: f64) {
    let progress = trainer.progress();
    debug!(
        epoch = progress.epoch + 1,
        batch = progress.batch,
        loss,
        "step"
    );
}

/// What changed with an epoch: the learning rate, and what an audit warns of.
pub(super) fn epoch<T: Real>(trainer: &Trainer<T>) {
    let history = trainer.history();
    let [.., record] = history else { return };
    if let [.., before, _] = history
        && before.learning_rate.to_bits() != record.learning_rate.to_bits()
    {
        info!(
            epoch = record.epoch,
            from = before.learning_rate,
            to = record.learning_rate,
            "learning rate"
        );
    }
    debug!(
        epoch = record.epoch,
        gradient_norms = norms(record),
        gradient_s = record.spent.gradient,
        update_s = record.spent.update,
        data_s = record.spent.data,
        evaluation_s = record.spent.evaluation,
        "epoch"
    );
    let Some(audit) = trainer
        .audits()
        .last()
        .filter(|audit| audit.epoch == record.epoch)
    else {
        return;
    };
    let is_random = matches!(
        trainer.configuration().perturb,
        EstimatorKind::Directions(_)
    );
    if audit.advice(is_random) != Advice::Nothing {
        warn!(
            epoch = record.epoch,
            cosine = audit.cosine,
            signal = audit.signal,
            batch_noise = audit.batch_noise,
            estimator_noise = audit.estimator_noise,
            "the gradient does not dominate a step"
        );
    }
}

fn norms(record: &EpochRecord) -> String {
    let norms = record
        .layers
        .iter()
        .map(|layer| format!("{:.2e}", layer.gradient_norm));
    norms.collect::<Vec<_>>().join(" ")
}
