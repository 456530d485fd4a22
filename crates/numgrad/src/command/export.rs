//! `numgrad export`: a trained network as a file for other programs.
use crate::args::ExportArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::report::{grouped, warn, widths};
use numgrad_train::TrainError;
use numgrad_train::checkpoint::load;
use numgrad_train::exchange::{Format, TrainedNetwork};
use serde_json::json;

pub(crate) fn run(arguments: &ExportArguments, out: &mut Out) -> Result<(), Failure> {
    let output = &arguments.output;
    if output
        .extension()
        .is_some_and(|extension| extension == "ckpt")
    {
        return Err(Failure::usage(format!(
            "--output {} is the name of a checkpoint, which an exported network is not: it would not \
             be read again",
            output.display()
        )));
    }
    let format = match arguments.format {
        Some(format) => match Format::of_path(output) {
            Ok(other) if other != format => {
                return Err(Failure::usage(format!(
                    "--output {} is a file of {}, but --format says {}",
                    output.display(),
                    other.name(),
                    format.name()
                )));
            }
            _ => format,
        },
        None => Format::of_path(output).map_err(|error| {
            Failure::usage(format!(
                "{error}; say which with --format, or by the extension of --output"
            ))
        })?,
    };
    let loaded = load(&arguments.run)?;
    warn(loaded.warning.as_ref());
    let mut network = TrainedNetwork::of(&loaded.checkpoint);
    if arguments.fold_scaling {
        network = network.fold_scaling().map_err(TrainError::from)?;
    }
    let bytes = network.save(output, format)?;
    let scaled = !network.scaler().is_identity();
    let targets_scaled = !network.target_scale().is_identity();
    if arguments.json {
        return out.line(json!({
            "file": output, "format": format.name(), "bytes": bytes,
            "widths": network.widths(), "precision": network.precision(),
            "parameters": network.parameters(), "scaling": scaled, "target_scaling": targets_scaled,
            "description": network.description(),
        }));
    }
    let part = |is_scaled, what: &str, tensors: &str| match (is_scaled, format) {
        (false, _) => String::new(),
        (true, Format::Onnx | Format::Json) => format!(", with the scaling of its {what}"),
        (true, _) => format!(", with the scaling of its {what} in {tensors}"),
    };
    let inputs = part(scaled, "inputs", "scaling.offset and scaling.factor");
    let targets = part(targets_scaled, "targets", "target.offset and target.spread");
    out.line(format_args!(
        "wrote {}: {}, {} parameters in {}{inputs}{targets}; {} bytes",
        output.display(),
        widths(network.widths()),
        grouped(network.parameters()),
        network.precision(),
        grouped(bytes)
    ))
}
