//! How much memory is taken: none by a step or a batch, and for a hostile file no more than it has.
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]
#[path = "it/fixture.rs"]
mod fixture;

use numgrad_loss::Targets;
use numgrad_train::checkpoint::{Checkpoint, load};
use numgrad_train::dataset::{DataSource, Dataset, Features, Labels, LoadOptions, order};
use numgrad_train::optimizer::{Optimizer, OptimizerKind};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;

/// The system's allocator, with this thread's allocations counted and the largest kept.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // A thread that is ending has no counters any more.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(bytes)));
}

// SAFETY: every call goes to the system's allocator as it came; the counters are thread-local
// cells without a destructor and take no memory themselves.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How many allocations some work makes, and the bytes of the largest.
fn taken(work: impl FnOnce()) -> (usize, usize) {
    COUNT.set(0);
    LARGEST.set(0);
    work();
    (COUNT.get(), LARGEST.get())
}

#[test]
fn a_step_of_any_optimizer_takes_no_memory() {
    for name in ["gd", "momentum", "adam"] {
        let kind: OptimizerKind = name.parse().unwrap();
        let mut optimizer = Optimizer::<f64>::new(kind, 0.1, 0.01, 100);
        let (mut theta, gradient) = (vec![1.0; 100], vec![0.5; 100]);
        let (allocations, _) = taken(|| optimizer.step(&mut theta, &gradient));
        assert_eq!(allocations, 0, "{name}");
    }
}

#[test]
fn a_batch_after_the_first_takes_no_memory() {
    let classes = Labels::Classes {
        classes: 2,
        labels: vec![0, 1, 1],
    };
    let images = Dataset::new(2, Features::Bytes(vec![9; 6]), classes).unwrap();
    let values = Labels::Values(vec![0.5; 3]);
    let numbers = Dataset::new(2, Features::Numbers(vec![9.0; 6]), values).unwrap();
    for data in [images, numbers] {
        let (mut x, mut targets) = (Vec::<f64>::new(), Targets::Labels(Vec::new()));
        let mut indices = Vec::new();
        order(3, 0, 0, &mut indices);
        data.gather(&indices, &mut x, &mut targets).unwrap();
        let (allocations, _) = taken(|| {
            order(3, 0, 1, &mut indices);
            data.gather(&indices, &mut x, &mut targets).unwrap();
        });
        assert_eq!(allocations, 0, "{:?}", data.features());
    }
}

#[test]
fn a_forged_length_takes_no_more_memory_than_the_file_and_a_mebibyte() {
    let whole = fixture::sample(1).to_bytes().unwrap();
    let end = whole.len() - 32;
    let lengths = [0x7fff_ffff, 1 << 31, 1 << 32, 1 << 40, 1 << 63, u64::MAX];
    for at in 8..end - 8 {
        for length in lengths {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
            let checksum = blake3::hash(&bytes[..end]);
            bytes[end..].copy_from_slice(checksum.as_bytes());
            let (_, largest) = taken(|| drop(Checkpoint::from_bytes(&bytes)));
            let most = bytes.len() + (1 << 20);
            assert!(largest <= most, "{length:x} at {at}: {largest} bytes");
        }
    }
}

#[test]
fn a_large_file_that_is_no_checkpoint_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("video");
    // It takes no room on the disk: all of it is a hole.
    File::create(&path).unwrap().set_len(3 << 30).unwrap();
    let (_, largest) = taken(|| {
        let error = load(&path).unwrap_err();
        assert!(error.to_string().contains("not a numgrad checkpoint"));
    });
    assert!(largest < 1 << 16, "{largest} bytes");
}

#[test]
fn what_follows_an_idx_file_is_refused_without_being_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (images, labels) = (folder.path().join("images"), folder.path().join("labels"));
    let mut packer =
        flate2::write::GzEncoder::new(File::create(&images).unwrap(), flate2::Compression::fast());
    packer
        .write_all(&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9])
        .unwrap();
    for _ in 0..64 {
        packer.write_all(&vec![0; 1 << 20]).unwrap();
    }
    packer.finish().unwrap();
    fs::write(&labels, [0, 0, 8, 1, 0, 0, 0, 1, 0]).unwrap();
    let (_, largest) = taken(|| {
        let source = DataSource::Idx(images, labels);
        let error = source.load(&LoadOptions::default()).unwrap_err();
        assert!(error.to_string().contains("1048576 bytes or more follow"));
    });
    assert!(largest <= 4 << 20, "{largest} bytes");
}

#[test]
fn a_csv_file_takes_little_more_than_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    let rows: Vec<String> = (0..20_000)
        .map(|k| format!("{k},0,0,0,0,0,0,0,0,{}\n", k % 2))
        .collect();
    fs::write(&path, rows.concat()).unwrap();
    let (allocations, _) = taken(|| {
        DataSource::Csv(path).load(&LoadOptions::default()).unwrap();
    });
    // Vectors that double, and no text of any row or field.
    assert!(allocations < 200, "{allocations} allocations");
}
