//! The commands that take expressions.
use super::numbers::positive;
use clap::Args;
use numgrad_diff::Scheme;
use std::path::PathBuf;
use std::str::FromStr;

const DIFFERENTIATE_EXAMPLES: &str = "\
Examples:
  numgrad differentiate \"x^2/2\" --at x=2 --step 0.001
  numgrad differentiate \"sin(x)\" --at x=1 --order 3 --errors
  numgrad differentiate \"abs(x)\" --at x=0 --tolerance 1e-12
  numgrad differentiate \"r*cos(p)\" \"r*sin(p)\" --at r=2,p=0.5
  numgrad differentiate \"x^2*y\" --at x=1,y=2 --hessian
  numgrad differentiate \"x*y\" --at x=2,y=3 --along x=1,y=-1
  numgrad differentiate \"exp(x)\" --at x=1 --table --plot v.svg";

#[derive(Debug, Args)]
#[command(after_help = DIFFERENTIATE_EXAMPLES)]
pub(crate) struct DifferentiateArguments {
    /// Expressions in any variables: several ones give a Jacobian
    #[arg(required = true, value_name = "EXPRESSION")]
    pub(crate) expressions: Vec<String>,
    /// The point, as x=2 or x=1,y=-3
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    pub(crate) at: String,
    /// The step H, used as given [default: by the scheme, scaled to the point]
    #[arg(long, value_name = "H", allow_hyphen_values = true)]
    pub(crate) step: Option<f64>,
    /// forward, backward, central or five-point
    #[arg(long, default_value_t = Scheme::Central, value_name = "NAME")]
    pub(crate) scheme: Scheme,
    /// The order of the derivative in each variable, 1 to 4
    #[arg(long, default_value_t = 1, value_name = "D")]
    pub(crate) order: usize,
    /// The order of its error, by a central stencil: 2, 4, 6 or 8 [default: the scheme's]
    #[arg(long, value_name = "P", conflicts_with_all = ["scheme", "hessian"])]
    pub(crate) accuracy: Option<usize>,
    /// Any stencil, by its offsets in steps, as -1,0,2
    #[arg(
        long,
        value_name = "OFFSETS",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with_all = ["scheme", "accuracy", "hessian"]
    )]
    pub(crate) stencil: Option<Vec<f64>>,
    /// Extrapolate to this relative tolerance, by Richardson's method; --step is then the first
    #[arg(
        long,
        value_name = "T",
        allow_hyphen_values = true,
        conflicts_with_all = ["scheme", "order", "accuracy", "stencil", "hessian", "table"]
    )]
    pub(crate) tolerance: Option<f64>,
    /// The second derivatives by every two variables
    #[arg(long, conflicts_with_all = ["order", "table"])]
    pub(crate) hessian: bool,
    /// Along a direction, as x=1,y=-1: the slope of t ↦ f(x + t·v), or with --hessian H·v
    #[arg(long, value_name = "DIRECTION", allow_hyphen_values = true)]
    pub(crate) along: Option<String>,
    /// Say the error, the step, the evaluations and the status of each value as well
    #[arg(long)]
    pub(crate) errors: bool,
    /// Value and error at every decade of h, of one expression along one variable or direction
    #[arg(
        long,
        value_name = "FIRST:LAST",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1:1e-15",
        conflicts_with = "step"
    )]
    pub(crate) table: Option<Range>,
    /// Draw the table's errors over h
    #[arg(long, value_name = "FILE.svg", requires = "table")]
    pub(crate) plot: Option<PathBuf>,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

/// Steps from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) first: f64,
    pub(crate) last: f64,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ends = text.split_once(':').and_then(|(first, last)| {
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            Some(Self { first, last })
        });
        let proper = |h: f64| (1e-300..=1e300).contains(&h);
        ends.filter(|range| proper(range.first) && proper(range.last))
            .ok_or_else(|| format!("'{text}' is not FIRST:LAST, two steps such as 1:1e-15"))
    }
}

impl Range {
    /// So many steps a decade, longest first.
    pub(crate) fn steps(self, per_decade: u32) -> Vec<f64> {
        let (low, high) = (self.first.min(self.last), self.first.max(self.last));
        let per_decade = f64::from(per_decade);
        // By logarithms: the ratio of two numbers may be more than any number.
        let count = ((high.log10() - low.log10()) * per_decade + 1e-9) as u32;
        let step = |k: u32| {
            let h = 10.0_f64.powf(high.log10() - f64::from(k) / per_decade);
            // Decades of 1 are decades, not what their logarithms round to.
            let rounded: f64 = format!("{h:.12e}").parse().unwrap_or(h);
            rounded
        };
        (0..=count).map(step).collect()
    }
}

const DESCEND_EXAMPLES: &str = "\
Examples:
  numgrad descend \"x^2/2\" --from x=2 --rate 0.1
  numgrad descend \"(1-x)^2 + 5*(y-x^2)^2\" --from x=-1,y=1.5 --rate 0.02 --plot path.svg";

#[derive(Debug, Args)]
#[command(after_help = DESCEND_EXAMPLES)]
pub(crate) struct DescendArguments {
    /// The expression, in any variables
    pub(crate) expression: String,
    /// Where to start, as x=2 or x=1,y=-3
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    pub(crate) from: String,
    /// The learning rate η of x ← x − η·df/dx
    #[arg(long, default_value_t = 0.1, value_parser = positive)]
    pub(crate) rate: f64,
    /// The number of steps
    #[arg(long, default_value_t = 20)]
    pub(crate) steps: usize,
    /// Draw the path: on the curve, over contours, or as f over steps, by the number of variables
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
