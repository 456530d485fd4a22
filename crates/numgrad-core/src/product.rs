//! Matrix products on slices: one room, so that the fastest one can stand here.
use crate::Real;

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

    /// Some of the rows of the same entries.
    ///
    /// # Panics
    /// If there are fewer rows.
    #[must_use]
    pub fn rows(self, first: usize, rows: usize) -> Self {
        assert!(first + rows <= self.rows, "{} rows are too few", self.rows);
        Self {
            entries: &self.entries[first * self.row_stride..],
            rows,
            ..self
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

/// C ← A·B + β·C, on one thread. With β = 0, what C held is not read.
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
    assert!(
        a.columns == b.rows && a.rows == rows && b.columns == columns,
        "{} × {} times {} × {} is not {rows} × {columns}",
        a.rows,
        a.columns,
        b.rows,
        b.columns,
    );
    // A stride is the distance of two entries of one slice, which isize holds.
    let stride = usize::cast_signed;
    // SAFETY: `check` saw that all entries of the three matrices lie within their slices, which
    // `rows` and `transposed` keep true; C is borrowed mutably, so it overlaps neither A nor B.
    // `T` is f32 or f64, both of which the kernel knows.
    #[expect(unsafe_code, reason = "the fastest product found takes pointers")]
    unsafe {
        gemm::gemm(
            rows,
            columns,
            a.columns,
            entries.as_mut_ptr(),
            stride(column_stride),
            1,
            beta != T::zero(),
            a.entries.as_ptr(),
            stride(a.column_stride),
            stride(a.row_stride),
            b.entries.as_ptr(),
            stride(b.column_stride),
            stride(b.row_stride),
            beta,
            T::one(),
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn check(length: usize, rows: usize, columns: usize, column_stride: usize) {
    let last = columns.saturating_sub(1) * column_stride + rows;
    assert!(
        column_stride >= rows && (columns == 0 || length >= last),
        "a {rows} × {columns} matrix with columns {column_stride} apart does not fit {length} entries"
    );
}
