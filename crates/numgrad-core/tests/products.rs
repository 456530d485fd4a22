//! A product is a sum in a fixed order, whatever computes it.
use numgrad_core::{
    Matrix, MatrixMut, NonZeros, Onto, PackedColumns, Real, SPARSE_BLOCK, SparseRows, multiply,
    multiply_nonzeros, multiply_outer, multiply_packed, multiply_rows, prefers_outer,
};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Entries of which `filled` parts are not 0.
fn entries<T: Real>(count: usize, filled: f64, random: &mut ChaCha8Rng) -> Vec<T> {
    let entry = |random: &mut ChaCha8Rng| {
        if random.random::<f64>() < filled {
            T::of(random.random::<f64>() - 0.5)
        } else {
            T::zero()
        }
    };
    (0..count).map(|_| entry(random)).collect()
}

/// c + Σ_k a_ik·b_kj in the order of k, each step one fused multiply-add.
fn by_definition<T: Real>(
    (a, rows): (&[T], usize),
    inner: usize,
    b: impl Fn(usize, usize) -> T,
    (c, columns): (&[T], usize),
) -> Vec<T> {
    let mut sums = c.to_vec();
    for j in 0..columns {
        for i in 0..rows {
            for k in 0..inner {
                sums[j * rows + i] = a[k * rows + i].fused(b(k, j), sums[j * rows + i]);
            }
        }
    }
    sums
}

/// Rows that are less than a vector, whole vectors, and some more; more columns and steps than a
/// block of the kernel takes.
const SHAPES: [[usize; 3]; 11] = [
    [1, 1, 1],
    [3, 5, 2],
    [8, 130, 9],
    [10, 32, 33],
    [17, 1, 4],
    [24, 257, 7],
    [50, 140, 31],
    [100, 64, 3],
    [129, 3, 65],
    [5, 900, 17],
    [101, 430, 210],
];

fn products_are_their_definition<T: Real>() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for [rows, inner, columns] in SHAPES {
        let a: Vec<T> = entries(rows * inner, 1.0, &mut random);
        let b: Vec<T> = entries(inner * columns, 1.0, &mut random);
        let start: Vec<T> = entries(rows * columns, 1.0, &mut random);
        let left = Matrix::new(&a, rows, inner, rows);
        let by_columns = Matrix::new(&b, inner, columns, inner);
        let by_rows = Matrix::new(&b, columns, inner, columns).transposed();
        for (right, transposed) in [(by_columns, false), (by_rows, true)] {
            let entry = |k: usize, j: usize| {
                if transposed {
                    b[k * columns + j]
                } else {
                    b[j * inner + k]
                }
            };
            for onto in [Onto::Nothing, Onto::Itself] {
                let zeros = vec![T::zero(); rows * columns];
                let from = if onto == Onto::Itself { &start } else { &zeros };
                let expected = by_definition((&a, rows), inner, entry, (from, columns));
                let mut found = start.clone();
                multiply(
                    left,
                    right,
                    onto,
                    MatrixMut::new(&mut found, rows, columns, rows),
                );
                assert_eq!(
                    found, expected,
                    "{rows} {inner} {columns} {transposed} {onto:?}"
                );
            }
        }
    }
}

#[test]
fn a_product_is_its_sums_in_order_bit_for_bit() {
    products_are_their_definition::<f64>();
    products_are_their_definition::<f32>();
}

#[test]
fn what_lies_between_the_columns_is_left_alone() {
    let (a, b) = ([1.0, 2.0, 9.0, 3.0, 4.0, 9.0], [5.0, 6.0]);
    let mut c = [7.0; 3];
    let a = Matrix::new(&a, 2, 2, 3);
    let b = Matrix::new(&b, 2, 1, 2);
    multiply(a, b, Onto::Nothing, MatrixMut::new(&mut c, 2, 1, 3));
    assert_eq!(c, [23.0, 34.0, 7.0]);
}

fn the_nonzeros_alone_give_the_same_bits<T: Real>() {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    for [rows, inner, columns] in SHAPES {
        let a: Vec<T> = entries(rows * inner, 1.0, &mut random);
        let b: Vec<T> = entries(inner * columns, 0.2, &mut random);
        let start: Vec<T> = entries(rows * columns, 1.0, &mut random);
        let mut nonzeros = NonZeros::default();
        nonzeros.find(&b, inner);
        let left = Matrix::new(&a, rows, inner, rows);
        let mut expected = start.clone();
        let right = Matrix::new(&b, inner, columns, inner);
        let to = MatrixMut::new(&mut expected, rows, columns, rows);
        multiply(left, right, Onto::Itself, to);
        let mut found = start.clone();
        let to = MatrixMut::new(&mut found, rows, columns, rows);
        multiply_nonzeros(left, &b, &nonzeros, to);
        assert_eq!(found, expected, "{rows} {inner} {columns}");

        // The transpose, some rows at a time, from two tiles of columns, and cubed.
        let cut = columns / 2 * inner;
        let mut tiles = vec![NonZeros::default(), NonZeros::default()];
        tiles[0].find(&b[..cut], inner);
        tiles[1].find(&b[cut..], inner);
        let c: Vec<T> = entries(rows * columns, 1.0, &mut random);
        let cubed: Vec<T> = b.iter().map(|&x| x * x * x).collect();
        let left = Matrix::new(&c, rows, columns, rows);
        let right = Matrix::new(&cubed, inner, columns, inner).transposed();
        let mut expected = vec![T::zero(); rows * inner];
        let to = MatrixMut::new(&mut expected, rows, inner, rows);
        multiply(left, right, Onto::Nothing, to);
        let mut gathered = SparseRows::default();
        for together in [SPARSE_BLOCK, 49, 7] {
            let mut found = vec![T::zero(); rows * inner];
            for (k, part) in found.chunks_mut(together * rows).enumerate() {
                let here = part.len() / rows;
                let first = k * together;
                gathered.gather(&b, &tiles, first..first + here);
                let to = MatrixMut::new(part, rows, here, rows);
                multiply_rows(left, &gathered, |x| x * x * x, Onto::Nothing, to);
            }
            assert_eq!(found, expected, "{rows} {inner} {columns} by {together}");
        }

        // The same without gathering, added to what is there and cleared before.
        if !prefers_outer::<T>(rows) {
            continue;
        }
        let to = MatrixMut::new(&mut expected, rows, inner, rows);
        multiply(left, right, Onto::Itself, to);
        for together in [SPARSE_BLOCK, 49, 7] {
            let mut found = vec![T::one(); rows * inner];
            for (k, part) in found.chunks_mut(together * rows).enumerate() {
                let here = part.len() / rows;
                let first = k * together;
                for onto in [Onto::Nothing, Onto::Itself] {
                    let to = MatrixMut::new(part, rows, here, rows);
                    let marked = (&b[..], &tiles[..], first..first + here);
                    multiply_outer(left, marked, |x| x * x * x, onto, to);
                }
            }
            assert_eq!(found, expected, "{rows} {inner} {columns}, by samples");
        }
    }
}

#[test]
fn a_product_by_the_nonzero_entries_alone_has_the_same_bits() {
    the_nonzeros_alone_give_the_same_bits::<f64>();
    the_nonzeros_alone_give_the_same_bits::<f32>();
}

/// Columns of which a few neighbours are 0 in the same rows, or in all, or in none, and so many
/// rows and groups that the kernel takes them in several pieces.
fn packed_columns_give_the_same_bits<T: Real>(filled: [f64; 3]) {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut packed = PackedColumns::default();
    for [rows, inner, groups] in SHAPES {
        let together = 1 + groups % 11;
        let columns = groups * together;
        let a: Vec<T> = entries(rows * inner, 1.0, &mut random);
        let mut b: Vec<T> = entries(inner * columns, 1.0, &mut random);
        packed.clear(inner, together, groups);
        for (k, group) in b.chunks_exact_mut(inner * together).enumerate() {
            let factors: Vec<T> = entries(inner, filled[k % 3], &mut random);
            packed.push(group.chunks_exact(inner), &factors);
            for column in group.chunks_exact_mut(inner) {
                for (b, &factor) in column.iter_mut().zip(&factors) {
                    *b *= factor;
                }
            }
        }
        assert_eq!(packed.columns(), columns);
        let left = Matrix::new(&a, rows, inner, rows);
        let right = Matrix::new(&b, inner, columns, inner);
        let [mut expected, mut found] = [(); 2].map(|()| vec![T::one(); rows * columns]);
        let to = MatrixMut::new(&mut expected, rows, columns, rows);
        multiply(left, right, Onto::Nothing, to);
        let to = MatrixMut::new(&mut found, rows, columns, rows);
        multiply_packed(left, &packed, to);
        assert_eq!(found, expected, "{rows} {inner} {groups} by {together}");
    }
}

#[test]
fn a_product_with_packed_columns_has_the_same_bits() {
    for filled in [[0.5, 0.0, 1.0], [1.0; 3]] {
        packed_columns_give_the_same_bits::<f64>(filled);
        packed_columns_give_the_same_bits::<f32>(filled);
    }
}

#[test]
fn a_matrix_is_sparse_where_at_most_a_third_is_not_0() {
    let mut nonzeros = NonZeros::default();
    assert!(nonzeros.find(&[1.0, 0.0, 0.0, 0.0, 0.0, -2.0], 3));
    assert!(nonzeros.is_sparse());
    assert!(!nonzeros.find(&[1.0, 0.0, 0.0, f64::NAN, 0.0, -2.0], 3));
    assert_eq!(nonzeros.part(&[1.0, 0.0, 0.0, 0.0], 4), 0.25);
}
