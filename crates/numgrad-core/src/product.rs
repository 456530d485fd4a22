//! Matrix products on slices: one room, so that the fastest one can stand here.
use crate::Real;
use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

/// A matrix that is read from a slice, with any strides.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a, T> {
    entries: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// A rows × columns matrix, column after column, with `column_stride` entries from the start
    /// of one to the start of the next.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn new(entries: &'a [T], rows: usize, columns: usize, column_stride: usize) -> Self {
        check(entries.len(), rows, columns, column_stride);
        Self {
            entries,
            rows,
            columns,
            row_stride: 1,
            column_stride,
        }
    }

    /// The transpose of the same entries.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// A matrix that is written into a slice, column after column.
#[derive(Debug)]
pub struct MatrixMut<'a, T> {
    entries: &'a mut [T],
    rows: usize,
    columns: usize,
    column_stride: usize,
}

impl<'a, T> MatrixMut<'a, T> {
    /// A rows × columns matrix, with `column_stride` entries from the start of one column to the
    /// start of the next.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn new(entries: &'a mut [T], rows: usize, columns: usize, column_stride: usize) -> Self {
        check(entries.len(), rows, columns, column_stride);
        Self {
            entries,
            rows,
            columns,
            column_stride,
        }
    }
}

/// C ← A·B + β·C, on one thread.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, c: MatrixMut<'_, T>) {
    let MatrixMut {
        entries,
        rows,
        columns,
        column_stride,
    } = c;
    let mut c = DMatrixViewMut::from_slice_with_strides_generic(
        entries,
        Dyn(rows),
        Dyn(columns),
        Dyn(1),
        Dyn(column_stride),
    );
    c.gemm(T::one(), &view(a), &view(b), beta);
}

fn view<T: Real>(matrix: Matrix<'_, T>) -> DMatrixView<'_, T, Dyn, Dyn> {
    DMatrixView::from_slice_with_strides_generic(
        matrix.entries,
        Dyn(matrix.rows),
        Dyn(matrix.columns),
        Dyn(matrix.row_stride),
        Dyn(matrix.column_stride),
    )
}

fn check(length: usize, rows: usize, columns: usize, column_stride: usize) {
    let last = columns.saturating_sub(1) * column_stride + rows;
    assert!(
        column_stride >= rows && (columns == 0 || length >= last),
        "a {rows} × {columns} matrix with columns {column_stride} apart does not fit {length} entries"
    );
}
