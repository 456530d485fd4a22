//! Which inputs of each layer are not 0, sample by sample: what a direct evaluation goes through.
use crate::engine::Scratch;
use crate::probe::{Batch, reserve};
use crate::workers::Workers;
use foldhash::fast::FixedState;
use numgrad_core::{Mlp, Real};
use rayon::prelude::*;
use std::collections::HashMap;

/// The inputs of every layer and sample that are not 0, in groups of equal ones.
#[derive(Debug, Default)]
pub(crate) struct Inputs<T> {
    samples: Vec<OfSample<T>>,
}

/// One sample's inputs, layer after layer.
#[derive(Debug, Default)]
struct OfSample<T> {
    indices: Vec<u32>,
    groups: Vec<u32>,
    values: Vec<T>,
    /// Where each layer's entries and values end.
    ends: Vec<(usize, usize)>,
}

/// The group of each value, by its bits.
pub(crate) type GroupsOfValues = HashMap<u64, u32, FixedState>;

/// The inputs of a layer that are not 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups<'a, T> {
    pub(crate) indices: &'a [u32],
    /// Which value each of them has.
    pub(crate) which: &'a [u32],
    /// The different values, and 1, the bias's input, at the end.
    pub(crate) values: &'a [T],
}

impl<T: Real> Inputs<T> {
    /// Takes the memory for a batch, before any of it is needed.
    pub(crate) fn reserve(&mut self, batch: &Batch<'_, T>) {
        if self.samples.len() < batch.samples() {
            self.samples.resize_with(batch.samples(), OfSample::default);
            for of in &mut self.samples {
                of.reserve(batch.network());
            }
        }
    }

    /// Finds the nonzero inputs of the samples that are needed. Equal ones of the first layer make
    /// one group (8-bit pixels have 255 values); in the others every input is one of its own.
    pub(crate) fn find(
        &mut self,
        batch: &Batch<'_, T>,
        is_needed: impl Fn(usize) -> bool + Sync,
        workers: &Workers<Scratch<T>>,
    ) {
        self.reserve(batch);
        self.samples[..batch.samples()]
            .par_iter_mut()
            .enumerate()
            .filter(|&(sample, _)| is_needed(sample))
            .for_each(|(sample, of)| of.find(batch, sample, &mut workers.own().groups));
    }

    /// The nonzero inputs of a layer for a sample.
    pub(crate) fn of(&self, layer: usize, sample: usize) -> Groups<'_, T> {
        let of = &self.samples[sample];
        let start = match layer {
            0 => (0, 0),
            _ => of.ends[layer - 1],
        };
        let end = of.ends[layer];
        Groups {
            indices: &of.indices[start.0..end.0],
            which: &of.groups[start.0..end.0],
            values: &of.values[start.1..end.1],
        }
    }
}

impl<T: Real> OfSample<T> {
    /// Room for all inputs, so that nothing is allocated when more of them are not 0.
    fn reserve(&mut self, network: &Mlp<T>) {
        let layers = network.layers();
        let inputs = (0..layers).map(|layer| network.fan_in(layer)).sum();
        reserve(&mut self.indices, inputs);
        reserve(&mut self.groups, inputs);
        reserve(&mut self.values, inputs + layers);
        reserve(&mut self.ends, layers);
    }

    fn find(&mut self, batch: &Batch<'_, T>, sample: usize, groups: &mut GroupsOfValues) {
        let network = batch.network();
        self.indices.clear();
        self.groups.clear();
        self.values.clear();
        self.ends.clear();
        for layer in 0..network.layers() {
            let inputs = (0_u32..).zip(batch.inputs(layer, sample));
            let nonzero = inputs.filter(|&(_, &a)| a != T::zero());
            groups.clear();
            let start = self.values.len();
            for (index, &a) in nonzero {
                let next = (self.values.len() - start) as u32;
                let group = match layer {
                    0 => *groups.entry(a.as_f64().to_bits()).or_insert(next),
                    _ => next,
                };
                if group == next {
                    self.values.push(a);
                }
                self.indices.push(index);
                self.groups.push(group);
            }
            self.values.push(T::one());
            self.ends.push((self.indices.len(), self.values.len()));
        }
    }
}
