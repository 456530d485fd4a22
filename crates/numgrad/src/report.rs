//! Tables, lines and names that several commands share.
use crate::failure::Failure;
use crate::out::{Out, say};
use numgrad_gradient::EstimatorKind;
use numgrad_train::checkpoint::{CheckpointError, EpochRecord};
use numgrad_train::{Advice, Audit, Configuration};
use std::fmt::Display;
use std::path::PathBuf;
use std::time::SystemTime;

/// The epochs as a table, at most some first and last ones.
pub(crate) fn history_table(history: &[EpochRecord], out: &mut Out) -> Result<(), Failure> {
    const SHOWN: usize = 12;
    if history.is_empty() {
        return Ok(());
    }
    out.line(format_args!(
        "{:>5}  {:>10}  {:>10}  {:>9}  {:>9}  {:>8}",
        "epoch", "train loss", "test loss", "train acc", "test acc", "seconds"
    ))?;
    for (k, record) in history.iter().enumerate() {
        let hidden = history.len() > SHOWN && k >= SHOWN / 2 && k < history.len() - SHOWN / 2;
        if !hidden {
            out.line(format_args!(
                "{:>5}  {:>10.5}  {:>10.5}  {:>9}  {:>9}  {:>8.2}",
                record.epoch,
                record.train_loss,
                record.test_loss,
                share(record.train_accuracy),
                share(record.test_accuracy),
                record.seconds
            ))?;
        } else if k == SHOWN / 2 {
            out.line("    …")?;
        }
    }
    Ok(())
}

/// What the last audits found, and what would help.
pub(crate) fn audit_line(
    audits: &[Audit],
    run: &Configuration,
    out: &mut Out,
) -> Result<(), Failure> {
    /// So many together: in a single one, chance has too large a part.
    const LAST: usize = 5;
    let Some(audit) = Audit::mean(&audits[audits.len().saturating_sub(LAST)..]) else {
        return Ok(());
    };
    let directions = matches!(run.perturb, EstimatorKind::Directions(_));
    let times = |times: f64| match times {
        t if t.is_finite() && t < 1e6 => format!("{:.0} times", t.ceil()),
        _ => "many times".to_owned(),
    };
    let verdict = match audit.advice(directions) {
        Advice::Nothing => "the gradient dominates a step".to_owned(),
        Advice::MoreDirections(more) => format!(
            "a step is dominated by the estimator's noise: {} the --directions would match the \
             gradient",
            times(more)
        ),
        Advice::LargerBatch(more) => format!(
            "a step is dominated by the batch's noise: {} the --batch-size would match the \
             gradient, or a smaller --learning-rate over more steps",
            times(more)
        ),
        Advice::LargerStep => {
            "a step is dominated by the rounding of the losses: a larger --step would help"
                .to_owned()
        }
        Advice::Flat => {
            "nothing audited moves the loss at all: a larger --step may reach what does".to_owned()
        }
        _ => "nothing is known of what would help".to_owned(),
    };
    out.line(format_args!(
        "audit of {} weights: cosine {:.3}, squared gradient {:.2e}, variance of the batch {:.2e}, \
         of the estimator {:.2e}; {verdict}",
        audit.parameters, audit.cosine, audit.signal, audit.batch_noise, audit.estimator_noise
    ))
}

/// An accuracy, or a dash where there is none.
pub(crate) fn share(accuracy: Option<f64>) -> String {
    accuracy.map_or_else(|| "-".to_owned(), |accuracy| format!("{accuracy:.4}"))
}

/// Says that a damaged checkpoint was passed over.
pub(crate) fn warn(warning: Option<&CheckpointError>) {
    if let Some(warning) = warning {
        say(format_args!(
            "numgrad: warning: {warning}; the checkpoint before it is used"
        ));
    }
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(number: impl Display) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// runs/ and the time and seed, with a number where that is taken.
pub(crate) fn default_folder(seed: u64) -> PathBuf {
    let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let name = format!("runs/{}-seed{seed}", time.replace(':', "-"));
    let mut path = PathBuf::from(&name);
    for number in 2.. {
        if !path.exists() {
            break;
        }
        path = PathBuf::from(format!("{name}-{number}"));
    }
    path
}
