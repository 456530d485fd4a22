//! Checkpoints that somebody or something changed: each is refused, or read without harm.
use crate::allocator::largest_while;
use crate::mutation::mutate;
use crate::report::{Outcome, Report};
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision};
use numgrad_gradient::Perturb;
use numgrad_loss::LossKind;
use numgrad_train::checkpoint::Checkpoint;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Trainer};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a reader may ask for in one piece, beyond the file's own length.
const ALLOWANCE: usize = 1 << 20;

/// One in so many of the changed checkpoints that are read is trained on.
const TRAINED: u64 = 256;

/// Every flipped bit, cut and extension of a real file, and `mutations` changes of which the
/// checksum was made right again.
pub(crate) fn run(mutations: u64, seed: u64) -> Outcome<Report> {
    let mut report = Report::new("hostile");
    let data = Prepared::load(&configuration())?;
    let bytes = a_real_file(&data)?;
    report.count("bytes of the file", bytes.len() as u64);
    flips(&bytes, &mut report);
    cuts_and_extensions(&bytes, &mut report);
    blocks(&bytes, &mut report);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..mutations {
        forged(&mutate(&bytes, &mut random), &data, &mut report);
    }
    Ok(report)
}

/// The checkpoint of a run within its second epoch: about 17 kB.
fn a_real_file(data: &Prepared) -> Outcome<Vec<u8>> {
    let mut trainer = Trainer::<f64>::new(configuration(), data.clone())?;
    for _ in 0..trainer.batches() {
        trainer.step()?;
    }
    trainer.end_epoch()?;
    trainer.step()?;
    Ok(trainer.checkpoint().to_bytes()?)
}

fn configuration() -> Configuration {
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: Architecture::new(&[64, 8, 10], ActivationKind::Relu, OutputKind::Softmax),
        precision: Precision::F64,
        initializer: Initializer::HeUniform,
        loss: LossKind::CrossEntropy,
        perturb: Perturb::Weight.into(),
        scheme: numgrad_train::numgrad_diff::Scheme::Central,
        step: 1e-4,
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.01,
        weight_decay: 0.0,
        batch_size: 200,
        epochs: 3,
        seed: 1,
        audit: 0,
        regime: numgrad_train::Regime::default(),
    }
}

fn flips(bytes: &[u8], report: &mut Report) {
    let mut flipped = bytes.to_vec();
    for bit in 0..8 * bytes.len() {
        flipped[bit / 8] ^= 1 << (bit % 8);
        refused(&flipped, &format!("bit {bit} flipped"), report);
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
    report.count("single bits flipped", 8 * bytes.len() as u64);
}

fn cuts_and_extensions(bytes: &[u8], report: &mut Report) {
    for length in 0..bytes.len() {
        refused(&bytes[..length], &format!("cut to {length} bytes"), report);
    }
    report.count("cuts", bytes.len() as u64);
    let mut longer = bytes.to_vec();
    for more in 1..=4096 {
        longer.push(0);
        refused(&longer, &format!("{more} bytes more"), report);
    }
    report.count("extensions", 4096);
}

/// What a disk does when it fails: a block of zeros, or of another place of the file.
fn blocks(bytes: &[u8], report: &mut Report) {
    const BLOCK: usize = 512;
    let starts = || (0..bytes.len() / BLOCK).map(|k| k * BLOCK);
    for start in starts() {
        let zeros = vec![0; BLOCK];
        let others = starts().map(|other| bytes[other..other + BLOCK].to_vec());
        for content in std::iter::once(zeros).chain(others) {
            let mut changed = bytes.to_vec();
            changed[start..start + BLOCK].copy_from_slice(&content);
            if changed != bytes {
                refused(&changed, &format!("block at {start}"), report);
                report.count("blocks zeroed or misplaced", 1);
            }
        }
    }
}

fn refused(bytes: &[u8], what: &str, report: &mut Report) {
    let read = harmless(bytes, what, report);
    report.holds(read.is_none(), || format!("{what}: accepted"));
}

/// A checkpoint whose checksum vouches for it may be read; then it can be written, and read again
/// as the same, and its run goes on or says why it does not.
fn forged(bytes: &[u8], data: &Prepared, report: &mut Report) {
    report.count("mutations with a right checksum", 1);
    let Some(read) = harmless(bytes, "a mutation", report) else {
        return;
    };
    report.count("of them read", 1);
    let again = read
        .to_bytes()
        .and_then(|bytes| Checkpoint::from_bytes(&bytes));
    report.holds(again.as_ref() == Ok(&read), || {
        "a read mutation changes when written".to_owned()
    });
    if report.figure("of them read").is_multiple_of(TRAINED) {
        report.count("of these trained on", 1);
        let trained = catch_unwind(AssertUnwindSafe(|| go_on(read, data)));
        report.holds(trained.is_ok(), || {
            "training on a mutation panics".to_owned()
        });
    }
}

fn go_on(checkpoint: Checkpoint, data: &Prepared) {
    let resumed = Trainer::<f64>::resume(checkpoint, data.clone(), None);
    if let Ok(mut trainer) = resumed
        && !trainer.epoch_is_over()
    {
        // Whether the step succeeds is the mutation's affair.
        let _ = trainer.step();
    }
}

/// The checkpoint in these bytes, if they are one: read without a panic and without a larger
/// piece of memory than the file accounts for.
fn harmless(bytes: &[u8], what: &str, report: &mut Report) -> Option<Checkpoint> {
    let (read, largest) = largest_while(|| catch_unwind(|| Checkpoint::from_bytes(bytes)));
    report.most("bytes of the largest allocation", largest as u64);
    report.holds(largest <= bytes.len() + ALLOWANCE, || {
        format!(
            "{what}: {largest} bytes taken for a file of {}",
            bytes.len()
        )
    });
    if read.is_err() {
        report.broken(format!("{what}: a panic"));
    }
    read.ok()?.ok()
}
