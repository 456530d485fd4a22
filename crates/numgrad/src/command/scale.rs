//! `numgrad scale`: how fast a training would be on ranks that nobody here has.
pub(super) mod network;
mod played;

use crate::args::{OptimizationArguments, ScaleArguments};
use crate::failure::Failure;
use crate::out::Out;
use crate::report::grouped;
use crate::setup::{configure, on_pool};
use network::Network;
use numgrad_core::Precision;
use numgrad_gradient::Split;
use played::{Played, play};
use serde_json::json;
use std::time::Duration;

/// A number of ranks, and what a step takes on them.
#[derive(Debug, Clone, Copy)]
struct Prediction {
    ranks: usize,
    played: Played,
    /// Seconds in the network.
    network: f64,
    /// Seconds of the optimizer's step, which every rank takes.
    update: f64,
}

impl Prediction {
    fn seconds(&self) -> f64 {
        self.played.seconds + self.network + self.update
    }
}

pub(crate) fn run(arguments: &ScaleArguments, out: &mut Out) -> Result<(), Failure> {
    if !(arguments.seconds.is_finite() && arguments.seconds > 0.0) {
        let message = format!(
            "--seconds must be positive, but it is {}",
            arguments.seconds
        );
        return Err(Failure::usage(message));
    }
    let optimization = OptimizationArguments {
        batch_size: arguments.batch_size,
        ..OptimizationArguments::default()
    };
    let ScaleArguments {
        data,
        network,
        gradient,
        ..
    } = arguments;
    let (run, prepared) = configure(data, network, gradient, &optimization)?;
    let kind = run.perturb;
    let split = arguments.distribute.unwrap_or_else(|| Split::of(kind));
    let between = Network {
        latency: arguments.network_latency.as_secs_f64(),
        bandwidth: arguments.bandwidth.0,
    };
    let budget = Duration::from_secs_f64(arguments.seconds.clamp(0.01, 600.0));
    let mut counts = vec![1];
    counts.extend(arguments.ranks.0.iter().filter(|&&count| count > 1));
    let asked = &counts[..];
    let found = on_pool(arguments.threads, || match run.precision {
        Precision::F32 => play::<f32>(&run, &prepared, split, asked, budget),
        Precision::F64 => play::<f64>(&run, &prepared, split, asked, budget),
    })??;
    let predictions = counts
        .iter()
        .zip(found.each)
        .map(|(&ranks, played)| Prediction {
            ranks,
            network: between.seconds(ranks, played.traffic),
            played,
            update: found.update,
        });
    let predictions: Vec<Prediction> = predictions.collect();
    let alone = predictions[0].seconds();
    let is_asked = |prediction: &&Prediction| arguments.ranks.0.contains(&prediction.ranks);
    let shown = predictions.iter().filter(is_asked);
    if arguments.json {
        for prediction in shown {
            out.line(as_json(prediction, alone, split))?;
        }
        return Ok(());
    }
    let shape: Vec<String> = run
        .architecture
        .widths
        .iter()
        .map(ToString::to_string)
        .collect();
    out.line(format_args!(
        "{}, {} samples, {}, --perturb {kind} split by {split}, a rank has {} threads",
        shape.join("-"),
        found.samples,
        run.precision,
        found.threads
    ))?;
    out.line(format_args!(
        "{:>8}{:>12}{:>12}{:>12}{:>14}{:>10}{:>8}",
        "ranks", "ms a step", "computing", "network", "bytes", "speed-up", "effic."
    ))?;
    for prediction in shown {
        let seconds = prediction.seconds();
        let speed_up = alone / seconds;
        out.line(format_args!(
            "{:>8}{:>12.3}{:>12.3}{:>12.3}{:>14}{:>10.2}{:>7.0}%",
            prediction.ranks,
            1e3 * seconds,
            1e3 * (prediction.played.seconds + prediction.update),
            1e3 * prediction.network,
            grouped(prediction.played.traffic.bytes),
            speed_up,
            100.0 * speed_up / prediction.ranks as f64
        ))?;
    }
    out.line(format_args!(
        "assumed: every rank is as fast as this machine is with its threads, and none waits for \
         another's other work; an exchange takes {:?} for each doubling of the ranks, and {} for \
         what a rank receives; data are at hand, and what follows an epoch is left out",
        arguments.network_latency, arguments.bandwidth
    ))
}

fn as_json(prediction: &Prediction, alone: f64, split: Split) -> serde_json::Value {
    let seconds = prediction.seconds();
    json!({
        "ranks": prediction.ranks,
        "split": split.to_string(),
        "step_seconds": seconds,
        "gradient_seconds": prediction.played.seconds,
        "update_seconds": prediction.update,
        "network_seconds": prediction.network,
        "exchanges": prediction.played.traffic.exchanges,
        "bytes": prediction.played.traffic.bytes,
        "speed_up": alone / seconds,
        "efficiency": alone / seconds / prediction.ranks as f64,
    })
}
