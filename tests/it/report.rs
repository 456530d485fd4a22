//! The pages: about a run, and about several.
use crate::command::{drawing, numgrad, succeeds, workspace};
use std::fs;
use std::path::Path;

/// A small run of digits with audits, in `folder/run`.
fn digits(folder: &Path, words: &str) {
    let words = format!("train --layers 64,16,10 --quiet {words}");
    drawing(folder, &split(&words));
}

fn page(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn split(words: &str) -> Vec<&str> {
    words.split_whitespace().collect()
}

/// What every page promises to those who cannot see it, hold a telephone, or are offline.
fn is_whole_and_alone(html: &str) {
    for part in [
        "<!DOCTYPE html>",
        "lang=\"en\"",
        "name=\"viewport\"",
        "<h1>",
        "<h2>",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for banned in ["http:", "https:", "<script", "//cdn", "@import", "url("] {
        assert!(!html.contains(banned), "{banned}");
    }
    let pictures = html.matches("role=\"img\"").count();
    assert!(pictures > 0);
    assert_eq!(html.matches("<title id=").count(), pictures);
    assert_eq!(html.matches("<desc id=").count(), pictures);
    assert_eq!(
        html.matches("<table").count(),
        html.matches("<caption>").count()
    );
    assert_eq!(
        html.matches("<img ").count(),
        html.matches(" alt=\"").count()
    );
}

#[test]
fn train_draws_a_page_with_every_picture_and_report_draws_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    digits(folder.path(), "--epochs 3 --audit 16 --run run");
    let html = page(&folder.path().join("run/report.html"));
    is_whole_and_alone(&html);
    for title in [
        "Loss",
        "Accuracy",
        "Confusion matrix",
        "Worst-classified samples",
        "Weights by pixel",
        "Lines of equal loss",
        "Error of the gradient over h",
        "Signal and noise of a step",
    ] {
        assert!(html.contains(&format!(">{title}<")), "{title}");
    }
    assert!(html.matches("data:image/png;base64,").count() > 16);
    let ran = succeeds(folder.path(), "report run --output again.html --threads 1");
    assert_eq!(ran.stdout, "report in again.html\n");
    assert!(
        page(&folder.path().join("again.html")) == html,
        "the pages differ"
    );
    let ran = succeeds(folder.path(), "report run --json");
    assert_eq!(ran.json()[0]["report"], "run/report.html");
}

#[test]
fn a_page_is_left_out_where_nobody_wants_one_and_drawn_without_data_where_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let iris = fs::read(workspace().join("datasets/iris.csv")).unwrap();
    fs::write(folder.path().join("iris.csv"), iris).unwrap();
    drawing(
        folder.path(),
        &split("train --data iris.csv --epochs 2 --quiet --no-report --run run"),
    );
    assert!(!folder.path().join("run/report.html").exists());
    succeeds(folder.path(), "report run");
    let whole = page(&folder.path().join("run/report.html"));
    is_whole_and_alone(&whole);
    assert!(whole.contains("Worst-classified samples") && !whole.contains("<img"));
    fs::remove_file(folder.path().join("iris.csv")).unwrap();
    let ran = succeeds(folder.path(), "report run");
    assert!(ran.stderr.contains("without the data"), "{}", ran.stderr);
    let without = page(&folder.path().join("run/report.html"));
    is_whole_and_alone(&without);
    assert!(without.contains("What is missing") && without.contains(">Loss<"));
}

#[test]
fn the_keys_are_those_of_a_configuration_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/wines.csv");
    let steered =
        "--missing drop --schedule step:2,cosine --validation 0.1 --class-weights balanced";
    for (run, perturb) in [
        ("directions", "--perturb directions"),
        ("coordinates", "--coordinates random:50%"),
    ] {
        let words = format!(
            "train --data {} {steered} --epochs 1 --audit 4 --quiet {perturb} --run {run}",
            data.display()
        );
        drawing(folder.path(), &split(&words));
        let html = page(&folder.path().join(run).join("report.html"));
        let (_, table) = html.split_once("All that the run").unwrap();
        let settings = page(&folder.path().join(run).join("config.toml"));
        let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
        // The last three rows are what the run was made by and of.
        let keys = rows.len() - 3;
        assert!(keys > 20, "{table}");
        for row in &rows[..keys] {
            let (_, key) = row.split_once('>').unwrap();
            let (key, _) = key.split_once('<').unwrap();
            let is_set = settings.lines().any(|line| {
                let line = line.strip_prefix("# ").unwrap_or(line);
                line.starts_with(&format!("{key} = "))
            });
            assert!(is_set, "'{key}' in {settings}");
        }
        assert!(table.contains(&format!(">{run}<")), "{table}");
    }
}

/// Where a class follows from a number that the network cannot see, it errs, and its errors can be
/// found in the file.
#[test]
fn the_worst_samples_are_lines_of_the_file_and_auroc_is_that_of_evaluate() {
    let folder = tempfile::tempdir().unwrap();
    let class = |k: usize| ["calm", "rough"][k * k % 7 % 2];
    let row = |k: usize| match k {
        5 => "5,,calm\n".to_owned(),
        k => format!("{k},{},{}\n", k * 13 % 10, class(k)),
    };
    let rows: Vec<String> = (0..60).map(row).collect();
    let text = format!("a,b,kind\n{}", rows.concat());
    fs::write(folder.path().join("sea.csv"), &text).unwrap();
    let words =
        "train --data sea.csv --missing drop --epochs 2 --test-fraction 0.5 --quiet --run run";
    drawing(folder.path(), &split(words));
    let html = page(&folder.path().join("run/report.html"));
    let (_, worst) = html.split_once("Worst-classified samples").unwrap();
    let (worst, _) = worst.split_once("</table>").unwrap();
    assert!(worst.contains(">line of sea.csv<"), "{worst}");
    let mut found = 0;
    for row in worst.split("<tr>").skip(2) {
        let cells: Vec<&str> = row
            .split('>')
            .filter_map(|cell| cell.split_once('<'))
            .map(|cell| cell.0)
            .filter(|cell| !cell.trim().is_empty())
            .collect();
        let line = text
            .lines()
            .nth(cells[0].parse::<usize>().unwrap() - 1)
            .unwrap();
        assert!(line.ends_with(cells[1]), "{row}: {line}");
        found += 1;
    }
    assert!(found > 3, "{worst}");
    let evaluated = succeeds(folder.path(), "evaluate run --json");
    for class in evaluated.json()[0]["by_class"].as_array().unwrap() {
        let auroc = format!(">{:.4}<", class["auroc"].as_f64().unwrap());
        assert!(html.contains(">AUROC<") && html.contains(&auroc), "{class}");
    }
    assert!(html.contains("</svg>loss "), "the landscape's legend");
}

#[test]
fn a_regression_shows_its_predictions_and_its_residuals() {
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/diabetes.csv");
    let words = format!(
        "train --data {} --epochs 5 --quiet --run run",
        data.display()
    );
    drawing(folder.path(), &split(&words));
    let html = page(&folder.path().join("run/report.html"));
    is_whole_and_alone(&html);
    assert!(html.contains("Predicted against target") && html.contains(">Residuals<"));
    assert!(html.contains("mean absolute"));
    assert!(!html.contains("Confusion matrix"));
}

#[test]
fn functions_without_a_derivative_have_a_page_too() {
    let folder = tempfile::tempdir().unwrap();
    digits(
        folder.path(),
        "--epochs 1 --activation step --perturb neuron --step 1 --precision f32 --run run",
    );
    let html = page(&folder.path().join("run/report.html"));
    is_whole_and_alone(&html);
    assert!(html.contains("There is no derivative to hold it against"));
}

#[test]
fn a_run_with_a_hostile_name_is_only_text() {
    let folder = tempfile::tempdir().unwrap();
    let name = "<img src=x onerror=alert(1)>";
    drawing(
        folder.path(),
        &[
            "train", "--epochs", "1", "--layers", "64,4,10", "--quiet", "--run", name,
        ],
    );
    let html = page(&folder.path().join(name).join("report.html"));
    is_whole_and_alone(&html);
    assert!(!html.contains("<img src=x") && html.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn several_runs_are_compared_in_one_page() {
    let folder = tempfile::tempdir().unwrap();
    for (run, words) in [
        ("a", "--learning-rate 0.01"),
        ("b", "--learning-rate 0.001 --seed 1"),
    ] {
        digits(
            folder.path(),
            &format!("--epochs 2 --no-report {words} --run {run}"),
        );
    }
    let ran = succeeds(folder.path(), "compare a b --page both.html");
    assert!(
        ran.stdout.contains("compared in both.html"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 4, "{}", ran.stdout);
    let html = page(&folder.path().join("both.html"));
    is_whole_and_alone(&html);
    for part in [
        ">Test loss<",
        ">Test accuracy<",
        ">learning-rate<",
        ">0.001<",
        ">seed<",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains(">batch-size<"), "both have the same");
    // Another seed holds out other samples; other data are another matter, and the same are none.
    let parts = "have other parts of digits";
    assert!(ran.stderr.contains(parts), "{}", ran.stderr);
    assert!(html.contains(parts));
    let ran = succeeds(folder.path(), "compare a b a --json");
    assert_eq!(ran.json()[0]["runs"].as_array().unwrap().len(), 3);
    assert!(folder.path().join("comparison.html").exists());
    assert_eq!(succeeds(folder.path(), "compare a a").stderr, "");
    let iris = workspace().join("datasets/iris.csv");
    let words = format!("train --data {} --epochs 1 --run c", iris.display());
    succeeds(folder.path(), &words);
    let ran = succeeds(folder.path(), "compare a c");
    let data = "a and c are trained on different data";
    assert!(ran.stderr.contains(data), "{}", ran.stderr);
    for (words, status) in [
        ("compare a --budget 5", 2),
        ("compare --page x.html", 2),
        ("compare a missing", 66),
        ("compare a b --page no/such/folder.html", 73),
        ("report missing", 66),
    ] {
        let ran = numgrad(folder.path(), words);
        assert_eq!(ran.status, status, "{words}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}
