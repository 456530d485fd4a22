//! Which samples are held out, and in which order the others come: from the seed.
use crate::streams::{Purpose, stream};
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

/// The samples to train on and the ones held out: `fraction` of them, rounded, drawn without
/// replacement. `None` if either side would be empty.
pub fn split(samples: usize, fraction: f64, seed: u64) -> Option<(Vec<usize>, Vec<usize>)> {
    hold_out(samples, fraction, &mut stream(seed, Purpose::Split, 0))
}

/// The same, drawn from this stream.
pub(crate) fn hold_out(
    samples: usize,
    fraction: f64,
    random: &mut ChaCha8Rng,
) -> Option<(Vec<usize>, Vec<usize>)> {
    let held_out = (samples as f64 * fraction).round() as usize;
    if held_out == 0 || held_out >= samples {
        return None;
    }
    let mut indices: Vec<usize> = (0..samples).collect();
    indices.shuffle(random);
    let training = indices.split_off(held_out);
    Some((training, indices))
}

/// The order of the samples in an epoch, over what `indices` held. It allocates only to hold
/// more samples than before.
pub fn order(samples: usize, seed: u64, epoch: u64, indices: &mut Vec<usize>) {
    indices.clear();
    indices.extend(0..samples);
    indices.shuffle(&mut stream(seed, Purpose::Shuffle, epoch));
}
