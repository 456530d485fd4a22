//! Sparse matrices from few evaluations.
use crate::ladder_functions::{SIDE, laplacian, neighbours, tridiagonal, tridiagonal_entry};
use numgrad_diff::{Coloring, DiffError, Differences, PatternError, Scheme, SparsityPattern};
use std::sync::atomic::{AtomicUsize, Ordering};

const LADDER: [(Scheme, f64); 4] = [
    (Scheme::Forward, 1e-6),
    (Scheme::Backward, 1e-6),
    (Scheme::Central, 1e-9),
    (Scheme::FivePoint, 1e-11),
];

#[test]
fn a_tridiagonal_jacobian_takes_three_colours() {
    let n = 50;
    let pattern = SparsityPattern::banded(n, 1, 1);
    let coloring = pattern.color_columns();
    assert_eq!(coloring.count(), 3);
    let x: Vec<f64> = (0..n).map(|k| (k as f64 * 0.37).sin()).collect();
    for (scheme, limit) in LADDER {
        let calls = AtomicUsize::new(0);
        let f = |x: &[f64], y: &mut [f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            tridiagonal(x, y);
        };
        let differences = Differences::new(scheme);
        let found = differences
            .sparse_jacobian(f, &x, &pattern, &coloring)
            .unwrap();
        assert_eq!(calls.into_inner(), scheme.evaluations(3), "{scheme}");
        let dense = differences.jacobian(tridiagonal, &x, n).unwrap();
        for j in 0..n {
            for (&i, found) in pattern.column(j).iter().zip(&found[pattern.range(j)]) {
                let exact = tridiagonal_entry(&x, i, j);
                assert!(
                    (found - exact).abs() < limit,
                    "{scheme} {i} {j}: {found} {exact}"
                );
                // A function evaluated with the same x in its row gives the same bits.
                assert_eq!(found.to_bits(), dense[j * n + i].to_bits());
            }
        }
    }
}

fn grid() -> SparsityPattern {
    let n = SIDE * SIDE;
    let entries = (0..n).flat_map(|k| neighbours(k).chain([k]).map(move |j| (k, j)));
    SparsityPattern::new(n, n, entries).unwrap()
}

#[test]
fn a_grid_of_10_000_takes_a_handful_of_colours() {
    let pattern = grid();
    let coloring = pattern.color_columns();
    assert!(coloring.count() <= 8, "{}", coloring.count());
    let n = SIDE * SIDE;
    let u: Vec<f64> = (0..n).map(|k| (k as f64 * 0.01).sin()).collect();
    for (scheme, limit) in LADDER {
        let calls = AtomicUsize::new(0);
        let f = |x: &[f64], y: &mut [f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            laplacian(x, y);
        };
        let found = Differences::new(scheme).sparse_jacobian(f, &u, &pattern, &coloring);
        let found = found.unwrap();
        assert_eq!(calls.into_inner(), scheme.evaluations(coloring.count()));
        for j in 0..n {
            for (&i, found) in pattern.column(j).iter().zip(&found[pattern.range(j)]) {
                let exact = if i == j {
                    4.0 + 0.3 * u[j] * u[j]
                } else {
                    -1.0
                };
                assert!(
                    (found - exact).abs() < limit * exact.abs(),
                    "{scheme} {i} {j}: {found}"
                );
            }
        }
    }
}

/// Each coordinate is coupled with its neighbour.
fn chain(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (w[0] * w[1]).sin() + w[0].powi(3))
        .sum()
}

fn chain_gradient(x: &[f64], g: &mut [f64]) {
    g.fill(0.0);
    for k in 0..x.len() - 1 {
        let c = (x[k] * x[k + 1]).cos();
        g[k] += x[k + 1] * c + 3.0 * x[k] * x[k];
        g[k + 1] += x[k] * c;
    }
}

#[test]
fn sparse_hessians_equal_dense_ones() {
    let n = 12;
    let pattern = SparsityPattern::banded(n, 1, 1);
    let coloring = pattern.color_columns();
    let x: Vec<f64> = (0..n).map(|k| (k as f64 * 0.9).cos()).collect();
    for scheme in Scheme::ALL {
        let differences = Differences::new(scheme);
        let dense = differences.hessian(chain, &x).unwrap();
        let calls = AtomicUsize::new(0);
        let f = |x: &[f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            chain(x)
        };
        let found = differences.sparse_hessian(f, &x, &pattern).unwrap();
        let above = n - 1;
        let count = match scheme {
            Scheme::Forward | Scheme::Backward => 2 * n + 1 + above,
            Scheme::Central => 2 * n + 1 + 2 * above,
            Scheme::FivePoint => 4 * n + 1 + 4 * above,
        };
        assert_eq!(calls.into_inner(), count, "{scheme}");
        let coloured = differences
            .sparse_hessian_of_gradient(chain_gradient, &x, &pattern, &coloring)
            .unwrap();
        for j in 0..n {
            for (&i, at) in pattern.column(j).iter().zip(pattern.range(j)) {
                assert_eq!(
                    found[at].to_bits(),
                    dense[i * n + j].to_bits(),
                    "{scheme} {i} {j}"
                );
                assert!(
                    (coloured[at] - dense[i * n + j]).abs() < 1e-4,
                    "{scheme} {i} {j}"
                );
                let mirror = pattern.position(j, i).unwrap();
                assert_eq!(coloured[at].to_bits(), coloured[mirror].to_bits());
            }
        }
    }
}

#[test]
fn patterns_and_colourings_that_do_not_fit_are_refused() {
    assert!(matches!(
        SparsityPattern::new(2, 2, [(0, 2)]),
        Err(PatternError::Outside { column: 2, .. })
    ));
    let pattern = SparsityPattern::banded(4, 1, 1);
    let central = Differences::default();
    let one = Coloring::new(vec![0; 4]);
    let found = central.sparse_jacobian(tridiagonal, &[1.0; 4], &pattern, &one);
    assert!(matches!(
        found,
        Err(DiffError::Pattern(PatternError::Meeting {
            first: 0,
            second: 1,
            ..
        }))
    ));
    let found = central.sparse_jacobian(tridiagonal, &[1.0; 3], &pattern, &one);
    assert!(matches!(found, Err(DiffError::Length { .. })));
    let lopsided = SparsityPattern::banded(4, 0, 1);
    let found = central.sparse_hessian(chain, &[1.0; 4], &lopsided);
    assert!(matches!(
        found,
        Err(DiffError::Pattern(PatternError::Asymmetric { .. }))
    ));
}
