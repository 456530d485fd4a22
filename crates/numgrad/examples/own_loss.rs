//! A network that minimises a loss of your own: `cargo run -p numgrad --example own_loss`.
//!
//! What is bought must last: to have too little costs nine times as much as to have too much. With
//! that loss (the pinball, or quantile, loss) the best prediction is one that is exceeded once in ten
//! times, and not the mean.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::Trainer;
use numgrad::loss::{Smooth, Target};
use numgrad::train::dataset::{Dataset, Features, Labels};

/// 9 for each unit too little, 1 for each too much.
fn pinball(y: &[f64], t: Target<'_, f64>) -> f64 {
    let missing = t.at(0) - y[0];
    (9.0 * missing).max(-missing)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Demand grows with x, and varies: the fractional parts of k·√2 lie evenly in [0, 1].
    let part = |k: usize, root: f64| (k as f64 * root).fract();
    let x: Vec<f64> = (0..400).map(|k| part(k, 2.0_f64.sqrt())).collect();
    let demand = |k: usize, x: f64| 1.0 + 2.0 * x + (1.0 + x) * part(k, 3.0_f64.sqrt());
    let t: Vec<f64> = x.iter().enumerate().map(|(k, &x)| demand(k, x)).collect();
    let samples = Dataset::new(1, Features::Numbers(x.clone()), Labels::Values(t.clone()))?;

    let run = Trainer::<f64>::builder()
        .dataset(samples)
        .layers(&[1, 8, 1])
        .own_loss(Smooth(pinball)) // it has a corner, and no jump
        .schedule("cosine".parse()?)
        .epochs(150)
        .train()?;

    let y = run.outputs(&x)?;
    let enough = y.iter().zip(&t).filter(|(y, t)| y >= t).count();
    println!(
        "the demand is met in {:.0} % of {} cases",
        100.0 * enough as f64 / t.len() as f64,
        t.len()
    );
    Ok(())
}
