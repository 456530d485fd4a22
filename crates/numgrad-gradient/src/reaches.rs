//! How far a layer's neurons move the logits of each sample at most: as far as the terms of a loss are to
//! be described.
use crate::curves::Curves;
use crate::direction::Directions;
use numgrad_core::Real;
use numgrad_scalar::wide;

/// The reaches of a few samples.
#[derive(Debug, Default)]
pub(crate) struct Reaches<T> {
    of_samples: Vec<T>,
    /// For each neuron the furthest that it moves a logit when its activation moves by 1. A neuron that
    /// hardly moves may have any weights: they are not multiplied by how far another one moves.
    columns: Vec<T>,
}

impl<T: Real> Reaches<T> {
    pub(crate) fn of_samples(&self) -> &[T] {
        &self.of_samples
    }

    /// Where z moves by up to the `ranges`, and the activations of so many neurons by the `distances`, node
    /// after node, along these directions.
    pub(crate) fn along_lines(
        &mut self,
        (ranges, distances): (&[T], &[T]),
        directions: Directions<'_, T>,
        neurons: usize,
    ) {
        self.clear(neurons);
        if let Directions::Shared(runs, _) = directions {
            self.widen(runs, T::one());
        }
        for (sample, &range) in ranges.iter().enumerate() {
            if let Directions::Each(runs) = directions {
                let length = runs.len() / ranges.len();
                self.columns.fill(T::zero());
                self.widen(&runs[sample * length..][..length], T::one());
            }
            self.push(sample, (ranges.len(), range), distances);
        }
    }

    /// The same along curves, of so many outputs.
    pub(crate) fn along_curves(
        &mut self,
        (ranges, distances): (&[T], &[T]),
        (curves, outputs): (&Curves<T>, usize),
        neurons: usize,
    ) {
        self.clear(neurons);
        for (sample, &range) in ranges.iter().enumerate() {
            self.columns.fill(T::zero());
            let known = curves.samples()[sample];
            let coefficients = &curves.of(sample, outputs * neurons)[..known.powers()];
            // A sum of so many is no more than so many times the largest.
            let each = T::of(coefficients.len() as f64) / known.reach;
            for a in coefficients {
                self.widen(a, each);
            }
            self.push(sample, (ranges.len(), range), distances);
        }
    }

    fn clear(&mut self, neurons: usize) {
        self.of_samples.clear();
        self.columns.clear();
        self.columns.resize(neurons, T::zero());
    }

    /// Takes the sizes of runs of all neurons, times a number, where they are larger.
    fn widen(&mut self, runs: &[T], by: T) {
        let columns = &mut self.columns[..];
        wide(
            #[inline(always)]
            || {
                for run in runs.chunks_exact(columns.len()) {
                    for (most, &here) in columns.iter_mut().zip(run) {
                        let here = by * here.magnitude();
                        *most = T::choose(here <= *most, *most, here);
                    }
                }
            },
        );
    }

    /// The furthest move of a sample's neurons. No less than what is nothing beside the move of z, for
    /// what moves nothing needs some reach, too.
    fn push(&mut self, sample: usize, (samples, range): (usize, T), distances: &[T]) {
        let columns = &self.columns[..];
        let neurons = columns.len();
        let mut most = range * T::EPSILON;
        wide(
            #[inline(always)]
            || {
                for node in distances.chunks_exact(samples * neurons) {
                    let node = &node[sample * neurons..][..neurons];
                    for (&s, &column) in node.iter().zip(columns) {
                        let here = s.magnitude() * column;
                        most = T::choose(here <= most, most, here);
                    }
                }
            },
        );
        self.of_samples.push(most);
    }
}
