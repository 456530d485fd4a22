//! Any bytes as the log of `numgrad minimize`.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz::file;
use numgrad_train::{EvaluationLog, Outcome};

fuzz_target!(|bytes: &[u8]| {
    let path = file("evaluations.jsonl", bytes);
    let Ok(log) = EvaluationLog::open(&path) else {
        return;
    };
    let found = log.len();
    let _ = log.get(0, &[1.0, 2.0]);
    log.append(u64::MAX, &[1.0], &Outcome::Value(0.5))
        .expect("a log that was opened can be continued");
    drop(log);
    let again = EvaluationLog::open(&path).expect("a log that was written can be read");
    assert!(again.len() >= found);
});
