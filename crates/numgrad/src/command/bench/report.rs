//! The figures of one setting, as a table of at most 80 columns and as JSON.
use super::timing::{Figures, Timed};
use crate::failure::Failure;
use crate::out::Out;
use crate::report::grouped;
use numgrad_core::Architecture;
use serde_json::json;

/// One object a sweep.
pub(super) fn json(figures: &Figures, out: &mut Out) -> Result<(), Failure> {
    for sweep in &figures.sweeps {
        let timed = sweep.timed;
        let rate = |count: f64| count / timed.seconds;
        out.line(json!({
            "perturb": sweep.kind.to_string(),
            "layers": figures.architecture.widths,
            "batch": figures.samples,
            "precision": figures.precision,
            "threads": figures.threads,
            "weights": figures.weights,
            "gradient_seconds": timed.seconds,
            "extrapolated": timed.is_extrapolated,
            "one_thread_seconds": timed.one_thread,
            "parallel_efficiency": figures.efficiency(timed),
            "backpropagation_seconds": figures.backpropagation.map(|timed| timed.seconds),
            "update_seconds": figures.update,
            "gradients_per_second": rate(1.0),
            "weights_per_second": rate(figures.weights as f64),
            "loss_evaluations": sweep.loss_evaluations,
            "loss_evaluations_per_second": rate(sweep.loss_evaluations as f64),
            "multiply_adds": timed.multiply_adds,
            "peak_multiply_adds_per_second": figures.peak,
            "share_of_peak": figures.share_of_peak(timed),
        }))?;
    }
    Ok(())
}

/// A row a sweep, and one for backpropagation.
pub(super) fn table(figures: &Figures, out: &mut Out) -> Result<(), Failure> {
    out.line(format_args!(
        "{}, {} weights, {}, batch {}, {}, {}",
        shape(&figures.architecture),
        grouped(figures.weights),
        figures.precision,
        figures.samples,
        figures.scheme,
        threads(figures.threads),
    ))?;
    out.line(format_args!(
        "{:<15}{:>11}{:>9}{:>10}{:>10}{:>10}{:>9}{:>6}",
        "", "ms a", "gradi-", "", "loss ev.", "to back-", "parallel", "of"
    ))?;
    out.line(format_args!(
        "{:<15}{:>11}{:>9}{:>10}{:>10}{:>10}{:>9}{:>6}",
        "sweep", "gradient", "ents/s", "weights/s", "/s", "prop.", "effic.", "peak"
    ))?;
    for sweep in &figures.sweeps {
        let evaluations = Some(sweep.loss_evaluations);
        row(
            figures,
            &sweep.kind.to_string(),
            sweep.timed,
            evaluations,
            out,
        )?;
    }
    if let Some(derived) = figures.backpropagation {
        row(figures, "backpropagation", derived, None, out)?;
    }
    if figures
        .sweeps
        .iter()
        .any(|sweep| sweep.timed.is_extrapolated)
    {
        out.line("* from one forward pass")?;
    }
    out.line(format_args!(
        "medians; the peak of {} is {}FLOP/s",
        threads(figures.threads),
        short(2.0 * figures.peak)
    ))
}

fn row(
    figures: &Figures,
    name: &str,
    timed: Timed,
    loss_evaluations: Option<u64>,
    out: &mut Out,
) -> Result<(), Failure> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let mark = if timed.is_extrapolated { "*" } else { "" };
    let rate = |count: f64| short(count / timed.seconds);
    let derived = figures.backpropagation;
    out.line(format_args!(
        "{name:<15}{:>11}{:>9}{:>10}{:>10}{:>10}{:>9}{:>6}",
        format!("{}{mark}", milliseconds(timed.seconds)),
        rate(1.0),
        rate(figures.weights as f64),
        or_dash(loss_evaluations.map(|count| rate(count as f64))),
        or_dash(derived.map(|derived| ratio(timed.seconds / derived.seconds))),
        or_dash(figures.efficiency(timed).map(|part| format!("{part:.2}"))),
        or_dash(figures.share_of_peak(timed).map(percent)),
    ))
}

/// The widths, as 784-50-10; what does not fit a line is left out.
pub(super) fn shape(architecture: &Architecture) -> String {
    let widths: Vec<String> = architecture
        .widths
        .iter()
        .map(ToString::to_string)
        .collect();
    match widths.as_slice() {
        [first, .., last] if widths.len() > 5 => {
            format!("{first}-…-{last} ({} hidden layers)", widths.len() - 2)
        }
        _ => widths.join("-"),
    }
}

pub(super) fn threads(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} thread{plural}")
}

/// Milliseconds with three decimals, or whole ones with their thousands apart.
pub(super) fn milliseconds(seconds: f64) -> String {
    match seconds * 1e3 {
        ms if ms < 1000.0 => format!("{ms:.3}"),
        ms if ms < 1e6 => grouped(ms.round()),
        ms => format!("{ms:.2e}"),
    }
}

fn percent(part: f64) -> String {
    let decimals = usize::from(part < 0.1);
    format!("{:.decimals$}%", 100.0 * part)
}

fn ratio(ratio: f64) -> String {
    match ratio {
        r if r < 100.0 => format!("{r:.2}"),
        r => short(r),
    }
}

/// Three digits and a prefix: 63.5 M.
fn short(number: f64) -> String {
    let prefixes = [
        (1e12, " T"),
        (1e9, " G"),
        (1e6, " M"),
        (1e3, " k"),
        (1.0, " "),
    ];
    let found = prefixes.into_iter().find(|&(size, _)| number >= size);
    let (size, prefix) = found.unwrap_or((1.0, " "));
    match number / size {
        n if n < 0.01 => format!("{n:.1e}{prefix}"),
        n if n < 10.0 => format!("{n:.2}{prefix}"),
        n if n < 100.0 => format!("{n:.1}{prefix}"),
        n => format!("{n:.0}{prefix}"),
    }
}
