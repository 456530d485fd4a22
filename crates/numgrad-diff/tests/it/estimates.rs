//! The error of every entry of a matrix bounds the true one, and is no more than 100 times of it.
use crate::ladder_functions::{
    SIDE, laplacian, neighbours, polar, polar_jacobian, rosenbrock, rosenbrock_hessian, spherical,
    spherical_jacobian, tridiagonal, tridiagonal_entry,
};
use numgrad_diff::{Differences, Estimates, Scheme, SparsityPattern, Status};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Each entry's error is at most its estimate, which is at most 100 times the error, or what a
/// rounding of f may do to the entry.
fn assert_bounds(found: &Estimates<f64>, exact: &[f64], floor: impl Fn(usize) -> f64, what: &str) {
    assert_eq!(found.values.len(), exact.len(), "{what}");
    for (k, exact) in exact.iter().enumerate() {
        let (error, estimate) = ((found.values[k] - exact).abs(), found.errors[k]);
        let said = format!(
            "{what}, {k}: {error:e} {estimate:e} {:?}",
            found.statuses[k]
        );
        assert!(error <= estimate, "{said}");
        assert!(estimate <= 100.0 * error.max(floor(k)), "{said}");
        assert_ne!(found.statuses[k], Status::NotFinite, "{said}");
    }
}

type Map = (
    &'static str,
    fn(&[f64], &mut [f64]),
    fn(&[f64]) -> Vec<f64>,
    &'static [f64],
);

const MAPS: [Map; 3] = [
    ("polar", polar, polar_jacobian, &[2.5, 0.9]),
    (
        "spherical",
        spherical,
        spherical_jacobian,
        &[1.7, 0.8, -0.6],
    ),
    (
        "spherical",
        spherical,
        spherical_jacobian,
        &[300.0, 2.2, 4.0],
    ),
];

#[test]
fn jacobians_have_the_error_of_each_entry() {
    for (name, f, exact, x) in MAPS {
        let m = x.len();
        let mut y = vec![0.0; m];
        f(x, &mut y);
        for scheme in Scheme::ALL {
            let what = format!("{name}, {scheme}");
            let calls = AtomicUsize::new(0);
            let counted = |x: &[f64], y: &mut [f64]| {
                calls.fetch_add(1, Ordering::Relaxed);
                f(x, y);
            };
            let differences = Differences::new(scheme);
            let found = differences.jacobian_estimates(counted, x, m).unwrap();
            assert_eq!(found.evaluations, 2 * scheme.evaluations(m), "{what}");
            assert_eq!(found.evaluations, calls.into_inner(), "{what}");
            assert_eq!(
                found.values,
                differences.jacobian(f, x, m).unwrap(),
                "{what}"
            );
            let floor = |k: usize| f64::EPSILON * y[k % m].abs() / found.steps[k / m].abs();
            assert_bounds(&found, &exact(x), floor, &what);
            // J·v is the sum of columns.
            let v = [0.3, -2.0, 1.1];
            let product = differences.jvp_estimates(f, x, &v[..m], m).unwrap();
            let exact = exact(x);
            let exact: Vec<f64> = (0..m)
                .map(|i| (0..m).map(|j| exact[j * m + i] * v[j]).sum())
                .collect();
            let floor = |k: usize| f64::EPSILON * y[k].abs() / product.steps[0].abs();
            assert_bounds(&product, &exact, floor, &what);
        }
    }
}

#[test]
fn sparse_jacobians_have_the_error_of_each_entry() {
    let n = 50;
    let x: Vec<f64> = (0..n).map(|k| (k as f64 * 0.37).sin()).collect();
    let band = SparsityPattern::banded(n, 1, 1);
    let exact: Vec<f64> = (0..n)
        .flat_map(|j| band.column(j).iter().map(move |&i| (i, j)))
        .map(|(i, j)| tridiagonal_entry(&x, i, j))
        .collect();
    let cells = SIDE * SIDE;
    let u: Vec<f64> = (0..cells).map(|k| (k as f64 * 0.01).sin()).collect();
    let entries = (0..cells).flat_map(|k| neighbours(k).chain([k]).map(move |j| (k, j)));
    let grid = SparsityPattern::new(cells, cells, entries).unwrap();
    let exact_grid: Vec<f64> = (0..cells)
        .flat_map(|j| grid.column(j).iter().map(move |&i| (i, j)))
        .map(|(i, j)| {
            if i == j {
                4.0 + 0.3 * u[j] * u[j]
            } else {
                -1.0
            }
        })
        .collect();
    for scheme in Scheme::ALL {
        let differences = Differences::new(scheme);
        for (name, f, x, pattern, exact) in [
            (
                "tridiagonal",
                tridiagonal as fn(&[f64], &mut [f64]),
                &x,
                &band,
                &exact,
            ),
            ("Laplacian", laplacian, &u, &grid, &exact_grid),
        ] {
            let what = format!("{name}, {scheme}");
            let coloring = pattern.color_columns();
            let found = differences.sparse_jacobian_estimates(f, x, pattern, &coloring);
            let found = found.unwrap();
            let plain = differences
                .sparse_jacobian(f, x, pattern, &coloring)
                .unwrap();
            assert_eq!(found.values, plain, "{what}");
            let calls = 2 * scheme.evaluations(coloring.count());
            assert_eq!(found.evaluations, calls, "{what}");
            // What f adds up is up to 8, whatever comes out.
            let floor = |k: usize| f64::EPSILON / found.steps[column_of(pattern, k)].abs();
            assert_bounds(&found, exact, floor, &what);
        }
    }
}

fn column_of(pattern: &SparsityPattern, entry: usize) -> usize {
    let (mut low, mut high) = (0, pattern.columns());
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if pattern.range(middle).start <= entry {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[test]
fn hessians_and_their_products_have_the_error_of_each_entry() {
    let x = [-1.2, 1.0, 0.7, -0.4, 0.9];
    let v = [0.3, -1.0, 0.5, 0.2, 2.0];
    let n = x.len();
    let exact = rosenbrock_hessian(&x);
    let product: Vec<f64> = (0..n)
        .map(|i| (0..n).map(|j| exact[i * n + j] * v[j]).sum())
        .collect();
    let pattern = SparsityPattern::banded(n, 1, 1);
    let sparse: Vec<f64> = (0..n)
        .flat_map(|j| pattern.column(j).iter().map(move |&i| (i, j)))
        .map(|(i, j)| exact[i * n + j])
        .collect();
    let height = f64::EPSILON * rosenbrock(&x);
    for scheme in Scheme::ALL {
        let what = format!("{scheme}");
        let differences = Differences::new(scheme);
        let found = differences.hessian_estimates(rosenbrock, &x).unwrap();
        let floor = |k: usize| height / (found.steps[k / n] * found.steps[k % n]).abs();
        assert_bounds(&found, &exact, floor, &what);
        assert_eq!(found.values, differences.hessian(rosenbrock, &x).unwrap());
        let least = found
            .steps
            .iter()
            .fold(f64::INFINITY, |a, h| a.min(h.abs()));
        let found = differences.sparse_hessian_estimates(rosenbrock, &x, &pattern);
        assert_bounds(&found.unwrap(), &sparse, |_| height / least / least, &what);
        let found = differences
            .hessian_vector_estimates(rosenbrock, &x, &v)
            .unwrap();
        let t = found.steps[n].abs();
        assert_bounds(
            &found,
            &product,
            |k| height / found.steps[k].abs() / t,
            &what,
        );
        let plain = differences.hessian_vector(rosenbrock, &x, &v).unwrap();
        assert_eq!(found.values, plain, "{what}");
    }
}

#[test]
fn estimates_stay_within_bounds_and_say_where_f_ends() {
    let (lower, upper) = ([0.0, -1.0, 0.5], [9.0, 1.0, 0.5 + 1e-3]);
    let watched = |x: &[f64]| {
        for k in 0..3 {
            assert!(lower[k] <= x[k] && x[k] <= upper[k], "{k}: {}", x[k]);
        }
        rosenbrock(x)
    };
    let map = |x: &[f64], y: &mut [f64]| y[0] = watched(x);
    let dense = SparsityPattern::banded(3, 2, 2);
    let coloring = dense.color_columns();
    for x in [[0.0, 1.0, 0.5], [9.0, -1.0, 0.501], [4.0, 0.0, 0.5004]] {
        let exact = rosenbrock_hessian(&x);
        for scheme in Scheme::ALL {
            let bounded = Differences::new(scheme).within(&lower, &upper);
            let what = format!("{scheme} at {x:?}");
            let inward: Vec<f64> = (0..3).map(|k| 0.5 * (lower[k] + upper[k]) - x[k]).collect();
            for found in [
                bounded.jacobian_estimates(map, &x, 1).unwrap(),
                bounded.jvp_estimates(map, &x, &inward, 1).unwrap(),
                bounded
                    .sparse_hessian_estimates(watched, &x, &dense)
                    .unwrap(),
                bounded
                    .hessian_vector_estimates(watched, &x, &inward)
                    .unwrap(),
            ] {
                assert!(
                    found.errors.iter().all(|e| e.is_finite()),
                    "{what}: {found:?}"
                );
            }
            let one = |x: &[f64], y: &mut [f64]| y.fill(watched(x));
            let row = SparsityPattern::new(1, 3, (0..3).map(|j| (0, j))).unwrap();
            let colors = row.color_columns();
            let sparse = bounded.sparse_jacobian(one, &x, &row, &colors).unwrap();
            assert_eq!(sparse, bounded.gradient(watched, &x).unwrap(), "{what}");
            bounded
                .sparse_jacobian_estimates(one, &x, &row, &colors)
                .unwrap();
            let found = bounded
                .hessian_vector_estimates(watched, &x, &inward)
                .unwrap();
            for k in 0..3 {
                let product: f64 = (0..3).map(|j| exact[k * 3 + j] * inward[j]).sum();
                let error = (found.values[k] - product).abs();
                // One-sided second differences see the third derivatives, which are 800·x.
                assert!(
                    error <= 10.0 * found.errors[k],
                    "{what}, {k}: {error:e} {found:?}"
                );
            }
        }
    }
    let edge = |x: &[f64], y: &mut [f64]| (y[0], y[1]) = (x[0].sqrt(), x[0] + x[1]);
    let found = Differences::default()
        .jacobian_estimates(edge, &[0.0, 1.0], 2)
        .unwrap();
    assert_eq!(found.statuses[0], Status::NotFinite);
    assert!(found.values[0].is_nan() && found.errors[0].is_infinite() && !found.converged());
    assert_ne!(found.statuses[1], Status::NotFinite);
    let still =
        Differences::default().hessian_vector_estimates(watched, &[1.0, 0.0, 0.5], &[0.0; 3]);
    assert_eq!((still.unwrap().evaluations, coloring.count()), (0, 3));
}

#[test]
fn columns_of_a_colour_that_turn_aside_are_measured_apart() {
    let n = 12;
    let pattern = SparsityPattern::banded(n, 1, 1);
    let coloring = pattern.color_columns();
    let (lower, upper) = (vec![0.0; n], vec![1.0; n]);
    let inside = |x: &[f64], y: &mut [f64]| {
        assert!(x.iter().all(|x| (0.0..=1.0).contains(x)));
        tridiagonal(x, y);
    };
    // Every second one is at an edge.
    let x: Vec<f64> = (0..n).map(|k| [0.5, 0.0, 0.25, 1.0][k % 4]).collect();
    for scheme in Scheme::ALL {
        let bounded = Differences::new(scheme).within(&lower, &upper);
        let found = bounded
            .sparse_jacobian(inside, &x, &pattern, &coloring)
            .unwrap();
        for j in 0..n {
            for (&i, found) in pattern.column(j).iter().zip(&found[pattern.range(j)]) {
                let exact = tridiagonal_entry(&x, i, j);
                assert!(
                    (found - exact).abs() < 1e-6,
                    "{scheme} {i} {j}: {found} {exact}"
                );
            }
        }
    }
}
