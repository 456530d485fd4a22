//! The loss where the logits move on curves: at each node the logits' move is a direction v(t)·t, and
//! the loss is its [`Series`] along it.
use crate::curves::Curves;
use crate::describe::DEGREE;
use crate::direction::Known;
use crate::probe::Probe;
use crate::series::{Series, Softmax, TermsOfSoftmax, evaluate, series_reach};
use crate::sink::Sink;
use numgrad_core::Real;
use numgrad_scalar::{
    Simd, WithSimd,
    lanes::{dispatch, load_run},
};
use std::ops::Range;

/// The samples of a tile, and a layer whose neurons move their logits on curves.
pub(crate) struct AlongCurves<'a, T: Real> {
    pub(crate) known: Known<'a, T>,
    pub(crate) probe: &'a Probe<'a, T>,
    pub(crate) curves: &'a Curves<T>,
    pub(crate) neurons: usize,
    /// How far each sample's neurons move, node after node.
    pub(crate) distances: &'a [T],
    pub(crate) sink: Sink<'a, T>,
    /// Which samples are to be followed; then which of them were, as far as the series reaches.
    pub(crate) followed: &'a mut [bool],
}

impl<T: Real> AlongCurves<'_, T> {
    /// Fills the sink with the loss at every distance.
    pub(crate) fn follow(self) {
        dispatch(self);
    }
}

impl<T: Real> WithSimd for AlongCurves<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (samples, neurons) = (self.followed.len(), self.neurons);
        let outputs = self.probe.network().outputs();
        for (sample, followed) in self.followed.iter_mut().enumerate() {
            if !*followed {
                continue;
            }
            let known = self.curves.samples()[sample];
            let mut curve = Curve {
                coefficients: self.curves.of(sample, outputs * neurons),
                neurons,
                distances: &self.distances[sample * neurons..],
                stride: samples * neurons,
                over_reach: T::one() / known.reach,
                sink: self.sink.from(sample, neurons),
            };
            match self.known {
                Known::Softmax(p) => {
                    let series = Softmax {
                        p: &p[sample * outputs..][..outputs],
                        target: self.probe.target(sample),
                    };
                    let furthest = curve.follow::<S, _, 4, true>(simd, series, known.needs_fourth);
                    // Written so that a NaN fails.
                    *followed = furthest <= series_reach();
                }
                Known::TermsOfSoftmax(p, terms) => {
                    let series = TermsOfSoftmax {
                        p: &p[sample * outputs..][..outputs],
                        terms: terms.of(sample).1,
                    };
                    let furthest = curve.follow::<S, _, 4, true>(simd, series, known.needs_fourth);
                    *followed = furthest <= series_reach();
                }
                Known::Terms(terms) => {
                    let (order, series) = terms.of(sample);
                    let needs_fourth = known.needs_fourth;
                    match order {
                        ..=2 => curve.follow::<S, _, 2, false>(simd, series, needs_fourth),
                        3 => curve.follow::<S, _, 3, false>(simd, series, needs_fourth),
                        _ => curve.follow::<S, _, 4, false>(simd, series, needs_fourth),
                    };
                }
            }
        }
    }
}

/// One sample.
struct Curve<'a, T: Real> {
    /// A_m: for each output a run of the neurons.
    coefficients: [&'a [T]; DEGREE],
    neurons: usize,
    distances: &'a [T],
    /// From a node's distances to the next one's.
    stride: usize,
    over_reach: T,
    sink: Sink<'a, T>,
}

/// Vectors of neurons at a time: they hide each other's latency.
const VECTORS: usize = 2;

impl<T: Real> Curve<'_, T> {
    /// By a series of this degree. If it `LOOKS` at each logit's move, it returns the largest.
    #[inline(always)]
    fn follow<S: Simd, L: Series<T>, const DEGREE: usize, const LOOKS: bool>(
        &mut self,
        simd: S,
        series: L,
        needs_fourth: bool,
    ) -> T {
        if needs_fourth {
            self.by_powers::<S, L, 4, DEGREE, LOOKS>(simd, series)
        } else {
            self.by_powers::<S, L, 3, DEGREE, LOOKS>(simd, series)
        }
    }

    /// The same by this many powers of t.
    #[inline(always)]
    fn by_powers<
        S: Simd,
        L: Series<T>,
        const ORDER: usize,
        const DEGREE: usize,
        const LOOKS: bool,
    >(
        &mut self,
        simd: S,
        series: L,
    ) -> T {
        let lanes = T::lanes::<S>();
        let mut furthest = T::spread(simd, T::ZERO);
        for start in (0..self.neurons).step_by(VECTORS * lanes) {
            let neurons = start..(start + VECTORS * lanes).min(self.neurons);
            furthest = if neurons.len() > lanes {
                self.block::<S, L, VECTORS, ORDER, DEGREE, LOOKS>(simd, series, neurons, furthest)
            } else {
                self.block::<S, L, 1, ORDER, DEGREE, LOOKS>(simd, series, neurons, furthest)
            };
        }
        T::largest_of(simd, furthest)
    }

    /// Neurons of V vectors.
    #[inline(always)]
    fn block<
        S: Simd,
        L: Series<T>,
        const V: usize,
        const ORDER: usize,
        const DEGREE: usize,
        const LOOKS: bool,
    >(
        &mut self,
        simd: S,
        series: L,
        neurons: Range<usize>,
        mut furthest: T::Vector<S>,
    ) -> T::Vector<S> {
        let zero = T::spread(simd, T::ZERO);
        let over_reach = T::spread(simd, self.over_reach);
        let scale = T::spread(simd, series.scale());
        let mut sums = [zero; V];
        for (k, node) in self.distances.chunks(self.stride).enumerate() {
            let mut t: [_; V] = load_run(simd, &node[neurons.clone()]);
            t = t.map(|s| T::times(simd, s, over_reach));
            let mut widest = [zero; V];
            let coefficients = series.coefficients::<S, V, DEGREE, LOOKS>(
                simd,
                #[inline(always)]
                |output| self.direction::<S, V, ORDER>(simd, &neurons, &t, output),
                &mut widest,
            );
            let mut losses = [zero; V];
            for j in 0..V {
                if LOOKS {
                    let far = T::times(simd, widest[j], t[j]);
                    furthest = T::largest_lanes(simd, far, furthest);
                }
                let value = evaluate::<S, T, DEGREE>(simd, coefficients[j], t[j]);
                losses[j] = T::times(simd, T::times(simd, scale, t[j]), value);
            }
            let start = k * self.stride;
            self.sink
                .take(simd, (k, start), &neurons, losses, &mut sums);
        }
        self.sink.end(simd, neurons, sums);
        furthest
    }

    /// v(t) of an output: A_1 + A_2·t + A_3·t² + A_4·t³.
    #[inline(always)]
    fn direction<S: Simd, const V: usize, const ORDER: usize>(
        &self,
        simd: S,
        neurons: &Range<usize>,
        t: &[T::Vector<S>; V],
        output: usize,
    ) -> [T::Vector<S>; V] {
        let run = |power: usize| -> [T::Vector<S>; V] {
            let run = &self.coefficients[power][output * self.neurons..][..self.neurons];
            load_run(simd, &run[neurons.clone()])
        };
        let mut v = run(ORDER - 1);
        for power in (0..ORDER - 1).rev() {
            let lower = run(power);
            for j in 0..V {
                v[j] = T::fused_lanes(simd, v[j], t[j], lower[j]);
            }
        }
        v
    }
}
