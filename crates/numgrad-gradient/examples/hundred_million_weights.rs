//! One step of random directions on a network of 100 million weights in f32, and the memory that it
//! takes: `cargo run --release -p numgrad-gradient --example hundred_million_weights`.
//!
//! θ takes 401 MB. The weights are moved some columns at a time in a scratch, and the update is
//! replayed from the seed: there is no second θ and no gradient.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, Mlp, OutputKind};
use numgrad_gradient::numgrad_diff::{Directions, Distribution, Rank, Scheme};
use numgrad_gradient::numgrad_loss::{CrossEntropy, Targets};
use numgrad_gradient::{Batch, EstimatorKind, Objective};
use std::time::Instant;

const SAMPLES: usize = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let widths = [784, 9_620, 9_620, 10];
    let network: Mlp<f32> =
        Architecture::new(&widths, ActivationKind::Relu, OutputKind::Softmax).build()?;
    let objective = Objective::new(&network, &CrossEntropy);
    // A cheap hash of the index serves as a first weight of deviation about 0.014.
    let weight = |k: usize| {
        let bits = (k as u32).wrapping_mul(2_654_435_761) >> 8;
        (bits as f32 / (1 << 24) as f32 - 0.5) * 0.05
    };
    let mut theta: Vec<f32> = (0..network.parameters()).map(weight).collect();
    let x: Vec<f32> = (0..784 * SAMPLES).map(|k| (k % 7) as f32 / 7.0).collect();
    let targets = Targets::Labels((0..SAMPLES as u32).map(|b| b % 10).collect());
    let bytes = 4 * theta.len() as u64;
    println!("{} weights, {} MB", theta.len(), bytes / 1_000_000);
    for distribution in [Distribution::Rademacher, Distribution::Gaussian] {
        let directions = Directions {
            count: 1,
            distribution,
            rank: Rank::None,
        };
        let kind = EstimatorKind::Directions(directions);
        let mut estimator = kind.build(Scheme::Central, 1e-3, 0)?;
        for step in 0..2 {
            let batch = Batch {
                x: &x,
                targets: &targets,
                step,
            };
            let started = Instant::now();
            let measured = estimator.descend(&objective, &mut theta, batch, 1e-8, 0.0);
            let loss = measured.ok_or("directions are replayed")??.loss;
            let seconds = started.elapsed().as_secs_f64();
            println!("{distribution} step {step}: loss {loss:.4}, {seconds:.2} s");
        }
    }
    if let Some(peak) = peak_memory() {
        let ratio = peak as f64 / bytes as f64;
        println!(
            "the process took at most {} MB, {ratio:.3} times the weights",
            peak / 1_000_000
        );
    }
    Ok(())
}

/// The most memory that this process ever held, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(1024 * kibibytes)
}
