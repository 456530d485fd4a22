//! The loss of one sample along a direction v of its logits, as a short series in the distance s:
//! L(z + v·s) − L(z) = scale·(k₁·s + k₂·s² + k₃·s³ + k₄·s⁴).
use numgrad_core::{Precision, Real};
use numgrad_loss::Target;
use numgrad_scalar::{Simd, lanes::Arithmetic};

/// A loss whose series is known, of one sample.
pub(crate) trait Series<T: Real>: Copy {
    /// What multiplies all coefficients.
    fn scale(self) -> T;

    /// The coefficients, up to DEGREE, of some neurons' directions, of which `direction` knows the
    /// entries at an output. If it `LOOKS`, `widest` becomes the largest entry that the series depends
    /// on.
    fn coefficients<S: Simd, const V: usize, const DEGREE: usize, const LOOKS: bool>(
        self,
        simd: S,
        direction: impl Fn(usize) -> [T::Vector<S>; V],
        widest: &mut [T::Vector<S>; V],
    ) -> [[T::Vector<S>; 4]; V];
}

/// The softmax cross-entropy: log Σ p·exp(u·s), whose coefficients are the cumulants of u = v − c
/// under the probabilities p, κ₁, κ₂/2, κ₃/6 and κ₄/24, with c the target's own entry of v, or its
/// mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Softmax<'a, T> {
    pub(crate) p: &'a [T],
    pub(crate) target: Target<'a, T>,
}

/// A sum of a term for each output, Σ_m c_km·d^m for a move d of logit k: the coefficient of s^m is
/// Σ_k c_km·v_k^m.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SumOfTerms<'a, T> {
    /// c_km: for each power m a run of the outputs.
    pub(crate) coefficients: [&'a [T]; 4],
}

/// A sum of a term for each output of softmax, Σ_m c_km·d^m for a move d of output k, which is
/// p_k·(exp(w_k·s − K(s)) − 1): w = v − v_c for the likeliest output c, so that nothing of a confident
/// sample cancels, and K the cumulants' series of w.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TermsOfSoftmax<'a, T> {
    pub(crate) p: &'a [T],
    pub(crate) terms: SumOfTerms<'a, T>,
}

/// The largest |u·s| for which the softmax cross-entropy's series of degree 4 is exact: its remainder
/// is of the fourth power of that.
pub(crate) fn series_reach<T: Real>() -> T {
    T::of(match T::PRECISION {
        Precision::F64 => 3e-4,
        Precision::F32 => 8e-3,
    })
}

/// The largest |u·s| for which it may end at the second degree, and at the third: what is left out is
/// then below x²/6 and x³/24 of the whole.
pub(crate) fn reaches<T: Real>() -> [T; 2] {
    let reaches = match T::PRECISION {
        Precision::F64 => [4e-7, 1e-4],
        Precision::F32 => [2e-4, 6e-3],
    };
    reaches.map(T::of)
}

impl<T: Real> Series<T> for Softmax<'_, T> {
    #[inline(always)]
    fn scale(self) -> T {
        self.target.total()
    }

    #[inline(always)]
    fn coefficients<S: Simd, const V: usize, const DEGREE: usize, const LOOKS: bool>(
        self,
        simd: S,
        direction: impl Fn(usize) -> [T::Vector<S>; V],
        widest: &mut [T::Vector<S>; V],
    ) -> [[T::Vector<S>; 4]; V] {
        let zero = T::spread(simd, T::ZERO);
        let centre = centre(simd, self.target, &direction);
        let mut moments = [[zero; 4]; V];
        for (output, &p) in self.p.iter().enumerate() {
            let p = T::spread(simd, p);
            let v = direction(output);
            for j in 0..V {
                let u = T::minus(simd, v[j], centre[j]);
                if LOOKS {
                    widest[j] = T::largest_lanes(simd, u, widest[j]);
                }
                add_moments::<S, T, DEGREE>(simd, p, u, &mut moments[j]);
            }
        }
        let mut cumulants = [[zero; 4]; V];
        for j in 0..V {
            cumulants[j] = find_cumulants::<S, T, DEGREE>(simd, moments[j]);
        }
        cumulants
    }
}

impl<T: Real> Series<T> for SumOfTerms<'_, T> {
    #[inline(always)]
    fn scale(self) -> T {
        T::ONE
    }

    #[inline(always)]
    fn coefficients<S: Simd, const V: usize, const DEGREE: usize, const LOOKS: bool>(
        self,
        simd: S,
        direction: impl Fn(usize) -> [T::Vector<S>; V],
        _widest: &mut [T::Vector<S>; V],
    ) -> [[T::Vector<S>; 4]; V] {
        const { assert!(!LOOKS, "it is known to reach as far as it is described") };
        let zero = T::spread(simd, T::ZERO);
        let mut sums = [[zero; 4]; V];
        let [c1, c2, c3, c4] = self.coefficients;
        for (output, ((&c1, &c2), (&c3, &c4))) in
            c1.iter().zip(c2).zip(c3.iter().zip(c4)).enumerate()
        {
            let c = [c1, c2, c3, c4].map(|c| T::spread(simd, c));
            let v = direction(output);
            for j in 0..V {
                let square = T::times(simd, v[j], v[j]);
                let sums = &mut sums[j];
                sums[0] = T::fused_lanes(simd, c[0], v[j], sums[0]);
                sums[1] = T::fused_lanes(simd, c[1], square, sums[1]);
                if DEGREE > 2 {
                    let cube = T::times(simd, square, v[j]);
                    sums[2] = T::fused_lanes(simd, c[2], cube, sums[2]);
                    if DEGREE > 3 {
                        let fourth = T::times(simd, square, square);
                        sums[3] = T::fused_lanes(simd, c[3], fourth, sums[3]);
                    }
                }
            }
        }
        sums
    }
}

impl<T: Real> Series<T> for TermsOfSoftmax<'_, T> {
    #[inline(always)]
    fn scale(self) -> T {
        T::ONE
    }

    #[inline(always)]
    fn coefficients<S: Simd, const V: usize, const DEGREE: usize, const LOOKS: bool>(
        self,
        simd: S,
        direction: impl Fn(usize) -> [T::Vector<S>; V],
        widest: &mut [T::Vector<S>; V],
    ) -> [[T::Vector<S>; 4]; V] {
        let by = Arithmetic::<S, T>::new(simd);
        let mut likeliest = 0;
        for (output, &p) in self.p.iter().enumerate() {
            if p > self.p[likeliest] {
                likeliest = output;
            }
        }
        let centre = direction(likeliest);
        let around = Softmax {
            p: self.p,
            target: Target::Label(likeliest),
        };
        let known = around.coefficients::<S, V, DEGREE, LOOKS>(simd, &direction, widest);
        let mut sums = [[by.at(0.0); 4]; V];
        for (output, &p) in self.p.iter().enumerate() {
            let p = T::spread(simd, p);
            let v = direction(output);
            let c = self.terms.coefficients.map(|c| T::spread(simd, c[output]));
            for j in 0..V {
                let w = T::minus(simd, v[j], centre[j]);
                let moves = softmax_moves::<S, T, DEGREE>(simd, p, w, known[j]);
                add_powers::<S, T, DEGREE>(simd, c, moves, &mut sums[j]);
            }
        }
        sums
    }
}

/// The coefficients of p·(exp(w·s − K(s)) − 1), up to DEGREE, from those of K.
#[inline(always)]
fn softmax_moves<S: Simd, T: Real, const DEGREE: usize>(
    simd: S,
    p: T::Vector<S>,
    w: T::Vector<S>,
    [k1, k2, k3, k4]: [T::Vector<S>; 4],
) -> [T::Vector<S>; 4] {
    let by = Arithmetic::<S, T>::new(simd);
    let (half, sixth) = (by.at(0.5), by.at(1.0 / 6.0));
    // exp(x) − 1 = x + x²/2 + x³/6 + x⁴/24 of x = a·s − k₂·s² − k₃·s³ − k₄·s⁴
    let a = T::minus(simd, w, k1);
    let square = by.times(a, a);
    let second = T::minus(simd, by.times(half, square), k2);
    let (mut third, mut fourth) = (by.at(0.0), by.at(0.0));
    if DEGREE > 2 {
        let inner = T::minus(simd, by.times(sixth, square), k2);
        third = T::minus(simd, by.times(a, inner), k3);
    }
    if DEGREE > 3 {
        let inner = T::minus(simd, by.times(by.at(1.0 / 12.0), square), k2);
        let inner = by.times(half, by.times(square, inner));
        let inner = by.fused(by.times(half, k2), k2, inner);
        fourth = T::minus(simd, T::minus(simd, inner, by.times(a, k3)), k4);
    }
    [a, second, third, fourth].map(|m| by.times(p, m))
}

/// Adds Σ_m c_m·d^m, up to DEGREE, for a d with these coefficients.
#[inline(always)]
fn add_powers<S: Simd, T: Real, const DEGREE: usize>(
    simd: S,
    [c1, c2, c3, c4]: [T::Vector<S>; 4],
    [d1, d2, d3, d4]: [T::Vector<S>; 4],
    sums: &mut [T::Vector<S>; 4],
) {
    let by = Arithmetic::<S, T>::new(simd);
    let two = by.at(2.0);
    let square = by.times(d1, d1);
    sums[0] = by.fused(c1, d1, sums[0]);
    sums[1] = by.fused(c2, square, by.fused(c1, d2, sums[1]));
    if DEGREE > 2 {
        let twice = by.times(two, by.times(d1, d2));
        let cube = by.times(square, d1);
        let sum = by.fused(c2, twice, by.fused(c1, d3, sums[2]));
        sums[2] = by.fused(c3, cube, sum);
    }
    if DEGREE > 3 {
        let of_square = by.fused(d2, d2, by.times(two, by.times(d1, d3)));
        let of_cube = by.times(by.at(3.0), by.times(square, d2));
        let sum = by.fused(c2, of_square, by.fused(c1, d4, sums[3]));
        let sum = by.fused(c3, of_cube, sum);
        sums[3] = by.fused(c4, by.times(square, square), sum);
    }
}

/// The target's own direction, or the mean of all outputs' under its values.
#[inline(always)]
fn centre<S: Simd, T: Real, const V: usize>(
    simd: S,
    target: Target<'_, T>,
    direction: &impl Fn(usize) -> [T::Vector<S>; V],
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
fn add_moments<S: Simd, T: Real, const DEGREE: usize>(
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
fn find_cumulants<S: Simd, T: Real, const DEGREE: usize>(
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

/// The series divided by s, up to DEGREE.
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
