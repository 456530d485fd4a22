//! Jacobians and Hessians, whole and as products, against analysis.
use crate::ladder_functions::{spherical, spherical_jacobian};
use numgrad_diff::{DiffError, Differences, Scheme, Step};
use std::sync::atomic::{AtomicUsize, Ordering};

const PLACE: [f64; 3] = [1.7, 0.8, -0.6];

/// How far each scheme is from analysis, relative to entries of size 1.
const LADDER: [(Scheme, f64); 4] = [
    (Scheme::Forward, 1e-6),
    (Scheme::Backward, 1e-6),
    (Scheme::Central, 1e-9),
    (Scheme::FivePoint, 1e-11),
];

fn assert_close(found: &[f64], exact: &[f64], limit: f64, what: &str) {
    assert_eq!(found.len(), exact.len(), "{what}");
    for (k, (found, exact)) in found.iter().zip(exact).enumerate() {
        let error = (found - exact).abs();
        assert!(
            error <= limit * exact.abs().max(1.0),
            "{what}, {k}: {found} {exact} {error:e}"
        );
    }
}

#[test]
fn jacobians_are_right_and_cost_what_is_stated() {
    for (scheme, limit) in LADDER {
        let calls = AtomicUsize::new(0);
        let f = |p: &[f64], xyz: &mut [f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            spherical(p, xyz);
        };
        let found = Differences::new(scheme).jacobian(f, &PLACE, 3).unwrap();
        assert_close(
            &found,
            &spherical_jacobian(&PLACE),
            limit,
            &format!("{scheme}"),
        );
        assert_eq!(calls.into_inner(), scheme.evaluations(3));
    }
}

#[test]
fn a_jacobians_columns_are_the_bits_of_gradients() {
    let differences = Differences::new(Scheme::FivePoint);
    let found = differences.jacobian(spherical, &PLACE, 3).unwrap();
    for i in 0..3 {
        let row = |p: &[f64]| {
            let mut xyz = [0.0; 3];
            spherical(p, &mut xyz);
            xyz[i]
        };
        let row = differences.gradient(row, &PLACE).unwrap();
        for j in 0..3 {
            assert_eq!(found[j * 3 + i].to_bits(), row[j].to_bits());
        }
    }
}

#[test]
fn products_with_a_vector_are_those_of_the_matrix() {
    let v = [0.3, -2.0, 1.1];
    let jacobian = spherical_jacobian(&PLACE);
    let exact: Vec<f64> = (0..3)
        .map(|i| (0..3).map(|j| jacobian[j * 3 + i] * v[j]).sum())
        .collect();
    for (scheme, limit) in LADDER {
        let differences = Differences::new(scheme);
        let mut found = [f64::NAN; 3];
        differences
            .jvp_into(spherical, &PLACE, &v, &mut found)
            .unwrap();
        assert_close(&found, &exact, limit, &format!("{scheme}"));
        let height = |p: &[f64]| p[0] * p[1].cos();
        let slope = differences.directional(height, &PLACE, &v).unwrap();
        assert_close(&[slope], &exact[2..], limit, &format!("{scheme}"));
    }
    let mut found = [f64::NAN; 3];
    let differences = Differences::default();
    differences
        .jvp_into(spherical, &PLACE, &[0.0; 3], &mut found)
        .unwrap();
    assert_eq!(found, [0.0; 3]);
}

/// Every coordinate is coupled with its neighbour.
fn coupled(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (w[0] * w[1]).sin() + w[0].powi(3))
        .sum()
}

fn coupled_hessian(x: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut hessian = vec![0.0; n * n];
    for k in 0..n - 1 {
        let (a, b) = (x[k], x[k + 1]);
        let (s, c) = (a * b).sin_cos();
        hessian[k * n + k] += -b * b * s + 6.0 * a;
        hessian[(k + 1) * n + k + 1] += -a * a * s;
        hessian[k * n + k + 1] += c - a * b * s;
        hessian[(k + 1) * n + k] += c - a * b * s;
    }
    hessian
}

/// Second derivatives lose more: ε^(p/(p+2)), with constants up to 100.
const SECOND_LADDER: [(Scheme, f64); 4] = [
    (Scheme::Forward, 1e-4),
    (Scheme::Backward, 1e-4),
    (Scheme::Central, 3e-7),
    (Scheme::FivePoint, 3e-9),
];

#[test]
fn hessians_their_diagonals_and_products_are_right_and_cost_what_is_stated() {
    let x: Vec<f64> = (0..9).map(|k| (f64::from(k) * 0.9).cos()).collect();
    let v: Vec<f64> = (0..9).map(|k| (f64::from(k) * 1.3).sin()).collect();
    let n = x.len();
    let exact = coupled_hessian(&x);
    let diagonal: Vec<f64> = (0..n).map(|k| exact[k * n + k]).collect();
    let product: Vec<f64> = (0..n)
        .map(|i| (0..n).map(|j| exact[i * n + j] * v[j]).sum())
        .collect();
    let calls = AtomicUsize::new(0);
    let f = |x: &[f64]| {
        calls.fetch_add(1, Ordering::Relaxed);
        coupled(x)
    };
    let counts = [
        (n * (n + 3) / 2 + 1, 2 * n + 1, 2 * n + 2),
        (n * (n + 3) / 2 + 1, 2 * n + 1, 2 * n + 2),
        (n * n + n + 1, 2 * n + 1, 4 * n),
        (2 * n * n + 2 * n + 1, 4 * n + 1, 8 * n),
    ];
    for ((scheme, limit), counts) in SECOND_LADDER.into_iter().zip(counts) {
        let differences = Differences::new(scheme);
        let what = format!("{scheme}");
        assert_close(&differences.hessian(f, &x).unwrap(), &exact, limit, &what);
        assert_eq!(calls.swap(0, Ordering::Relaxed), counts.0, "{what}");
        assert_close(
            &differences.hessian_diagonal(f, &x).unwrap(),
            &diagonal,
            limit,
            &what,
        );
        assert_eq!(calls.swap(0, Ordering::Relaxed), counts.1, "{what}");
        assert_close(
            &differences.hessian_vector(f, &x, &v).unwrap(),
            &product,
            limit,
            &what,
        );
        assert_eq!(calls.swap(0, Ordering::Relaxed), counts.2, "{what}");
    }
}

#[test]
fn matrices_have_equal_bits_on_1_2_3_and_8_threads() {
    let x: Vec<f64> = (0..17).map(|k| (f64::from(k) * 0.9).cos()).collect();
    let squares = |x: &[f64], y: &mut [f64]| {
        for (y, w) in y.iter_mut().zip(x.windows(2)) {
            *y = (w[0] * w[1]).exp();
        }
    };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let differences = Differences::default();
            (
                differences.jacobian(squares, &x, 16).unwrap(),
                differences.hessian(coupled, &x).unwrap(),
                differences.hessian_vector(coupled, &x, &x).unwrap(),
            )
        })
    };
    let one = on(1);
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), one);
    }
}

#[test]
fn bounds_are_never_crossed() {
    let (lower, upper) = ([0.0, -1.0, 0.5, 2.0], [9.0, 1.0, 0.5 + 1e-7, 4.0]);
    let watched = |x: &[f64]| {
        for k in 0..4 {
            assert!(lower[k] <= x[k] && x[k] <= upper[k], "{k}: {}", x[k]);
        }
        coupled(x)
    };
    for x in [
        [0.0, 1.0, 0.5, 2.0],
        [9.0, -1.0, 0.5 + 1e-7, 4.0],
        [1e-9, 1.0 - 1e-9, 0.5 + 3e-8, 3.0],
        [4.0, 0.0, 0.5 + 5e-8, 3.999_999_9],
    ] {
        for scheme in Scheme::ALL {
            let bounded = Differences::new(scheme).within(&lower, &upper);
            let found = bounded.gradient(watched, &x).unwrap();
            let exact = Differences::new(Scheme::FivePoint)
                .gradient(coupled, &x)
                .unwrap();
            for k in 0..4 {
                // Coordinate 2 may move by 1e-7 only: there rounding is 1e-14/1e-8. The
                // largest third derivatives are about 100.
                let limit = if k == 2 { 3e-5 } else { 1e-5 };
                let error = (found[k] - exact[k]).abs();
                assert!(error < limit, "{scheme} at {x:?}, {k}: {error:e}");
            }
            bounded.gradient_estimates(watched, &x).unwrap();
            bounded.hessian(watched, &x).unwrap();
            bounded.hessian_diagonal(watched, &x).unwrap();
            let inward: Vec<f64> = (0..4).map(|k| 0.5 * (lower[k] + upper[k]) - x[k]).collect();
            bounded.directional(watched, &x, &inward).unwrap();
            bounded.descend(watched, &x, 1.0, 3).unwrap();
        }
    }
    let bounded = Differences::default().within(&lower, &upper);
    let found = bounded.gradient(watched, &[0.0, 1.5, 0.5, 3.0]);
    assert!(matches!(found, Err(DiffError::Bounds { index: 1, .. })));
}

#[test]
fn steps_of_each_coordinate_are_used_as_given() {
    let f = |x: &[f64]| x[0] * x[0] + x[1] * x[1];
    let found = Differences::new(Scheme::Forward)
        .steps(&[0.5, 0.25])
        .gradient(f, &[1.0, 1.0]);
    assert_eq!(found, Ok(vec![2.5, 2.25]));
    let step = Step::Absolute(0.5);
    let found = Differences::new(Scheme::Backward)
        .step(step)
        .gradient(f, &[1.0, 1.0]);
    assert_eq!(found, Ok(vec![1.5, 1.5]));
    let found = Differences::default()
        .steps(&[0.5])
        .gradient(f, &[1.0, 1.0]);
    let (expected, found_length) = (2, 1);
    let length = DiffError::Length {
        expected,
        found: found_length,
    };
    assert_eq!(found, Err(length));
    let found = Differences::default()
        .steps(&[0.5, 0.0])
        .gradient(f, &[1.0, 1.0]);
    assert_eq!(found, Err(DiffError::Step(0.0)));
}
