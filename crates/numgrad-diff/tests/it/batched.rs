//! Batched evaluation gives the bits of single evaluation.
use numgrad_diff::{Differences, Scheme};

fn coupled(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (w[0] * w[1]).sin() + w[0].powi(3))
        .sum()
}

#[test]
fn batches_of_any_size_give_the_bits_of_the_gradient_and_its_number_of_points() {
    let x: Vec<f64> = (0..13).map(|k| f64::from(k).cos()).collect();
    for scheme in Scheme::ALL {
        let differences = Differences::new(scheme);
        let single = differences.gradient(coupled, &x).unwrap();
        for batch in [0, 1, 2, 5, 13, 26, 1000] {
            let mut points_seen = 0;
            let values = |points: &[f64], values: &mut [f64]| {
                assert!(values.len() <= batch.max(1));
                assert_eq!(points.len(), values.len() * 13);
                points_seen += values.len();
                for (value, point) in values.iter_mut().zip(points.chunks(13)) {
                    *value = coupled(point);
                }
            };
            let found = differences.gradient_batched(values, &x, batch).unwrap();
            assert_eq!(found, single, "{scheme}, batches of {batch}");
            assert_eq!(points_seen, scheme.evaluations(13));
        }
    }
}

#[test]
fn a_point_without_coordinates_has_an_empty_gradient() {
    let values = |_: &[f64], values: &mut [f64]| values.fill(1.0);
    for scheme in Scheme::ALL {
        let found = Differences::new(scheme).gradient_batched(values, &[], 4);
        assert_eq!(found, Ok(vec![]));
    }
}
