//! Functions that fail, panic, or are only defined in places.
use numgrad_diff::{Differences, Failure, Scheme};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[test]
fn the_first_error_by_coordinate_comes_back_on_every_number_of_threads() {
    let x = vec![0.5; 200];
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            for bad in [[150, 37, 199], [0, 1, 2], [198, 199, 197]] {
                let f = |p: &[f64]| match p.iter().position(|&p| p != 0.5) {
                    Some(k) if bad.contains(&k) => Err(k),
                    _ => Ok(p.iter().sum()),
                };
                let least = *bad.iter().min().unwrap();
                let failure = Failure::Objective {
                    coordinate: Some(least),
                    error: least,
                };
                for _ in 0..20 {
                    let found = Differences::default().try_gradient(f, &x);
                    assert_eq!(found.as_ref(), Err(&failure), "{threads} threads");
                }
            }
        });
    }
    let centre = Differences::new(Scheme::Forward).try_gradient(|_: &[f64]| Err("no"), &x);
    let failure = Failure::Objective {
        coordinate: None,
        error: "no",
    };
    assert_eq!(centre, Err(failure));
}

#[test]
fn an_error_that_comes_later_at_a_lower_coordinate_replaces_the_earlier_one() {
    let higher_failed = AtomicBool::new(false);
    let f = |p: &[f64]| match p.iter().position(|&p| p != 0.5) {
        Some(3) => {
            // Until the other has failed, or for a while if one thread does all.
            let start = Instant::now();
            while !higher_failed.load(Ordering::SeqCst) && start.elapsed().as_millis() < 500 {
                std::thread::yield_now();
            }
            // And until its error is in its place.
            std::thread::sleep(Duration::from_millis(20));
            Err(3)
        }
        Some(150) => {
            higher_failed.store(true, Ordering::SeqCst);
            Err(150)
        }
        _ => Ok(p.iter().sum::<f64>()),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    let found = pool
        .unwrap()
        .install(|| Differences::default().try_gradient(f, &vec![0.5; 200]));
    let failure = Failure::Objective {
        coordinate: Some(3),
        error: 3,
    };
    assert_eq!(found, Err(failure));
    assert!(higher_failed.into_inner());
}

#[test]
fn a_function_that_panics_leaves_x_and_the_next_gradient_alone() {
    let x: Vec<f64> = (0..50).map(f64::from).collect();
    let before = x.clone();
    let panics = |p: &[f64]| {
        assert!(p[20] == 20.0, "it moved");
        p[20]
    };
    let caught = catch_unwind(AssertUnwindSafe(|| {
        Differences::default().gradient(panics, &x)
    }));
    assert!(caught.is_err());
    assert_eq!(x, before);
    let sum = |p: &[f64]| p.iter().sum::<f64>();
    let found = Differences::default().gradient(sum, &x).unwrap();
    assert!(found.iter().all(|g| (g - 1.0).abs() < 1e-6));
}

#[test]
fn nan_flips_the_side_where_that_is_asked_for() {
    // Defined for x ≥ 0 and y ≤ 1 only.
    let f = |p: &[f64]| p[0].powf(2.5) + (1.0 - p[1]).powf(2.5) + 3.0 * p[0] - 2.0 * p[1];
    for (scheme, limit) in [
        (Scheme::Forward, 1e-6),
        (Scheme::Backward, 1e-6),
        (Scheme::Central, 1e-6),
        (Scheme::FivePoint, 1e-4),
    ] {
        let found = Differences::new(scheme)
            .domain_by_nan()
            .gradient(f, &[0.0, 1.0]);
        let found = found.unwrap();
        assert!((found[0] - 3.0).abs() < limit, "{scheme}: {found:?}");
        assert!((found[1] + 2.0).abs() < limit, "{scheme}: {found:?}");
    }
    let blind = Differences::default().gradient(f, &[0.0, 1.0]).unwrap();
    assert!(blind[0].is_nan() && blind[1].is_nan());
    let nowhere = |_: &[f64]| f64::NAN;
    let found = Differences::default()
        .domain_by_nan()
        .gradient(nowhere, &[1.0]);
    assert!(found.unwrap()[0].is_nan());
}
