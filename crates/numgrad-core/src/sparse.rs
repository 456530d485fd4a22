//! Products with a matrix that is mostly 0, such as a batch of images: its nonzero entries alone.
//!
//! The sums run in the order of [`multiply`](crate::multiply), and leaving out a product with 0
//! changes no bit of a finite sum: the two agree bit for bit.
use crate::product::{Matrix, MatrixMut, Onto, load, store};
use numgrad_scalar::{Real, Simd, WithSimd, lanes::dispatch, wide};

/// Rows of a matrix that [`Sparse::find`] marks together, for [`Sparse::gather`].
pub const SPARSE_BLOCK: usize = 64;

/// A matrix whose entries are mostly more than this part 0 is worth the search for them: a
/// nonzero one costs about two dense ones.
const DENSE_PART: usize = 3;

/// A rows × columns matrix as the nonzero entries of each column, in the order of the rows.
#[derive(Debug, Clone, Default)]
pub struct Sparse<T> {
    /// Room for all rows of each column; the first of it are in use.
    rows: Vec<u32>,
    values: Vec<T>,
    /// For each column the number of entries before each block of rows, and in all.
    starts: Vec<u32>,
    height: usize,
    columns: usize,
    found: bool,
}

impl<T> Sparse<T> {
    /// Whether the last [`Sparse::find`] took the entries.
    pub fn is_found(&self) -> bool {
        self.found
    }
}

impl<T: Real> Sparse<T> {
    /// Takes the nonzero entries of a matrix, column after column in `entries`, if at most a
    /// third of them are not 0: says whether that is so.
    pub fn find(&mut self, entries: &[T], rows: usize) -> bool {
        self.found = DENSE_PART * count_nonzero(entries) <= entries.len();
        if !self.found {
            return false;
        }
        self.reset(rows, entries.len() / rows, rows.div_ceil(SPARSE_BLOCK));
        wide(
            #[inline(always)]
            || self.take(entries),
        );
        true
    }

    fn reset(&mut self, height: usize, columns: usize, blocks: usize) {
        self.height = height;
        self.columns = columns;
        if self.values.len() < columns * height {
            self.rows.resize(columns * height, 0);
            self.values.resize(columns * height, T::zero());
        }
        self.starts.clear();
        self.starts.resize(columns * (blocks + 1), 0);
    }

    #[inline(always)]
    fn take(&mut self, entries: &[T]) {
        const GROUP: usize = 8;
        let height = self.height;
        let blocks = height.div_ceil(SPARSE_BLOCK);
        let rows = self.rows.chunks_exact_mut(height);
        let values = self.values.chunks_exact_mut(height);
        let starts = self.starts.chunks_exact_mut(blocks + 1);
        let columns = entries.chunks_exact(height).zip(starts);
        for ((column, starts), (rows, values)) in columns.zip(rows.zip(values)) {
            let mut found = 0;
            let mut row = 0_u32;
            for (block, start) in column.chunks(SPARSE_BLOCK).zip(starts.iter_mut()) {
                *start = found as u32;
                for group in block.chunks(GROUP) {
                    if group.iter().any(|&entry| entry != T::ZERO) {
                        for (k, &entry) in group.iter().enumerate() {
                            // Without a branch: an entry that is not kept is written over.
                            rows[found] = row + k as u32;
                            values[found] = entry;
                            found += usize::from(entry != T::ZERO);
                        }
                    }
                    row += group.len() as u32;
                }
            }
            starts[blocks] = found as u32;
        }
    }

    /// Takes one block of rows of matrices that stand side by side, transposed: a column here is
    /// a row there. With X in tiles of samples, column j holds what the samples have at input j.
    pub fn gather(&mut self, parts: &[Self], block: usize) {
        let Some(first) = parts.first() else { return };
        let height = parts.iter().map(|part| part.columns).sum();
        let start = block * SPARSE_BLOCK;
        let columns = SPARSE_BLOCK.min(first.height - start);
        self.reset(height, columns, 1);
        let mut sample = 0;
        for part in parts {
            let blocks = part.height.div_ceil(SPARSE_BLOCK) + 1;
            for column in 0..part.columns {
                let range = column * blocks + block;
                let (from, to) = (part.starts[range], part.starts[range + 1]);
                let range =
                    column * part.height + from as usize..column * part.height + to as usize;
                for (&row, &value) in part.rows[range.clone()].iter().zip(&part.values[range]) {
                    let here = row as usize - start;
                    let count = &mut self.starts[2 * here + 1];
                    let place = here * height + *count as usize;
                    self.rows[place] = sample;
                    self.values[place] = value;
                    *count += 1;
                }
                sample += 1;
            }
        }
    }

    /// The nonzero entries of a column: their rows, and their values.
    fn column(&self, column: usize) -> (&[u32], &[T]) {
        let last = self.starts.len() / self.columns;
        let count = self.starts[column * last + last - 1] as usize;
        let start = column * self.height;
        (
            &self.rows[start..start + count],
            &self.values[start..start + count],
        )
    }
}

fn count_nonzero<T: Real>(entries: &[T]) -> usize {
    wide(
        #[inline(always)]
        || {
            // Short sums of u8 would be faster still; this is one part in fifty of a product.
            let ones = entries.iter().map(|&entry| u64::from(entry != T::ZERO));
            ones.sum::<u64>() as usize
        },
    )
}

/// C ← A·f(B) or C ← C + A·f(B) for a matrix B that is mostly 0 and a function of its entries with
/// f(0) = 0. A is stored by columns.
///
/// Cost: rows of A fused multiply-adds for each nonzero entry.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply_sparse<T: Real>(
    a: Matrix<'_, T>,
    b: &Sparse<T>,
    f: impl Fn(T) -> T,
    onto: Onto,
    c: MatrixMut<'_, T>,
) {
    assert!(
        a.columns == b.height && a.rows == c.rows && b.columns == c.columns,
        "{} × {} times {} × {} is not {} × {}",
        a.rows,
        a.columns,
        b.height,
        b.columns,
        c.rows,
        c.columns,
    );
    dispatch(Product { a, b, f, onto, c });
}

/// The vectors of a block of C's column: a chain of sums each, enough to hide their latency.
const VECTORS: usize = 8;

struct Product<'a, 'c, T, F> {
    a: Matrix<'a, T>,
    b: &'a Sparse<T>,
    f: F,
    onto: Onto,
    c: MatrixMut<'c, T>,
}

impl<T: Real, F: Fn(T) -> T> WithSimd for Product<'_, '_, T, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let lanes = T::lanes::<S>();
        let vectors = self.c.rows.div_ceil(lanes);
        let blocks = vectors.div_ceil(VECTORS);
        // A block of rows of A is used for every column before the next one is: it stays in cache.
        for block in 0..blocks {
            let start = vectors * block / blocks * lanes;
            let end = (vectors * (block + 1) / blocks * lanes).min(self.c.rows);
            match (end - start).div_ceil(lanes) {
                1 => self.rows::<S, 1>(simd, start, end),
                2 => self.rows::<S, 2>(simd, start, end),
                3 => self.rows::<S, 3>(simd, start, end),
                4 => self.rows::<S, 4>(simd, start, end),
                5 => self.rows::<S, 5>(simd, start, end),
                6 => self.rows::<S, 6>(simd, start, end),
                7 => self.rows::<S, 7>(simd, start, end),
                _ => self.rows::<S, VECTORS>(simd, start, end),
            }
        }
    }
}

impl<T: Real, F: Fn(T) -> T> Product<'_, '_, T, F> {
    #[inline(always)]
    fn rows<S: Simd, const V: usize>(&mut self, simd: S, start: usize, end: usize) {
        for column in 0..self.b.columns {
            let to = &mut self.c.entries[column * self.c.stride + start..][..end - start];
            let mut sums = match self.onto {
                Onto::Nothing => [T::spread(simd, T::ZERO); V],
                Onto::Itself => load(simd, to),
            };
            let (rows, values) = self.b.column(column);
            for (&row, &value) in rows.iter().zip(values) {
                let from = row as usize * self.a.stride + start;
                let a = load::<S, T, V>(simd, &self.a.entries[from..][..end - start]);
                let value = T::spread(simd, (self.f)(value));
                for (sum, a) in sums.iter_mut().zip(a) {
                    *sum = T::fused_lanes(simd, a, value, *sum);
                }
            }
            store(simd, to, sums);
        }
    }
}
