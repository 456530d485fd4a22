//! Products of a matrix of few rows with the nonzero entries of another, sample after sample.
use super::rows::rows_together;
use super::{NonZeros, places, some_bits};
use crate::product::{Matrix, MatrixMut, Onto};
use numgrad_scalar::{
    Real, Simd, WithSimd,
    lanes::{dispatch, load_run, store_run},
};
use std::marker::PhantomData;
use std::ops::Range;

/// The most rows of A for which [`multiply_outer`] is the faster way, in vectors; those where rows
/// of B are taken in pairs, of which each vector has two chains of sums.
const OUTER_VECTORS: usize = 3;
const OUTER_VECTORS_OF_PAIRS: usize = 1;

/// Whether a matrix of so many rows is better multiplied by [`multiply_outer`] than by
/// [`multiply_rows`](crate::multiply_rows): few vectors make few chains of sums a column, each
/// waiting for the one before. Less than a vector would have to be filled up and cut off at every
/// entry.
pub fn prefers_outer<T: Real>(rows: usize) -> bool {
    struct Rows<T>(usize, PhantomData<T>);
    impl<T: Real> WithSimd for Rows<T> {
        type Output = bool;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> bool {
            let lanes = T::lanes::<S>();
            let most = match rows_together::<T>() {
                1 => OUTER_VECTORS,
                _ => OUTER_VECTORS_OF_PAIRS,
            };
            (lanes..=most * lanes).contains(&self.0)
        }
    }
    dispatch(Rows::<T>(rows, PhantomData))
}

/// The product of [`multiply_rows`](crate::multiply_rows) with some rows of B that are not gathered: B is given in
/// tiles side by side, as [`SparseRows::gather`](crate::SparseRows::gather) takes it. For each column of B, in their order,
/// that of A times its nonzero entries is added to C. The bits are the same, for each entry of C is
/// the same sum.
///
/// Cost: rows of A fused multiply-adds, a load and a store for each nonzero entry.
///
/// # Panics
/// If the shapes do not fit, or [`prefers_outer`] says no.
pub fn multiply_outer<T: Real>(
    a: Matrix<'_, T>,
    (entries, tiles, range): (&[T], &[NonZeros], Range<usize>),
    f: impl Fn(T) -> T,
    onto: Onto,
    c: MatrixMut<'_, T>,
) {
    let columns: usize = tiles.iter().map(NonZeros::columns).sum();
    assert!(
        a.columns == columns && a.rows == c.rows && prefers_outer::<T>(a.rows),
        "{} × {} times {columns} columns is not {} × {}",
        a.rows,
        a.columns,
        c.rows,
        c.columns,
    );
    if onto == Onto::Nothing {
        c.entries[..c.stride * c.columns].fill(T::ZERO);
    }
    dispatch(Outer {
        a,
        entries,
        tiles,
        range,
        f,
        c,
    });
}

struct Outer<'a, 'c, T, F> {
    a: Matrix<'a, T>,
    entries: &'a [T],
    tiles: &'a [NonZeros],
    range: Range<usize>,
    f: F,
    c: MatrixMut<'c, T>,
}

impl<T: Real, F: Fn(T) -> T> WithSimd for Outer<'_, '_, T, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.a.rows.div_ceil(T::lanes::<S>()) {
            1 => self.add::<S, 1>(simd),
            2 => self.add::<S, 2>(simd),
            _ => self.add::<S, OUTER_VECTORS>(simd),
        }
    }
}

impl<T: Real, F: Fn(T) -> T> Outer<'_, '_, T, F> {
    #[inline(always)]
    fn add<S: Simd, const V: usize>(self, simd: S) {
        let (rows, first) = (self.a.rows, self.range.start);
        let mut column = 0;
        for tile in self.tiles {
            for words in tile.words.chunks_exact(tile.blocks()) {
                let a = &self.a.entries[column * self.a.stride..][..rows];
                let a = load_run::<S, T, V>(simd, a);
                let b = &self.entries[column * tile.rows + first..(column + 1) * tile.rows];
                for place in places(some_bits(words, &self.range)) {
                    let to = &mut self.c.entries[place * self.c.stride..][..rows];
                    let value = T::spread(simd, (self.f)(b[place]));
                    let mut sums = load_run::<S, T, V>(simd, to);
                    for (sum, &a) in sums.iter_mut().zip(&a) {
                        *sum = T::fused_lanes(simd, a, value, *sum);
                    }
                    store_run(simd, to, sums);
                }
                column += 1;
            }
        }
    }
}
