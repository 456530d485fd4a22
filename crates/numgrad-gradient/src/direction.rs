//! Where the logits move on a straight line: φ(δ) is then the loss along a direction v, at the
//! distance s(δ) that the neuron's own activation moves. Of the softmax cross-entropy this is a
//! short series, K(s) = log Σ p·exp(u·s) = κ₁·s + κ₂·s²/2 + κ₃·s³/6 + κ₄·s⁴/24, whose coefficients
//! are the cumulants of u = v − c under the probabilities p, with c the target's own entry of v,
//! or its mean.
use crate::probe::Probe;
use crate::sink::{PowerSink, Sink};
use numgrad_core::{Precision, Real};
use numgrad_loss::Target;
use numgrad_scalar::{
    Simd, WithSimd,
    lanes::{Arithmetic, dispatch, load_run},
};
use std::ops::Range;

/// The largest |u·s| for which the series of degree 4 is exact: its remainder is of the fourth
/// power of that.
pub(crate) fn series_reach<T: Real>() -> T {
    T::of(match T::PRECISION {
        Precision::F64 => 3e-4,
        Precision::F32 => 8e-3,
    })
}

/// The largest |u·s| for which the series may end at the second degree, and at the third: what is
/// left out is then below x²/6 and x³/24 of the whole.
fn reaches<T: Real>() -> [T; 2] {
    let reaches = match T::PRECISION {
        Precision::F64 => [4e-7, 1e-4],
        Precision::F32 => [2e-4, 6e-3],
    };
    reaches.map(T::of)
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

/// What is asked of lines.
pub(crate) enum Asked<'a, T> {
    /// K(s) of every distance s.
    Losses(Sink<'a, T>),
    /// The coefficients of K(s(δ)), where there is one node.
    Powers(PowerSink<'a, T>),
}

impl<T: Real> Asked<'_, T> {
    /// From a sample's first neuron on, of so many a sample.
    #[inline(always)]
    fn from(&mut self, sample: usize, neurons: usize) -> Asked<'_, T> {
        match self {
            Self::Losses(sink) => Asked::Losses(sink.from(sample, neurons)),
            Self::Powers(sink) => Asked::Powers(sink.from(sample)),
        }
    }
}

/// The samples of a tile, and a layer whose neurons move their logits on straight lines.
pub(crate) struct Lines<'a, T: Real> {
    /// Softmax of the logits, sample after sample.
    pub(crate) p: &'a [T],
    /// The tile, which has the samples' targets.
    pub(crate) probe: &'a Probe<'a, T>,
    pub(crate) directions: Directions<'a, T>,
    pub(crate) neurons: usize,
    /// Which of the neurons are asked for: a series that serves all of them as far as a bound
    /// tells is followed for these alone.
    pub(crate) range: Range<usize>,
    /// How far each sample's neurons move, node after node.
    pub(crate) distances: &'a [T],
    pub(crate) asked: Asked<'a, T>,
    /// Which samples are to be followed; then which of them were, as far as the series reaches.
    pub(crate) followed: &'a mut [bool],
}

impl<T: Real> Lines<'_, T> {
    /// Finds what is asked.
    pub(crate) fn follow(self) {
        dispatch(self);
    }
}

impl<T: Real> WithSimd for Lines<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let samples = self.followed.len();
        let (outputs, size) = (self.p.len() / samples, samples * self.neurons);
        let length = outputs * self.neurons;
        let [second, third] = reaches();
        let most = match &self.asked {
            Asked::Losses(_) => crate::describe::DEGREE,
            Asked::Powers(sink) => sink.powers.highest(),
        };
        for (sample, followed) in self.followed.iter_mut().enumerate() {
            if !*followed {
                continue;
            }
            let start = sample * self.neurons;
            let mut line = Line {
                p: &self.p[sample * outputs..][..outputs],
                target: self.probe.target(sample),
                runs: match self.directions {
                    Directions::Shared(runs, _) => runs,
                    Directions::Each(runs) => &runs[sample * length..][..length],
                },
                neurons: self.neurons,
                range: self.range.clone(),
                distances: &self.distances[start..],
                stride: size,
                asked: self.asked.from(sample, self.neurons),
            };
            // A bound for all entries saves looking at each, and tells where the series may end.
            if let Directions::Shared(_, largest) = self.directions {
                let reach = (largest + largest) * line.furthest::<S>(simd);
                if reach <= series_reach() {
                    if reach <= second || most <= 2 {
                        line.follow::<S, 2, false>(simd);
                    } else if reach <= third || most <= 3 {
                        line.follow::<S, 3, false>(simd);
                    } else {
                        line.follow::<S, 4, false>(simd);
                    }
                    continue;
                }
            }
            line.range = 0..self.neurons;
            let furthest = if most <= 3 {
                line.follow::<S, 3, true>(simd)
            } else {
                line.follow::<S, 4, true>(simd)
            };
            // Written so that a NaN fails.
            *followed = furthest <= series_reach();
        }
    }
}

/// One sample.
struct Line<'a, T: Real> {
    p: &'a [T],
    target: Target<'a, T>,
    runs: &'a [T],
    neurons: usize,
    range: Range<usize>,
    distances: &'a [T],
    /// From a node's distances to the next one's.
    stride: usize,
    asked: Asked<'a, T>,
}

/// The most vectors of neurons at a time: enough sums to hide the latency of a multiply-add.
const VECTORS: usize = 2;

impl<T: Real> Line<'_, T> {
    /// The largest |s|.
    #[inline(always)]
    fn furthest<S: Simd>(&self, simd: S) -> T {
        let mut furthest = T::spread(simd, T::ZERO);
        let mut rest = T::ZERO;
        for node in self.distances.chunks(self.stride) {
            let (vectors, few) = T::vectors::<S>(&node[..self.neurons]);
            for &s in vectors {
                furthest = T::largest_lanes(simd, s, furthest);
            }
            for s in few {
                let size = s.magnitude();
                rest = T::choose(size <= rest, rest, size);
            }
        }
        let furthest = T::largest_of(simd, furthest);
        T::choose(furthest <= rest, rest, furthest)
    }

    /// By a series of this degree. If it `LOOKS` at each |u·s|, it returns the largest.
    #[inline(always)]
    fn follow<S: Simd, const DEGREE: usize, const LOOKS: bool>(&mut self, simd: S) -> T {
        let lanes = T::lanes::<S>();
        let Range { start: before, end } = self.range.clone();
        let vectors = (end - before).div_ceil(lanes);
        let blocks = vectors.div_ceil(VECTORS);
        let mut furthest = T::spread(simd, T::ZERO);
        for block in 0..blocks {
            let start = before + vectors * block / blocks * lanes;
            let end = (before + vectors * (block + 1) / blocks * lanes).min(end);
            furthest = if end - start > lanes {
                self.block::<S, VECTORS, DEGREE, LOOKS>(simd, start..end, furthest)
            } else {
                self.block::<S, 1, DEGREE, LOOKS>(simd, start..end, furthest)
            };
        }
        T::largest_of(simd, furthest)
    }

    /// Neurons of V vectors.
    #[inline(always)]
    fn block<S: Simd, const V: usize, const DEGREE: usize, const LOOKS: bool>(
        &mut self,
        simd: S,
        neurons: Range<usize>,
        mut furthest: T::Vector<S>,
    ) -> T::Vector<S> {
        let zero = T::spread(simd, T::ZERO);
        let rows = self.runs.chunks_exact(self.neurons);
        let centre: [_; V] = centre(
            simd,
            self.target,
            #[inline(always)]
            |output| {
                let row = &self.runs[output * self.neurons..][..self.neurons];
                load_run(simd, &row[neurons.clone()])
            },
        );
        let mut moments = [[zero; 4]; V];
        let mut widest = [zero; V];
        for (row, &p) in rows.zip(self.p) {
            let p = T::spread(simd, p);
            let v: [_; V] = load_run(simd, &row[neurons.clone()]);
            for j in 0..V {
                let u = T::minus(simd, v[j], centre[j]);
                if LOOKS {
                    widest[j] = T::largest_lanes(simd, u, widest[j]);
                }
                add_moments::<S, T, DEGREE>(simd, p, u, &mut moments[j]);
            }
        }
        let scale = T::spread(simd, self.target.total());
        let mut cumulants = [[zero; 4]; V];
        for j in 0..V {
            cumulants[j] = find_cumulants::<S, T, DEGREE>(simd, moments[j]);
        }
        let mut sums = [zero; V];
        for (k, node) in self.distances.chunks(self.stride).enumerate() {
            let s: [_; V] = load_run(simd, &node[neurons.clone()]);
            for j in 0..V {
                if LOOKS {
                    let far = T::times(simd, widest[j], s[j]);
                    furthest = T::largest_lanes(simd, far, furthest);
                }
            }
            let sink = match &mut self.asked {
                Asked::Losses(sink) => sink,
                Asked::Powers(sink) => {
                    sink.take(simd, &neurons, &cumulants, (s, scale));
                    continue;
                }
            };
            let mut losses = [zero; V];
            for j in 0..V {
                let value = evaluate::<S, T, DEGREE>(simd, cumulants[j], s[j]);
                losses[j] = T::times(simd, T::times(simd, scale, s[j]), value);
            }
            let start = k * self.stride;
            sink.take(simd, (k, start), &neurons, losses, &mut sums);
        }
        if let Asked::Losses(sink) = &mut self.asked {
            sink.end(simd, neurons, sums);
        }
        furthest
    }
}

/// The target's own direction, or the mean of all outputs' under its values.
#[inline(always)]
pub(crate) fn centre<S: Simd, T: Real, const V: usize>(
    simd: S,
    target: Target<'_, T>,
    direction: impl Fn(usize) -> [T::Vector<S>; V],
) -> [T::Vector<S>; V] {
    match target {
        Target::Label(label) => direction(label),
        Target::Values(values) => {
            let total = target.total();
            let mut centre = [T::spread(simd, T::ZERO); V];
            for (output, &value) in values.iter().enumerate() {
                let v = direction(output);
                let part = T::spread(simd, value / total);
                for j in 0..V {
                    centre[j] = T::fused_lanes(simd, part, v[j], centre[j]);
                }
            }
            centre
        }
    }
}

/// Adds p·u^r to the r-th moment, for r up to DEGREE.
#[inline(always)]
pub(crate) fn add_moments<S: Simd, T: Real, const DEGREE: usize>(
    simd: S,
    p: T::Vector<S>,
    u: T::Vector<S>,
    [m1, m2, m3, m4]: &mut [T::Vector<S>; 4],
) {
    let pu = T::times(simd, p, u);
    *m1 = T::plus(simd, *m1, pu);
    *m2 = T::fused_lanes(simd, pu, u, *m2);
    if DEGREE > 2 {
        let square = T::times(simd, u, u);
        *m3 = T::fused_lanes(simd, pu, square, *m3);
        if DEGREE > 3 {
            let cube = T::times(simd, pu, u);
            *m4 = T::fused_lanes(simd, cube, square, *m4);
        }
    }
}

/// κ₁, κ₂/2, κ₃/6 and κ₄/24 of the moments, up to DEGREE.
#[inline(always)]
pub(crate) fn find_cumulants<S: Simd, T: Real, const DEGREE: usize>(
    simd: S,
    [m1, m2, m3, m4]: [T::Vector<S>; 4],
) -> [T::Vector<S>; 4] {
    let by = Arithmetic::<S, T>::new(simd);
    let square = by.times(m1, m1);
    let half_k2 = by.times(by.at(0.5), T::minus(simd, m2, square));
    let (mut sixth_k3, mut last_k4) = (by.at(0.0), by.at(0.0));
    if DEGREE > 2 {
        // κ₃ = m₃ − 3·m₁·m₂ + 2·m₁³
        let lower = by.fused(by.at(-3.0), m2, by.times(by.at(2.0), square));
        sixth_k3 = by.times(by.at(1.0 / 6.0), by.fused(m1, lower, m3));
    }
    if DEGREE > 3 {
        // κ₄ = m₄ − 4·m₁·m₃ − 3·m₂² + 12·m₁²·m₂ − 6·m₁⁴
        let k4 = by.fused(by.times(by.at(-4.0), m1), m3, m4);
        let k4 = by.fused(by.times(by.at(-3.0), m2), m2, k4);
        let lower = by.fused(by.at(12.0), m2, by.times(by.at(-6.0), square));
        last_k4 = by.times(by.at(1.0 / 24.0), by.fused(square, lower, k4));
    }
    [m1, half_k2, sixth_k3, last_k4]
}

/// K(s)/s, up to DEGREE.
#[inline(always)]
pub(crate) fn evaluate<S: Simd, T: Real, const DEGREE: usize>(
    simd: S,
    [k1, half_k2, sixth_k3, last_k4]: [T::Vector<S>; 4],
    s: T::Vector<S>,
) -> T::Vector<S> {
    let mut tail = half_k2;
    if DEGREE > 2 {
        let mut high = sixth_k3;
        if DEGREE > 3 {
            high = T::fused_lanes(simd, last_k4, s, high);
        }
        tail = T::fused_lanes(simd, high, s, tail);
    }
    T::fused_lanes(simd, tail, s, k1)
}
