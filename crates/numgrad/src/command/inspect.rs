//! `numgrad inspect`: what a checkpoint holds.
use crate::args::InspectArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::report::{audit_line, history_table, time_line, warn, widths};
use numgrad_diff::Directions;
use numgrad_gradient::EstimatorKind;
use numgrad_train::checkpoint::load;
use serde_json::json;

pub(crate) fn run(arguments: &InspectArguments, out: &mut Out) -> Result<(), Failure> {
    let loaded = load(&arguments.file)?;
    warn(loaded.warning.as_ref());
    let (header, payload) = (&loaded.checkpoint.header, &loaded.checkpoint.payload);
    if arguments.json {
        return out.line(json!({
            "file": loaded.path, "header": header, "epoch": payload.progress.epoch,
            "batch": payload.progress.batch, "loss_evaluations": payload.progress.loss_evaluations,
            "sample_evaluations": payload.progress.sample_evaluations, "seconds": payload.progress.seconds,
            "best_test_loss": payload.progress.best, "history": payload.history,
        }));
    }
    let run = &header.configuration;
    out.line(format_args!("checkpoint  {}", loaded.path.display()))?;
    out.line(format_args!(
        "written by  numgrad {} ({})",
        header.numgrad, header.cpu
    ))?;
    out.line(format_args!(
        "network     {} ({}), {} parameters in {}",
        widths(&run.architecture.widths),
        run.architecture.output,
        header.parameters,
        run.precision
    ))?;
    out.line(format_args!(
        "data        {} ({})",
        run.data,
        &header.data[..16.min(header.data.len())]
    ))?;
    let random = match run.perturb {
        EstimatorKind::Directions(random) => {
            let Directions {
                count,
                distribution,
                rank,
            } = random;
            format!(" ({count} {distribution}, rank {rank})")
        }
        _ => String::new(),
    };
    out.line(format_args!(
        "gradient    perturb {}{random}, {} differences, h = {:e}",
        run.perturb, run.scheme, run.step
    ))?;
    out.line(format_args!(
        "training    {}, loss {}, learning rate {}, batch {}, seed {}",
        run.optimizer, run.loss, run.learning_rate, run.batch_size, run.seed
    ))?;
    out.line(format_args!(
        "progress    epoch {} of {}, batch {} of the next; {} loss evaluations",
        payload.progress.epoch,
        run.epochs,
        payload.progress.batch,
        payload.progress.loss_evaluations
    ))?;
    history_table(&payload.history, out)?;
    time_line(&payload.history, out)?;
    audit_line(&header.audits, run, out)
}
