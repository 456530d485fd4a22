//! Whether the parts of a checkpoint fit each other: a checksum vouches for no sense.
use super::error::Fault;
use super::payload::{Checkpoint, Header, Payload};
use crate::history::{EpochRecord, LayerRecord, Spent};
use numgrad_core::{ActivationKind, Architecture};

/// What else is refused: see [`Fault::Content`].
pub(super) fn check(checkpoint: &Checkpoint) -> Result<(), Fault> {
    let Checkpoint { header, payload } = checkpoint;
    header_fits(header)?;
    vectors_fit(header, payload)?;
    history_fits(header, payload)
}

fn header_fits(header: &Header) -> Result<(), Fault> {
    let run = &header.configuration;
    let mut architecture = run.architecture.clone();
    if architecture.hidden.is_empty() {
        // An activation of a program's own has no name: any other one shows whether the shape fits.
        let (widths, output) = (&run.architecture.widths, run.architecture.output);
        architecture = Architecture::new(widths, ActivationKind::Identity, output);
    }
    let network = architecture.build::<f64>();
    let network = network.map_err(|error| Fault::Content(error.to_string()))?;
    let parameters = network.parameters();
    if header.parameters != parameters as u64 {
        return content(format!(
            "{} parameters for a network of {parameters}",
            header.parameters
        ));
    }
    if !header.scaler.fits(network.inputs()) {
        return content(format!(
            "a scaler of other columns than the {} inputs",
            network.inputs()
        ));
    }
    if !header.target_scale.is_sound() {
        return content("a scale of the targets that has no inverse");
    }
    if let Some(columns) = &header.columns
        && !columns.fit(network.inputs())
    {
        return content("columns that do not make the network's inputs");
    }
    if header.data.len() != 64 || !header.data.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return content("the fingerprint of the data is not 64 hexadecimal digits");
    }
    // Printed as they are, these would reach the terminal.
    if [&header.numgrad, &header.cpu]
        .iter()
        .any(|text| text.chars().any(char::is_control))
    {
        return content("the header holds a control character");
    }
    Ok(())
}

fn vectors_fit(header: &Header, payload: &Payload) -> Result<(), Fault> {
    let (parameters, precision) = (header.parameters, header.configuration.precision);
    let memories = payload.memories.iter().map(|memory| ("a memory", memory));
    let kept = payload
        .kept
        .iter()
        .map(|kept| ("what is kept", &kept.theta));
    let vectors = std::iter::once(("theta", &payload.theta)).chain(memories);
    for (name, vector) in vectors.chain(kept) {
        if vector.len() as u64 != parameters || vector.precision() != precision {
            return content(format!(
                "{name} has {} numbers in {} for {parameters} parameters in {precision}",
                vector.len(),
                vector.precision()
            ));
        }
        if !vector.is_finite() {
            return content(format!("{name} holds what is not a finite number"));
        }
    }
    let optimizer = header.configuration.optimizer;
    let (found, needed) = (payload.memories.len(), optimizer.memories());
    if found != needed {
        return content(format!(
            "{found} memories for {optimizer}, which has {needed}"
        ));
    }
    Ok(())
}

fn history_fits(header: &Header, payload: &Payload) -> Result<(), Fault> {
    let records = payload.history.len() as u64;
    if header.epoch != payload.progress.epoch || records != payload.progress.epoch {
        return content(format!(
            "{records} records of {} epochs",
            payload.progress.epoch
        ));
    }
    if let Some(kept) = &payload.kept
        && (kept.epoch == 0 || kept.epoch > records)
    {
        return content(format!("weights of epoch {} are kept", kept.epoch));
    }
    let sums = [
        payload.progress.loss_sum,
        payload.progress.seconds,
        payload.progress.best.unwrap_or(0.0),
    ];
    let under_way = are_finite(&payload.progress.spent, &payload.layers);
    if !sums.iter().all(|x| x.is_finite()) || !under_way {
        return content("the progress holds what is not a finite number");
    }
    for (number, record) in (1..).zip(&payload.history) {
        if record.epoch != number || !is_finite(record) {
            return content(format!("the record of epoch {number} cannot be"));
        }
    }
    Ok(())
}

fn is_finite(record: &EpochRecord) -> bool {
    let measured = [
        record.train_accuracy,
        record.validation_accuracy,
        record.test_accuracy,
        record.validation_loss,
    ];
    let sure = [
        record.train_loss,
        record.test_loss,
        record.learning_rate,
        record.seconds,
    ];
    sure.into_iter()
        .chain(measured.into_iter().flatten())
        .all(f64::is_finite)
        && are_finite(&record.spent, &record.layers)
}

fn are_finite(spent: &Spent, layers: &[LayerRecord]) -> bool {
    let norms = layers.iter();
    spent.total().is_finite()
        && norms
            .flat_map(|layer| [layer.gradient_norm, layer.update_ratio])
            .all(f64::is_finite)
}

fn content(message: impl Into<String>) -> Result<(), Fault> {
    Err(Fault::Content(message.into()))
}
