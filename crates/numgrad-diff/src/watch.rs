//! How often a function is called, and how large its values are.
use crate::Real;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts the calls of a function with some values, on any threads.
pub(crate) struct Watch {
    calls: AtomicUsize,
    /// The bits of the largest finite |fᵢ| that was seen: of numbers from 0 on, bits are ordered
    /// as the numbers are.
    largest: Vec<AtomicU64>,
}

impl Watch {
    pub(crate) fn new(outputs: usize) -> Self {
        Self {
            calls: AtomicUsize::new(0),
            largest: (0..outputs).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Takes note of a call that gave these values.
    pub(crate) fn see<T: Real>(&self, values: &[T]) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        for (largest, value) in self.largest.iter().zip(values) {
            if value.is_number() {
                let bits = value.magnitude().as_f64().to_bits();
                largest.fetch_max(bits, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// The rounding of value i: ε·|fᵢ|, at the largest that was seen.
    pub(crate) fn rounding<T: Real>(&self, i: usize) -> T {
        let bits = self.largest[i].load(Ordering::Relaxed);
        T::EPSILON * T::of(f64::from_bits(bits)) + T::TINY
    }
}
