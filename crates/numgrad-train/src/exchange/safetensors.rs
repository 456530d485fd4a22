//! Safetensors: a header of JSON, then the numbers.
use super::tensor::{Tensor, bytes, of_bytes};
use super::{Description, ExchangeError, Format};
use numgrad_core::Precision;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView, serialize};

/// The key of the description among the file's metadata.
const KEY: &str = "numgrad";

pub(super) fn write(
    tensors: &[Tensor],
    description: &Description,
) -> Result<Vec<u8>, ExchangeError> {
    let described = serde_json::to_string(description).map_err(|error| syntax(&error))?;
    let raw: Vec<Vec<u8>> = tensors.iter().map(|t| bytes(&t.values)).collect();
    let views = tensors.iter().zip(&raw).map(|(tensor, raw)| {
        let dtype = match tensor.values.precision() {
            Precision::F32 => Dtype::F32,
            Precision::F64 => Dtype::F64,
        };
        Ok((
            &tensor.name,
            TensorView::new(dtype, tensor.shape.clone(), raw)?,
        ))
    });
    let views: Vec<_> = views
        .collect::<Result<_, SafeTensorError>>()
        .map_err(|error| syntax(&error))?;
    let metadata = [(KEY.to_owned(), described)].into_iter().collect();
    serialize(views, Some(metadata)).map_err(|error| syntax(&error))
}

pub(super) fn read(file: &[u8]) -> Result<(Vec<Tensor>, Option<Description>), ExchangeError> {
    let found = SafeTensors::deserialize(file).map_err(|error| syntax(&error))?;
    let (_, metadata) = SafeTensors::read_metadata(file).map_err(|error| syntax(&error))?;
    let described = metadata.metadata().as_ref().and_then(|all| all.get(KEY));
    let description =
        described.map(|text| serde_json::from_str(text).map_err(|error| syntax(&error)));
    let tensors = found.iter().map(|(name, view)| {
        let precision = match view.dtype() {
            Dtype::F32 => Precision::F32,
            Dtype::F64 => Precision::F64,
            other => {
                let why = format!("is of {other:?}; only F32 and F64 are read");
                return Err(ExchangeError::tensor(name, &why));
            }
        };
        Ok(Tensor {
            name: name.to_owned(),
            shape: view.shape().to_vec(),
            values: of_bytes(view.data(), precision),
        })
    });
    Ok((tensors.collect::<Result<_, _>>()?, description.transpose()?))
}

fn syntax(error: &impl ToString) -> ExchangeError {
    ExchangeError::syntax(Format::Safetensors, error)
}
