//! Training takes memory once: after its first steps it allocates nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Real};
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb;
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Regime, Trainer};
use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// The system's allocator, which looks at who asks while it is told to.
struct Watching;

/// Whether it is told to.
static WATCHES: AtomicBool = AtomicBool::new(false);

/// The call stacks of allocations that no library made for itself.
static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    /// What looks at an allocation allocates as well.
    static LOOKS: Cell<bool> = const { Cell::new(false) };
}

/// Libraries that allocate for themselves: rayon's queues grow now and then.
const LIBRARIES: [&str; 1] = ["crossbeam_"];

fn look() {
    if !WATCHES.load(Ordering::Relaxed) || LOOKS.get() {
        return;
    }
    LOOKS.set(true);
    let stack = Backtrace::force_capture().to_string();
    if !LIBRARIES.iter().any(|library| stack.contains(library)) {
        FOUND.lock().unwrap().push(stack);
    }
    LOOKS.set(false);
}

#[expect(unsafe_code, reason = "an allocator is unsafe by its interface")]
// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        look();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        look();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// The call stacks of what some steps after the first ones allocate, on this many threads.
fn allocations<T: Real>(
    (perturb, activation): (Perturb, ActivationKind),
    optimizer: OptimizerKind,
    threads: usize,
) -> Vec<String> {
    let configuration = Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: Architecture::new(&[64, 12, 9, 10], activation, OutputKind::Softmax),
        precision: T::PRECISION,
        initializer: Initializer::HeNormal,
        loss: LossKind::CrossEntropy,
        perturb: perturb.into(),
        scheme: Scheme::Central,
        step: 1e-4,
        optimizer,
        learning_rate: 1e-3,
        weight_decay: 1e-4,
        batch_size: 32,
        epochs: 1000,
        seed: 0,
        audit: 0,
        regime: Regime::default(),
    };
    let data = Prepared::load(&configuration).unwrap();
    let mut trainer = Trainer::<T>::new(configuration, data).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let mut steps = |count: usize, watches: bool| {
        for _ in 0..count {
            WATCHES.store(watches, Ordering::Relaxed);
            pool.install(|| trainer.step()).unwrap();
            WATCHES.store(false, Ordering::Relaxed);
            if trainer.epoch_is_over() {
                trainer.end_epoch().unwrap();
            }
        }
    };
    // Each worker takes its memory when it is first given work of each kind.
    steps(if threads == 1 { 10 } else { 300 }, false);
    steps(1000, true);
    std::mem::take(&mut *FOUND.lock().unwrap())
}

#[test]
fn a_step_allocates_nothing_of_its_own_for_every_sweep_and_optimizer() {
    for perturb in [
        Perturb::Weight,
        Perturb::WeightDirect,
        Perturb::Neuron,
        Perturb::Layer,
    ] {
        for optimizer in OptimizerKind::ALL {
            let found = allocations::<f64>((perturb, ActivationKind::Relu), optimizer, 1);
            assert!(found.is_empty(), "{perturb} {optimizer}: {}", found[0]);
        }
        for activation in [ActivationKind::Relu, ActivationKind::Tanh] {
            let found = allocations::<f32>((perturb, activation), OptimizerKind::Adam, 2);
            assert!(found.is_empty(), "{perturb} {activation}: {}", found[0]);
        }
    }
}
