//! Derivatives on the command line: what is asked, what is said, and what is drawn.
use crate::command::{Ran, numgrad_with};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn differentiate(words: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    numgrad_with(folder.path(), &[&["differentiate"], words].concat())
}

fn objects(words: &[&str]) -> Vec<Value> {
    let ran = differentiate(&[words, &["--json"]].concat());
    assert_eq!(ran.status, 0, "{words:?}: {}", ran.stderr);
    ran.json()
}

fn close(found: &Value, exact: f64, limit: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - exact).abs() <= limit, "{found} {exact}");
}

#[test]
fn every_order_by_every_scheme_has_its_error() {
    let (s, c) = 1.0_f64.sin_cos();
    for (order, exact) in [("1", c), ("2", -s), ("3", -c), ("4", s)] {
        for how in [
            ["--scheme", "forward"],
            ["--scheme", "backward"],
            ["--scheme", "central"],
            ["--scheme", "five-point"],
            ["--accuracy", "8"],
            ["--stencil", "-2,-1,0,1,3"],
        ] {
            let words = ["sin(x)", "--at", "x=1", "--order", order, how[0], how[1]];
            let found = &objects(&words)[0];
            let error = found["error"]["x"].as_f64().unwrap();
            close(&found["derivative"]["x"], exact, error);
            assert!(error < 2e-2, "{found}");
            assert!(found["evaluations"]["x"].as_u64().unwrap() >= 3, "{found}");
            assert_eq!(found["order"].to_string(), order);
        }
    }
}

#[test]
fn gradients_jacobians_hessians_and_slopes_are_measured() {
    let jacobian = objects(&["r*cos(p)", "r*sin(p)", "--at", "r=2,p=0.5"]);
    let (s, c) = 0.5_f64.sin_cos();
    for (row, exact) in jacobian.iter().zip([[c, -2.0 * s], [s, 2.0 * c]]) {
        close(&row["derivative"]["r"], exact[0], 1e-9);
        close(&row["derivative"]["p"], exact[1], 1e-9);
    }
    assert_eq!(jacobian[1]["expression"], "r*sin(p)");
    // A variable that an expression does not have is one it does not depend on.
    let rows = objects(&["x", "y^2", "--at", "x=1,y=3"]);
    close(&rows[0]["derivative"]["y"], 0.0, 0.0);
    close(&rows[1]["derivative"]["y"], 6.0, 1e-8);

    let hessian = &objects(&["x^2*y", "--at", "x=1,y=2", "--hessian"])[0];
    for (x, y, exact) in [
        ("x", "x", 4.0),
        ("x", "y", 2.0),
        ("y", "x", 2.0),
        ("y", "y", 0.0),
    ] {
        close(&hessian["derivative"][x][y], exact, 1e-6);
        assert!(hessian["error"][x][y].as_f64().unwrap() < 1e-6);
    }
    let product = ["x^2*y", "--at", "x=1,y=2", "--hessian", "--along", "x=3"];
    let product = &objects(&product)[0]["derivative"];
    close(&product["x"]["v"], 12.0, 1e-6);
    close(&product["y"]["v"], 6.0, 1e-6);
    let slope = &objects(&["x*y", "--at", "x=2,y=3", "--along", "x=1,y=-1"])[0];
    close(&slope["derivative"]["v"], 1.0, 1e-9);
    let along = [
        "x*y", "--at", "x=2,y=3", "--along", "x=1,y=-1", "--order", "2",
    ];
    close(&objects(&along)[0]["derivative"]["v"], -2.0, 1e-6);

    let fine = &objects(&["exp(x)", "--at", "x=1", "--tolerance", "1e-12"])[0];
    close(&fine["derivative"]["x"], 1.0_f64.exp(), 1e-11);
    assert_eq!(
        (&fine["status"]["x"], &fine["scheme"]),
        (&"converged".into(), &"extrapolation".into())
    );
}

#[test]
fn a_person_reads_one_derivative_a_line() {
    let said = |words: &[&str]| differentiate(words).stdout;
    let at = ["x^2*y", "--at", "x=1,y=2", "--step", "0.5"];
    assert_eq!(said(&at), "d/dx = 4\nd/dy = 1\n");
    let hessian = said(&["x^2*y", "--at", "x=1,y=2", "--hessian", "--step", "0.5"]);
    assert_eq!(hessian, "d²/dx² = 4\nd²/dxdy = 2\nd²/dy² = 0\n");
    let several = said(&["x", "2*x", "--at", "x=1", "--step", "0.5"]);
    assert_eq!(several, "d(x)/dx = 1\nd(2*x)/dx = 2\n");
    let order = said(&["x^3", "--at", "x=1", "--step", "0.5", "--order", "3"]);
    assert_eq!(order, "d³/dx³ = 6\n");
    let errors = said(&["x^2", "--at", "x=1", "--errors"]);
    for part in [
        "d/dx = 1.9999999999",
        " ± ",
        "h = 6.1e-6",
        "4 evaluations",
        "noise floor",
    ] {
        assert!(errors.contains(part), "{part} in {errors}");
    }
    for line in [hessian, several, errors]
        .iter()
        .flat_map(|text| text.lines())
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn where_there_is_no_derivative_the_reason_is_said() {
    for (words, status, reason) in [
        (
            &["abs(x)", "--at", "x=0", "--tolerance", "1e-9"][..],
            65,
            "sides disagree",
        ),
        (
            &["sqrt(x)", "--at", "x=0"],
            65,
            "no finite difference in 'x'",
        ),
        (
            &["sqrt(x)", "--at", "x=0", "--hessian"],
            65,
            "no finite difference",
        ),
        (&["x", "--at", "x=1", "--order", "5"], 2, "order 5"),
        (&["x", "--at", "x=1", "--order", "0"], 2, "order 0"),
        (&["x", "--at", "x=1", "--accuracy", "3"], 2, "order 3"),
        (&["x", "--at", "x=1", "--stencil", "1,1"], 2, "offsets"),
        (&["x", "--at", "x=1", "--tolerance", "-1"], 2, "tolerance"),
        (
            &["x", "--at", "x=1", "--along", "z=1"],
            2,
            "no variable 'z'",
        ),
        (
            &["x", "y", "--at", "x=1,y=1", "--table"],
            2,
            "one expression",
        ),
        (&["x*y", "--at", "x=1,y=1", "--table"], 2, "--along"),
        (&["x", "--at", "x=1", "--table=1"], 2, "FIRST:LAST"),
        (&["x", "--at", "x=1", "--plot", "v.svg"], 2, "--table"),
        (
            &["x", "--at", "x=1", "--tolerance", "1e-9", "--order", "2"],
            2,
            "--order",
        ),
        (&["--at", "x=1"], 2, "EXPRESSION"),
    ] {
        let ran = differentiate(words);
        assert_eq!(ran.status, status, "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn a_table_shows_the_error_fall_and_rise_and_its_plot_says_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let at = ["differentiate", "exp(x)", "--at", "x=1", "--table"];
    let ran = numgrad_with(
        folder.path(),
        &[&at[..], &["--json", "--plot", "v.svg"]].concat(),
    );
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let rows = ran.json();
    assert_eq!(rows.len(), 16);
    let error = |row: usize| rows[row]["error"].as_f64().unwrap();
    for (row, h) in [(0, 1.0), (5, 1e-5), (15, 1e-15)] {
        assert_eq!(rows[row]["h"], h);
        let exact = (rows[row]["value"].as_f64().unwrap() - 1.0_f64.exp()).abs();
        assert!(
            (error(row) - exact).abs() <= 2e-12 + 1e-9 * exact,
            "{}",
            rows[row]
        );
        assert!(
            exact <= rows[row]["estimate"].as_f64().unwrap(),
            "{}",
            rows[row]
        );
    }
    assert!(error(0) > error(3) && error(3) > error(5) && error(5) < error(12));
    let svg = fs::read_to_string(folder.path().join("v.svg")).unwrap();
    for part in ["exp(x) at x = 1", "step h", "error", "estimate", "1e-9"] {
        assert!(svg.contains(part), "{part}");
    }
    let text = numgrad_with(folder.path(), &at).stdout;
    assert_eq!(text.lines().count(), 18, "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let along = [
        "differentiate",
        "x*y",
        "--at",
        "x=2,y=3",
        "--along",
        "x=1",
        "--table=1e-2:1e-4",
    ];
    let text = numgrad_with(folder.path(), &along).stdout;
    assert_eq!(text.lines().count(), 5, "{text}");
    let corner = ["differentiate", "abs(x)", "--at", "x=0", "--table=1:1e-2"];
    let text = numgrad_with(folder.path(), &corner).stdout;
    assert!(text.starts_with("error: not known"), "{text}");
}

#[test]
fn a_descent_is_drawn_on_its_curve_over_contours_or_over_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |expression: &str, from: &str, says: &[&str]| {
        let words = [
            "descend", expression, "--from", from, "--plot", "path.svg", "--json",
        ];
        let ran = numgrad_with(folder.path(), &words);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        assert_eq!(ran.json().len(), 21);
        let svg = fs::read_to_string(folder.path().join("path.svg")).unwrap();
        for part in says {
            assert!(svg.contains(part), "{part}");
        }
        svg.matches("<circle").count()
    };
    // A dot for each of 21 points, and one in the legend where there is one.
    assert_eq!(draw("x^2/2", "x=2", &["x^2/2", "path"]), 22);
    assert_eq!(draw("x^2 + 3*y^2", "x=2,y=1", &["f = ", "path"]), 22);
    assert_eq!(draw("x^2+y^2+z^2", "x=2,y=1,z=1", &["step"]), 21);
    let words = ["descend", "x^2", "--from", "x=1", "--plot", "no/path.svg"];
    let ran = numgrad_with(folder.path(), &words);
    assert_eq!(ran.status, 73, "{}", ran.stderr);
    assert!(ran.stderr.contains("no/path.svg"), "{}", ran.stderr);
    assert!(!Path::new("no").exists());
}

#[test]
fn expressions_are_read_as_mathematics_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let slope = |expression: &str, at: &str| {
        let arguments = ["differentiate", expression, "--at", at, "--json"];
        let ran = numgrad_with(folder.path(), &arguments);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.json()[0]["derivative"]["x"].as_f64().unwrap()
    };
    assert!((slope("exp(-x^2)", "x=1") + 2.0 * (-1.0_f64).exp()).abs() < 1e-9);
    // d/dx 2^(x²) = 2^(x²)·ln 2·2x
    assert!((slope("2^x^2", "x=2") - 64.0 * 2.0_f64.ln()).abs() < 1e-6);
    assert!((slope("1e-3*x + pi", "x=1") - 1e-3).abs() < 1e-9);
}

#[test]
fn where_an_expression_has_no_value_it_has_no_slope() {
    let folder = tempfile::tempdir().unwrap();
    let ran = numgrad_with(folder.path(), &["differentiate", "1/x", "--at", "x=0"]);
    assert_eq!(ran.status, 65);
    assert!(ran.stderr.contains("no finite value"), "{}", ran.stderr);
}
