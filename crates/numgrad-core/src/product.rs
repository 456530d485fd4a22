//! Matrix products on slices, C ← A·B or C ← C + A·B, on one thread.
//!
//! Every entry of C is a sum in the order of the inner index, each step one fused multiply-add:
//! its bits depend neither on the CPU nor on how a batch was cut into tiles. The kernel keeps a
//! block of C in registers, takes A by columns as θ stores it, and broadcasts the entries of B.
//! Rows of a large A are copied for many columns of C: columns that lie 2ᵏ bytes apart would fight
//! for the same few lines of a core's cache.
use kernel::{
    BY_COLUMNS, BY_ROWS, FEW_VECTORS, Factor, PANEL, PANELS, Panel, Part, SERVED, VECTORS,
};
use numgrad_scalar::{Real, Simd, WithSimd, lanes::dispatch};

mod kernel;
mod packed;

pub use packed::{PackedColumns, multiply_packed};

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
        let together = if b.by_rows && S::REGISTER_COUNT < 32 {
            FEW_VECTORS
        } else {
            VECTORS
        };
        let blocks = vectors.div_ceil(together);
        let (mut room, mut panel, mut most) = (None, None, DEPTH);
        if !b.by_rows && c.columns >= SERVED && a.rows * a.columns > PANEL {
            panel = Some(&mut room.insert(Panel::new()).0);
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
                    let part = part.copied::<S, VECTORS>(simd, depth, *panel);
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

fn check(length: usize, rows: usize, columns: usize, stride: usize) {
    let last = columns.saturating_sub(1) * stride + rows;
    assert!(
        stride >= rows && (columns == 0 || length >= last),
        "a {rows} × {columns} matrix with columns {stride} apart does not fit {length} entries"
    );
}
