//! One matrix drives every optimizer to the minimum of a parabola and of Rosenbrock's valley.
use numgrad_train::optimizer::{Optimizer, OptimizerKind};

const ALL: [OptimizerKind; 7] = OptimizerKind::ALL;

fn minimise(
    kind: OptimizerKind,
    rate: f64,
    mut x: [f64; 2],
    steps: usize,
    gradient: impl Fn([f64; 2]) -> [f64; 2],
) -> [f64; 2] {
    let mut optimizer = Optimizer::new(kind, rate, 0.0, 2);
    for _ in 0..steps {
        let slope = gradient(x);
        optimizer.step(&mut x, &slope);
    }
    assert_eq!(optimizer.steps(), steps as u64);
    x
}

#[test]
fn every_optimizer_finds_the_bottom_of_a_parabola_and_of_rosenbrocks_valley() {
    let parabola = |[x, y]: [f64; 2]| [x - 3.0, 4.0 * (y + 1.0)];
    let rosenbrock = |[x, y]: [f64; 2]| {
        let valley = y - x * x;
        [-2.0 * (1.0 - x) - 400.0 * x * valley, 200.0 * valley]
    };
    let rates = [
        (0.1, 1e-3),
        (0.05, 5e-4),
        (0.05, 5e-4),
        (0.5, 0.5),
        (0.005, 3e-4),
        (0.05, 5e-3),
        (0.05, 5e-3),
    ];
    for (kind, (rate, slow_rate)) in ALL.into_iter().zip(rates) {
        let [x, y] = minimise(kind, rate, [0.0, 0.0], 2_000, parabola);
        assert!(
            (x - 3.0).abs() < 1e-6 && (y + 1.0).abs() < 1e-6,
            "{kind}: {x} {y}"
        );
        let [x, y] = minimise(kind, slow_rate, [-1.2, 1.0], 60_000, rosenbrock);
        assert!(
            (x - 1.0).abs() < 1e-3 && (y - 1.0).abs() < 2e-3,
            "{kind}: {x} {y}"
        );
    }
}

#[test]
fn first_steps_are_what_the_formulas_say() {
    let step = |kind, decay| {
        let (mut x, mut optimizer) = ([2.0_f64], Optimizer::new(kind, 0.1, decay, 1));
        optimizer.step(&mut x, &[0.5]);
        let first = x[0];
        optimizer.step(&mut x, &[0.5]);
        (first, x[0])
    };
    let close = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() + (b - d).abs() < 1e-7;
    assert!(close(
        step(OptimizerKind::GradientDescent, 0.0),
        (1.95, 1.9)
    ));
    assert!(close(step(OptimizerKind::Momentum, 0.0), (1.95, 1.855)));
    // v₁ = −0.05 and v₂ = −0.095, each looked at 0.9·v further on.
    assert!(close(step(OptimizerKind::Nesterov, 0.0), (1.905, 1.7695)));
    // η, then η/√2.
    assert!(close(
        step(OptimizerKind::Adagrad, 0.0),
        (1.9, 1.829_289_321_9)
    ));
    // η/√0.1, then η/√0.19.
    assert!(close(
        step(OptimizerKind::Rmsprop, 0.0),
        (1.683_772_24, 1.454_356_51)
    ));
    // Adam's first steps are η, whatever the gradient's size.
    assert!(close(step(OptimizerKind::Adam, 0.0), (1.9, 1.8)));
    // λ·θ is added to the gradient.
    assert!(close(
        step(OptimizerKind::GradientDescent, 1.0),
        (1.75, 1.525)
    ));
    // Of AdamW a tenth of θ goes by itself.
    assert!(close(step(OptimizerKind::Adamw, 1.0), (1.7, 1.43)));
}

#[test]
fn a_resumed_optimizer_goes_on_with_the_same_bits_and_refuses_other_memories() {
    for kind in ALL {
        let mut whole = Optimizer::new(kind, 0.05, 0.01, 2);
        let mut x = [1.0_f64, -2.0];
        for k in 0..5 {
            whole.step(&mut x, &[f64::from(k), 0.5]);
        }
        let fresh = Optimizer::new(kind, 0.05, 0.01, 2);
        let resumed = fresh
            .clone()
            .resumed(whole.steps(), whole.memories().to_vec());
        assert_eq!(resumed.as_ref(), Some(&whole), "{kind}");
        assert_eq!(fresh.resumed(5, vec![vec![0.0; 3]]), None, "{kind}");
    }
}

#[test]
fn names_are_read_back() {
    for kind in ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    assert_eq!("sgd".parse(), Ok(ALL[0]));
    assert!("lion".parse::<OptimizerKind>().is_err());
}

#[test]
fn slices_of_other_lengths_are_refused_and_never_cut_short() {
    for kind in ALL {
        let step = |theta: usize, gradient: usize| {
            let mut optimizer = Optimizer::<f64>::new(kind, 0.1, 0.0, 2);
            let work = || optimizer.step(&mut vec![1.0; theta], &vec![1.0; gradient]);
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_ok()
        };
        assert!(step(2, 2) && !step(2, 3) && !step(3, 2), "{kind}");
        // Gradient descent remembers nothing, so that any length will do.
        assert_eq!(step(3, 3), kind == OptimizerKind::GradientDescent, "{kind}");
    }
}
