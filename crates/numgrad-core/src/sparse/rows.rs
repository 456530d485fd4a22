//! The nonzero entries of some rows of a matrix that is stored by columns.
use super::{NonZeros, PAIR, SPARSE_BLOCK, places, some_bits};
use numgrad_scalar::{Real, Simd, WithSimd, lanes::dispatch};
use std::marker::PhantomData;
use std::ops::Range;

/// The bits of a word that begin a pair.
const EVEN: u64 = u64::MAX / 3;

/// The nonzero entries of some rows of a matrix, row by row: the columns they are in, and their
/// values. Where [`multiply_rows`](crate::multiply_rows) takes two rows at a time, they are those of a pair of rows: the
/// columns where one or the other is not 0, and both values, for neighbours are often 0 together.
#[derive(Debug, Clone, Default)]
pub struct SparseRows<T> {
    columns: Vec<u32>,
    /// As many for each of the columns as rows are taken together.
    values: Vec<T>,
    /// How many columns each group of rows has.
    counts: Vec<u32>,
    together: usize,
    /// The number of columns of the matrix, and so the room for each group.
    pub(super) width: usize,
}

impl<T: Real> SparseRows<T> {
    /// Takes at most [`SPARSE_BLOCK`] rows of a matrix that is given in tiles side by side:
    /// `entries`, column after column, and what each tile's [`NonZeros`] found.
    pub fn gather(&mut self, entries: &[T], tiles: &[NonZeros], rows: Range<usize>) {
        self.width = tiles.iter().map(NonZeros::columns).sum();
        self.together = rows_together::<T>();
        let groups = SPARSE_BLOCK / self.together;
        let room = groups * self.width;
        if self.columns.len() < room {
            self.columns.resize(room, 0);
            self.values.resize(room * self.together, T::zero());
        }
        self.counts.clear();
        self.counts.resize(groups, 0);
        match self.together {
            1 => self.take::<1>(entries, tiles, &rows),
            _ => self.take::<PAIR>(entries, tiles, &rows),
        }
    }

    fn take<const N: usize>(&mut self, entries: &[T], tiles: &[NonZeros], rows: &Range<usize>) {
        let (values, _) = self.values.as_chunks_mut::<N>();
        let mut column = 0;
        for tile in tiles {
            for words in tile.words.chunks_exact(tile.blocks()) {
                let start = column * tile.rows + rows.start;
                let mut bits = some_bits(words, rows);
                if N == PAIR {
                    bits = (bits | bits >> 1) & EVEN;
                }
                for place in places(bits) {
                    let count = &mut self.counts[place / N];
                    let at = place / N * self.width + *count as usize;
                    self.columns[at] = column as u32;
                    // Behind the last row there is none, or one that is not asked for.
                    let entries = &entries[start + place..];
                    values[at] =
                        std::array::from_fn(|n| entries.get(n).copied().unwrap_or(T::ZERO));
                    *count += 1;
                }
                column += 1;
            }
        }
    }

    /// How many rows are taken together.
    pub(super) fn together(&self) -> usize {
        self.together
    }

    /// The entries of a group of rows: the columns that they are in, and the values of each row.
    #[inline(always)]
    pub(super) fn group<const N: usize>(
        &self,
        group: usize,
    ) -> impl Iterator<Item = (usize, [T; N])> {
        let range = group * self.width..group * self.width + self.counts[group] as usize;
        let (values, _) = self.values.as_chunks::<N>();
        let columns = self.columns[range.clone()].iter();
        columns
            .zip(&values[range])
            .map(|(&column, &values)| (column as usize, values))
    }
}

/// How many rows a product takes together: two where a vector has 64 bytes, for a sum of one row
/// would there wait for what it is multiplied with. Elsewhere the zeros of a row that its
/// neighbour does not share cost more.
pub(super) fn rows_together<T: Real>() -> usize {
    struct Together<T>(PhantomData<T>);
    impl<T: Real> WithSimd for Together<T> {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            if T::lanes::<S>() * size_of::<T>() < 64 {
                1
            } else {
                PAIR
            }
        }
    }
    dispatch(Together::<T>(PhantomData))
}
