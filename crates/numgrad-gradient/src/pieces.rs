//! φ of one neuron and sample where units cross their corners on the way: between two corners it is
//! smooth, and a polynomial through a few of its values serves every weight.
use crate::corners::MOST_CUTS;
use crate::describe::{DEGREE, NODES, evaluate, fit, tolerance};
use crate::probe::reserve;
use numgrad_core::Real;
use numgrad_scalar::{slices, wide};

/// The values of φ that describe a piece: in its middle, and at the nodes to its sides.
pub(crate) const VALUES: usize = 1 + NODES.len();

/// How many moves a value has to serve so that describing is worth it.
const SERVED: usize = 4;

/// The pieces of φ, in the order of δ.
#[derive(Debug, Default)]
pub(crate) struct Pieces<T> {
    pieces: Vec<Piece<T>>,
    cuts: Vec<T>,
}

#[derive(Debug, Clone, Copy)]
struct Piece<T> {
    /// δ is `middle` + t·`half` for a t from −1 to 1.
    middle: T,
    half: T,
    over_half: T,
    end: T,
    at_middle: T,
    polynomial: [T; DEGREE],
}

impl<T: Real> Pieces<T> {
    /// Takes the memory that any neuron needs.
    pub(crate) fn reserve(&mut self) {
        reserve(&mut self.cuts, MOST_CUTS);
        reserve(&mut self.pieces, MOST_CUTS + 1);
    }

    /// Where φ is not smooth, in the order of δ: to be found before anything is asked.
    pub(crate) fn cuts(&mut self) -> &mut Vec<T> {
        &mut self.cuts
    }

    /// Cuts the way from the lowest to the highest of so many moves, and writes those at which φ is
    /// asked for over `asked`. `false` where that is not worth it.
    pub(crate) fn ask(&mut self, moves: usize, (low, high): (T, T), asked: &mut Vec<T>) -> bool {
        self.pieces.clear();
        asked.clear();
        let mut start = low;
        for end in self.cuts.iter().copied().chain([high]) {
            let half = T::HALF * (end - start);
            if half > T::zero() {
                let middle = start + half;
                self.pieces.push(Piece {
                    middle,
                    half,
                    over_half: T::one() / half,
                    end,
                    at_middle: T::zero(),
                    polynomial: [T::zero(); DEGREE],
                });
                asked.push(middle);
                asked.extend(NODES.map(|node| middle + T::of(node) * half));
                start = end;
            }
        }
        !asked.is_empty() && moves >= SERVED * asked.len()
    }

    /// Takes the values that were asked for. `false` if a polynomial is not good enough.
    pub(crate) fn describe(&mut self, values: &[T], exact: bool) -> bool {
        let largest = slices::largest(values);
        self.pieces
            .iter_mut()
            .zip(values.chunks_exact(VALUES))
            .all(|(piece, values)| {
                let [at_middle, ref nodes @ ..] = *values else {
                    return false;
                };
                let [up, down, half_up, half_down, check] =
                    [0, 1, 2, 3, 4].map(|k| nodes[k] - at_middle);
                piece.at_middle = at_middle;
                piece.polynomial = fit([up, down, half_up, half_down]);
                let off = evaluate(&piece.polynomial, T::of(NODES[4])) - check;
                // Written so that a NaN fails.
                off.magnitude() <= tolerance(exact, piece.half) * largest
            })
    }

    /// φ at each of the moves.
    pub(crate) fn evaluate(&self, moves: &[T], values: &mut [T]) {
        wide(
            #[inline(always)]
            || {
                // The last piece whose end is not before a move is the first one.
                for piece in self.pieces.iter().rev() {
                    for (value, &to) in values.iter_mut().zip(moves) {
                        let t = (to - piece.middle) * piece.over_half;
                        let here = piece.at_middle + evaluate(&piece.polynomial, t);
                        *value = T::choose(to <= piece.end, here, *value);
                    }
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What pieces say of a function that is not smooth at the cuts, if they are good enough.
    fn described(f: impl Fn(f64) -> f64, cuts: &[f64], moves: &[f64]) -> Option<Vec<f64>> {
        let (mut pieces, mut asked) = (Pieces::default(), Vec::new());
        pieces.cuts().extend_from_slice(cuts);
        assert!(pieces.ask(1000, (-1e-3, 1e-3), &mut asked));
        assert_eq!(asked.len(), VALUES * (cuts.len() + 1));
        let values: Vec<f64> = asked.iter().map(|&at| f(at)).collect();
        let mut found = vec![f64::NAN; moves.len()];
        pieces.describe(&values, true).then(|| {
            pieces.evaluate(moves, &mut found);
            found
        })
    }

    #[test]
    fn a_function_is_described_between_its_corners() {
        let bent = |x: f64| x.exp_m1() + 2.0 * (x - 2e-4).max(0.0).sin() - (-7e-4 - x).max(0.0);
        let moves: Vec<f64> = (-100..=100).map(|k| f64::from(k) * 1e-5).collect();
        let found = described(bent, &[-7e-4, 2e-4], &moves).unwrap();
        for (&at, found) in moves.iter().zip(found) {
            assert!((found - bent(at)).abs() < 1e-17, "{at}: {found}");
        }
    }

    #[test]
    fn a_corner_that_is_not_known_is_noticed() {
        let bent = |x: f64| x + (x - 2e-4).max(0.0);
        assert_eq!(described(bent, &[-7e-4], &[0.0]), None);
        assert_eq!(described(|_| f64::NAN, &[], &[0.0]), None);
    }

    #[test]
    fn few_moves_are_not_worth_it() {
        let mut pieces = Pieces::default();
        assert!(!pieces.ask(SERVED * VALUES - 1, (-1.0, 1.0), &mut Vec::new()));
        assert!(pieces.ask(SERVED * VALUES, (-1.0, 1.0), &mut Vec::new()));
    }
}
