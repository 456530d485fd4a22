//! The grammar of expressions, as mathematics is written: −x² is −(x²), and 2^x^2 is 2^(x²). What
//! evaluates them has other habits, so they are handed on with every operation in parentheses.
use std::iter::Peekable;
use std::str::CharIndices;

/// The functions of one argument.
const FUNCTIONS: [&str; 24] = [
    "abs", "signum", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
    "acosh", "atanh", "floor", "ceil", "round", "trunc", "fract", "exp", "sqrt", "cbrt", "ln",
    "log10",
];

/// The longest expression, in bytes, and how deep its operations may be within each other: what
/// parses an expression calls itself at each depth, and its stack ends somewhere.
const LONGEST: usize = 10_000;
const DEEPEST: usize = 100;

/// The expression with every operation in parentheses, and numbers without an exponent.
///
/// # Errors
/// What was expected, and where.
pub(crate) fn in_parentheses(text: &str) -> Result<String, String> {
    if text.len() > LONGEST {
        return Err(format!("it has {} bytes, more than {LONGEST}", text.len()));
    }
    let mut parser = Parser {
        text,
        rest: text.char_indices().peekable(),
        depth: 0,
    };
    let whole = parser.sum()?;
    match parser.next() {
        None => Ok(whole),
        Some((at, found)) => Err(parser.expected("an operator or the end", at, found)),
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    depth: usize,
}

impl Parser<'_> {
    /// term ± term ± …
    fn sum(&mut self) -> Result<String, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            left = format!("({left}{sign}{})", self.product()?);
        }
        Ok(left)
    }

    /// factor · factor / …
    fn product(&mut self) -> Result<String, String> {
        let mut left = self.signed()?;
        while let Some(operator) = self.take(&['*', '/', '%']) {
            left = format!("({left}{operator}{})", self.signed()?);
        }
        Ok(left)
    }

    /// A sign binds less than a power. Whatever is within something else passes here.
    fn signed(&mut self) -> Result<String, String> {
        if self.depth == DEEPEST {
            return Err(format!(
                "it is deeper than {DEEPEST} operations within each other"
            ));
        }
        self.depth += 1;
        let found = match self.take(&['+', '-']) {
            Some('-') => format!("(0-{})", self.signed()?),
            Some(_) => self.signed()?,
            None => self.power()?,
        };
        self.depth -= 1;
        Ok(found)
    }

    /// Powers are taken from the right.
    fn power(&mut self) -> Result<String, String> {
        let base = self.atom()?;
        match self.take(&['^']) {
            Some(_) => Ok(format!("({base}^{})", self.signed()?)),
            None => Ok(base),
        }
    }

    fn atom(&mut self) -> Result<String, String> {
        match self.peek() {
            Some((_, '(')) => self.enclosed(),
            Some((at, first)) if first.is_ascii_digit() || first == '.' => self.number(at),
            Some((at, first)) if first.is_alphabetic() || first == '_' => self.named(at),
            Some((at, found)) => Err(self.expected("a number, a name or '('", at, found)),
            None => Err("it ends where a number, a name or '(' is expected".to_owned()),
        }
    }

    fn enclosed(&mut self) -> Result<String, String> {
        self.next();
        let inner = self.sum()?;
        match self.next() {
            Some((_, ')')) => Ok(inner),
            Some((at, found)) => Err(self.expected("an operator or ')'", at, found)),
            None => Err("a ')' is missing at its end".to_owned()),
        }
    }

    fn number(&mut self, start: usize) -> Result<String, String> {
        let mut end = start;
        let mut last = ' ';
        while let Some(&(at, next)) = self.rest.peek() {
            let is_exponents_sign = matches!(next, '+' | '-') && matches!(last, 'e' | 'E');
            let is_exponent = matches!(next, 'e' | 'E') && self.starts_exponent(at);
            if !(next.is_ascii_digit() || next == '.' || is_exponent || is_exponents_sign) {
                break;
            }
            (last, end) = (next, at + next.len_utf8());
            self.rest.next();
        }
        let digits = &self.text[start..end];
        let value: f64 = digits
            .parse()
            .map_err(|_| format!("'{digits}' is no number"))?;
        Ok(value.to_string())
    }

    /// Whether an e is followed by the digits of an exponent.
    fn starts_exponent(&self, at: usize) -> bool {
        let after = &self.text[at + 1..];
        let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
        digits.starts_with(|first: char| first.is_ascii_digit())
    }

    /// A variable, a constant, or a function with its argument.
    fn named(&mut self, start: usize) -> Result<String, String> {
        let mut end = start;
        while let Some((at, next)) = self
            .rest
            .next_if(|(_, next)| next.is_alphanumeric() || *next == '_')
        {
            end = at + next.len_utf8();
        }
        let name = &self.text[start..end];
        if !matches!(self.peek(), Some((_, '('))) {
            if FUNCTIONS.contains(&name) {
                return Err(format!("'{name}' needs its argument in parentheses"));
            }
            return Ok(if name == "pi" { "PI" } else { name }.to_owned());
        }
        if !FUNCTIONS.contains(&name) {
            let functions = FUNCTIONS.join(", ");
            return Err(format!("'{name}' is none of its functions: {functions}"));
        }
        Ok(format!("{name}({})", self.enclosed()?))
    }

    fn peek(&mut self) -> Option<(usize, char)> {
        while self
            .rest
            .next_if(|(_, next)| next.is_whitespace())
            .is_some()
        {}
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<(usize, char)> {
        self.peek();
        self.rest.next()
    }

    /// The next character, if it is one of these.
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let (_, next) = self.peek()?;
        wanted.contains(&next).then(|| {
            self.rest.next();
            next
        })
    }

    fn expected(&self, what: &str, at: usize, found: char) -> String {
        let place = self.text[..at].chars().count() + 1;
        format!("{what} is expected at character {place}, not '{found}'")
    }
}

#[cfg(test)]
mod tests {
    use super::in_parentheses;

    #[test]
    fn operations_bind_as_they_are_written() {
        for (text, expected) in [
            ("-x^2", "(0-(x^2))"),
            ("2^x^2", "(2^(x^2))"),
            ("2*-x^2", "(2*(0-(x^2)))"),
            ("a-b-c", "((a-b)-c)"),
            ("x^-1", "(x^(0-1))"),
            ("exp(-x^2) / 2", "(exp((0-(x^2)))/2)"),
            ("1e-3*x+2.5E1", "((0.001*x)+25)"),
            ("2*e", "(2*e)"),
            ("pi*x_1", "(PI*x_1)"),
        ] {
            assert_eq!(in_parentheses(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, part) in [
            ("2x", "character 2"),
            ("foo(x)", "'foo' is none of its functions: abs"),
            ("x+", "it ends where"),
            ("(x", "a ')' is missing"),
            ("sin x", "parentheses"),
            ("1.2.3", "no number"),
            ("x,y", "character 2"),
            (&"(".repeat(5000), "deeper than 100"),
            (&"-".repeat(5000), "deeper than 100"),
            (&"x^".repeat(5000), "deeper than 100"),
            (&"x+".repeat(5001), "more than 10000"),
        ] {
            let error = in_parentheses(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
