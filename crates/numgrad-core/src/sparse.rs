//! Products with a matrix that is mostly 0, such as a batch of images: its nonzero entries alone.
//!
//! The sums run in the order of [`multiply`](crate::multiply), and leaving out a product with 0
//! changes no bit of a finite sum: the two agree bit for bit.
use crate::product::{Matrix, MatrixMut, Onto};
use numgrad_scalar::{
    Real, Simd, WithSimd,
    lanes::{dispatch, load_run, store_run},
    wide,
};
use std::ops::Range;

mod outer;
mod rows;

pub use outer::{multiply_outer, prefers_outer};
pub use rows::SparseRows;

/// Rows of a matrix that are marked in one word.
pub const SPARSE_BLOCK: usize = u64::BITS as usize;

/// A matrix is worth the detour where at most this part of it is not 0: a nonzero entry costs
/// about two dense ones.
const DENSE_PART: usize = 3;

/// Which entries of a matrix are not 0: a bit for each, column after column.
#[derive(Debug, Clone, Default)]
pub struct NonZeros {
    words: Vec<u64>,
    rows: usize,
    is_sparse: bool,
}

impl NonZeros {
    /// Looks at a matrix, column after column in `entries`, and says whether at most a third of
    /// it is not 0.
    pub fn find<T: Real>(&mut self, entries: &[T], rows: usize) -> bool {
        self.rows = rows;
        let blocks = rows.div_ceil(SPARSE_BLOCK);
        self.words.resize(entries.len() / rows * blocks, 0);
        let columns = entries.chunks_exact(rows);
        wide(
            #[inline(always)]
            || {
                for (column, words) in columns.zip(self.words.chunks_exact_mut(blocks)) {
                    let (whole, rest) = column.as_chunks();
                    for (block, word) in whole.iter().zip(words.iter_mut()) {
                        *word = marks::<T, SPARSE_BLOCK>(block);
                    }
                    if !rest.is_empty() {
                        let mut block = [T::ZERO; SPARSE_BLOCK];
                        block[..rest.len()].copy_from_slice(rest);
                        words[blocks - 1] = marks(&block);
                    }
                }
            },
        );
        self.is_sparse = DENSE_PART * self.count() <= entries.len();
        self.is_sparse
    }

    /// What the last [`NonZeros::find`] said.
    pub fn is_sparse(&self) -> bool {
        self.is_sparse
    }

    /// The part of a matrix's entries that a product reads: those that are not 0 where it is
    /// [sparse](Self::find), else all of them.
    pub fn part<T: Real>(&mut self, entries: &[T], rows: usize) -> f64 {
        if self.find(entries, rows) {
            self.count() as f64 / entries.len().max(1) as f64
        } else {
            1.0
        }
    }

    fn count(&self) -> usize {
        let ones = self.words.iter().map(|word| word.count_ones() as usize);
        ones.sum()
    }

    /// The number of columns.
    fn columns(&self) -> usize {
        self.words.len() / self.blocks()
    }

    fn blocks(&self) -> usize {
        self.rows.div_ceil(SPARSE_BLOCK)
    }
}

/// A bit for each entry that is not 0.
#[inline(always)]
fn marks<T: Real, const N: usize>(block: &[T; N]) -> u64 {
    let mut word = 0;
    for (k, &entry) in block.iter().enumerate() {
        word |= u64::from(entry != T::ZERO) << k;
    }
    word
}

/// The places of the bits of a word.
#[inline(always)]
fn places(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let place = word.trailing_zeros() as usize;
            word &= word - 1;
            place
        })
    })
}

/// The bits of a range of at most [`SPARSE_BLOCK`], which may begin inside a word.
#[inline(always)]
fn some_bits(words: &[u64], range: &Range<usize>) -> u64 {
    let (block, shift) = (range.start / SPARSE_BLOCK, range.start % SPARSE_BLOCK);
    let mut bits = words[block] >> shift;
    if shift > 0 {
        let next = words.get(block + 1).copied().unwrap_or_default();
        bits |= next << (SPARSE_BLOCK - shift);
    }
    bits & (u64::MAX >> (SPARSE_BLOCK - range.len()))
}

/// C ← C + A·B for a matrix B, column after column in `b`, by its nonzero entries. A is stored by
/// columns.
///
/// Cost: rows of A fused multiply-adds for each nonzero entry.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply_nonzeros<T: Real>(
    a: Matrix<'_, T>,
    b: &[T],
    nonzeros: &NonZeros,
    c: MatrixMut<'_, T>,
) {
    let rows = nonzeros.rows;
    assert!(
        a.columns == rows
            && a.rows == c.rows
            && nonzeros.columns() == c.columns
            && b.len() == rows * c.columns,
        "{} × {} times {rows} × {} is not {} × {}",
        a.rows,
        a.columns,
        nonzeros.columns(),
        c.rows,
        c.columns,
    );
    let blocks = nonzeros.blocks();
    dispatch(Product {
        a,
        terms: Marked {
            b,
            words: &nonzeros.words,
            rows,
            blocks,
        },
        onto: Onto::Itself,
        c,
    });
}

/// C ← A·f(Bᵀ) or C ← C + A·f(Bᵀ) for some rows of a matrix B and a function f of its entries with
/// f(0) = 0: a row of B becomes a column of C. A is stored by columns.
///
/// Cost: rows of A fused multiply-adds for each nonzero entry.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply_rows<T: Real>(
    a: Matrix<'_, T>,
    b: &SparseRows<T>,
    f: impl Fn(T) -> T,
    onto: Onto,
    c: MatrixMut<'_, T>,
) {
    assert!(
        a.columns == b.width && a.rows == c.rows && c.columns <= SPARSE_BLOCK,
        "{} × {} times {} × {} is not {} × {}",
        a.rows,
        a.columns,
        b.width,
        c.columns,
        c.rows,
        c.columns,
    );
    let terms = Gathered { rows: b, f };
    match b.together() {
        1 => dispatch(Product::<_, _, 1> { a, terms, onto, c }),
        _ => dispatch(Product::<_, _, PAIR> { a, terms, onto, c }),
    }
}

/// The terms of N columns of the result beside each other: which columns of A, times what in each.
trait Terms<T, const N: usize> {
    /// How many parts the terms of a column come in. A part uses few enough columns of A for them
    /// to stay in a core's nearest cache from one column of the result to the next.
    fn parts(&self) -> usize;

    fn of(&self, group: usize, part: usize) -> impl Iterator<Item = (usize, [T; N])>;
}

/// The marked entries of a matrix's column.
struct Marked<'a, T> {
    b: &'a [T],
    words: &'a [u64],
    rows: usize,
    blocks: usize,
}

impl<T: Real> Terms<T, 1> for Marked<'_, T> {
    fn parts(&self) -> usize {
        self.blocks
    }

    #[inline(always)]
    fn of(&self, column: usize, part: usize) -> impl Iterator<Item = (usize, [T; 1])> {
        let first = part * SPARSE_BLOCK;
        let b = &self.b[column * self.rows + first..(column + 1) * self.rows];
        let word = self.words[column * self.blocks + part];
        places(word).map(move |place| (first + place, [b[place]]))
    }
}

/// The entries of gathered rows, each under a function.
struct Gathered<'a, T, F> {
    rows: &'a SparseRows<T>,
    f: F,
}

impl<T: Real, F: Fn(T) -> T, const N: usize> Terms<T, N> for Gathered<'_, T, F> {
    fn parts(&self) -> usize {
        1
    }

    #[inline(always)]
    fn of(&self, group: usize, _: usize) -> impl Iterator<Item = (usize, [T; N])> {
        let entries = self.rows.group(group);
        entries.map(|(column, values)| (column, values.map(&self.f)))
    }
}

/// Columns of C that are found together where one alone would wait for A: each column of A is then
/// read for both.
const PAIR: usize = 2;

/// The most vectors of a block of C's columns: a chain of sums each, enough to hide their latency.
/// CPUs with vectors of 64 bytes have registers for twice as many as others.
const VECTORS: usize = 16;
const FEW_VECTORS: usize = 8;

struct Product<'a, 'c, T, B, const N: usize> {
    a: Matrix<'a, T>,
    terms: B,
    onto: Onto,
    c: MatrixMut<'c, T>,
}

impl<T: Real, B: Terms<T, N>, const N: usize> WithSimd for Product<'_, '_, T, B, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let lanes = T::lanes::<S>();
        let vectors = self.c.rows.div_ceil(lanes);
        let most = if lanes * size_of::<T>() < 64 {
            FEW_VECTORS / N
        } else {
            VECTORS / N
        };
        let blocks = vectors.div_ceil(most);
        // A block of A is used for every column before the next one is: it stays in cache.
        let parts = 0..self.terms.parts();
        for (part, block) in parts.flat_map(|part| (0..blocks).map(move |block| (part, block))) {
            if part > 0 {
                self.onto = Onto::Itself;
            }
            let start = vectors * block / blocks * lanes;
            let end = (vectors * (block + 1) / blocks * lanes).min(self.c.rows);
            match (end - start).div_ceil(lanes) {
                1 => self.rows::<S, 1>(simd, part, start, end),
                2 => self.rows::<S, 2>(simd, part, start, end),
                3 => self.rows::<S, 3>(simd, part, start, end),
                4 => self.rows::<S, 4>(simd, part, start, end),
                5 => self.rows::<S, 5>(simd, part, start, end),
                6 => self.rows::<S, 6>(simd, part, start, end),
                7 => self.rows::<S, 7>(simd, part, start, end),
                8 => self.rows::<S, 8>(simd, part, start, end),
                9 => self.rows::<S, 9>(simd, part, start, end),
                10 => self.rows::<S, 10>(simd, part, start, end),
                11 => self.rows::<S, 11>(simd, part, start, end),
                12 => self.rows::<S, 12>(simd, part, start, end),
                13 => self.rows::<S, 13>(simd, part, start, end),
                14 => self.rows::<S, 14>(simd, part, start, end),
                15 => self.rows::<S, 15>(simd, part, start, end),
                _ => self.rows::<S, VECTORS>(simd, part, start, end),
            }
        }
    }
}

impl<T: Real, B: Terms<T, N>, const N: usize> Product<'_, '_, T, B, N> {
    #[inline(always)]
    fn rows<S: Simd, const V: usize>(&mut self, simd: S, part: usize, start: usize, end: usize) {
        let rows = end - start;
        let Self { a, terms, onto, c } = self;
        for group in 0..c.columns.div_ceil(N) {
            // Loops over all N, so that the sums stay in registers.
            let column_of = |n: usize| Some(group * N + n).filter(|&column| column < c.columns);
            let mut sums = [[T::spread(simd, T::ZERO); V]; N];
            for (n, sums) in sums.iter_mut().enumerate() {
                if let (Onto::Itself, Some(column)) = (*onto, column_of(n)) {
                    *sums = load_run(simd, &c.entries[column * c.stride + start..][..rows]);
                }
            }
            for (k, values) in terms.of(group, part) {
                let a = load_run::<S, T, V>(simd, &a.entries[k * a.stride + start..][..rows]);
                for (sums, value) in sums.iter_mut().zip(values) {
                    let value = T::spread(simd, value);
                    for (sum, a) in sums.iter_mut().zip(a) {
                        *sum = T::fused_lanes(simd, a, value, *sum);
                    }
                }
            }
            for (n, sums) in sums.into_iter().enumerate() {
                if let Some(column) = column_of(n) {
                    let to = &mut c.entries[column * c.stride + start..][..rows];
                    store_run(simd, to, sums);
                }
            }
        }
    }
}
