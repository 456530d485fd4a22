//! Random directions: each distribution has the mean and the variance of its closed form, and is
//! the same whoever draws it.
use numgrad_diff::{
    DIRECTION_TILE, DiffError, Directions, Distribution, RandomDirections, Rank, Scheme,
};

const N: usize = 12;

/// What a mean may be off, in its standard errors. A normal number is further off with
/// probability 2·10⁻⁷, so that these tests, with about 160 such looks, would fail
/// wrongly once in 30,000 changes of the streams. The seeds being fixed, they never fail by chance.
const SIGMAS: f64 = 5.2;

const DRAWS: u64 = 6000;

/// ½·xᵀH·x + b·x with a matrix that is not diagonal.
fn hessian(i: usize, j: usize) -> f64 {
    let (low, high) = (i.min(j), i.max(j));
    if i == j {
        1.0 + 0.25 * i as f64
    } else {
        0.2 * ((3 * low + 5 * high) as f64).sin()
    }
}

fn quadratic(x: &[f64]) -> f64 {
    let row = |i: usize| (0..N).map(|j| hessian(i, j) * x[j]).sum::<f64>();
    (0..N)
        .map(|i| x[i] * (row(i) / 2.0 + (i as f64).cos()))
        .sum()
}

fn point() -> Vec<f64> {
    (0..N).map(|i| (2.0 * i as f64).sin()).collect()
}

fn slope() -> Vec<f64> {
    let x = point();
    let row = |i: usize| (0..N).map(|j| hessian(i, j) * x[j]).sum::<f64>();
    (0..N).map(|i| row(i) + (i as f64).cos()).collect()
}

/// E\[(vᵀHv)²·‖v‖²\], averaged over a step's q directions: what a forward difference adds to the
/// variance of one is h²/4 times this. Its mean is 0, because v and −v are as likely.
fn curvature(distribution: Distribution, q: usize) -> f64 {
    let n = N as f64;
    let trace = |block: &dyn Fn(usize) -> bool| {
        let inside = (0..N).filter(|&i| block(i));
        inside.map(|i| hessian(i, i)).sum::<f64>()
    };
    let off = |block: &dyn Fn(usize) -> bool| {
        let pairs = (0..N).flat_map(|i| (0..N).map(move |j| (i, j)));
        let inside = pairs.filter(|&(i, j)| i != j && block(i) && block(j));
        inside.map(|(i, j)| hessian(i, j).powi(2)).sum::<f64>()
    };
    let all = |_: usize| true;
    let square = trace(&all).powi(2);
    let diagonal: f64 = (0..N).map(|i| hessian(i, i).powi(2)).sum();
    match distribution {
        Distribution::Gaussian => (n + 4.0) * (square + 2.0 * (diagonal + off(&all))),
        Distribution::Sphere => n * n / (n + 2.0) * (square + 2.0 * (diagonal + off(&all))),
        Distribution::Rademacher => n * (square + 2.0 * off(&all)),
        _ => {
            let blocks = (0..q).map(|k| {
                let block = move |i: usize| i % q == k;
                trace(&block).powi(2) + 2.0 * off(&block)
            });
            n * q as f64 * blocks.sum::<f64>()
        }
    }
}

fn random(distribution: Distribution, count: usize, scheme: Scheme, step: f64) -> RandomDirections {
    let directions = Directions {
        count,
        distribution,
        rank: Rank::None,
    };
    RandomDirections::new(directions, scheme, step, 7).unwrap()
}

/// The mean of some numbers, and its standard error.
fn mean(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let square = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (square / (count - 1.0) / count).sqrt())
}

#[test]
fn every_estimate_has_the_mean_and_the_variance_of_its_closed_form_on_a_quadratic() {
    let (x, g) = (point(), slope());
    let square: f64 = g.iter().map(|g| g * g).sum();
    for distribution in Distribution::ALL {
        for (scheme, q, h) in [
            (Scheme::Central, 1, 0.5),
            (Scheme::Central, 4, 0.5),
            (Scheme::Forward, 4, 0.5),
        ] {
            let random = random(distribution, q, scheme, h);
            let (mut errors, mut squares) = (vec![Vec::new(); N], Vec::new());
            let mut distances = Vec::new();
            for number in 0..DRAWS {
                let mut found = vec![0.0; N];
                let estimate = random
                    .gradient_into(quadratic, &x, number, &mut found)
                    .unwrap();
                for (errors, (found, g)) in errors.iter_mut().zip(found.iter().zip(&g)) {
                    errors.push(found - g);
                }
                distances.push((0..N).map(|i| (found[i] - g[i]).powi(2)).sum::<f64>());
                squares.push(estimate.square());
            }
            let case = format!("{distribution} {scheme} q = {q}");
            for errors in &errors {
                let (mean, error) = mean(errors);
                assert!(mean.abs() <= SIGMAS * error, "{case}: {mean} ± {error}");
            }
            let expected = square * distribution.relative_variance(N, q)
                + if scheme == Scheme::Forward {
                    h * h / 4.0 * curvature(distribution, q) / q as f64
                } else {
                    0.0
                };
            let (variance, error) = mean(&distances);
            assert!(
                (variance - expected).abs() <= SIGMAS * error,
                "{case}: {variance} ± {error}, not {expected}"
            );
            if scheme == Scheme::Central {
                let (found, error) = mean(&squares);
                assert!((found - square).abs() <= SIGMAS * error, "{case}: {found}");
            }
        }
    }
}

#[test]
fn as_many_orthogonal_directions_as_coordinates_are_the_coordinates() {
    let random = random(Distribution::Orthogonal, N, Scheme::Central, 0.25);
    let mut found = vec![0.0; N];
    let estimate = random.gradient_into(quadratic, &point(), 3, &mut found);
    assert_eq!(estimate.unwrap().variance(), 0.0);
    for (found, g) in found.iter().zip(slope()) {
        assert!((found - g).abs() < 1e-12, "{found} {g}");
    }
}

#[test]
fn a_direction_is_the_same_in_every_part_and_at_every_thread_count() {
    const LONG: usize = 5 * DIRECTION_TILE + 77;
    for distribution in Distribution::ALL {
        let random = random(distribution, 3, Scheme::Central, 1e-3);
        let whole = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| {
                let directions = random.draw(9, LONG);
                let mut entries = vec![0.0; 3 * LONG];
                for (direction, entries) in directions.iter().zip(entries.chunks_mut(LONG)) {
                    direction.fill(0, entries);
                }
                entries
            })
        };
        let one = whole(1);
        for threads in [2, 3, 8] {
            assert_eq!(whole(threads), one);
        }
        let direction = &random.draw(9, LONG)[1];
        for (start, length) in [
            (0, 1),
            (3, 300),
            (256, 256),
            (255, 258),
            (1000, LONG - 1000),
        ] {
            let mut part = vec![0.0; length];
            direction.fill(start, &mut part);
            assert_eq!(
                part,
                one[LONG + start..][..length],
                "{distribution} {start}"
            );
        }
        if distribution == Distribution::Sphere {
            let square: f64 = one[..LONG].iter().map(|v| v * v).sum();
            assert!((square / LONG as f64 - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn an_estimate_has_the_same_bits_at_every_thread_count_and_is_replayed_from_anywhere() {
    const LONG: usize = 3 * DIRECTION_TILE + 5;
    let x: Vec<f32> = (0..LONG).map(|k| (k as f32).sin()).collect();
    let f = |x: &[f32]| x.iter().map(|x| x * x * x).sum::<f32>();
    let random = random(Distribution::Gaussian, 5, Scheme::Forward, 1e-2);
    let found = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let mut gradient = vec![0.0; LONG];
            let estimate = random.gradient_into(f, &x, 1, &mut gradient).unwrap();
            (gradient, estimate)
        })
    };
    let (one, estimate) = found(1);
    for threads in [2, 3, 8] {
        assert_eq!(found(threads).0, one);
    }
    let mut part = vec![0.0; 300];
    estimate.entries(200, &mut part);
    for (part, one) in part.iter().zip(&one[200..]) {
        assert_eq!(*part as f32, *one);
    }
}

#[test]
fn steps_seeds_and_directions_differ_and_the_first_entries_stay_for_ever() {
    let first = |distribution, seed, number, index: usize| {
        let directions = Directions {
            count: 2,
            distribution,
            rank: Rank::None,
        };
        let random = RandomDirections::new(directions, Scheme::Central, 1.0, seed).unwrap();
        let mut entries = [0.0; 2];
        random.draw(number, 2)[index].fill(0, &mut entries);
        entries
    };
    let entries = |seed, number, index| first(Distribution::Gaussian, seed, number, index);
    let all = [
        entries(0, 0, 0),
        entries(1, 0, 0),
        entries(0, 1, 0),
        entries(0, 0, 1),
    ];
    for (k, one) in all.iter().enumerate() {
        assert!(all[..k].iter().all(|other| other != one));
    }
    assert_eq!(
        all[0],
        [-0.838_366_120_296_004_2, 0.009_209_335_703_214_626]
    );
    let signs = first(Distribution::Rademacher, 0, 0, 0);
    assert_eq!(signs, [1.0, -1.0]);
    let root = 2.0_f64.sqrt();
    assert_eq!(first(Distribution::Orthogonal, 0, 0, 0), [root, 0.0]);
    assert_eq!(first(Distribution::Orthogonal, 0, 0, 1), [0.0, -root]);
}

#[test]
fn ranks_know_the_order_of_losses_and_nothing_else() {
    let estimate = |f: &(dyn Fn(&[f64]) -> f64 + Sync), scheme| {
        let directions = Directions {
            count: 6,
            distribution: Distribution::Gaussian,
            rank: Rank::Centred,
        };
        let random = RandomDirections::new(directions, scheme, 0.1, 0).unwrap();
        let mut found = vec![0.0; N];
        random.gradient_into(f, &point(), 0, &mut found).unwrap();
        found
    };
    for scheme in Scheme::ALL {
        let found = estimate(&quadratic, scheme);
        assert_eq!(found, estimate(&|x| quadratic(x).exp(), scheme));
        let along: f64 = found.iter().zip(slope()).map(|(f, g)| f * g).sum();
        assert!(along > 0.0, "{scheme} leads up");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let new = |count, step| {
        let directions = Directions {
            count,
            ..Directions::default()
        };
        RandomDirections::new(directions, Scheme::Central, step, 0)
    };
    assert_eq!(new(0, 1.0), Err(DiffError::Directions(0)));
    assert!(new(usize::MAX, 1.0).is_err());
    for step in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(new(1, step), Err(DiffError::Step(_))));
    }
    let random = new(1, 1.0).unwrap();
    let refused = random.gradient_into(quadratic, &[f64::NAN], 0, &mut [0.0]);
    assert!(matches!(refused, Err(DiffError::Point { index: 0, .. })));
    let refused = random.gradient_into(quadratic, &[1.0], 0, &mut [0.0; 2]);
    assert!(matches!(refused, Err(DiffError::Length { .. })));
    assert!("cauchy".parse::<Distribution>().is_err());
    for distribution in Distribution::ALL {
        assert_eq!(distribution.to_string().parse(), Ok(distribution));
    }
    assert!("middle".parse::<Rank>().is_err());
    for rank in [Rank::None, Rank::Centred] {
        assert_eq!(rank.to_string().parse(), Ok(rank));
    }
}
