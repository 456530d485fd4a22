//! What is said before a training: that it will take long, that it is over, or that it will learn
//! nothing.
use crate::failure::Failure;
use crate::out::say;
use crate::report::{grouped, widths};
use numgrad_core::Real;
use numgrad_gradient::Perturb;
use numgrad_train::{Metrics, Trainer};

/// The longest epoch that nobody is warned of.
const LONG_EPOCH: f64 = 60.0;

/// Says how long an epoch will take if that is long, and what would be faster.
pub(super) fn advise<T: Real>(trainer: &mut Trainer<T>) -> Result<(), Failure> {
    let chosen = trainer.configuration().perturb;
    let seconds = trainer.estimate_epoch(chosen)?;
    if seconds <= LONG_EPOCH {
        return Ok(());
    }
    let mut faster = None;
    for perturb in [Perturb::Weight, Perturb::Neuron, Perturb::Layer] {
        if chosen != perturb.into() {
            let other = trainer.estimate_epoch(perturb.into())?;
            if other < seconds / 2.0 {
                faster = Some((perturb, other));
                break;
            }
        }
    }
    let advice = faster.map_or(String::new(), |(perturb, other)| {
        format!("; --perturb {perturb} would take about {}", duration(other))
    });
    say(format_args!(
        "numgrad: an epoch with --perturb {chosen} will take about {}{advice}",
        duration(seconds)
    ));
    Ok(())
}

/// Says what is trained on what.
pub(super) fn introduce<T: Real>(trainer: &Trainer<T>) {
    let (data, test) = (trainer.train_data(), trainer.test_data());
    let task = match data.classes() {
        Some(classes) => format!("classification, {classes} classes"),
        None => "regression".to_owned(),
    };
    say(format_args!(
        "numgrad: {task}: {} samples to train, {} to test; {}, {} parameters",
        grouped(data.samples()),
        grouped(test.samples()),
        widths(&trainer.configuration().architecture.widths),
        grouped(trainer.theta().len())
    ));
}

/// Warns of a network that says less about the test data than their mean does.
pub(super) fn warn_of_no_fit<T: Real>(trainer: &Trainer<T>) {
    let Ok(Metrics::Regression { r_squared, .. }) = trainer.evaluate_test().map(|of| of.metrics)
    else {
        return;
    };
    if r_squared <= 0.0 {
        say(format_args!(
            "numgrad: warning: R² is {r_squared:.3} on the test data, no better than their mean: more \
             --epochs, another --learning-rate or --target-scaling standard may help"
        ));
    }
}

/// Says of a run that goes on that there is nothing to go on with. That it was stopped early is always
/// said: no number of epochs changes it.
pub(super) fn say_if_over<T: Real>(trainer: &Trainer<T>, quiet: bool) {
    let run = trainer.configuration();
    if trainer.is_stopped_early() {
        let watched = run.regime.watched();
        let best = watched.best(trainer.history()).map_or(0, |best| best + 1);
        say(format_args!(
            "numgrad: warning: this run was stopped early after epoch {}: its {watched} has not \
             improved since epoch {best} (--early-stopping {}); nothing is trained, and a new run \
             with a larger --early-stopping would go further",
            trainer.history().len(),
            run.regime.early_stopping.unwrap_or_default()
        ));
    } else if trainer.is_finished() && !quiet {
        say(format_args!(
            "numgrad: all {} epochs of this run are done: --epochs {} would train on",
            run.epochs,
            run.epochs.saturating_mul(2).max(1)
        ));
    }
}

/// Warns of epochs in which the schedule leaves nothing of the learning rate.
pub(super) fn warn_of_rest<T: Real>(trainer: &Trainer<T>) {
    let run = trainer.configuration();
    let Some(rests) = run.regime.schedule.rests_after() else {
        return;
    };
    let from = rests.max(trainer.progress().epoch);
    if trainer.is_finished() || from >= run.epochs {
        return;
    }
    say(format_args!(
        "numgrad: warning: the schedule {} has brought the learning rate to 0 when epoch {rests} \
         ends: the {} epochs from {} on learn nothing; a new run with cosine:0:{} would go down over \
         all of them, and cosine:0.1 leaves a tenth of the rate",
        run.regime.schedule,
        run.epochs - from,
        from + 1,
        run.epochs
    ));
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
