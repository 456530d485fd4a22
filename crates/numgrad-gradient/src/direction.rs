//! Where the logits move on a straight line: φ(δ) is then the loss along a direction v, at the
//! distance s(δ) that the neuron's own activation moves. Of the softmax cross-entropy this is a
//! short series, whose coefficients are the cumulants of v under the probabilities.
use numgrad_core::{Precision, Real};
use numgrad_loss::Target;
use numgrad_scalar::{
    Simd, WithSimd,
    lanes::{Arithmetic, dispatch},
};

/// The largest |u·s| for which the series of degree 4 is exact: its remainder is of the fourth
/// power of that.
fn series_reach<T: Real>() -> T {
    T::of(match T::PRECISION {
        Precision::F64 => 3e-4,
        Precision::F32 => 8e-3,
    })
}

/// The directions in which some neurons move the logits of one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Directions<'a, T> {
    /// A neuron of the output layer moves its own logit.
    Unit,
    /// A run of all neurons for each output.
    Runs(&'a [T]),
}

/// One sample, and neurons that move its logits on straight lines.
pub(crate) struct Lines<'a, T: Real> {
    /// Softmax of the logits.
    pub(crate) p: &'a [T],
    pub(crate) target: Target<'a, T>,
    pub(crate) directions: Directions<'a, T>,
    /// How far each neuron moves at each node, `stride` numbers from node to node.
    pub(crate) distances: &'a [T],
    /// What the loss then changes by, in the same places.
    pub(crate) losses: &'a mut [T],
    pub(crate) neurons: usize,
    pub(crate) stride: usize,
    /// What the cumulants are computed in.
    pub(crate) moments: &'a mut [Vec<T>; 4],
}

impl<T: Real> Lines<'_, T> {
    /// K(s) = log Σ p·exp(u·s) = κ₁·s + κ₂·s²/2 + κ₃·s³/6 + κ₄·s⁴/24 of every distance s, with
    /// u = v − c and c the target's own entry of v, or its mean. `false` where the series does not
    /// reach.
    pub(crate) fn follow(self) -> bool {
        dispatch(self)
    }

    /// Moments of v = e_i for the output neurons i: u is 1 − c at i and −c elsewhere, and 1 − p_i
    /// is summed, for it may cancel.
    fn unit_moments(&mut self) {
        let rest = |i: usize| {
            let others = self.p.iter().enumerate().filter(|&(k, _)| k != i);
            others.fold(T::zero(), |sum, (_, &p)| sum + p)
        };
        match self.target {
            // c is 1 at the label, and 0 elsewhere.
            Target::Label(label) => {
                let mut rest = rest(label);
                for moment in self.moments.iter_mut() {
                    rest = -rest;
                    moment.clear();
                    moment.extend_from_slice(self.p);
                    moment[label] = rest;
                }
            }
            Target::Values(t) => {
                let total = scale(self.target);
                let mut parts: [_; 4] = std::array::from_fn(|_| T::zero());
                for moment in self.moments.iter_mut() {
                    moment.clear();
                }
                for (i, (&p, &t)) in self.p.iter().zip(t).enumerate() {
                    let centre = t / total;
                    let (mut up, mut down) = (p, rest(i));
                    for part in &mut parts {
                        up *= T::one() - centre;
                        down *= -centre;
                        *part = up + down;
                    }
                    for (moment, &part) in self.moments.iter_mut().zip(&parts) {
                        moment.push(part);
                    }
                }
            }
        }
    }
}

/// The sum of the target's weights.
pub(crate) fn scale<T: Real>(target: Target<'_, T>) -> T {
    match target {
        Target::Label(_) => T::one(),
        Target::Values(t) => t.iter().fold(T::zero(), |sum, &t| sum + t),
    }
}

impl<T: Real> WithSimd for Lines<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> bool {
        if let Directions::Unit = self.directions {
            self.unit_moments();
        }
        let lanes = T::lanes::<S>();
        let mut furthest = T::spread(simd, T::ZERO);
        if self.neurons < lanes {
            furthest = self.block::<S, false>(simd, 0, self.neurons, furthest);
        } else {
            // The last vector overlaps the one before where the run ends.
            for first in (0..self.neurons).step_by(lanes) {
                let first = first.min(self.neurons - lanes);
                furthest = self.block::<S, true>(simd, first, lanes, furthest);
            }
        }
        let mut buffer = [T::ZERO; 64];
        T::store(simd, &mut buffer[..lanes], furthest);
        // Written so that a NaN fails.
        buffer[..lanes].iter().all(|&reach| reach <= series_reach())
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

impl<T: Real> Lines<'_, T> {
    /// The neurons of one vector. Returns the largest |u·s|, or `furthest` if that is larger.
    #[inline(always)]
    fn block<S: Simd, const WHOLE: bool>(
        &mut self,
        simd: S,
        first: usize,
        count: usize,
        furthest: T::Vector<S>,
    ) -> T::Vector<S> {
        let run = first..first + count;
        let at = |x: f64| T::spread(simd, T::of(x));
        let (mut m, mut widest);
        match self.directions {
            Directions::Unit => {
                m = std::array::from_fn(|r| {
                    read::<S, T, WHOLE>(simd, &self.moments[r][run.clone()])
                });
                widest = at(1.0);
            }
            Directions::Runs(runs) => {
                let of = |k: usize| {
                    read::<S, T, WHOLE>(
                        simd,
                        &runs[k * self.neurons..][..self.neurons][run.clone()],
                    )
                };
                let centre = match self.target {
                    Target::Label(label) => of(label),
                    Target::Values(t) => {
                        let total = scale(self.target);
                        t.iter().enumerate().fold(at(0.0), |centre, (k, &t)| {
                            T::fused_lanes(simd, T::spread(simd, t / total), of(k), centre)
                        })
                    }
                };
                m = [at(0.0); 4];
                widest = at(0.0);
                for (k, &p) in self.p.iter().enumerate() {
                    let p = T::spread(simd, p);
                    let u = T::minus(simd, of(k), centre);
                    widest = T::largest_lanes(simd, u, widest);
                    let (pu, square) = (T::times(simd, p, u), T::times(simd, u, u));
                    let cube = T::times(simd, pu, u);
                    m[0] = T::plus(simd, m[0], pu);
                    m[1] = T::fused_lanes(simd, pu, u, m[1]);
                    m[2] = T::fused_lanes(simd, pu, square, m[2]);
                    m[3] = T::fused_lanes(simd, cube, square, m[3]);
                }
            }
        }
        let [k1, half_k2, sixth_k3, last_k4] = cumulants::<S, T>(simd, m);
        let scale = T::spread(simd, scale(self.target));
        let mut furthest = furthest;
        let nodes = self.distances.chunks(self.stride);
        for (node, losses) in nodes.zip(self.losses.chunks_mut(self.stride)) {
            let s = read::<S, T, WHOLE>(simd, &node[run.clone()]);
            furthest = T::largest_lanes(simd, T::times(simd, widest, s), furthest);
            let tail = T::fused_lanes(simd, last_k4, s, sixth_k3);
            let tail = T::fused_lanes(simd, tail, s, half_k2);
            let tail = T::fused_lanes(simd, tail, s, k1);
            let loss = T::times(simd, T::times(simd, scale, s), tail);
            let losses = &mut losses[run.clone()];
            if WHOLE {
                T::vectors_mut::<S>(losses).0[0] = loss;
            } else {
                T::store(simd, losses, loss);
            }
        }
        furthest
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
