//! Where the logits move on a straight line: φ(δ) is then the loss along a direction v, at the
//! distance s(δ) that the neuron's own activation moves. Of the softmax cross-entropy this is a
//! short series, K(s) = log Σ p·exp(u·s) = κ₁·s + κ₂·s²/2 + κ₃·s³/6 + κ₄·s⁴/24, whose coefficients
//! are the cumulants of u = v − c under the probabilities p, with c the target's own entry of v,
//! or its mean.
use numgrad_core::{Precision, Real};
use numgrad_loss::{Target, Targets};
use numgrad_scalar::{
    Simd, WithSimd,
    lanes::{Arithmetic, dispatch},
};

/// The largest |u·s| for which the series of degree 4 is exact: its remainder is of the fourth
/// power of that.
pub(crate) fn series_reach<T: Real>() -> T {
    T::of(match T::PRECISION {
        Precision::F64 => 3e-4,
        Precision::F32 => 8e-3,
    })
}

/// The directions in which a layer's neurons move the logits: for each output a run of the
/// neurons.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Directions<'a, T> {
    /// The same for every sample, and the largest entry's size.
    Shared(&'a [T], T),
    /// One sample after the other.
    Each(&'a [T]),
}

/// The samples of a tile, and a layer whose neurons move their logits on straight lines.
pub(crate) struct Lines<'a, T: Real> {
    /// Softmax of the logits, sample after sample.
    pub(crate) p: &'a [T],
    /// The batch's targets, and how many of them are before the tile's.
    pub(crate) targets: (&'a Targets<T>, usize),
    pub(crate) directions: Directions<'a, T>,
    pub(crate) neurons: usize,
    /// How far each sample's neurons move, node after node.
    pub(crate) distances: &'a [T],
    /// What the loss then changes by, in the same places.
    pub(crate) losses: &'a mut [T],
    /// Which samples are to be followed; then which of them were, as far as the series reaches.
    pub(crate) followed: &'a mut [bool],
}

impl<T: Real> Lines<'_, T> {
    /// Writes K(s) of every distance s over `losses`.
    pub(crate) fn follow(self) {
        dispatch(self);
    }
}

impl<T: Real> WithSimd for Lines<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let samples = self.followed.len();
        let (outputs, size) = (self.p.len() / samples, samples * self.neurons);
        let length = outputs * self.neurons;
        // A bound for all entries saves looking at each; no number depends on which is used.
        let mut bound = match self.directions {
            Directions::Shared(_, largest) => Some(largest + largest),
            Directions::Each(_) => None,
        };
        for (sample, followed) in self.followed.iter_mut().enumerate() {
            if !*followed {
                continue;
            }
            let start = sample * self.neurons;
            let mut line = Line {
                p: &self.p[sample * outputs..][..outputs],
                target: self.targets.0.get(self.targets.1 + sample),
                runs: match self.directions {
                    Directions::Shared(runs, _) => runs,
                    Directions::Each(runs) => &runs[sample * length..][..length],
                },
                neurons: self.neurons,
                distances: &self.distances[start..],
                losses: &mut self.losses[start..],
                stride: size,
            };
            if let Some(widest) = bound {
                if widest * line.follow::<S, false>(simd) <= series_reach() {
                    continue;
                }
                bound = None;
            }
            // Written so that a NaN fails.
            *followed = line.follow::<S, true>(simd) <= series_reach();
        }
    }
}

/// One sample.
struct Line<'a, T: Real> {
    p: &'a [T],
    target: Target<'a, T>,
    runs: &'a [T],
    neurons: usize,
    distances: &'a [T],
    losses: &'a mut [T],
    stride: usize,
}

impl<T: Real> Line<'_, T> {
    /// Returns the largest |u·s| if it `LOOKS` at each, else the largest |s|.
    #[inline(always)]
    fn follow<S: Simd, const LOOKS: bool>(&mut self, simd: S) -> T {
        let lanes = T::lanes::<S>();
        let mut furthest = T::spread(simd, T::ZERO);
        if self.neurons < lanes {
            furthest = self.block::<S, false, LOOKS>(simd, 0, self.neurons, furthest);
        } else {
            // The last vector overlaps the one before where the run ends.
            for first in (0..self.neurons).step_by(lanes) {
                let first = first.min(self.neurons - lanes);
                furthest = self.block::<S, true, LOOKS>(simd, first, lanes, furthest);
            }
        }
        let mut buffer = [T::ZERO; 64];
        T::vectors_mut::<S>(&mut buffer).0[0] = furthest;
        let mut most = T::ZERO;
        for &size in &buffer[..lanes] {
            most = T::choose(size <= most, most, size);
        }
        most
    }

    /// The neurons of one vector.
    #[inline(always)]
    fn block<S: Simd, const WHOLE: bool, const LOOKS: bool>(
        &mut self,
        simd: S,
        first: usize,
        count: usize,
        furthest: T::Vector<S>,
    ) -> T::Vector<S> {
        let zero = T::spread(simd, T::ZERO);
        let rows = self.runs.chunks_exact(self.neurons);
        let mut centre = zero;
        match self.target {
            Target::Label(label) => {
                let row = &self.runs[label * self.neurons..][..self.neurons];
                centre = read::<S, T, WHOLE>(simd, &row[first..first + count]);
            }
            Target::Values(t) => {
                let total = self.target.total();
                for (row, &t) in rows.clone().zip(t) {
                    let v = read::<S, T, WHOLE>(simd, &row[first..first + count]);
                    centre = T::fused_lanes(simd, T::spread(simd, t / total), v, centre);
                }
            }
        }
        let (mut m1, mut m2, mut m3, mut m4) = (zero, zero, zero, zero);
        let mut widest = zero;
        for (row, &p) in rows.zip(self.p) {
            let p = T::spread(simd, p);
            let v = read::<S, T, WHOLE>(simd, &row[first..first + count]);
            let u = T::minus(simd, v, centre);
            if LOOKS {
                widest = T::largest_lanes(simd, u, widest);
            }
            let (pu, square) = (T::times(simd, p, u), T::times(simd, u, u));
            let cube = T::times(simd, pu, u);
            m1 = T::plus(simd, m1, pu);
            m2 = T::plus(simd, m2, cube);
            m3 = T::fused_lanes(simd, pu, square, m3);
            m4 = T::fused_lanes(simd, cube, square, m4);
        }
        let [k1, half_k2, sixth_k3, last_k4] = cumulants::<S, T>(simd, [m1, m2, m3, m4]);
        let scale = T::spread(simd, self.target.total());
        let mut furthest = furthest;
        let nodes = self.distances.chunks(self.stride);
        for (node, losses) in nodes.zip(self.losses.chunks_mut(self.stride)) {
            let s = read::<S, T, WHOLE>(simd, &node[first..first + count]);
            let far = if LOOKS { T::times(simd, widest, s) } else { s };
            furthest = T::largest_lanes(simd, far, furthest);
            let tail = T::fused_lanes(simd, last_k4, s, sixth_k3);
            let tail = T::fused_lanes(simd, tail, s, half_k2);
            let tail = T::fused_lanes(simd, tail, s, k1);
            let loss = T::times(simd, T::times(simd, scale, s), tail);
            let losses = &mut losses[first..first + count];
            if WHOLE {
                T::vectors_mut::<S>(losses).0[0] = loss;
            } else {
                T::store(simd, losses, loss);
            }
        }
        furthest
    }
}

/// Reads a vector, which is `WHOLE` or all there is.
#[inline(always)]
fn read<S: Simd, T: Real, const WHOLE: bool>(simd: S, from: &[T]) -> T::Vector<S> {
    if WHOLE {
        T::vectors::<S>(from).0[0]
    } else {
        T::load(simd, from)
    }
}

/// κ₁, κ₂/2, κ₃/6 and κ₄/24 of the moments.
#[inline(always)]
fn cumulants<S: Simd, T: Real>(simd: S, [m1, m2, m3, m4]: [T::Vector<S>; 4]) -> [T::Vector<S>; 4] {
    let by = Arithmetic::<S, T>::new(simd);
    let square = by.times(m1, m1);
    let k2 = T::minus(simd, m2, square);
    // κ₃ = m₃ − 3·m₁·m₂ + 2·m₁³
    let k3 = by.fused(
        m1,
        by.fused(by.at(-3.0), m2, by.times(by.at(2.0), square)),
        m3,
    );
    // κ₄ = m₄ − 4·m₁·m₃ − 3·m₂² + 12·m₁²·m₂ − 6·m₁⁴
    let k4 = by.fused(by.times(by.at(-4.0), m1), m3, m4);
    let k4 = by.fused(by.times(by.at(-3.0), m2), m2, k4);
    let k4 = by.fused(
        square,
        by.fused(by.at(12.0), m2, by.times(by.at(-6.0), square)),
        k4,
    );
    [
        m1,
        by.times(by.at(0.5), k2),
        by.times(by.at(1.0 / 6.0), k3),
        by.times(by.at(1.0 / 24.0), k4),
    ]
}
