//! What ranks took, as a table of at most 80 columns and as JSON.
use super::super::report::{milliseconds, shape, threads};
use super::{Figures, Shared};
use crate::failure::Failure;
use crate::out::Out;
use crate::report::grouped;
use serde_json::json;

impl Figures {
    /// The seconds of a step by the model: what a rank computes, its exchanges and its move.
    fn predicted(&self, sweep: &Shared) -> f64 {
        sweep.played + self.exchanges(sweep) + sweep.update
    }

    fn exchanges(&self, sweep: &Shared) -> f64 {
        self.network.seconds(self.ranks, sweep.traffic)
    }
}

impl Shared {
    fn predicted_alone(&self) -> f64 {
        self.alone_gradient + self.update
    }

    fn speed_up(&self) -> f64 {
        self.alone / self.together
    }
}

/// One object an estimator.
pub(super) fn json(figures: &Figures, out: &mut Out) -> Result<(), Failure> {
    let run = &figures.setting.run;
    for sweep in &figures.sweeps {
        out.line(json!({
            "perturb": sweep.kind.to_string(),
            "split": sweep.split.to_string(),
            "layers": run.architecture.widths,
            "batch": figures.setting.samples,
            "precision": run.precision,
            "weights": figures.weights,
            "ranks": figures.ranks,
            "threads_of_rank": figures.threads,
            "alone_seconds": sweep.alone,
            "alone_least_seconds": sweep.alone_least,
            "alone_predicted_seconds": sweep.predicted_alone(),
            "step_seconds": sweep.together,
            "step_least_seconds": sweep.together_least,
            "predicted_seconds": figures.predicted(sweep),
            "played_gradient_seconds": sweep.played,
            "update_seconds": sweep.update,
            "network_seconds": figures.exchanges(sweep),
            "network_latency_seconds": figures.network.latency,
            "network_bytes_per_second": figures.network.bandwidth,
            "speed_up": sweep.speed_up(),
            "efficiency": sweep.speed_up() / figures.ranks as f64,
            "bytes": sweep.bytes,
            "predicted_bytes": sweep.traffic.bytes,
            "exchanges": sweep.traffic.exchanges,
        }))?;
    }
    Ok(())
}

/// Two rows an estimator: one process, and the ranks.
pub(super) fn table(figures: &Figures, out: &mut Out) -> Result<(), Failure> {
    let run = &figures.setting.run;
    out.line(format_args!(
        "{}, {} weights, {}, batch {}, {}",
        shape(&run.architecture),
        grouped(figures.weights),
        run.precision,
        figures.setting.samples,
        run.scheme,
    ))?;
    let head = [
        [
            "", "ranks x", "ms a", "by the", "speed-", "", "bytes a", "by the",
        ],
        [
            "", "threads", "step", "model", "up", "effic.", "step", "model",
        ],
    ];
    for [
        name,
        parts,
        step,
        predicted,
        speed_up,
        efficiency,
        bytes,
        by_model,
    ] in head
    {
        out.line(format_args!(
            "{name:<14}{parts:>8}{step:>10}{predicted:>10}{speed_up:>7}{efficiency:>7}{bytes:>12}\
             {by_model:>12}"
        ))?;
    }
    let parts = |ranks: usize| format!("{ranks} x {}", figures.threads);
    for sweep in &figures.sweeps {
        out.line(format_args!(
            "{:<14}{:>8}{:>10}{:>10}",
            sweep.kind.to_string(),
            parts(1),
            milliseconds(sweep.alone),
            milliseconds(sweep.predicted_alone()),
        ))?;
        out.line(format_args!(
            "{:<14}{:>8}{:>10}{:>10}{:>7.2}{:>6.0}%{:>12}{:>12}",
            format!("  {}", sweep.split),
            parts(figures.ranks),
            milliseconds(sweep.together),
            milliseconds(figures.predicted(sweep)),
            sweep.speed_up(),
            100.0 * sweep.speed_up() / figures.ranks as f64,
            grouped(sweep.bytes),
            grouped(sweep.traffic.bytes),
        ))?;
    }
    out.line(format_args!(
        "medians; a rank has {}; all-gathers: {:.1} µs a doubling, {:.2} GB/s",
        threads(figures.threads),
        1e6 * figures.network.latency,
        figures.network.bandwidth / 1e9
    ))
}
