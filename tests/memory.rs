//! A step along random directions takes a fifth of what the weights do, and no more, however large
//! the network; and data that stay in their file take hardly any memory, however large the file.
use numgrad_core::{ActivationKind, Architecture, Mlp, OutputKind};
use numgrad_diff::{Directions, Distribution, Scheme};
use numgrad_gradient::{Batch, EstimatorKind, Objective};
use numgrad_loss::{CrossEntropy, Targets};
use numgrad_train::Prepared;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling, order};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which knows how much is taken and how much ever was.
struct Measuring;

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator is unsafe by its interface")]
// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Measuring {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = TAKEN.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(taken, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Measuring = Measuring;

/// Held by the test that measures: what another one takes would be counted too.
static MEASURES: Mutex<()> = Mutex::new(());

#[test]
fn a_file_larger_than_what_is_held_is_prepared_and_read_in_a_sixteenth_of_its_size() {
    let (rows, columns) = (1 << 14, 1 << 10);
    let size = 4 * rows * columns;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.npy");
    let mut file = std::fs::File::create(&path).unwrap();
    let header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}\n");
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes())
        .unwrap();
    file.write_all(header.as_bytes()).unwrap();
    // The numbers are zeros that take no room on the disk.
    file.set_len((10 + header.len() + size) as u64).unwrap();
    let options = LoadOptions {
        held_bytes: 0,
        ..LoadOptions::default()
    };
    let _alone = MEASURES.lock().unwrap();
    let before = TAKEN.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let loaded = DataSource::Npy(path).load(&options).unwrap();
    let prepared = Prepared::new(loaded, Scaling::Standard, 0.2, 0).unwrap();
    prepared.train.fingerprint().unwrap();
    let (mut indices, mut x) = (Vec::new(), Vec::<f32>::new());
    let mut targets = Targets::Labels(Vec::new());
    order(prepared.train.samples(), 0, 0, &mut indices);
    for batch in indices.chunks(100).take(20) {
        prepared.train.gather(batch, &mut x, &mut targets).unwrap();
    }
    let more = MOST.load(Ordering::Relaxed) - before;
    assert!(16 * more < size, "{more} bytes for a file of {size}");
}

#[test]
fn a_step_along_directions_takes_no_second_theta() {
    let network: Mlp<f32> = Architecture::new(
        &[100, 3000, 3000, 10],
        ActivationKind::Relu,
        OutputKind::Softmax,
    )
    .build()
    .unwrap();
    let _alone = MEASURES.lock().unwrap();
    let objective = Objective::new(&network, &CrossEntropy);
    let mut theta = vec![1e-3_f32; network.parameters()];
    let (x, targets) = (vec![0.5; 400], Targets::Labels(vec![0, 1, 2, 3]));
    for distribution in Distribution::ALL {
        let directions = Directions {
            count: 2,
            distribution,
            ..Directions::default()
        };
        let kind = EstimatorKind::Directions(directions);
        let mut estimator = kind.build(Scheme::Central, 1e-3, 0).unwrap();
        let before = TAKEN.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        for step in 0..2 {
            let batch = Batch {
                x: &x,
                targets: &targets,
                step,
            };
            let measured = estimator.descend(&objective, &mut theta, batch, 1e-9, 0.0);
            measured.unwrap().unwrap();
        }
        let more = MOST.load(Ordering::Relaxed) - before;
        let weights = 4 * theta.len();
        assert!(
            5 * more < weights,
            "{distribution}: {more} bytes beside {weights}"
        );
    }
}
