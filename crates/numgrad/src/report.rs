//! Tables, lines and names that several commands share.
use crate::failure::Failure;
use crate::out::{Out, say};
use crate::table::{Table, broken};
use numgrad_gradient::EstimatorKind;
use numgrad_train::checkpoint::{CheckpointError, EpochRecord};
use numgrad_train::dataset::Columns;
use numgrad_train::{Advice, Audit, Configuration, Spent};
use std::fmt::Display;
use std::path::PathBuf;
use std::time::SystemTime;

/// A column of the epochs' table: its title, how soon it is left out, and its cell, if it has one.
type Measured<'a> = (&'a str, u8, &'a dyn Fn(&EpochRecord) -> Option<String>);

/// The epochs as a table, at most some first and last ones, with what was measured of them: there are
/// validation data or none, and accuracies of classes alone.
pub(crate) fn history_table(history: &[EpochRecord], out: &mut Out) -> Result<(), Failure> {
    const SHOWN: usize = 12;
    let Some(last) = history.last() else {
        return Ok(());
    };
    let loss = |x: f64| fixed(x, 5);
    let measured: [Measured; 8] = [
        ("epoch", 0, &|of| Some(of.epoch.to_string())),
        ("train loss", 2, &|of| Some(loss(of.train_loss))),
        ("val. loss", 0, &|of| of.validation_loss.map(loss)),
        ("test loss", 3, &|of| Some(loss(of.test_loss))),
        ("train acc", 4, &|of| {
            of.train_accuracy.map(|of| share(Some(of)))
        }),
        ("val. acc", 1, &|of| {
            of.validation_accuracy.map(|of| share(Some(of)))
        }),
        ("test acc", 0, &|of| {
            of.test_accuracy.map(|of| share(Some(of)))
        }),
        ("seconds", 5, &|of| Some(format!("{:.2}", of.seconds))),
    ];
    let measured: Vec<Measured> = (measured.into_iter())
        .filter(|(_, _, cell)| cell(last).is_some())
        .collect();
    let titled = |table: Table, &(title, spare, _): &Measured| table.numbers(title, spare);
    let mut table = measured.iter().fold(Table::default(), titled);
    for (k, record) in history.iter().enumerate() {
        let hidden = history.len() > SHOWN && k >= SHOWN / 2 && k < history.len() - SHOWN / 2;
        if !hidden {
            let cell = |(_, _, cell): &Measured| cell(record).unwrap_or_else(|| "-".to_owned());
            table.row(measured.iter().map(cell));
        } else if k == SHOWN / 2 {
            table.row(["…".to_owned()]);
        }
    }
    table.print(out)
}

/// The shortest time that is written in seconds with two decimals, and split in parts.
const SHORTEST: f64 = 0.01;

/// How long something took, in words.
pub(crate) fn in_time(seconds: f64) -> String {
    if seconds < SHORTEST {
        format!("in less than {SHORTEST} s")
    } else {
        format!("in {seconds:.2} s")
    }
}

/// A part of a time: what is there, but rounds to nothing, is below what is written.
pub(crate) fn percent(part: f64, total: f64) -> String {
    let percent = 100.0 * part / total;
    if percent > 0.0 && percent < 0.05 {
        return "<0.1 %".to_owned();
    }
    format!("{percent:.1} %")
}

/// Where the time of all epochs went; nothing where format 1 did not keep it, or where it is too
/// short to be split.
pub(crate) fn time_line(history: &[EpochRecord], out: &mut Out) -> Result<(), Failure> {
    let spent = Spent::sum(history);
    let total = spent.total();
    if total < SHORTEST {
        return Ok(());
    }
    let share = |seconds: f64| percent(seconds, total);
    out.line(broken(&format!(
        "of {total:.2} s: gradient {}, update {}, data {}, evaluation {}, the driver {}",
        share(spent.gradient),
        share(spent.update),
        share(spent.data),
        share(spent.evaluation),
        share(spent.driver)
    )))
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
    let widths = &run.architecture.widths;
    let parameters: usize = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    let directions = match run.perturb {
        EstimatorKind::Directions(random) => Some(random.count),
        _ => None,
    };
    let times = |times: f64| match times {
        t if t.is_finite() && t < 1e6 => format!("{:.0} times", t.ceil()),
        _ => "many times".to_owned(),
    };
    let verdict = match audit.advice(directions.is_some()) {
        // As many directions as weights cost what measuring every weight does.
        Advice::MoreDirections(more)
            if more * directions.unwrap_or(1) as f64 > parameters as f64 =>
        {
            "a step is dominated by the estimator's noise: --perturb weight, neuron or layer \
             would have none, for less than the --directions it would take"
                .to_owned()
        }
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
    out.line(broken(&format!(
        "audit of {} weights: cosine {:.3}, squared gradient {:.2e}, variance of the batch {:.2e}, \
         of the estimator {:.2e}; {verdict}",
        audit.parameters, audit.cosine, audit.signal, audit.batch_noise, audit.estimator_noise
    )))
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

/// A number with all its digits, as a power of ten where it is far from 1.
pub(crate) fn number(x: f64) -> String {
    match x.abs() {
        0.0 => format!("{x}"),
        size if (1e-5..1e16).contains(&size) => format!("{x}"),
        _ => format!("{x:e}"),
    }
}

/// A number with so many decimals, as a power of ten where that would be long.
pub(crate) fn fixed(x: f64, decimals: usize) -> String {
    if x.abs() < 1e6 {
        format!("{x:.decimals$}")
    } else {
        format!("{x:.decimals$e}")
    }
}

/// Widths of layers as 784-50-10.
pub(crate) fn widths(widths: &[usize]) -> String {
    let widths: Vec<String> = widths.iter().map(ToString::to_string).collect();
    widths.join("-")
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

/// The names of so many classes, as the training file had them; their numbers where it had none.
pub(crate) fn class_names(columns: Option<&Columns>, classes: usize) -> Vec<String> {
    let named = columns.and_then(Columns::class_names);
    match named.filter(|names| names.len() == classes) {
        Some(names) => names.to_vec(),
        None => (0..classes).map(|class| class.to_string()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_too_small_to_be_written_is_no_zero() {
        assert_eq!(percent(0.0, 2.0), "0.0 %");
        assert_eq!(percent(0.0009, 2.0), "<0.1 %");
        assert_eq!(percent(0.5, 2.0), "25.0 %");
        assert_eq!(in_time(0.004), "in less than 0.01 s");
        assert_eq!(in_time(1.234), "in 1.23 s");
    }
}
