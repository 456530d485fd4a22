//! `numgrad bench`: how fast each sweep measures a gradient, beside backpropagation; or beside the
//! gradient of one process, where ranks share it.
mod case;
mod growth;
mod operations;
mod peak;
mod report;
mod shared;
mod timing;

use crate::args::{BenchArguments, GradientArguments, OptimizationArguments, named_or_every};
use crate::failure::Failure;
use crate::out::Out;
use crate::ranks::Ranks;
use crate::setup::configure;
use case::Setting;
use growth::Growth;
use numgrad_core::Precision;
use numgrad_gradient::Perturb;
use numgrad_train::Prepared;
use std::time::Duration;
use timing::{Clock, Figures};

pub(crate) fn run(arguments: &BenchArguments, ranks: &Ranks, out: &mut Out) -> Result<(), Failure> {
    if !(arguments.seconds.is_finite() && arguments.seconds > 0.0) {
        let message = format!(
            "--seconds must be positive, but it is {}",
            arguments.seconds
        );
        return Err(Failure::usage(message));
    }
    if ranks.size() > 1 {
        return ranks.ended(shared::run(arguments, ranks, out));
    }
    let (first, data) = configured(arguments)?;
    if let Some(path) = &arguments.write_case {
        case::write(path, &first, &data)?;
    }
    let budget = budget(arguments);
    let growth = Growth::asked(&arguments.growth);
    let estimators = match growth {
        Some(_) if arguments.perturb.is_empty() => Perturb::ALL.map(Into::into).to_vec(),
        _ => named_or_every(&arguments.perturb),
    };
    let measure = |setting: &Setting| {
        let clock = Clock::start(setting.threads, budget)?;
        match setting.run.precision {
            Precision::F32 => timing::measure::<f32>(setting, &data, &estimators, &clock),
            Precision::F64 => timing::measure::<f64>(setting, &data, &estimators, &clock),
        }
    };
    let Some(growth) = growth else {
        let figures = measure(&first)?;
        return print(&figures, arguments.json, out);
    };
    let mut all = Vec::new();
    for setting in growth.settings(&first, data.train.samples())? {
        let figures = measure(&setting)?;
        if arguments.json {
            report::json(&figures, out)?;
        }
        all.push(figures);
    }
    if !arguments.json {
        growth.table(&all, out)?;
    }
    match &arguments.plot {
        Some(path) => growth.chart(&all).save(path),
        None => Ok(()),
    }
}

fn print(figures: &Figures, json: bool, out: &mut Out) -> Result<(), Failure> {
    if json {
        report::json(figures, out)
    } else {
        report::table(figures, out)
    }
}

/// About how long each figure is measured.
fn budget(arguments: &BenchArguments) -> Duration {
    Duration::from_secs_f64(arguments.seconds.clamp(0.01, 600.0))
}

/// What is measured first, if anything grows, and the data.
fn configured(arguments: &BenchArguments) -> Result<(Setting, Prepared), Failure> {
    let gradient = GradientArguments {
        perturb: Perturb::default().into(),
        coordinates: None,
        random: crate::args::RandomArguments::default(),
        scheme: arguments.scheme,
        step: arguments.step,
    };
    let optimization = OptimizationArguments {
        batch_size: arguments.batch_size,
        ..OptimizationArguments::default()
    };
    let (data, network) = (&arguments.data, &arguments.network);
    let (run, data) = configure(data, network, &gradient, &optimization)?;
    let setting = Setting {
        samples: arguments.batch_size.clamp(1, data.train.samples()),
        threads: arguments.threads,
        run,
    };
    Ok((setting, data))
}
