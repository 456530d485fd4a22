//! A step along random directions takes a fifth of what the weights do, and no more, however large
//! the network.
use numgrad_core::{ActivationKind, Architecture, Mlp, OutputKind};
use numgrad_diff::{Directions, Distribution, Scheme};
use numgrad_gradient::{Batch, EstimatorKind, Objective};
use numgrad_loss::{CrossEntropy, Targets};
use std::alloc::{GlobalAlloc, Layout, System};
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

#[test]
fn a_step_along_directions_takes_no_second_theta() {
    let network: Mlp<f32> = Architecture::new(
        &[100, 3000, 3000, 10],
        ActivationKind::Relu,
        OutputKind::Softmax,
    )
    .build()
    .unwrap();
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
