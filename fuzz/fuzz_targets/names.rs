//! Any text as what is chosen by name on the command line or in a configuration.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz as _;
use numgrad_train::dataset::{DataSource, Scaling};
use numgrad_train::numgrad_core::{ActivationKind, Initializer, OutputKind};
use numgrad_train::numgrad_diff::Scheme;
use numgrad_train::numgrad_gradient::EstimatorKind;
use numgrad_train::numgrad_loss::LossKind;
use numgrad_train::optimizer::OptimizerKind;
use std::fmt::Display;
use std::str::FromStr;

fuzz_target!(|text: &str| {
    said_again::<DataSource>(text);
    said_again::<Scaling>(text);
    said_again::<ActivationKind>(text);
    said_again::<Initializer>(text);
    said_again::<OutputKind>(text);
    said_again::<Scheme>(text);
    said_again::<EstimatorKind>(text);
    said_again::<LossKind>(text);
    said_again::<OptimizerKind>(text);
});

/// What a name stands for has a name, which stands for the same.
fn said_again<T: FromStr + Display>(text: &str) {
    if let Ok(parsed) = text.parse::<T>() {
        let name = parsed.to_string();
        let again = name.parse::<T>().map(|again| again.to_string());
        assert_eq!(again.ok().as_ref(), Some(&name), "from {text:?}");
    }
}
