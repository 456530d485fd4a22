//! Products with columns that are 0 in the same rows, a few neighbours at a time: what a ReLU layer
//! lets through of a sample. Only the other rows are stored and multiplied.
use super::kernel::{PANEL, Panel, Part, step};
use super::{Matrix, MatrixMut, Onto, multiply};
use numgrad_scalar::{
    Real, Simd, WithSimd,
    lanes::{dispatch, load_first, store_run},
};

/// Groups of columns for which a panel is filled.
const GROUPS: usize = 16;

/// A matrix by columns, in groups of neighbours that are 0 in the same rows.
#[derive(Debug, Clone, Default)]
pub struct PackedColumns<T> {
    rows: usize,
    together: usize,
    /// The rows that are stored, in their order, group after group.
    stored: Vec<u32>,
    /// Where each group's end in `stored`.
    ends: Vec<usize>,
    /// Column after column, as many entries as their group has rows.
    entries: Vec<T>,
}

impl<T: Real> PackedColumns<T> {
    /// Begins a matrix of so many rows, whose columns have the same zeros `together` at a time.
    /// Memory is taken for so many groups without zeros.
    pub fn clear(&mut self, rows: usize, together: usize, groups: usize) {
        (self.rows, self.together) = (rows, together);
        self.stored.clear();
        self.stored.reserve(rows * groups);
        self.ends.clear();
        self.ends.reserve(groups);
        self.entries.clear();
        self.entries.reserve(rows * together * groups);
    }

    /// Adds a group: `columns` whose entries are multiplied by `factors`, one for each row. Rows
    /// whose factor is 0 are left out.
    ///
    /// # Panics
    /// If there are not as many columns in a group, or not as many rows.
    pub fn push<'a>(&mut self, columns: impl ExactSizeIterator<Item = &'a [T]>, factors: &[T]) {
        assert_eq!(factors.len(), self.rows, "the factors of the rows");
        assert_eq!(columns.len(), self.together, "the columns of a group");
        let start = self.stored.len();
        let rows = (0..).zip(factors).filter(|&(_, &factor)| factor != T::ZERO);
        self.stored.extend(rows.map(|(row, _)| row));
        self.ends.push(self.stored.len());
        let stored = &self.stored[start..];
        for column in columns {
            let column = &column[..self.rows];
            let entries = stored.iter().map(|&row| row as usize);
            self.entries
                .extend(entries.map(|row| column[row] * factors[row]));
        }
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.ends.len() * self.together
    }

    /// A group's rows, and its columns one behind the other.
    fn group(&self, group: usize) -> (&[u32], &[T]) {
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = self.ends[group];
        let entries = &self.entries[start * self.together..end * self.together];
        (&self.stored[start..end], entries)
    }
}

/// C ← A·B for packed columns B, on one thread. A is stored by columns.
///
/// Cost: a fused multiply-add for each row of C and stored entry of B. The bits are those of
/// [`multiply`](crate::multiply) where A is finite.
///
/// # Panics
/// If the shapes do not fit, or A is transposed.
pub fn multiply_packed<T: Real>(a: Matrix<'_, T>, b: &PackedColumns<T>, c: MatrixMut<'_, T>) {
    assert!(
        a.columns == b.rows && a.rows == c.rows && b.columns() == c.columns && !a.by_rows,
        "{} × {} times {} × {} is not {} × {}, or the left factor lies by rows",
        a.rows,
        a.columns,
        b.rows,
        b.columns(),
        c.rows,
        c.columns,
    );
    if b.stored.len() == b.rows * b.ends.len() {
        // Nothing is left out: an ordinary matrix, for which the kernel is faster.
        let b = Matrix::new(&b.entries, b.rows, c.columns, b.rows);
        return multiply(a, b, Onto::Nothing, c);
    }
    if c.columns > 0 {
        dispatch(Product { a, b, c });
    }
}

struct Product<'a, 'c, T> {
    a: Matrix<'a, T>,
    b: &'a PackedColumns<T>,
    c: MatrixMut<'c, T>,
}

/// The vectors of a block of C's column.
const VECTORS: usize = 2;

impl<T: Real> WithSimd for Product<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, b, c } = self;
        let lanes = T::lanes::<S>();
        let vectors = c.rows.div_ceil(lanes);
        let blocks = vectors.div_ceil(VECTORS);
        let most = PANEL / (VECTORS * lanes);
        let Panel(panel) = &mut Panel::new();
        let groups = b.ends.len();
        let mut onto = Onto::Nothing;
        for first in (0..a.columns).step_by(most) {
            let depth = most.min(a.columns - first);
            for start in (0..groups).step_by(GROUPS) {
                let count = GROUPS.min(groups - start);
                // Where the panel's rows begin and end in each group.
                let mut within = [(0, 0); GROUPS];
                for (group, within) in within[..count].iter_mut().enumerate() {
                    let (rows, _) = b.group(start + group);
                    let before = |end: usize| rows.partition_point(|&row| (row as usize) < end);
                    *within = (before(first), before(first + depth));
                }
                for block in 0..blocks {
                    let low = vectors * block / blocks * lanes;
                    let high = (vectors * (block + 1) / blocks * lanes).min(c.rows);
                    let part = Part {
                        a: &a.entries[first * a.stride + low..],
                        stride: a.stride,
                        rows: high - low,
                        start: low,
                    };
                    let part = part.copied::<S, VECTORS>(simd, depth, panel);
                    for (group, &(from, to)) in within[..count].iter().enumerate() {
                        let (rows, entries) = b.group(start + group);
                        let column = (start + group) * b.together;
                        let group = Group {
                            panel: part.a,
                            rows: &rows[from..to],
                            first,
                            entries: &entries[from..],
                            stride: rows.len(),
                            together: b.together,
                        };
                        let to = &mut c.entries[column * c.stride + low..];
                        let to = (to, c.stride, high - low);
                        if high - low > lanes {
                            group.columns::<S, VECTORS>(simd, onto, to);
                        } else {
                            group.columns::<S, 1>(simd, onto, to);
                        }
                    }
                }
            }
            onto = Onto::Itself;
        }
    }
}

/// A group of columns, and the panel that they are multiplied by.
struct Group<'a, T> {
    panel: &'a [T],
    /// The stored rows of which the panel has columns, of which the first is `first`.
    rows: &'a [u32],
    first: usize,
    entries: &'a [T],
    /// From one column's entries to the next one's.
    stride: usize,
    together: usize,
}

impl<T: Real> Group<'_, T> {
    /// All columns, as many at a time as there are registers for. C's block begins `to` a slice,
    /// its columns a stride apart, with so many rows.
    #[inline(always)]
    fn columns<S: Simd, const V: usize>(
        &self,
        simd: S,
        onto: Onto,
        (to, apart, rows): (&mut [T], usize, usize),
    ) {
        let mut column = 0;
        while column < self.together {
            let to = (&mut to[column * apart..], apart, rows);
            column += match self.together - column {
                10.. if S::REGISTER_COUNT >= 32 => self.block::<S, V, 10>(simd, onto, column, to),
                5.. => self.block::<S, V, 5>(simd, onto, column, to),
                2.. => self.block::<S, V, 2>(simd, onto, column, to),
                _ => self.block::<S, V, 1>(simd, onto, column, to),
            };
        }
    }

    /// V vectors of N columns of C, whose sums stay in registers. Returns N.
    #[inline(always)]
    fn block<S: Simd, const V: usize, const N: usize>(
        &self,
        simd: S,
        onto: Onto,
        column: usize,
        (to, apart, rows): (&mut [T], usize, usize),
    ) -> usize {
        let mut sums = [[T::spread(simd, T::ZERO); V]; N];
        if onto == Onto::Itself {
            for (n, sums) in sums.iter_mut().enumerate() {
                *sums = load_first(simd, &to[n * apart..], rows);
            }
        }
        let depth = self.rows.len();
        let mut columns = [&self.entries[..depth]; N];
        for (n, of_column) in columns.iter_mut().enumerate() {
            *of_column = &self.entries[(column + n) * self.stride..][..depth];
        }
        let mut add = |k: usize, a: [T::Vector<S>; V]| {
            let mut row = [T::ZERO; N];
            for (b, column) in row.iter_mut().zip(columns) {
                *b = column[k];
            }
            step(simd, a, row, &mut sums);
        };
        for (k, &row) in self.rows.iter().enumerate() {
            let at = (row as usize - self.first) * VECTORS * T::lanes::<S>();
            add(k, load_first(simd, &self.panel[at..], rows));
        }
        for (n, sums) in sums.into_iter().enumerate() {
            store_run(simd, &mut to[n * apart..][..rows], sums);
        }
        N
    }
}
