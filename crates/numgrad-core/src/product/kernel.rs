//! The kernel of a product: blocks of C whose sums stay in registers.
use super::{MatrixMut, Onto};
use numgrad_scalar::{
    Real, Simd,
    lanes::{load_first, store_run},
};
use std::ops::Range;

/// The vectors of a block of C's column; where B lies by rows and a CPU has 16 registers, those of
/// a block of more columns, for which the compiler keeps the sums in registers wherever it meets it.
pub(super) const VECTORS: usize = 3;
pub(super) const FEW_VECTORS: usize = 2;

/// Entries of A that a core's nearest cache has room for, and so those of a panel: the rows of a
/// block, one column behind the other.
pub(super) const PANEL: usize = 1 << 12;

/// Columns of C that are worth a panel. Where B lies by rows, none are.
pub(super) const SERVED: usize = 16;

#[repr(align(64))]
pub(super) struct Panel<T>(pub(super) [T; PANEL]);

impl<T: Real> Panel<T> {
    pub(super) fn new() -> Self {
        Self([T::ZERO; PANEL])
    }
}

/// How the factors lie: B by rows; B by columns; so and A in a panel.
pub(super) const BY_ROWS: u8 = 0;
pub(super) const BY_COLUMNS: u8 = 1;
pub(super) const PANELS: u8 = 2;

/// Some rows of A.
#[derive(Clone, Copy)]
pub(super) struct Part<'a, T> {
    pub(super) a: &'a [T],
    pub(super) stride: usize,
    pub(super) rows: usize,
    /// The rows before.
    pub(super) start: usize,
}

/// Some rows of B, from one of its columns on.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a, T> {
    pub(super) entries: &'a [T],
    pub(super) stride: usize,
    pub(super) depth: usize,
}

impl<T: Real> Part<'_, T> {
    /// The same rows in a panel, whose columns lie V vectors apart.
    #[inline(always)]
    pub(super) fn copied<S: Simd, const V: usize>(
        self,
        simd: S,
        depth: usize,
        panel: &mut [T],
    ) -> Part<'_, T> {
        let width = V * T::lanes::<S>();
        for (k, to) in panel.chunks_exact_mut(width).take(depth).enumerate() {
            let from = &self.a[k * self.stride..][..self.rows];
            if self.rows == width {
                store_run::<S, T, V>(simd, to, load_first(simd, from, width));
            } else {
                to[..self.rows].copy_from_slice(from);
            }
        }
        Part { a: panel, ..self }
    }

    /// Some columns of C, by as many vectors as the rows make.
    #[inline(always)]
    pub(super) fn vectors<S: Simd, const LIE: u8>(
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
                6.. if LIE == BY_ROWS && V <= FEW_VECTORS => {
                    self.block::<S, LIE, V, 6>(simd, factor, onto, to)
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
            let a = self.a.chunks(self.stride).take(factor.depth);
            for (a, b) in a.zip(factor.entries.chunks(factor.stride)) {
                let mut row = [T::ZERO; N];
                row.copy_from_slice(&b[..N]);
                step(simd, load_first(simd, a, rows), row, &mut sums);
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
pub(super) fn step<S: Simd, T: Real, const V: usize, const N: usize>(
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
