//! Is a gradient that somebody derived right? `cargo run -p numgrad --example gradient_check`.
//!
//! The function is that of one neuron, the gradient was derived by hand, and one of its entries lacks a
//! factor. The check finds it, by values of the function alone.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::diff::GradientCheck;

/// (tanh(w·x + b) − t)² of the parameters w₀, w₁ and b, for one x and t.
fn loss(p: &[f64]) -> f64 {
    let z = p[0] * 0.5 + p[1] * -1.5 + p[2];
    (z.tanh() - 0.25).powi(2)
}

/// Its gradient: 2·(tanh z − t)·(1 − tanh² z)·(x₀, x₁, 1).
fn derived(p: &[f64]) -> [f64; 3] {
    let a = (p[0] * 0.5 + p[1] * -1.5 + p[2]).tanh();
    let common = 2.0 * (a - 0.25) * (1.0 - a * a);
    [common * 0.5, common * -1.5, common]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let p = [0.3, -0.2, 0.1];
    let check = GradientCheck::default().names(&["w0", "w1", "b"]);

    let report = check.run(&derived(&p), loss, &p)?;
    println!("as it was derived: {:?}", report.verdict);

    let mut wrong = derived(&p);
    wrong[1] /= 1.5; // somebody forgot to multiply by x₁ = −1.5, but not its sign
    let report = check.run(&wrong, loss, &p)?;
    println!("with a slip: {:?}", report.verdict);
    let worst = &report.worst[0];
    println!(
        "the worst entry is {}: {:?}",
        worst.name.as_deref().unwrap_or("unnamed"),
        worst.reason
    );
    Ok(())
}
