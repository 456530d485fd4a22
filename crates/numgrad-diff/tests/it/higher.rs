//! Orders 1 to 4, and the weights behind them.
use numgrad_diff::{
    DiffError, Real, Status, Step, fornberg_weights, nth_derivative, stencil_derivative,
};

#[test]
fn weights_are_exact_on_polynomials_with_uneven_nodes() {
    let nodes = [-1.3, -0.4, 0.1, 0.9, 1.7, 2.2];
    let z = 0.35_f64;
    for order in 0..=5_i32 {
        let weights = fornberg_weights(z, &nodes, order as usize);
        for degree in 0..=5_i32 {
            let found: f64 = weights
                .iter()
                .zip(nodes)
                .map(|(w, x)| w * x.powi(degree))
                .sum();
            let falling: i32 = (0..order).map(|k| degree - k).product();
            let exact = if degree < order {
                0.0
            } else {
                f64::from(falling) * z.powi(degree - order)
            };
            // Weights are up to 1e2, so rounding is up to 1e-13.
            assert!(
                (found - exact).abs() < 1e-11,
                "{order} {degree}: {found} {exact}"
            );
        }
    }
}

#[test]
fn known_stencils_come_out() {
    let five = fornberg_weights(0.0, &[-2.0, -1.0, 0.0, 1.0, 2.0], 1);
    for (found, twelfths) in five.into_iter().zip([1.0, -8.0, 0.0, 8.0, -1.0]) {
        assert!((found - twelfths / 12.0_f64).abs() < 1e-16);
    }
    assert_eq!(
        fornberg_weights(0.0, &[-2.0, -1.0, 0.0, 1.0, 2.0], 4),
        [1.0, -4.0, 6.0, -4.0, 1.0]
    );
    assert!(fornberg_weights::<f64>(0.0, &[], 1).is_empty());
    assert_eq!(fornberg_weights(0.0, &[0.0, 1.0], 3), [0.0, 0.0]);
}

fn ladder<T: Real>(f: fn(T) -> T, exact: fn(f64, usize) -> f64, x: T, accuracy: usize) {
    let epsilon = T::EPSILON.as_f64();
    for order in 1..=4 {
        let found = nth_derivative(f, x, order, accuracy, Step::Auto).unwrap();
        let exact = exact(x.as_f64(), order);
        let error = (found.value.as_f64() - exact).abs();
        let what = format!("order {order}, accuracy {accuracy}, at {x}: {error:e} {found:?}");
        assert_ne!(found.status, Status::NotFinite, "{what}");
        assert!(error <= found.error.as_f64(), "{what}");
        // What both errors are at the automatic step, with a thousand for the constants.
        let (p, d) = (accuracy as f64, order as f64);
        assert!(
            found.error.as_f64() < 1e3 * epsilon.powf(p / (p + d)),
            "{what}"
        );
    }
}

#[test]
fn orders_1_to_4_are_close_and_their_errors_bound_them() {
    for accuracy in [2, 4, 6, 8] {
        for x in [0.3, 1.0, 1.4] {
            ladder(f64::exp, |x, _| x.exp(), x, accuracy);
            ladder(
                f64::sin,
                |x, d| (x + d as f64 * std::f64::consts::FRAC_PI_2).sin(),
                x,
                accuracy,
            );
        }
    }
    ladder(f32::exp, |x, _| x.exp(), 0.7, 4);
}

#[test]
fn stencils_evaluate_as_often_as_stated() {
    let count = |order, accuracy| {
        let f = |x: f64| x.exp();
        let found = nth_derivative(f, 1.0, order, accuracy, Step::Auto).unwrap();
        found.evaluations
    };
    // Nodes −4, −2, …: ±1, ±2 for the first order of accuracy 2 with h and 2h.
    assert_eq!(count(1, 2), 4);
    assert_eq!(count(2, 2), 5);
    assert_eq!(count(1, 4), 6);
    assert_eq!(count(4, 2), 7);
}

#[test]
fn orders_that_are_not_offered_are_refused() {
    for (order, accuracy) in [(0, 2), (5, 2), (1, 0), (1, 3), (1, 10)] {
        let found = nth_derivative(f64::sin, 1.0, order, accuracy, Step::Auto);
        assert_eq!(found, Err(DiffError::Order { order, accuracy }));
    }
    let found = nth_derivative(|x: f64| x.sqrt(), 0.0, 2, 2, Step::Auto).unwrap();
    assert_eq!(found.status, Status::NotFinite);
}

#[test]
fn any_stencil_is_as_good_as_its_offsets_and_says_how_good() {
    let stencils: [(&[f64], usize, f64); 6] = [
        (&[0.0, 1.0], 1, 1e-6),
        (&[-1.0, 1.0], 1, 1e-9),
        (&[0.0, 1.0, 2.0], 1, 1e-9),
        (&[-1.0, 0.0, 2.0, 3.5], 1, 1e-10),
        (&[-2.0, -1.0, 0.0, 1.0, 2.0], 2, 1e-8),
        (&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 3, 1e-4),
    ];
    for (offsets, order, limit) in stencils {
        for x in [0.3, 1.0, -0.8] {
            let found = stencil_derivative(f64::exp, x, offsets, order, Step::Auto).unwrap();
            let error = (found.value - x.exp()).abs();
            let what = format!("{offsets:?}, order {order}, at {x}: {error:e} {found:?}");
            assert!(
                error <= found.error && found.error < 100.0 * limit,
                "{what}"
            );
            assert!(error < limit * x.exp(), "{what}");
            assert_eq!(found.evaluations, 2 * offsets.len(), "{what}");
        }
    }
    let h = Step::Absolute(0.5);
    let found = stencil_derivative(|x: f64| x * x, 1.0, &[0.0, 1.0], 1, h).unwrap();
    assert_eq!(found.value, 2.5);
    let refused: [(&[f64], usize); 5] = [
        (&[], 1),
        (&[0.0, 1.0], 2),
        (&[1.0, 1.0, 0.0], 1),
        (&[0.0, f64::NAN], 1),
        (&[0.0, 1.0], 0),
    ];
    for (offsets, order) in refused {
        let found = stencil_derivative(f64::exp, 0.0, offsets, order, Step::Auto);
        assert_eq!(found, Err(DiffError::Stencil { order }), "{offsets:?}");
    }
}
