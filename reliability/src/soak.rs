//! Many short trainings in one process: what each of them takes, it gives back.
use crate::program::{data, temporary_folder};
use crate::report::{Outcome, Report};
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision, Real};
use numgrad_gradient::EstimatorKind;
use numgrad_loss::LossKind;
use numgrad_train::checkpoint::{RunDirectory, load};
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::numgrad_diff::Scheme;
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Trainer};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Pages that an allocator may come to keep for itself after the first tenth.
const GROWTH: u64 = 4 << 20;

const ESTIMATORS: [&str; 6] = [
    "weight",
    "neuron",
    "layer",
    "directions",
    "random:9",
    "saliency:0.4",
];

/// Trains for `seconds`: data read, trained on, saved, loaded and gone on with, again and again.
pub(crate) fn run(seconds: u64) -> Outcome<Report> {
    let mut report = Report::new("soak");
    let place = temporary_folder()?;
    let file = place.path().join("data.csv");
    fs::write(&file, data())?;
    let (started, whole) = (Instant::now(), Duration::from_secs(seconds));
    let mut first = None;
    let mut count = 0;
    while started.elapsed() < whole {
        let kind = ESTIMATORS[count % ESTIMATORS.len()].parse()?;
        let folder = place.path().join("run");
        if count % 2 == 0 {
            training::<f64>(kind, &file, &folder)?;
        } else {
            training::<f32>(kind, &file, &folder)?;
        }
        fs::remove_dir_all(&folder)?;
        count += 1;
        if first.is_none() && started.elapsed() >= whole / 10 {
            first = Some(Held::now()?);
        }
    }
    report.count("trainings", count as u64);
    let Some(first) = first else {
        return Ok(report);
    };
    let last = Held::now()?;
    report.count("bytes of memory after a tenth", first.memory);
    report.count("bytes of memory at the end", last.memory);
    report.count("handles after a tenth", first.handles);
    report.count("handles at the end", last.handles);
    report.count("threads at the end", last.threads);
    report.holds(last.memory <= first.memory + GROWTH, || {
        "memory grows".to_owned()
    });
    report.holds(last.handles == first.handles, || {
        "handles are left open".to_owned()
    });
    report.holds(last.threads == first.threads, || {
        "threads are left running".to_owned()
    });
    Ok(report)
}

/// A run on a pool of its own, stopped and gone on with.
fn training<T: Real>(kind: EstimatorKind, data: &Path, folder: &Path) -> Outcome<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    let configuration = configuration(kind, T::PRECISION, data);
    let prepared = Prepared::load(&configuration)?;
    let mut trainer = Trainer::<T>::new(configuration, prepared.clone())?;
    let mut run = RunDirectory::create(folder)?;
    while !trainer.is_finished() {
        pool.install(|| trainer.step())?;
        if trainer.epoch_is_over() {
            trainer.end_epoch()?;
            run.save(&trainer.checkpoint())?;
            trainer = Trainer::resume(load(folder)?.checkpoint, prepared.clone(), None)?;
        }
    }
    Ok(())
}

fn configuration(perturb: EstimatorKind, precision: Precision, data: &Path) -> Configuration {
    Configuration {
        data: DataSource::Csv(data.to_owned()),
        reading: LoadOptions::default(),
        scaling: Scaling::Standard,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: Architecture::new(&[4, 6, 3], ActivationKind::Tanh, OutputKind::Softmax),
        precision,
        initializer: Initializer::XavierUniform,
        loss: LossKind::CrossEntropy,
        perturb,
        scheme: Scheme::Central,
        step: 1e-4,
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.01,
        weight_decay: 0.0,
        batch_size: 16,
        epochs: 3,
        seed: 1,
        audit: 2,
        regime: numgrad_train::Regime::default(),
    }
}

/// What this process holds of the system.
struct Held {
    memory: u64,
    handles: u64,
    threads: u64,
}

impl Held {
    /// Zeros where the system has no /proc.
    fn now() -> Outcome<Self> {
        // The threads of a pool end a while after it.
        sleep(Duration::from_millis(500));
        let Ok(status) = fs::read_to_string("/proc/self/status") else {
            return Ok(Self {
                memory: 0,
                handles: 0,
                threads: 0,
            });
        };
        let field = |name: &str| -> Outcome<u64> {
            let line = status.lines().find(|line| line.starts_with(name));
            let number = line.and_then(|line| line.split_whitespace().nth(1));
            Ok(number
                .ok_or("a field of /proc/self/status is missing")?
                .parse()?)
        };
        Ok(Self {
            memory: 1024 * field("VmRSS:")?,
            handles: fs::read_dir("/proc/self/fd")?.count() as u64,
            threads: field("Threads:")?,
        })
    }
}
