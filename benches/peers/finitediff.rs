//! The `finitediff` crate's central gradient of a network written over nalgebra, as its user would
//! write it: the seconds of a whole gradient, in f64 and on one thread (the crate has no other).
//!
//! `finitediff CASE.json SECONDS`, for a case that `numgrad bench --write-case` wrote.
use nalgebra::{DMatrix, DVector};
use serde::Deserialize;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

/// Weights of a chunk: as many chunks are measured as fit the time.
const CHUNK: usize = 16;

#[derive(Deserialize)]
struct Case {
    layers: Vec<usize>,
    activation: String,
    batch: usize,
    theta: Vec<f64>,
    x: Vec<f64>,
    labels: Vec<usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("no case is named")?;
    let budget: f64 = arguments.next().ok_or("no seconds are given")?.parse()?;
    let case: Case = serde_json::from_reader(std::fs::File::open(path)?)?;
    let x = DMatrix::from_column_slice(case.layers[0], case.batch, &case.x);
    let (started, mut measured) = (Instant::now(), 0);
    for first in (0..case.theta.len()).step_by(CHUNK) {
        let some = &case.theta[first..(first + CHUNK).min(case.theta.len())];
        let loss = |some: &Vec<f64>| {
            let mut theta = case.theta.clone();
            theta[first..first + some.len()].copy_from_slice(some);
            Ok(case.loss(&theta, &x))
        };
        std::hint::black_box(finitediff::vec::central_diff(&loss)(&some.to_vec())?);
        measured += some.len();
        if started.elapsed().as_secs_f64() > budget {
            break;
        }
    }
    let seconds = started.elapsed().as_secs_f64() * case.theta.len() as f64 / measured as f64;
    writeln!(std::io::stdout(), "{seconds}")?;
    Ok(())
}

impl Case {
    /// The mean cross-entropy of the batch.
    fn loss(&self, theta: &[f64], x: &DMatrix<f64>) -> f64 {
        let (mut a, mut at) = (x.clone(), 0);
        for (layer, widths) in self.layers.windows(2).enumerate() {
            let (n, m) = (widths[0], widths[1]);
            let w = DMatrix::from_column_slice(m, n, &theta[at..at + n * m]);
            let b = DVector::from_column_slice(&theta[at + n * m..at + n * m + m]);
            at += n * m + m;
            let mut z = w * a;
            for mut column in z.column_iter_mut() {
                column += &b;
            }
            if layer + 2 < self.layers.len() {
                z.apply(|z| *z = self.activated(*z));
            }
            a = z;
        }
        let of_sample = |(z, &label): (nalgebra::DVectorView<'_, f64>, &usize)| {
            let largest = z.max();
            let sum: f64 = z.iter().map(|z| (z - largest).exp()).sum();
            largest + sum.ln() - z[label]
        };
        let sum: f64 = a.column_iter().zip(&self.labels).map(of_sample).sum();
        sum / self.batch as f64
    }

    fn activated(&self, z: f64) -> f64 {
        match self.activation.as_str() {
            "relu" => z.max(0.0),
            "tanh" => z.tanh(),
            _ => 1.0 / (1.0 + (-z).exp()),
        }
    }
}
