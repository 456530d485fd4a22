//! Any text as an expression.
#![no_main]
#[path = "../../crates/numgrad/src/grammar.rs"]
mod grammar;

use libfuzzer_sys::fuzz_target;
use numgrad_fuzz as _;

fuzz_target!(|text: &str| {
    let _ = grammar::in_parentheses(text);
});
