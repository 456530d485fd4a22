//! Matrix products on slices, C ← A·B or C ← C + A·B, on one thread.
//!
//! Every entry of C is a sum in the order of the inner index, each step one fused multiply-add:
//! its bits depend neither on the CPU nor on how a batch was cut into tiles. The kernel keeps a
//! block of C in registers, takes A by columns as θ stores it, and broadcasts the entries of B.
//! Rows of a large A are copied for many columns of C: columns that lie 2ᵏ bytes apart would fight
//! for the same few lines of a core's cache.
use numgrad_scalar::{
    Real, Simd, WithSimd,
    lanes::{dispatch, load_first, store_run},
};
use std::ops::Range;

/// A matrix that is read from a slice.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a, T> {
    pub(crate) entries: &'a [T],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) stride: usize,
    /// Whether a row, not a column, lies in one piece.
    by_rows: bool,
}

impl<'a, T> Matrix<'a, T> {
    /// A rows × columns matrix, column after column, with `stride` entries from the start of one
    /// to the start of the next.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn new(entries: &'a [T], rows: usize, columns: usize, stride: usize) -> Self {
        check(entries.len(), rows, columns, stride);
        Self {
            entries,
            rows,
            columns,
            stride,
            by_rows: false,
        }
    }

    /// Each column; of a transpose, each row of it.
    pub fn columns(self) -> impl Iterator<Item = &'a [T]> {
        let (length, count) = if self.by_rows {
            (self.columns, self.rows)
        } else {
            (self.rows, self.columns)
        };
        (0..count).map(move |column| &self.entries[column * self.stride..][..length])
    }

    /// The transpose of the same entries.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            by_rows: !self.by_rows,
            ..self
        }
    }
}

/// A matrix that is written into a slice, column after column.
#[derive(Debug)]
pub struct MatrixMut<'a, T> {
    pub(crate) entries: &'a mut [T],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) stride: usize,
}

impl<'a, T> MatrixMut<'a, T> {
    /// A rows × columns matrix, with `stride` entries from the start of one column to the start
    /// of the next.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn new(entries: &'a mut [T], rows: usize, columns: usize, stride: usize) -> Self {
        check(entries.len(), rows, columns, stride);
        Self {
            entries,
            rows,
            columns,
            stride,
        }
    }
}

/// What a product does with what its result holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onto {
    /// C ← A·B.
    Nothing,
    /// C ← C + A·B.
    Itself,
}

/// C ← A·B or C ← C + A·B, on one thread. A is stored by columns; B may be transposed.
///
/// Cost: rows × columns × inner fused multiply-adds. Equal bits on every CPU, and for every way
/// to cut the columns of C, or the inner index in order.
///
/// # Panics
/// If the shapes do not fit, or A is transposed.
pub fn multiply<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, onto: Onto, c: MatrixMut<'_, T>) {
    assert!(
        a.columns == b.rows && a.rows == c.rows && b.columns == c.columns,
        "{} × {} times {} × {} is not {} × {}",
        a.rows,
        a.columns,
        b.rows,
        b.columns,
        c.rows,
        c.columns,
    );
    assert!(!a.by_rows, "the left factor is stored by columns");
    if a.columns == 0 || c.columns == 0 {
        if onto == Onto::Nothing {
            let columns = c.entries.chunks_mut(c.stride.max(1)).take(c.columns);
            columns.for_each(|column| column[..c.rows].fill(T::zero()));
        }
        return;
    }
    dispatch(Product { a, b, c, onto });
}

/// Steps of the inner index at a time, and columns of C: the part of B that they need then stays
/// in a core's own cache for all blocks of rows.
const DEPTH: usize = 384;
const COLUMNS: usize = 192;

/// The vectors of a block of C's column.
const VECTORS: usize = 3;

/// Entries of A that a core's nearest cache has room for, and so those of a panel: the rows of a
/// block, one column behind the other.
const PANEL: usize = 1 << 12;

/// Columns of C that are worth a panel. Where B lies by rows, none are.
const SERVED: usize = 16;

#[repr(align(64))]
struct Panel<T>([T; PANEL]);

struct Product<'a, 'c, T> {
    a: Matrix<'a, T>,
    b: Matrix<'a, T>,
    c: MatrixMut<'c, T>,
    onto: Onto,
}

impl<T: Real> WithSimd for Product<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            a,
            b,
            mut c,
            mut onto,
        } = self;
        let lanes = T::lanes::<S>();
        let vectors = c.rows.div_ceil(lanes);
        let blocks = vectors.div_ceil(VECTORS);
        let (mut room, mut panel, mut most) = (None, None, DEPTH);
        if !b.by_rows && c.columns >= SERVED && a.rows * a.columns > PANEL {
            panel = Some(&mut room.insert(Panel([T::ZERO; PANEL])).0);
            most = DEPTH.min(PANEL / (VECTORS * lanes));
        }
        for first in (0..a.columns).step_by(most) {
            let depth = most.min(a.columns - first);
            let factor = Factor {
                entries: &b.entries[if b.by_rows { first * b.stride } else { first }..],
                stride: b.stride,
                depth,
            };
            let groups = (0..c.columns).step_by(COLUMNS);
            for (column, block) in groups.flat_map(|c| (0..blocks).map(move |b| (c, b))) {
                let columns = column..(column + COLUMNS).min(c.columns);
                let start = vectors * block / blocks * lanes;
                let end = (vectors * (block + 1) / blocks * lanes).min(c.rows);
                let part = Part {
                    a: &a.entries[first * a.stride + start..],
                    stride: a.stride,
                    rows: end - start,
                    start,
                };
                let c = &mut c;
                if let Some(panel) = &mut panel {
                    let part = part.copied(simd, depth, *panel);
                    part.vectors::<S, PANELS>(simd, factor, onto, c, columns);
                } else if b.by_rows {
                    part.vectors::<S, BY_ROWS>(simd, factor, onto, c, columns);
                } else {
                    part.vectors::<S, BY_COLUMNS>(simd, factor, onto, c, columns);
                }
            }
            onto = Onto::Itself;
        }
    }
}

/// How the factors lie: B by rows; B by columns; so and A in a panel.
const BY_ROWS: u8 = 0;
const BY_COLUMNS: u8 = 1;
const PANELS: u8 = 2;

/// Some rows of A.
#[derive(Clone, Copy)]
struct Part<'a, T> {
    a: &'a [T],
    stride: usize,
    rows: usize,
    /// The rows before.
    start: usize,
}

/// Some rows of B, from one of its columns on.
#[derive(Clone, Copy)]
struct Factor<'a, T> {
    entries: &'a [T],
    stride: usize,
    depth: usize,
}

impl<T: Real> Part<'_, T> {
    /// The same rows in a panel, whose columns lie a block's full width apart.
    #[inline(always)]
    fn copied<S: Simd>(self, simd: S, depth: usize, panel: &mut [T]) -> Part<'_, T> {
        let width = VECTORS * T::lanes::<S>();
        for (k, to) in panel.chunks_exact_mut(width).take(depth).enumerate() {
            let from = &self.a[k * self.stride..][..self.rows];
            if self.rows == width {
                store_run::<S, T, VECTORS>(simd, to, load_first(simd, from, width));
            } else {
                to[..self.rows].copy_from_slice(from);
            }
        }
        Part { a: panel, ..self }
    }

    /// Some columns of C, by as many vectors as the rows make.
    #[inline(always)]
    fn vectors<S: Simd, const LIE: u8>(
        self,
        simd: S,
        factor: Factor<'_, T>,
        onto: Onto,
        c: &mut MatrixMut<'_, T>,
        columns: Range<usize>,
    ) {
        match self.rows.div_ceil(T::lanes::<S>()) {
            1 => self.columns::<S, LIE, 1>(simd, factor, onto, c, columns),
            2 => self.columns::<S, LIE, 2>(simd, factor, onto, c, columns),
            _ => self.columns::<S, LIE, VECTORS>(simd, factor, onto, c, columns),
        }
    }

    /// Some columns of C, as many at a time as there are registers for.
    #[inline(always)]
    fn columns<S: Simd, const LIE: u8, const V: usize>(
        self,
        simd: S,
        factor: Factor<'_, T>,
        onto: Onto,
        c: &mut MatrixMut<'_, T>,
        columns: Range<usize>,
    ) {
        let mut column = columns.start;
        while column < columns.end {
            let factor = Factor {
                entries: &factor.entries[if LIE == BY_ROWS {
                    column
                } else {
                    column * factor.stride
                }..],
                ..factor
            };
            let to = &mut Block {
                entries: &mut c.entries[column * c.stride + self.start..],
                stride: c.stride,
            };
            column += match columns.end - column {
                8.. if S::REGISTER_COUNT >= 32 => {
                    self.block::<S, LIE, V, 8>(simd, factor, onto, to)
                }
                4.. => self.block::<S, LIE, V, 4>(simd, factor, onto, to),
                2.. => self.block::<S, LIE, V, 2>(simd, factor, onto, to),
                _ => self.block::<S, LIE, V, 1>(simd, factor, onto, to),
            };
        }
    }

    /// V vectors of N columns of C, whose sums stay in registers. Returns N.
    #[inline(always)]
    fn block<S: Simd, const LIE: u8, const V: usize, const N: usize>(
        self,
        simd: S,
        factor: Factor<'_, T>,
        onto: Onto,
        to: &mut Block<'_, T>,
    ) -> usize {
        let rows = self.rows;
        let mut sums = [[T::spread(simd, T::ZERO); V]; N];
        if onto == Onto::Itself {
            for (n, sums) in sums.iter_mut().enumerate() {
                *sums = load_first(simd, &to.entries[n * to.stride..], rows);
            }
        }
        if LIE == BY_ROWS {
            for k in 0..factor.depth {
                let a = load_first(simd, &self.a[k * self.stride..], rows);
                let b = &factor.entries[k * factor.stride..][..N];
                let mut row = [T::ZERO; N];
                row.copy_from_slice(b);
                step(simd, a, row, &mut sums);
            }
        } else {
            let mut columns = [&factor.entries[..factor.depth]; N];
            for (n, column) in columns.iter_mut().enumerate() {
                *column = &factor.entries[n * factor.stride..][..factor.depth];
            }
            // As a closure: written out in the loop below, it is a seventh slower.
            let mut add = |k: usize, a: [T::Vector<S>; V]| {
                let mut row = [T::ZERO; N];
                for (b, column) in row.iter_mut().zip(columns) {
                    *b = column[k];
                }
                step(simd, a, row, &mut sums);
            };
            // Of a panel the compiler knows this number. To know the slice's length as well would be
            // too much: it would then keep sums in memory.
            let stride = if LIE == PANELS {
                VECTORS * T::lanes::<S>()
            } else {
                self.stride
            };
            for k in 0..factor.depth {
                add(k, load_first(simd, &self.a[k * stride..], rows));
            }
        }
        for (n, sums) in sums.into_iter().enumerate() {
            store_run(simd, &mut to.entries[n * to.stride..][..rows], sums);
        }
        N
    }
}

/// Where a block of C lies.
struct Block<'a, T> {
    entries: &'a mut [T],
    stride: usize,
}

/// One step of the inner index.
#[inline(always)]
fn step<S: Simd, T: Real, const V: usize, const N: usize>(
    simd: S,
    a: [T::Vector<S>; V],
    b: [T; N],
    sums: &mut [[T::Vector<S>; V]; N],
) {
    for (sums, b) in sums.iter_mut().zip(b) {
        let b = T::spread(simd, b);
        for (sum, a) in sums.iter_mut().zip(a) {
            *sum = T::fused_lanes(simd, a, b, *sum);
        }
    }
}

fn check(length: usize, rows: usize, columns: usize, stride: usize) {
    let last = columns.saturating_sub(1) * stride + rows;
    assert!(
        stride >= rows && (columns == 0 || length >= last),
        "a {rows} × {columns} matrix with columns {stride} apart does not fit {length} entries"
    );
}
