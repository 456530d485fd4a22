//! Numbers that a flag takes only some of: what is wrong is said where it stands, in a file with
//! its line.
use std::fmt::Display;
use std::str::FromStr;

/// A positive finite number.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    number(text, "positive and finite", |x| x > 0.0)
}

/// A finite number that is not negative.
pub(crate) fn not_negative(text: &str) -> Result<f64, String> {
    number(text, "at least 0 and finite", |x| x >= 0.0)
}

/// A count of at least 1.
pub(crate) fn at_least_one<T>(text: &str) -> Result<T, String>
where
    T: FromStr<Err: Display> + PartialEq + Default,
{
    match text.parse() {
        Ok(count) if count == T::default() => Err("it must be at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(error) => Err(error.to_string()),
    }
}

/// The width of a layer, one of several.
pub(crate) fn width(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| {
        "widths are whole numbers with commas between them and no spaces, as 784,50,10".to_owned()
    })
}

fn number(text: &str, which: &str, is_one: impl Fn(f64) -> bool) -> Result<f64, String> {
    let x: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if x.is_finite() && is_one(x) {
        Ok(x)
    } else {
        Err(format!("it must be {which}"))
    }
}
