//! A difference scheme as the points it looks at and their weights.
use numgrad_core::{Precision, Real};
use numgrad_diff::Scheme;

/// The step h of a network's gradient, by default.
///
/// Where the functions of a network carry their own differences (`exact`), no digit is lost to
/// subtraction and h = 1e-4 serves both precisions: the truncation error h²/6·φ‴ is then 10⁻⁹
/// of the gradient. A plain subtraction loses ε/h of the quotient, which asks for h = 1e-2 in
/// f32; in f64, 1e-4 keeps 10⁻¹².
pub fn default_step<T: Real>(exact: bool) -> f64 {
    match T::PRECISION {
        Precision::F32 if !exact => 1e-2,
        _ => 1e-4,
    }
}

/// How a neuron's loss is measured for each of its weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quotient<'a, T> {
    pub(crate) stencil: &'a Stencil<T>,
    pub(crate) h: T,
    /// Whether a few values of a smooth piece of it may serve all weights.
    pub(crate) is_described: bool,
}

/// The most points of a scheme, besides the unperturbed one.
const MOST_POINTS: usize = 4;

/// The quotient Σ_k w_k·φ(o_k·h) / h of a function with φ(0) = 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stencil<T> {
    points: [(T, T); MOST_POINTS],
    length: usize,
}

impl<T: Real> Stencil<T> {
    pub(crate) fn new(scheme: Scheme) -> Self {
        let points: &[(f64, f64)] = match scheme {
            Scheme::Forward => &[(1.0, 1.0)],
            Scheme::Backward => &[(-1.0, -1.0)],
            Scheme::FivePoint => &[
                (1.0, 2.0 / 3.0),
                (-1.0, -2.0 / 3.0),
                (2.0, -1.0 / 12.0),
                (-2.0, 1.0 / 12.0),
            ],
            Scheme::Central => &[(1.0, 0.5), (-1.0, -0.5)],
        };
        let mut stencil = Self {
            points: [(T::zero(), T::zero()); MOST_POINTS],
            length: points.len(),
        };
        for (to, &(offset, weight)) in stencil.points.iter_mut().zip(points) {
            *to = (T::of(offset), T::of(weight));
        }
        stencil
    }

    /// The offsets o_k, in units of h, with their weights w_k.
    pub(crate) fn points(&self) -> &[(T, T)] {
        &self.points[..self.length]
    }

    /// w_k / h, 0 past the last point.
    pub(crate) fn weights_over(&self, h: T) -> [T; MOST_POINTS] {
        let mut weights = [T::zero(); MOST_POINTS];
        for (to, &(_, weight)) in weights.iter_mut().zip(self.points()) {
            *to = weight / h;
        }
        weights
    }

    /// The largest |o_k|.
    pub(crate) fn reach(&self) -> T {
        self.points()
            .iter()
            .fold(T::zero(), |reach, point| reach.max(point.0.abs()))
    }

    /// S_m = Σ_k w_k·o_k^m: a function with the power series Σ c_m·δ^m has the quotient
    /// Σ c_m·S_m·h^(m−1). S_1 is 1 for every scheme; central differences have S_2 = 0.
    pub(crate) fn moment(&self, power: i32) -> T {
        let moment = self
            .points()
            .iter()
            .map(|&(offset, weight)| weight.as_f64() * offset.as_f64().powi(power))
            .sum::<f64>();
        // The five-point weights are no binary fractions: what is left of a moment that is 0 by
        // construction is rounding.
        if moment.abs() < 1e-6 {
            T::zero()
        } else {
            T::of(moment)
        }
    }

    /// How many batch losses a perturbation costs, with the unperturbed one shared by all.
    pub(crate) fn evaluations(&self) -> u64 {
        self.length as u64
    }

    /// Whether the unperturbed loss enters the quotient.
    pub(crate) fn uses_centre(&self) -> bool {
        self.length == 1
    }
}
