//! The elementary functions are as exact as they say, and have equal bits on every path.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]
use numgrad_scalar::{
    exp, exp_m1, exp_m1_within, gelu, ln_1p, normal, sigmoid, slices, softplus,
    softplus_difference, tanh,
};

/// Arguments and results computed with 300 bits, rounded once.
const REFERENCE: &str = include_str!("reference.txt");

/// The same of what the normal distribution and softplus are made of.
const NORMAL: &str = include_str!("reference_normal.txt");

fn rows() -> impl Iterator<Item = [f64; 8]> {
    rows_of(REFERENCE)
}

fn rows_of<const N: usize>(reference: &'static str) -> impl Iterator<Item = [f64; N]> {
    reference
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut fields = line
                .split(' ')
                .map(|bits| f64::from_bits(u64::from_str_radix(bits, 16).unwrap()));
            std::array::from_fn(|_| fields.next().unwrap())
        })
}

/// The distance of two numbers in units of the last place of the expected one.
fn ulps(found: f64, expected: f64) -> f64 {
    if found == expected {
        return 0.0;
    }
    let place = (expected.abs().next_up() - expected.abs()).max(f64::from_bits(1));
    (found - expected).abs() / place
}

fn worst(name: &str, limit: f64, error: impl Fn(&[f64; 8]) -> f64) {
    let mut worst = (0.0, 0.0);
    for row in rows() {
        let error = error(&row);
        assert!(!error.is_nan(), "{name} of {:e} is not a number", row[0]);
        if error > worst.0 {
            worst = (error, row[0]);
        }
    }
    assert!(worst.0 <= limit, "{name}: {} ulp at {:e}", worst.0, worst.1);
}

#[test]
fn in_f64_every_function_is_within_its_stated_ulps() {
    worst("exp", 1.0, |r| ulps(exp(r[0]), r[1]));
    worst("expm1", 2.0, |r| ulps(exp_m1(r[0]), r[2]));
    worst("sigmoid", 4.0, |r| ulps(sigmoid(r[0]).0, r[3]));
    worst("tanh", 4.0, |r| ulps(tanh(r[0]).0, r[4]));
    worst("1 - tanh^2", 4.0, |r| {
        // Where the slope is subnormal, it is its absolute error that counts.
        if r[5] < 1e-290 {
            0.0
        } else {
            ulps(tanh(r[0]).1, r[5])
        }
    });
    worst("ln(1 + x)", 2.0, |r| ulps(ln_1p(r[0].abs()), r[6]));
    worst("ln(1 - x)", 2.0, |r| {
        let a = r[0].abs();
        let y = -(if a > 0.0 { a.min(1.0 / a) } else { 0.0 }) / 1.0625;
        ulps(ln_1p(y), r[7])
    });
    worst("short expm1", 2.0, |r| {
        if r[0].abs() <= 0.03125 {
            ulps(exp_m1_within(r[0]), r[2])
        } else {
            0.0
        }
    });
}

/// Where a result is subnormal, it is its absolute error that counts.
fn of_normal(error: f64, expected: f64) -> f64 {
    if expected.abs() < 1e-290 { 0.0 } else { error }
}

#[test]
fn softplus_and_the_normal_distribution_are_within_their_stated_ulps() {
    type Function = fn(f64) -> f64;
    let functions: [(&str, f64, Function, usize); 5] = [
        ("softplus", 4.0, |x| softplus(x).0, 1),
        ("density", 8.0, |x| normal(x).1, 2),
        ("Φ", 8.0, |x| normal(x).0, 3),
        ("gelu", 8.0, |x| gelu(x).0, 4),
        ("density beside gelu", 8.0, |x| gelu(x).1, 2),
    ];
    for (name, limit, function, column) in functions {
        for row in rows_of::<5>(NORMAL) {
            let found = of_normal(ulps(function(row[0]), row[column]), row[column]);
            assert!(found <= limit, "{name}: {found} ulp at {:e}", row[0]);
        }
        assert!(function(f64::NAN).is_nan(), "{name}");
    }
    let infinity = f64::INFINITY;
    assert_eq!(
        [softplus(infinity).0, softplus(-infinity).0],
        [infinity, 0.0]
    );
    assert_eq!(softplus(infinity).1, 1.0);
    assert_eq!([gelu(infinity).0, gelu(-infinity).0], [infinity, 0.0]);
    assert_eq!(
        [normal(infinity), normal(-infinity)],
        [(1.0, 0.0), (0.0, 0.0)]
    );
    assert_eq!(gelu(1000.0).0, 1000.0);
}

#[test]
fn in_f32_softplus_and_the_normal_distribution_are_within_their_stated_ulps() {
    let ulps = |found: f32, expected: f64| {
        let nearest = expected as f32;
        let place = nearest.abs().next_up() - nearest.abs();
        // A subnormal number has fewer digits.
        let counts = expected.abs() > f64::from(f32::MIN_POSITIVE) * 16.0;
        f64::from(u8::from(counts)) * (f64::from(found) - expected).abs() / f64::from(place)
    };
    for row in rows_of::<5>(NORMAL) {
        let x = row[0] as f32;
        // In f64 at the rounded argument: eight ulp of f64 are nothing in f32.
        let exact = f64::from(x);
        for (name, limit, found, expected) in [
            ("softplus", 4.0, softplus(x).0, softplus(exact).0),
            ("density", 8.0, normal(x).1, normal(exact).1),
            ("Φ", 8.0, normal(x).0, normal(exact).0),
            ("gelu", 8.0, gelu(x).0, gelu(exact).0),
        ] {
            let error = ulps(found, expected);
            assert!(error <= limit, "{name}: {error} ulp at {x}");
        }
    }
}

#[test]
fn a_small_difference_of_softplus_keeps_its_digits() {
    for z in [-700.0_f64, -20.0, -0.5, 0.0, 3.0, 700.0] {
        let slope = sigmoid(z).0;
        for d in [1e-13, -1e-13] {
            let found = softplus_difference(z, d);
            assert!((found / (slope * d) - 1.0).abs() < 1e-12, "{z} {d} {found}");
        }
        for d in [0.9, -3.0, 900.0] {
            let (expected, found) = (softplus(z + d).0 - softplus(z).0, softplus_difference(z, d));
            assert!(
                (found - expected).abs() <= 1e-13 * (1.0 + expected.abs()),
                "{z} {d} {found}"
            );
        }
    }
}

#[test]
fn in_f32_every_function_is_within_its_stated_ulps() {
    let ulps = |found: f32, expected: f64| {
        let nearest = expected as f32;
        if found == nearest {
            return 0.0;
        }
        let place = nearest.abs().next_up() - nearest.abs();
        (f64::from(found) - expected).abs() / f64::from(place)
    };
    let mut worst = [0.0_f64; 6];
    for k in -40_000..40_000_i32 {
        let x = k as f32 * 0.001 + 1e-5;
        let exact = f64::from(x);
        let errors = [
            ulps(exp(x), exact.exp()),
            ulps(exp_m1(x), exact.exp_m1()),
            ulps(sigmoid(x).0, 1.0 / (1.0 + (-exact).exp())),
            ulps(tanh(x).0, exact.tanh()),
            ulps(ln_1p(x.abs()), exact.abs().ln_1p()),
            ulps(
                ln_1p(-x.abs() / 41.0),
                -f64::ln_1p(0.0) + f64::ln_1p(f64::from(-x.abs() / 41.0)),
            ),
        ];
        for (worst, error) in worst.iter_mut().zip(errors) {
            *worst = worst.max(error);
        }
    }
    for (found, limit) in worst.into_iter().zip([1.0, 2.0, 4.0, 4.0, 2.0, 2.0]) {
        assert!(found <= limit, "{worst:?}");
    }
}

#[test]
fn limits_and_what_is_no_number_come_back_as_they_should() {
    let infinity = f64::INFINITY;
    assert_eq!(exp(infinity), infinity);
    assert_eq!(exp(-infinity), 0.0);
    assert_eq!(exp(1000.0), infinity);
    assert_eq!(exp_m1(-infinity), -1.0);
    assert_eq!(exp_m1(710.0), infinity);
    assert_eq!(exp_m1(709.5_f64), 709.5_f64.exp());
    assert_eq!(ln_1p(infinity), infinity);
    assert_eq!(ln_1p(-1.0), -infinity);
    assert!(ln_1p(-1.5_f64).is_nan());
    assert_eq!(tanh(1000.0).0, 1.0);
    assert_eq!(tanh(-1000.0), (-1.0, 0.0));
    assert_eq!(sigmoid(-1000.0).0, 0.0);
    assert_eq!(sigmoid(1000.0).0, 1.0);
    for f in [exp, exp_m1, ln_1p] {
        assert!(f(f64::NAN).is_nan());
    }
    assert!(sigmoid(f64::NAN).0.is_nan() && tanh(f64::NAN).0.is_nan());
}

/// The scalar functions here are compiled for what every CPU has, the slices for what this one
/// has.
#[test]
fn the_widest_vectors_give_the_bits_of_the_plain_path() {
    let x: Vec<f64> = rows().map(|row| row[0]).collect();
    let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    for (slice, one) in [
        (slices::exp as fn(&mut [f64]), exp as fn(f64) -> f64),
        (slices::exp_m1, exp_m1),
        (slices::ln_1p, ln_1p),
    ] {
        let mut wide: Vec<f64> = x.iter().map(|x| x.abs() / 1.5).collect();
        let plain: Vec<f64> = wide.iter().map(|&x| one(x)).collect();
        slice(&mut wide);
        assert_eq!(bits(&wide), bits(&plain));
    }
    let (mut value, mut slope) = (x.clone(), x.clone());
    slices::tanh(&x, &mut value, &mut slope);
    let plain: Vec<f64> = x.iter().map(|&x| tanh(x).0).collect();
    assert_eq!(bits(&value), bits(&plain));
    for (slice, one) in [
        (
            slices::softplus as fn(&[f64], &mut [f64], &mut [f64]),
            softplus as fn(f64) -> (f64, f64),
        ),
        (slices::gelu, gelu),
    ] {
        slice(&x, &mut value, &mut slope);
        let (plain, beside): (Vec<f64>, Vec<f64>) = x.iter().map(|&x| one(x)).unzip();
        assert_eq!([bits(&value), bits(&slope)], [bits(&plain), bits(&beside)]);
    }
    slices::sigmoid(&x, &mut value, &mut slope);
    let plain: Vec<f64> = x.iter().map(|&x| sigmoid(x).1).collect();
    assert_eq!(bits(&slope), bits(&plain));
}

#[test]
fn the_largest_size_is_found_wherever_it_is_and_nothing_hides_what_is_not_finite() {
    for length in [1, 31, 32, 33, 100] {
        for at in 0..length {
            let mut x: Vec<f64> = (0..length).map(|k| -1.0 / (1.0 + f64::from(k))).collect();
            let at = at as usize;
            x[at] = -7.0;
            assert_eq!(slices::largest(&x), 7.0);
            for bad in [f64::NAN, f64::INFINITY] {
                x[at] = bad;
                assert!(slices::largest(&x).is_nan());
            }
        }
    }
    assert_eq!(slices::largest::<f64>(&[]), 0.0);
}
