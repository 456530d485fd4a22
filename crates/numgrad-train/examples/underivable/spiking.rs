//! A leaky integrate-and-fire neuron: its charge leaks, its input flows in, and at 1 it spikes.
use numgrad_train::numgrad_core::Activation;

/// Time steps that an input is shown for.
const TIME: usize = 16;

/// What is left of the charge after a time step.
const LEAK: f64 = 0.9;

/// Spikes for each time step at a constant input current z.
///
/// A staircase in z: flat almost everywhere, with a jump where one spike more fits in the time.
/// Gerstner, Kistler, Naud and Paninski, "Neuronal Dynamics", 2014, section 1.3.
pub(crate) struct Spiking;

impl Activation<f64> for Spiking {
    fn value(&self, current: f64) -> f64 {
        let (mut charge, mut spikes) = (0.0, 0);
        for _ in 0..TIME {
            charge = LEAK * charge + current;
            if charge >= 1.0 {
                charge -= 1.0;
                spikes += 1;
            }
        }
        f64::from(spikes) / TIME as f64
    }
}
