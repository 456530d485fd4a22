//! One array as NumPy writes it: a line of text about the numbers, then the numbers
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
use super::tensor::{Tensor, bytes, transposed};
use crate::checkpoint::Numbers;
use crate::dataset::npy::{Layout, MAGIC};
use numgrad_core::Precision;

/// Header and magic together are a multiple of this.
const ALIGNMENT: usize = 64;

pub(super) fn write(tensor: &Tensor) -> Vec<u8> {
    let numbers = match tensor.values.precision() {
        Precision::F32 => "<f4",
        Precision::F64 => "<f8",
    };
    array(numbers, &tensor.shape, &bytes(&tensor.values))
}

/// Text as an array of its bytes, so that whoever goes over a file's arrays meets nothing else.
pub(super) fn write_text(text: &[u8]) -> Vec<u8> {
    array("|u1", &[text.len()], text)
}

fn array(numbers: &str, lengths: &[usize], content: &[u8]) -> Vec<u8> {
    let mut shape = String::new();
    for length in lengths {
        shape.extend([&length.to_string(), ", "]);
    }
    let mut header =
        format!("{{'descr': '{numbers}', 'fortran_order': False, 'shape': ({shape}), }}");
    let before = MAGIC.len() + 4;
    while !(before + header.len() + 1).is_multiple_of(ALIGNMENT) {
        header.push(' ');
    }
    header.push('\n');
    let mut file = MAGIC.to_vec();
    file.extend([1, 0]);
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(content);
    file
}

/// The bytes of an array that holds text.
pub(super) fn read_text(mut file: &[u8]) -> Result<&[u8], String> {
    let layout = Layout::read(&mut file).map_err(|error| error.to_string())??;
    if !layout.number.is_byte() || layout.bytes() != Some(file.len() as u64) {
        return Err("is no array of bytes".to_owned());
    }
    Ok(file)
}

/// Reads an array of numbers with at most two dimensions: f4 as f32, all others as f64.
pub(super) fn read(name: &str, mut file: &[u8]) -> Result<Tensor, String> {
    // Behind the header come the numbers.
    let layout = Layout::read(&mut file).map_err(|error| error.to_string())??;
    let Layout { number, shape, .. } = &layout;
    if shape.len() > 2 {
        return Err(format!(
            "has the shape {shape:?}, where one of at most two dimensions is read"
        ));
    }
    if layout.bytes() != Some(file.len() as u64) {
        return Err(format!("has {} bytes for the shape {shape:?}", file.len()));
    }
    let precision = if number.is_single() {
        Precision::F32
    } else {
        Precision::F64
    };
    let values = file.chunks_exact(number.size());
    let values = values.map(|bytes| number.value(bytes)).collect();
    let values = Numbers::of_wide(values, precision);
    Ok(Tensor {
        name: name.to_owned(),
        values: by_rows(values, shape, layout.is_fortran),
        shape: layout.shape,
    })
}

fn by_rows(values: Numbers, shape: &[usize], is_by_columns: bool) -> Numbers {
    match *shape {
        // By columns, rows × columns is columns × rows by rows.
        [rows, columns] if is_by_columns => transposed(&values, columns, rows),
        _ => values,
    }
}
