//! Every sweep measures the quotient of what it perturbs, and they all agree.
use numgrad_core::{ActivationKind, Architecture, Initializer, Mlp, OutputKind};
use numgrad_diff::Scheme;
use numgrad_gradient::{FiniteDifferences, Objective, Perturb};
use numgrad_loss::{Loss, Target, Targets};
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

struct Case {
    network: Mlp<f64>,
    theta: Vec<f64>,
    x: Vec<f64>,
    targets: Targets<f64>,
}

fn case(widths: &[usize], activation: ActivationKind, output: OutputKind, samples: usize) -> Case {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let network = Architecture::new(widths, activation, output)
        .build()
        .unwrap();
    let mut theta = vec![0.0; network.parameters()];
    Initializer::XavierNormal.draw(&network, &mut random, &mut theta);
    let x = (0..widths[0] * samples)
        .map(|_| {
            if random.random::<f64>() < 0.5 {
                0.0
            } else {
                random.random()
            }
        })
        .collect();
    let targets = Targets::Labels(
        (0..samples)
            .map(|_| random.random_range(0..network.outputs() as u32))
            .collect(),
    );
    Case {
        network,
        theta,
        x,
        targets,
    }
}

fn gradient(
    case: &Case,
    loss: &dyn Loss<f64>,
    perturb: Perturb,
    scheme: Scheme,
    h: f64,
) -> Vec<f64> {
    let objective = Objective::new(&case.network, loss);
    let mut gradient = vec![0.0; case.network.parameters()];
    let m = FiniteDifferences::new(perturb, scheme, h)
        .unwrap()
        .measure(
            &objective,
            &case.theta,
            &case.x,
            &case.targets,
            &mut gradient,
        )
        .unwrap();
    println!(
        "{perturb} {} {} {}",
        m.loss, m.loss_evaluations, m.sample_evaluations
    );
    gradient
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
    norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut b.iter().copied())
}

#[test]
fn quick() {
    let loss = |y: &[f64], t: Target<'_, f64>| {
        (0..y.len()).map(|k| (y[k] - t.at(k)).powi(2)).sum::<f64>() / 2.0
    };
    let case = case(
        &[12, 9, 7, 4],
        ActivationKind::Tanh,
        OutputKind::Softmax,
        37,
    );
    for h in [0.5, 1e-4] {
        let naive = gradient(&case, &loss, Perturb::WeightNaive, Scheme::Central, h);
        for perturb in Perturb::ALL {
            let found = gradient(&case, &loss, perturb, Scheme::Central, h);
            println!("{h} {perturb} {:e}", distance(&found, &naive));
        }
    }
}
