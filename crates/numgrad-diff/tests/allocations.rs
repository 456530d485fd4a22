//! What is measured into a caller's slice allocates nothing, however often f is called.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use numgrad_diff::{Differences, Real, Scheme, Step, derivative, extrapolate};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which counts.
struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator is unsafe by its interface")]
// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What runs allocate after the first ones, in which the room that is kept grows.
fn allocations(mut run: impl FnMut()) -> usize {
    (0..5).for_each(|_| run());
    let before = COUNT.load(Ordering::Relaxed);
    for _ in 0..10 {
        run();
    }
    COUNT.load(Ordering::Relaxed) - before
}

fn squares<T: Real>(x: &[T]) -> T {
    x.iter().map(|&x| x * x).sum()
}

fn doubles<T: Real>(x: &[T], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = x + x;
    }
}

fn on_one_thread<T: Real>(n: usize) {
    let (x, mut slots) = (vec![T::of(0.5); n], vec![T::default(); n]);
    let mut matrix = vec![T::default(); 3 * n];
    for scheme in Scheme::ALL {
        let differences = Differences::<T>::new(scheme);
        let what = |call| format!("{call}, {scheme}, n = {n}, {}", std::any::type_name::<T>());
        let count = allocations(|| differences.gradient_into(squares, &x, &mut slots).unwrap());
        assert_eq!(count, 0, "{}", what("gradient"));
        let (lower, upper) = (vec![T::default(); n], vec![T::of(9.0); n]);
        let bounded = differences.within(&lower, &upper);
        let count = allocations(|| bounded.gradient_into(squares, &x, &mut slots).unwrap());
        assert_eq!(count, 0, "{}", what("gradient within bounds"));
        let count = allocations(|| {
            differences
                .jacobian_into(doubles, &x, 3, &mut matrix)
                .unwrap();
        });
        assert_eq!(count, 0, "{}", what("Jacobian"));
        let count = allocations(|| differences.jvp_into(doubles, &x, &x, &mut slots).unwrap());
        assert_eq!(count, 0, "{}", what("J·v"));
        let count = allocations(|| assert!(differences.directional(squares, &x, &x).is_ok()));
        assert_eq!(count, 0, "{}", what("slope"));
        let one = |x: T| x * x;
        let count = allocations(|| assert!(derivative(one, x[0], scheme, Step::Auto).is_ok()));
        assert_eq!(count, 0, "{}", what("derivative"));
    }
    let count = allocations(|| assert!(extrapolate(|x: T| x * x, x[0], Step::Auto, x[0]).is_ok()));
    assert_eq!(count, 0, "extrapolation");
}

// One test, as all threads share the count.
#[test]
fn scratch_is_kept_by_the_thread_and_evaluations_allocate_nothing() {
    let pool = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
    };
    pool(1).install(|| {
        for n in [1, 8, 100, 1000] {
            on_one_thread::<f64>(n);
            on_one_thread::<f32>(n);
        }
        // Room for more is not kept: a copy of x for each gradient, and none for an evaluation.
        let (x, mut slots) = (vec![0.5; 5000], vec![0.0; 5000]);
        let first = |x: &[f64]| x[0];
        let count = allocations(|| {
            Differences::default()
                .gradient_into(first, &x, &mut slots)
                .unwrap();
        });
        assert_eq!(count, 10, "a copy each");
    });
    // On more threads rayon's queues grow now and then.
    pool(2).install(|| {
        let (x, mut slots) = (vec![0.5; 1000], vec![0.0; 1000]);
        let count = allocations(|| {
            Differences::default()
                .gradient_into(squares, &x, &mut slots)
                .unwrap();
        });
        assert!(count < 100, "{count} for 20,000 evaluations");
    });
}
