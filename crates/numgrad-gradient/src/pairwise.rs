//! Sums over the samples of a batch by pairwise summation: chunks of samples are added up one
//! sample after the other, and their sums two by two, as a binary tree. Whoever has whole chunks can
//! add them up alone, and the bits are those of one process.
//!
//! Besides, the rounding error of n terms grows with log n instead of n (N. Higham, "Accuracy and
//! Stability of Numerical Algorithms", 2nd edition, section 4.2).
use crate::team::part;
use numgrad_core::Real;
use numgrad_scalar::wide;
use std::ops::Range;

/// The samples of a chunk: enough that what two sums cost to be added is nothing beside them.
pub(crate) const CHUNK: usize = 256;

/// How many chunks a batch has.
pub(crate) fn chunks(samples: usize) -> usize {
    samples.div_ceil(CHUNK)
}

/// The samples of some chunks of a batch.
pub(crate) fn samples_of(chunks: &Range<usize>, samples: usize) -> Range<usize> {
    let up_to = |chunks: usize| (chunks * CHUNK).min(samples);
    up_to(chunks.start)..up_to(chunks.end)
}

/// How much longer than the mean the longest rank may take so that each has whole chunks: what is
/// handed over otherwise costs about as much.
const TOLERANCE: f64 = 1.2;

/// The chunks that each of some ranks has, if none has much more samples than the others.
pub(crate) fn shares(samples: usize, ranks: usize) -> Option<Vec<Range<usize>>> {
    let chunks = chunks(samples);
    let shares: Vec<_> = (0..ranks).map(|rank| part(chunks, rank, ranks)).collect();
    let of_ranks = shares.iter().map(|share| samples_of(share, samples).len());
    let longest = of_ranks.max().unwrap_or_default();
    let is_even = longest as f64 <= TOLERANCE * samples as f64 / ranks as f64;
    is_even.then_some(shares)
}

/// A node of the tree: chunks k·2ˡ to (k + 1)·2ˡ, as far as there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// l: 0 of a chunk.
    level: u32,
    /// k.
    index: usize,
}

impl Node {
    /// Of so many chunks.
    pub(crate) fn root(chunks: usize) -> Self {
        Self {
            level: chunks.next_power_of_two().trailing_zeros(),
            index: 0,
        }
    }

    /// The fewest nodes that are some of the chunks, in their order.
    pub(crate) fn cover(some: &Range<usize>, chunks: usize) -> Vec<Self> {
        fn add(node: Node, some: &Range<usize>, chunks: usize, nodes: &mut Vec<Node>) {
            let own = node.chunks(chunks);
            if own.start >= some.end || own.end <= some.start {
            } else if some.start <= own.start && own.end <= some.end {
                nodes.push(node);
            } else {
                for half in node.halves() {
                    add(half, some, chunks, nodes);
                }
            }
        }
        let mut nodes = Vec::new();
        add(Self::root(chunks), some, chunks, &mut nodes);
        nodes
    }

    /// The chunk that it is, if it is one.
    pub(crate) fn chunk(self) -> Option<usize> {
        (self.level == 0).then_some(self.index)
    }

    /// Its chunks, of so many.
    pub(crate) fn chunks(self, chunks: usize) -> Range<usize> {
        let up_to = |index: usize| (index << self.level).min(chunks);
        up_to(self.index)..up_to(self.index + 1)
    }

    /// Its samples, of a batch of so many.
    pub(crate) fn samples(self, samples: usize) -> Range<usize> {
        samples_of(&self.chunks(chunks(samples)), samples)
    }

    /// The sums that are kept at a time while its own is formed.
    pub(crate) fn depth(self) -> usize {
        self.level as usize
    }

    fn halves(self) -> [Self; 2] {
        [0, 1].map(|half| Self {
            level: self.level - 1,
            index: 2 * self.index + half,
        })
    }

    /// Writes the node's sum over `sum`. `known` writes the sum of a node that it knows, which a
    /// chunk is always: `Some(false)` if there is nothing to add. So does this, if there is nothing at
    /// all, and leaves anything in `sum`. `waiting` is room for the sums that wait for others.
    pub(crate) fn add_up<T: Real>(
        self,
        chunks: usize,
        known: &mut impl FnMut(Self, &mut [T]) -> Option<bool>,
        sum: &mut [T],
        waiting: &mut Vec<T>,
    ) -> bool {
        let length = waiting.len().max(self.depth() * sum.len());
        waiting.resize(length, T::zero());
        self.add_halves(chunks, known, sum, waiting)
    }

    fn add_halves<T: Real>(
        self,
        chunks: usize,
        known: &mut impl FnMut(Self, &mut [T]) -> Option<bool>,
        sum: &mut [T],
        waiting: &mut [T],
    ) -> bool {
        if self.chunks(chunks).is_empty() {
            return false;
        }
        if let Some(is_there) = known(self, sum) {
            return is_there;
        }
        let [left, right] = self.halves();
        if !left.add_halves(chunks, known, sum, waiting) {
            return right.add_halves(chunks, known, sum, waiting);
        }
        let (term, waiting) = waiting.split_at_mut(sum.len());
        if right.add_halves(chunks, known, term, waiting) {
            wide(
                #[inline(always)]
                || {
                    for (sum, &term) in sum.iter_mut().zip(&*term) {
                        *sum += term;
                    }
                },
            );
        }
        true
    }
}

/// Makes sums means.
pub(crate) fn scale<T: Real>(sums: &mut [T], factor: T) {
    wide(
        #[inline(always)]
        || {
            for sum in sums {
                *sum *= factor;
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum of numbers whose order of addition shows in the bits.
    fn sum(node: Node, chunks: usize, has: impl Fn(usize) -> bool) -> Option<f64> {
        let (mut sum, mut waiting) = ([f64::NAN], vec![f64::NAN; node.depth()]);
        let mut known = |node: Node, to: &mut [f64]| {
            let chunk = node.chunk()?;
            to[0] = 1.0 / (chunk as f64 + 3.0);
            Some(has(chunk))
        };
        let is_there = node.add_up(chunks, &mut known, &mut sum, &mut waiting);
        is_there.then_some(sum[0])
    }

    #[test]
    fn chunks_are_added_two_by_two() {
        let of = |chunk: usize| 1.0 / (chunk as f64 + 3.0);
        let all = |chunks| sum(Node::root(chunks), chunks, |_| true).unwrap();
        assert_eq!(all(1), of(0));
        assert_eq!(all(3), (of(0) + of(1)) + of(2));
        let four = (of(0) + of(1)) + (of(2) + of(3));
        assert_eq!(all(4), four);
        assert_eq!(all(7), four + ((of(4) + of(5)) + of(6)));
        let some = sum(Node::root(7), 7, |chunk| ![1, 4, 5].contains(&chunk));
        assert_eq!(some, Some((of(0) + (of(2) + of(3))) + of(6)));
        assert_eq!(sum(Node::root(5), 5, |_| false), None);
    }

    #[test]
    fn sums_of_parts_make_the_sum_of_all_whoever_has_them() {
        for chunks in 1..20 {
            for has in [|_| true, |chunk| chunk % 3 == 1] {
                let whole = sum(Node::root(chunks), chunks, has);
                for parts in 1..=chunks {
                    let part = |k: usize| k * chunks / parts..(k + 1) * chunks / parts;
                    let nodes = (0..parts).flat_map(|k| Node::cover(&part(k), chunks));
                    let nodes: Vec<_> = nodes.map(|node| (node, sum(node, chunks, has))).collect();
                    let mut known = |node: Node, to: &mut [f64]| {
                        let found = nodes.iter().find(|(known, _)| *known == node)?.1;
                        to[0] = found.unwrap_or(f64::NAN);
                        Some(found.is_some())
                    };
                    let (mut sum, mut waiting) = ([0.0], Vec::new());
                    let root = Node::root(chunks);
                    let is_there = root.add_up(chunks, &mut known, &mut sum, &mut waiting);
                    assert_eq!(is_there.then_some(sum[0]), whole, "{chunks} by {parts}");
                }
            }
        }
    }

    #[test]
    fn a_part_that_the_tree_has_is_one_node() {
        assert_eq!(Node::cover(&(0..7), 7), [Node::root(7)]);
        let half = Node { level: 2, index: 1 };
        assert_eq!(Node::cover(&(4..7), 7), [half]);
        assert_eq!(half.chunks(7), 4..7);
        assert_eq!(Node::cover(&(1..4), 7).len(), 2);
        assert!(Node::cover(&(3..3), 7).is_empty());
    }
}
