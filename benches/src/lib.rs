//! The networks and batches that the benches measure, from a seed.
use numgrad_core::{ActivationKind, OutputKind};
use numgrad_core::{Architecture, Initializer, Mlp, Real};
use numgrad_loss::Targets;
use numgrad_train::dataset::{Dataset, Features, Labels};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// A network with parameters and a batch of images: most inputs are 0, the others one of 255
/// levels of grey.
#[derive(Debug)]
pub struct Workload<T: Real> {
    /// What it is called in reports.
    pub name: &'static str,
    /// The network, with a softmax output.
    pub network: Mlp<T>,
    /// Its parameters.
    pub theta: Vec<T>,
    /// The batch, a sample after the other.
    pub x: Vec<T>,
    /// The labels.
    pub targets: Targets<T>,
}

impl<T: Real> Workload<T> {
    /// 784-50-10 with sigmoids and 100 samples of which 19 % of the pixels are not 0, as in MNIST.
    pub fn mnist() -> Self {
        Self::new(
            "784-50-10",
            &[784, 50, 10],
            ActivationKind::Sigmoid,
            100,
            0.19,
        )
    }

    /// 784-128-64-10 with ReLU and 128 such samples.
    pub fn mnist_deep() -> Self {
        Self::new(
            "784-128-64-10",
            &[784, 128, 64, 10],
            ActivationKind::Relu,
            128,
            0.19,
        )
    }

    /// 64-32-10 with tanh and 100 samples of which 48 % of the pixels are not 0, as in the digits.
    pub fn digits() -> Self {
        Self::new("64-32-10", &[64, 32, 10], ActivationKind::Tanh, 100, 0.48)
    }

    /// Any network of this shape.
    ///
    /// # Panics
    /// If the widths are no network's.
    pub fn new(
        name: &'static str,
        widths: &[usize],
        activation: ActivationKind,
        samples: usize,
        filled: f64,
    ) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let network = Architecture::new(widths, activation, OutputKind::Softmax)
            .build()
            .expect("the widths are a network's");
        let mut theta = vec![T::zero(); network.parameters()];
        let start = match activation {
            ActivationKind::Relu => Initializer::HeNormal,
            _ => Initializer::XavierNormal,
        };
        start.draw(&network, &mut random, &mut theta);
        let pixels = pixels(&mut random, widths[0] * samples, filled);
        let x = pixels.map(|level| T::of(f64::from(level) / 255.0));
        let x = x.collect();
        let labels = labels(&mut random, samples, network.outputs() as u32);
        Self {
            name,
            network,
            theta,
            x,
            targets: Targets::Labels(labels),
        }
    }
}

/// Images of random pixels, of which this part is not 0, with random labels of ten.
///
/// # Panics
/// If there are none.
pub fn images(samples: usize, inputs: usize, filled: f64) -> Dataset {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let pixels = pixels(&mut random, inputs * samples, filled).collect();
    let labels = Labels::Classes {
        classes: 10,
        labels: labels(&mut random, samples, 10),
    };
    Dataset::new(inputs, Features::Bytes(pixels), labels).expect("the lengths fit")
}

/// Levels of grey, of which this part is not 0.
fn pixels(random: &mut ChaCha8Rng, count: usize, filled: f64) -> impl Iterator<Item = u8> {
    (0..count).map(move |_| {
        if random.random::<f64>() < filled {
            random.random_range(1..=255)
        } else {
            0
        }
    })
}

fn labels(random: &mut ChaCha8Rng, samples: usize, classes: u32) -> Vec<u32> {
    let labels = (0..samples).map(|_| random.random_range(0..classes));
    labels.collect()
}
