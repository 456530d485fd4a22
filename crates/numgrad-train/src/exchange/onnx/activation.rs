//! Activations as operators: by one where ONNX has it and its runtimes compute it in both precisions,
//! else by those that they do.
use super::Graph;
use crate::checkpoint::Numbers;
use crate::exchange::{ExchangeError, Format};
use numgrad_core::{ActivationKind, Precision, Real};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

impl Graph {
    pub(super) fn activation(
        &mut self,
        number: usize,
        kind: ActivationKind,
    ) -> Result<(), ExchangeError> {
        match kind {
            ActivationKind::Identity => {}
            ActivationKind::Sigmoid => self.node("Sigmoid", &[], Vec::new()),
            ActivationKind::Tanh => self.node("Tanh", &[], Vec::new()),
            ActivationKind::Relu => self.node("Relu", &[], Vec::new()),
            ActivationKind::LeakyRelu => {
                // max(z, 0.01·z): onnxruntime has no LeakyRelu in f64.
                let z = self.last.clone();
                self.by_scalar("Mul", number, "leak", 0.01);
                self.node("Max", &[&z], Vec::new());
            }
            ActivationKind::Softplus => self.softplus(number),
            ActivationKind::Gelu => match self.precision {
                Precision::F32 => self.gelu_by_erf(number),
                Precision::F64 => self.gelu_by_its_tail(number),
            },
            ActivationKind::Step => {
                self.by_scalar("Greater", number, "zero", 0.0);
                self.cast(self.precision);
            }
            _ => {
                return Err(ExchangeError::Function {
                    format: Format::Onnx,
                    function: kind.to_string(),
                });
            }
        }
        Ok(())
    }

    /// In f64 max(z, 0) + ln(1 + exp −|z|): onnxruntime has Softplus in f32 alone.
    fn softplus(&mut self, number: usize) {
        if self.precision == Precision::F32 {
            self.node("Softplus", &[], Vec::new());
            return;
        }
        let z = self.last.clone();
        self.by_scalar("Max", number, "zero", 0.0);
        let above = std::mem::replace(&mut self.last, z);
        self.node("Abs", &[], Vec::new());
        self.node("Neg", &[], Vec::new());
        self.node("Exp", &[], Vec::new());
        self.by_scalar("Add", number, "one", 1.0);
        self.node("Log", &[], Vec::new());
        self.node("Add", &[&above], Vec::new());
    }

    /// z·½·(1 + erf(z/√2)).
    fn gelu_by_erf(&mut self, number: usize) {
        let z = self.last.clone();
        self.by_scalar("Mul", number, "root", FRAC_1_SQRT_2);
        self.node("Erf", &[], Vec::new());
        self.by_scalar("Add", number, "one", 1.0);
        self.by_scalar("Mul", number, "half", 0.5);
        self.node("Mul", &[&z], Vec::new());
    }

    /// max(z, 0) − |z|·Q(|z|) with the normal distribution's upper tail Q as numgrad computes it:
    /// onnxruntime has no Erf in f64.
    fn gelu_by_its_tail(&mut self, number: usize) {
        let z = self.last.clone();
        self.by_scalar("Max", number, "zero", 0.0);
        let above = std::mem::replace(&mut self.last, z);
        self.node("Abs", &[], Vec::new());
        // Past 40 the tail is 0.
        self.by_scalar("Min", number, "most", 40.0);
        let x = self.last.clone();
        let aside = |graph: &mut Self| std::mem::replace(&mut graph.last, x.clone());
        self.by_scalar("Add", number, "four", 4.0);
        let sum = aside(self);
        self.by_scalar("Sub", number, "less", 4.0);
        self.node("Div", &[&sum], Vec::new());
        let t = self.last.clone();
        let mills = coefficients::<f64>();
        let last = mills.len() - 1;
        self.by_scalar("Mul", number, &format!("mills.{last}"), mills[last]);
        for k in (1..last).rev() {
            self.by_scalar("Add", number, &format!("mills.{k}"), mills[k]);
            self.node("Mul", &[&t], Vec::new());
        }
        self.by_scalar("Add", number, "mills.0", mills[0]);
        let polynomial = aside(self);
        self.by_scalar("Add", number, "one", 1.0);
        let divisor = aside(self);
        self.node("Mul", &[&x], Vec::new());
        self.by_scalar("Mul", number, "half", -0.5);
        self.node("Exp", &[], Vec::new());
        self.by_scalar("Mul", number, "density", 1.0 / TAU.sqrt());
        self.node("Mul", &[&polynomial], Vec::new());
        self.node("Div", &[&divisor], Vec::new());
        self.node("Mul", &[&x], Vec::new());
        let below = std::mem::replace(&mut self.last, above);
        self.node("Sub", &[&below], Vec::new());
    }

    /// An operator on what the last node gave, and on a number.
    fn by_scalar(&mut self, operator: &str, number: usize, name: &str, value: f64) {
        let name = format!("{number}.{name}");
        let value = Numbers::of_wide(vec![value], self.precision);
        self.constant(&name, &[], &value);
        self.node(operator, &[&name], Vec::new());
    }
}

/// The polynomial of the normal distribution's tail.
fn coefficients<T: Real>() -> &'static [T] {
    T::MILLS
}
