//! An audit tells signal from noise, says what would help, and leaves the run as it was.
use crate::command::{Ran, succeeds};
use numgrad_train::{Advice, Audit};

fn audits(ran: &Ran) -> Vec<Audit> {
    let lines = ran.json();
    let epochs = lines.iter().filter(|line| line["event"] == "epoch");
    epochs
        .map(|line| serde_json::from_value(line["audit"].clone()).unwrap())
        .collect()
}

fn train(words: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("train --layers 64,16,10 --epochs 4 --json --run run {words}");
    succeeds(folder.path(), &words)
}

#[test]
fn a_sweep_has_no_noise_of_its_own_and_few_directions_have_more_than_the_batch() {
    let sweep = audits(&train("--audit 64"));
    assert_eq!(sweep.len(), 4);
    for (epoch, audit) in (1..).zip(&sweep) {
        assert_eq!((audit.epoch, audit.parameters), (epoch, 64));
        assert!(audit.cosine > 1.0 - 1e-9, "{audit:?}");
        assert!(
            audit.estimator_noise < 1e-12 * audit.batch_noise,
            "{audit:?}"
        );
    }
    let noise = |words: &str| {
        let audits = audits(&train(&format!("--audit 400 {words}")));
        Audit::mean(&audits).unwrap()
    };
    let (few, many) = (
        noise("--perturb directions --directions 4"),
        noise("--perturb directions --directions 64"),
    );
    assert!(
        few.cosine < many.cosine && many.cosine < 0.9,
        "{few:?} {many:?}"
    );
    assert!(
        few.estimator_noise > 4.0 * many.estimator_noise,
        "{few:?} {many:?}"
    );
    assert!(
        matches!(few.advice(true), Advice::MoreDirections(_)),
        "{few:?}"
    );
    // Four samples are mostly chance, and a sweep adds none of its own.
    let small = noise("--batch-size 4");
    assert!(
        matches!(small.advice(false), Advice::LargerBatch(_)),
        "{small:?}"
    );
    // At an h that is lost in the rounding of θ itself nothing is seen of what full passes see.
    let tiny = noise("--perturb directions --precision f32 --step 1e-12");
    assert_eq!(tiny.advice(true), Advice::LargerStep, "{tiny:?}");
    let flat = noise("--loss zero-one --step 1e-9");
    assert_eq!(flat.advice(false), Advice::Flat, "{flat:?}");
}

#[test]
fn what_helps_most_follows_from_the_largest_noise() {
    let audit = |signal, batch_noise, estimator_noise, rounding| Audit {
        epoch: 1,
        parameters: 64,
        cosine: 0.5,
        signal,
        batch_noise,
        estimator_noise,
        rounding,
    };
    for (audit, directions, expected) in [
        (audit(3.0, 1.0, 1.0, 0.0), true, Advice::Nothing),
        (audit(1.0, 1.0, 8.0, 0.0), true, Advice::MoreDirections(8.0)),
        (audit(1.0, 6.0, 5.0, 0.0), true, Advice::LargerBatch(6.0)),
        (audit(1.0, 1.0, 8.0, 5.0), true, Advice::LargerStep),
        (audit(1.0, 4.0, 0.0, 0.0), false, Advice::LargerBatch(4.0)),
        (audit(0.0, 0.0, 0.0, 0.0), false, Advice::Flat),
        (
            audit(-1.0, 4.0, 5.0, 0.0),
            true,
            Advice::MoreDirections(f64::INFINITY),
        ),
    ] {
        assert_eq!(audit.advice(directions), expected, "{audit:?}");
    }
    let two = [audit(1.0, 2.0, 3.0, 0.0), audit(3.0, 4.0, 5.0, 0.0)];
    assert_eq!(Audit::mean(&two), Some(audit(2.0, 3.0, 4.0, 0.0)));
    assert_eq!(Audit::mean(&[]), None);
}

#[test]
fn an_audit_changes_no_bit_of_a_run_at_any_thread_count() {
    let last = |words: &str| {
        let ran = train(words);
        let line = ran.json().pop().unwrap();
        (
            line["theta_blake3"].clone(),
            line["loss_evaluations"].clone(),
            line["audit"].clone(),
        )
    };
    for perturb in ["--perturb neuron", "--perturb directions"] {
        let without = last(perturb);
        let one = last(&format!("{perturb} --audit 64 --threads 1"));
        let three = last(&format!("{perturb} --audit 64 --threads 3"));
        assert_eq!((&one.0, &one.1), (&without.0, &without.1), "{perturb}");
        assert!(without.2.is_null() && !one.2.is_null());
        assert_eq!(one, three);
    }
}

#[test]
fn the_report_says_what_dominates_and_what_would_help() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --layers 64,8,10 --audit 64 --quiet --run";
    let run = format!("{train} run --perturb directions --directions 2 --epochs 2");
    let shown = succeeds(folder.path(), &run).stdout;
    assert!(shown.contains("audit of 64 weights: cosine"), "{shown}");
    let says = "dominated by the estimator's noise";
    assert!(
        shown.contains(says) && shown.contains("--directions"),
        "{shown}"
    );
    let inspected = succeeds(folder.path(), "inspect run").stdout;
    assert!(inspected.contains(says), "{inspected}");
    // More weights than there are is all of them; and a run without audits says nothing.
    let all = format!("{train} all --epochs 2 --batch-size 719");
    let all = all.replace("--audit 64", "--audit 9999");
    let shown = succeeds(folder.path(), &all).stdout;
    assert!(shown.contains("audit of 610 weights"), "{shown}");
    assert!(shown.contains("the gradient dominates a step"), "{shown}");
    let none = succeeds(folder.path(), "train --layers 64,8,10 --epochs 1 --quiet");
    assert!(!none.stdout.contains("audit"), "{}", none.stdout);
}
