//! Where the logits move on a straight line: φ(δ) is then the loss along a direction v, at the
//! distance s(δ) that the neuron's own activation moves, which is known as a short [`Series`] K(s).
use crate::head::Form;
use crate::probe::Probe;
use crate::series::{Series, Softmax, TermsOfSoftmax, evaluate, reaches, series_reach};
use crate::sink::{PowerSink, Sink};
use crate::terms::Terms;
use numgrad_core::Real;
use numgrad_scalar::{
    Simd, WithSimd,
    lanes::{dispatch, load_run},
};
use std::ops::Range;

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

/// What the series of a tile's samples follow from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known<'a, T> {
    /// Softmax of the logits, sample after sample.
    Softmax(&'a [T]),
    /// The terms of the loss, as far as the logits move.
    Terms(&'a Terms<T>),
    /// Softmax of the logits, and the terms of its outputs.
    TermsOfSoftmax(&'a [T], &'a Terms<T>),
}

impl<'a, T: Real> Known<'a, T> {
    /// What is known of a loss of this form.
    pub(crate) fn of(form: Option<Form>, probe: &Probe<'a, T>, terms: &'a Terms<T>) -> Self {
        let network = probe.network();
        let p = probe.trace.layer(network, network.layers() - 1).a;
        match form {
            Some(Form::Terms) => Self::Terms(terms),
            Some(Form::TermsOfSoftmax) => Self::TermsOfSoftmax(p, terms),
            Some(Form::SoftmaxCrossEntropy) | None => Self::Softmax(p),
        }
    }
}

/// The samples of a tile, and a layer whose neurons move their logits on straight lines.
pub(crate) struct Lines<'a, T: Real> {
    pub(crate) known: Known<'a, T>,
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
        let size = self.followed.len() * self.neurons;
        let outputs = self.probe.network().outputs();
        let length = outputs * self.neurons;
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
            match self.known {
                Known::Softmax(p) => {
                    let series = Softmax {
                        p: &p[sample * outputs..][..outputs],
                        target: self.probe.target(sample),
                    };
                    *followed = line.follow_softmax(simd, series, self.directions, most);
                }
                Known::TermsOfSoftmax(p, terms) => {
                    let series = TermsOfSoftmax {
                        p: &p[sample * outputs..][..outputs],
                        terms: terms.of(sample).1,
                    };
                    *followed = line.follow_softmax(simd, series, self.directions, most);
                }
                Known::Terms(terms) => {
                    let (order, series) = terms.of(sample);
                    match order.min(most) {
                        ..=2 => line.follow::<S, _, 2, false>(simd, series),
                        3 => line.follow::<S, _, 3, false>(simd, series),
                        _ => line.follow::<S, _, 4, false>(simd, series),
                    };
                }
            }
        }
    }
}

/// One sample.
struct Line<'a, T: Real> {
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

    /// By a series behind a softmax, as far as powers up to `most` are asked for. `false` if it
    /// does not reach so far.
    #[inline(always)]
    fn follow_softmax<S: Simd, L: Series<T>>(
        &mut self,
        simd: S,
        series: L,
        directions: Directions<'_, T>,
        most: usize,
    ) -> bool {
        let [second, third] = reaches();
        // A bound for all entries saves looking at each, and tells where the series may end.
        if let Directions::Shared(_, largest) = directions {
            let reach = (largest + largest) * self.furthest::<S>(simd);
            if reach <= series_reach() {
                if reach <= second || most <= 2 {
                    self.follow::<S, _, 2, false>(simd, series);
                } else if reach <= third || most <= 3 {
                    self.follow::<S, _, 3, false>(simd, series);
                } else {
                    self.follow::<S, _, 4, false>(simd, series);
                }
                return true;
            }
        }
        self.range = 0..self.neurons;
        let furthest = if most <= 3 {
            self.follow::<S, _, 3, true>(simd, series)
        } else {
            self.follow::<S, _, 4, true>(simd, series)
        };
        // Written so that a NaN fails.
        furthest <= series_reach()
    }

    /// By a series of this degree. If it `LOOKS` at each |u·s|, it returns the largest.
    #[inline(always)]
    fn follow<S: Simd, L: Series<T>, const DEGREE: usize, const LOOKS: bool>(
        &mut self,
        simd: S,
        series: L,
    ) -> T {
        let lanes = T::lanes::<S>();
        let Range { start: before, end } = self.range.clone();
        let vectors = (end - before).div_ceil(lanes);
        let blocks = vectors.div_ceil(VECTORS);
        let mut furthest = T::spread(simd, T::ZERO);
        for block in 0..blocks {
            let start = before + vectors * block / blocks * lanes;
            let end = (before + vectors * (block + 1) / blocks * lanes).min(end);
            furthest = if end - start > lanes {
                self.block::<S, L, VECTORS, DEGREE, LOOKS>(simd, series, start..end, furthest)
            } else {
                self.block::<S, L, 1, DEGREE, LOOKS>(simd, series, start..end, furthest)
            };
        }
        T::largest_of(simd, furthest)
    }

    /// Neurons of V vectors.
    #[inline(always)]
    fn block<S: Simd, L: Series<T>, const V: usize, const DEGREE: usize, const LOOKS: bool>(
        &mut self,
        simd: S,
        series: L,
        neurons: Range<usize>,
        mut furthest: T::Vector<S>,
    ) -> T::Vector<S> {
        let zero = T::spread(simd, T::ZERO);
        let scale = T::spread(simd, series.scale());
        let mut widest = [zero; V];
        let coefficients = series.coefficients::<S, V, DEGREE, LOOKS>(
            simd,
            #[inline(always)]
            |output| {
                let row = &self.runs[output * self.neurons..][..self.neurons];
                load_run(simd, &row[neurons.clone()])
            },
            &mut widest,
        );
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
                    sink.take(simd, &neurons, &coefficients, (s, scale));
                    continue;
                }
            };
            let mut losses = [zero; V];
            for j in 0..V {
                let value = evaluate::<S, T, DEGREE>(simd, coefficients[j], s[j]);
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
