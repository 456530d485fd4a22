//! Numbers with a name and a shape.
use crate::checkpoint::Numbers;
use numgrad_core::Precision;

/// A named array, its last index varying fastest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) values: Numbers,
}

/// A matrix of rows × columns, by rows, as columns × rows.
pub(super) fn transposed(matrix: &Numbers, rows: usize, columns: usize) -> Numbers {
    fn of<T: Copy>(matrix: &[T], rows: usize, columns: usize) -> Vec<T> {
        let entry = |j: usize| (0..rows).map(move |i| matrix[i * columns + j]);
        (0..columns).flat_map(entry).collect()
    }
    match matrix {
        Numbers::F32(matrix) => Numbers::F32(of(matrix, rows, columns)),
        Numbers::F64(matrix) => Numbers::F64(of(matrix, rows, columns)),
    }
}

/// The little-endian bytes of numbers.
pub(super) fn bytes(numbers: &Numbers) -> Vec<u8> {
    match numbers {
        Numbers::F32(numbers) => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Numbers::F64(numbers) => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

/// The numbers in little-endian bytes; what is left of a number at the end is dropped.
pub(super) fn of_bytes(bytes: &[u8], precision: Precision) -> Numbers {
    match precision {
        Precision::F32 => {
            let numbers = bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b));
            Numbers::F32(numbers.collect())
        }
        Precision::F64 => {
            let numbers = bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b));
            Numbers::F64(numbers.collect())
        }
    }
}
