//! From a data file to a trained network and its predictions, by one command each.
use crate::command::{Ran, numgrad, program, succeeds, workspace};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A run in the folder `run` on the wines, which have words and missing cells.
fn wines(folder: &Path) {
    let data = workspace().join("datasets/wines.csv");
    let words = format!(
        "train --data {} --missing median --batch-size 20 --run run --quiet",
        data.display()
    );
    succeeds(folder, &words);
}

#[test]
fn a_table_with_words_and_missing_cells_is_trained_on_and_evaluated_as_it_was_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    wines(path);
    let own = succeeds(path, "evaluate run --json").json().remove(0);
    assert!(own["accuracy"].as_f64().unwrap() >= 0.75, "{own}");
    let data = workspace().join("datasets/wines.csv");
    let text = fs::read_to_string(data).unwrap();
    // The same file with its columns in another order is the same data.
    let turned: Vec<String> = text
        .lines()
        .map(|line| line.rsplit(',').collect::<Vec<_>>().join(","))
        .collect();
    fs::write(path.join("wines.csv"), &text).unwrap();
    fs::write(path.join("turned.csv"), turned.join("\n")).unwrap();
    let whole = succeeds(path, "evaluate run --data wines.csv --json");
    let other = succeeds(path, "evaluate run --data turned.csv --json");
    assert_eq!(whole.json()[0]["samples"], 240);
    assert_eq!(whole.stdout, other.stdout);
}

#[test]
fn a_word_that_the_run_never_saw_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    wines(path);
    let text = "region,grape,alcohol,acidity,sugar,style\nmars,syrah,12,5,2,red\n";
    fs::write(path.join("new.csv"), text).unwrap();
    let ran = numgrad(path, "predict run --data new.csv");
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (65, ""),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("new.csv:2:1: 'mars'"), "{}", ran.stderr);
}

#[test]
fn classes_are_predicted_with_their_names_and_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    wines(path);
    let text = "region,grape,alcohol,acidity,sugar,style\nsouth,syrah,14.5,4.6,2,red\n\
                north,riesling,,7.4,11,white\n";
    fs::write(path.join("new.csv"), text).unwrap();
    let ran = succeeds(path, "predict run --data new.csv");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "prediction,probability fine,probability good,probability poor"
    );
    assert!(
        lines[1].starts_with("fine,") && lines[2].starts_with("poor,"),
        "{lines:?}"
    );
    let sum: f64 = lines[1]
        .split(',')
        .skip(1)
        .map(|p| p.parse::<f64>().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-12 && lines.len() == 3, "{lines:?}");
    let objects = succeeds(path, "predict run --data new.csv --json").json();
    assert_eq!(objects[0]["prediction"], "fine");
    let fine = objects[0]["probabilities"]["fine"].as_f64().unwrap();
    assert_eq!(
        lines[1].split(',').nth(1).unwrap().parse::<f64>().unwrap(),
        fine
    );
    assert_eq!(piped(path, "predict run --data -", text).stdout, ran.stdout);
    let told = succeeds(path, "predict run --data new.csv --output said.csv");
    assert_eq!(told.stdout, "2 predictions in said.csv\n");
    assert_eq!(
        fs::read_to_string(path.join("said.csv")).unwrap(),
        ran.stdout
    );
    let nowhere = numgrad(path, "predict run --data new.csv --output no/said.csv");
    assert_eq!(nowhere.status, 73, "{}", nowhere.stderr);
}

#[test]
fn a_text_of_pixels_is_read_on_the_scale_of_the_images_that_were_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, "train --epochs 5 --run run --quiet");
    let text = workspace().join("datasets/digits.csv");
    let text = text.display();
    let accuracy = |words: &str| {
        let evaluated = succeeds(path, words);
        evaluated.json()[0]["accuracy"].as_f64().unwrap()
    };
    let expected = accuracy("evaluate run --data digits --json");
    let found = accuracy(&format!("evaluate run --data {text} --json"));
    assert_eq!(found, expected);
    let predicted = succeeds(path, &format!("predict run --data {text}"));
    let labels = fs::read_to_string(workspace().join("datasets/digits.csv")).unwrap();
    let labels = labels.lines().skip(1).map(|line| line.rsplit(',').next());
    let said = predicted.stdout.lines().skip(1);
    let right = labels
        .zip(said)
        .filter(|(label, said)| said.split(',').next() == *label);
    assert_eq!(right.count() as f64 / 1797.0, expected);
}

#[test]
fn values_are_predicted_as_they_are_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let data = workspace().join("datasets/diabetes.csv");
    let data = data.display();
    succeeds(
        path,
        &format!("train --data {data} --epochs 5 --run run --quiet"),
    );
    let evaluated = succeeds(path, &format!("evaluate run --data {data} --json"));
    let predicted = succeeds(path, &format!("predict run --data {data}"));
    let text = fs::read_to_string(workspace().join("datasets/diabetes.csv")).unwrap();
    let targets = text
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap());
    let said: Vec<&str> = predicted.stdout.lines().collect();
    assert_eq!((said[0], said.len()), ("prediction", 443));
    let squares = targets.zip(&said[1..]).map(|(target, said)| {
        (target.parse::<f64>().unwrap() - said.parse::<f64>().unwrap()).powi(2)
    });
    let rmse = (squares.sum::<f64>() / 442.0).sqrt();
    let expected = evaluated.json()[0]["rmse"].as_f64().unwrap();
    assert!(
        (rmse - expected).abs() < 1e-9 * expected,
        "{rmse} {expected}"
    );
}

fn piped(folder: &Path, words: &str, text: &str) -> Ran {
    let mut child = Command::new(program())
        .args(words.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap().into()
}
