//! A network that comes from elsewhere: tensors by name, as layers.
use super::network::{Description, FACTOR, OFFSET, TARGET_OFFSET, TARGET_SPREAD};
use super::tensor::{Tensor, transposed};
use super::{ExchangeError, Format, file, npz, rescaling, safetensors};
use crate::checkpoint::Numbers;
use crate::dataset::{Scaler, TargetScale};
use numgrad_core::{ActivationKind, Architecture, OutputKind, Precision};
use std::collections::BTreeMap;
use std::path::Path;

/// A network read from a file: parameters, and what the file says about the rest.
///
/// A layer is a pair of tensors `NAME.weight` (outputs × inputs) and `NAME.bias` (outputs; 0 where
/// it is missing). Layers follow each other by the numbers in their names (`fc2` before `fc10`).
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignNetwork {
    widths: Vec<usize>,
    theta: Numbers,
    scaler: Scaler,
    target_scale: TargetScale,
    description: Option<Description>,
}

impl ForeignNetwork {
    /// Reads a file, in the format that its extension names.
    ///
    /// # Errors
    /// [`ExchangeError`] says the file, and the tensor that does not fit. What a file claims takes
    /// no memory before its bytes are there.
    pub fn load(path: &Path) -> Result<Self, ExchangeError> {
        let format = Format::of_path(path)?;
        let bad = |fault| match fault {
            fault @ (ExchangeError::Read { .. } | ExchangeError::NotRead(_)) => fault,
            fault => ExchangeError::Bad {
                path: path.to_owned(),
                fault: Box::new(fault),
            },
        };
        let bytes = file::read(path).map_err(bad)?;
        Self::from_bytes(format, &bytes).map_err(bad)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(format: Format, bytes: &[u8]) -> Result<Self, ExchangeError> {
        let (tensors, description) = match format {
            Format::Safetensors => safetensors::read(bytes)?,
            Format::Npz => npz::read(bytes)?,
            format => return Err(ExchangeError::NotRead(format)),
        };
        Self::of(tensors, description)
    }

    fn of(tensors: Vec<Tensor>, description: Option<Description>) -> Result<Self, ExchangeError> {
        let mut named = BTreeMap::new();
        for tensor in tensors {
            if !tensor.values.is_finite() {
                return Err(ExchangeError::tensor(
                    &tensor.name,
                    &"holds what is not a finite number",
                ));
            }
            named.insert(tensor.name.clone(), tensor);
        }
        let scaler = scaler(&mut named)?;
        let target_scale = target_scale(&mut named)?;
        let (widths, theta) = layers(named)?;
        let fits = |count: usize| count == 0 || count == widths[0];
        if !fits(scaler.offsets().len()) {
            let why = format!(
                "has {} numbers for {} inputs",
                scaler.offsets().len(),
                widths[0]
            );
            return Err(ExchangeError::tensor(OFFSET, &why));
        }
        // The widths are those of a network that can be.
        let any = ActivationKind::Identity;
        Architecture::new(&widths, any, OutputKind::Softmax).build::<f64>()?;
        if let Some(description) = &description
            && description.hidden.len() != widths.len() - 2
        {
            let (found, needed) = (description.hidden.len(), widths.len() - 2);
            return Err(ExchangeError::Layers(format!(
                "the file describes {found} hidden layers, but its tensors have {needed}"
            )));
        }
        Ok(Self {
            widths,
            theta,
            scaler,
            target_scale,
            description,
        })
    }

    /// The number of inputs, of neurons in each hidden layer, and of outputs.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// The precision of the parameters.
    pub fn precision(&self) -> Precision {
        self.theta.precision()
    }

    /// What the file says that tensors do not: in files that numgrad wrote.
    pub fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }

    /// θ for inputs that go through this scaler, and for targets that go through this scale, with the
    /// output layer's function. Where both are the file's own, no bit changes.
    ///
    /// # Errors
    /// [`ExchangeError::Layers`] if the scaler is for another number of inputs, or the targets have
    /// another scale than the file's and the output layer is not linear, and cannot take it in.
    pub fn theta(
        &self,
        scaler: &Scaler,
        target_scale: TargetScale,
        output: OutputKind,
    ) -> Result<Numbers, ExchangeError> {
        if !scaler.fits(self.widths[0]) {
            return Err(ExchangeError::Layers(format!(
                "the network has {} inputs, but the scaling is of {} columns",
                self.widths[0],
                scaler.offsets().len()
            )));
        }
        let any = ActivationKind::Identity;
        let network = Architecture::new(&self.widths, any, OutputKind::Softmax).build::<f64>()?;
        if target_scale != self.target_scale && !output.is_linear() {
            return Err(ExchangeError::Layers(format!(
                "the output layer's {output} cannot take in another scaling of the targets than the \
                 file's"
            )));
        }
        let theta = rescaling::rescaled(&network, &self.theta, &self.scaler, scaler);
        let own = self.target_scale;
        Ok(rescaling::retargeted(&network, &theta, own, target_scale))
    }
}

/// Takes the scaling out of the tensors, if there is one.
fn scaler(named: &mut BTreeMap<String, Tensor>) -> Result<Scaler, ExchangeError> {
    let (offset, factor) = (named.remove(OFFSET), named.remove(FACTOR));
    let column = |tensor: Option<Tensor>| tensor.map(|tensor| tensor.values.widened());
    let scaler = match (column(offset), column(factor)) {
        (None, None) => Some(Scaler::identity()),
        (Some(offsets), Some(factors)) => Scaler::new(offsets, factors),
        _ => None,
    };
    scaler.ok_or_else(|| {
        let why = format!("does not fit {OFFSET}: both are needed, and equally long");
        ExchangeError::tensor(FACTOR, &why)
    })
}

/// Takes the targets' scale out of the tensors, if there is one.
fn target_scale(named: &mut BTreeMap<String, Tensor>) -> Result<TargetScale, ExchangeError> {
    let (offset, spread) = (named.remove(TARGET_OFFSET), named.remove(TARGET_SPREAD));
    let number = |tensor: &Option<Tensor>| match &tensor.as_ref()?.values.widened()[..] {
        &[number] => Some(number),
        _ => None,
    };
    if offset.is_none() && spread.is_none() {
        return Ok(TargetScale::IDENTITY);
    }
    let numbers = number(&offset).zip(number(&spread));
    let scale = numbers.and_then(|(offset, spread)| TargetScale::new(offset, spread));
    scale.ok_or_else(|| {
        let why =
            format!("does not fit {TARGET_OFFSET}: both are one number, and this one is positive");
        ExchangeError::tensor(TARGET_SPREAD, &why)
    })
}

/// The widths and θ of the layers that tensors are.
fn layers(mut named: BTreeMap<String, Tensor>) -> Result<(Vec<usize>, Numbers), ExchangeError> {
    let mut names: Vec<String> = named
        .keys()
        .filter_map(|name| name.strip_suffix("weight"))
        .map(str::to_owned)
        .collect();
    names.sort_by_key(|name| natural(name));
    let is_wide = |tensor: &Tensor| tensor.values.precision() == Precision::F64;
    let precision = if named.values().any(is_wide) {
        Precision::F64
    } else {
        Precision::F32
    };
    let (mut widths, mut theta) = (Vec::new(), Vec::new());
    for name in names {
        let weight = named.remove(&format!("{name}weight"));
        let weight = weight.ok_or_else(|| ExchangeError::Layers(name.clone()))?;
        let [outputs, inputs] = weight.shape[..] else {
            let why = format!("has the shape {:?}, not outputs × inputs", weight.shape);
            return Err(ExchangeError::tensor(&weight.name, &why));
        };
        match widths.last() {
            None => widths.push(inputs),
            Some(&before) if before == inputs => {}
            Some(before) => {
                let why = format!("takes {inputs} inputs, but the layer before gives {before}");
                return Err(ExchangeError::tensor(&weight.name, &why));
            }
        }
        widths.push(outputs);
        same_precision(&weight, precision)?;
        theta.extend(transposed(&weight.values, outputs, inputs).widened());
        theta.extend(biases(
            named.remove(&format!("{name}bias")),
            outputs,
            precision,
        )?);
    }
    if let Some(name) = named.keys().next() {
        let why = "is no layer's: a network is made of NAME.weight and NAME.bias";
        return Err(ExchangeError::tensor(name, &why));
    }
    if widths.is_empty() {
        return Err(ExchangeError::Layers(
            "the file holds no tensor NAME.weight".to_owned(),
        ));
    }
    Ok((widths, Numbers::of_wide(theta, precision)))
}

fn biases(
    bias: Option<Tensor>,
    outputs: usize,
    precision: Precision,
) -> Result<Vec<f64>, ExchangeError> {
    let Some(bias) = bias else {
        return Ok(vec![0.0; outputs]);
    };
    if bias.shape != [outputs] {
        let why = format!("has the shape {:?} for {outputs} outputs", bias.shape);
        return Err(ExchangeError::tensor(&bias.name, &why));
    }
    same_precision(&bias, precision)?;
    Ok(bias.values.widened())
}

fn same_precision(tensor: &Tensor, precision: Precision) -> Result<(), ExchangeError> {
    if tensor.values.precision() == precision {
        return Ok(());
    }
    Err(ExchangeError::tensor(
        &tensor.name,
        &"is in f32 where others are in f64",
    ))
}

/// A name as it sorts: digits by their number, so that 2 comes before 10.
fn natural(name: &str) -> Vec<(String, u128)> {
    let mut parts = vec![(String::new(), 0_u128)];
    let mut in_number = false;
    for letter in name.chars() {
        if let (Some((_, number)), Some(digit)) = (parts.last_mut(), letter.to_digit(10)) {
            *number = number.saturating_mul(10).saturating_add(digit.into());
            in_number = true;
        } else {
            if in_number {
                parts.push((String::new(), 0));
                in_number = false;
            }
            if let Some((text, _)) = parts.last_mut() {
                text.push(letter);
            }
        }
    }
    parts
}
