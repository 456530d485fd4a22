//! What an evaluation found, as text and as JSON.
use crate::failure::Failure;
use crate::out::Out;
use crate::report::{class_names, fixed};
use crate::table::{Table, broken, width};
use numgrad_loss::metrics::{ClassScore, ConfusionMatrix};
use numgrad_train::checkpoint::Header;
use numgrad_train::{Details, Evaluation, Metrics, Regime};
use serde_json::{Value, json};

/// The most mistakes that take a confusion matrix's place.
const MISTAKES: usize = 12;

pub(super) struct Sheet {
    evaluation: Evaluation,
    details: Option<Details>,
    /// The classes' names, or their numbers.
    names: Vec<String>,
    regime: Regime,
}

impl Sheet {
    pub(super) fn new(evaluation: Evaluation, details: Option<Details>, header: &Header) -> Self {
        let classes = details.as_ref().map_or(0, |found| found.by_class.len());
        Self {
            names: class_names(header.columns.as_ref(), classes),
            regime: header.configuration.regime.clone(),
            evaluation,
            details,
        }
    }

    pub(super) fn json(&self) -> Value {
        let Evaluation {
            samples,
            loss,
            metrics,
        } = &self.evaluation;
        let (confusion, details) = match (metrics, &self.details) {
            (Metrics::Classification { confusion, .. }, Some(details)) => (confusion, details),
            (metrics, _) => {
                let mut object = json!({ "samples": samples, "loss": loss });
                if let Metrics::Regression {
                    rmse,
                    mae,
                    r_squared,
                } = metrics
                {
                    object["rmse"] = json!(rmse);
                    object["mae"] = json!(mae);
                    object["r_squared"] = json!(r_squared);
                }
                return object;
            }
        };
        let teaching = self.regime.teaching();
        let classes = confusion.classes();
        let rows: Vec<Vec<u64>> = (0..classes)
            .map(|t| (0..classes).map(|k| confusion.count(t, k)).collect())
            .collect();
        let scores = details.by_class.iter().zip(&details.auroc);
        let by_class: Vec<Value> = (self.names.iter().zip(scores))
            .map(|(name, (score, auroc))| {
                json!({
                    "class": name, "samples": score.samples, "precision": score.precision,
                    "recall": score.recall, "f1": score.f1, "auroc": auroc,
                })
            })
            .collect();
        let mean = details.mean.map(
            |mean| json!({ "precision": mean.precision, "recall": mean.recall, "f1": mean.f1 }),
        );
        let mut object = json!({
            "samples": samples, "loss": loss, "accuracy": self.evaluation.accuracy(),
            "confusion": rows, "classes": self.names, "by_class": by_class, "macro": mean,
            "auroc": details.mean_auroc(), "class_weights": teaching.class_weights,
            "label_smoothing": teaching.label_smoothing,
        });
        if let Some((k, accuracy)) = details.top_k {
            object["top_k"] = json!({ "k": k, "accuracy": accuracy });
        }
        object
    }

    pub(super) fn print(&self, out: &mut Out) -> Result<(), Failure> {
        let Evaluation {
            samples,
            loss,
            metrics,
        } = &self.evaluation;
        out.line(format_args!("samples   {samples}"))?;
        out.line(broken(&format!(
            "loss      {}{}",
            fixed(*loss, 6),
            self.taught()
        )))?;
        match (metrics, &self.details) {
            (Metrics::Classification { confusion, .. }, Some(details)) => {
                self.print_classes(confusion, details, out)
            }
            (Metrics::Classification { accuracy, .. }, None) => {
                out.line(format_args!("accuracy  {accuracy:.4}"))
            }
            (
                Metrics::Regression {
                    rmse,
                    mae,
                    r_squared,
                },
                _,
            ) => {
                out.line(format_args!("rmse      {}", fixed(*rmse, 6)))?;
                out.line(format_args!("mae       {}", fixed(*mae, 6)))?;
                if r_squared.is_nan() {
                    return out.line("R²        undefined: the targets do not vary");
                }
                out.line(format_args!("R²        {r_squared:.4}"))
            }
        }
    }

    /// What the loss contains beside itself, in brackets.
    fn taught(&self) -> String {
        let weights = self.regime.class_weights.as_ref();
        let weights = weights.map(|weights| format!("class weights {weights}"));
        let smoothing = self.regime.label_smoothing;
        let smoothing = (smoothing > 0.0).then(|| format!("label smoothing {smoothing}"));
        let applied: Vec<String> = weights.into_iter().chain(smoothing).collect();
        if applied.is_empty() {
            String::new()
        } else {
            format!("  (with {})", applied.join(" and "))
        }
    }

    fn print_classes(
        &self,
        confusion: &ConfusionMatrix,
        details: &Details,
        out: &mut Out,
    ) -> Result<(), Failure> {
        let accuracy = self.evaluation.accuracy().unwrap_or(f64::NAN);
        out.line(format_args!("accuracy  {accuracy:.4}"))?;
        if let Some((k, accuracy)) = details.top_k {
            out.line(format_args!("{:<8}  {accuracy:.4}", format!("top-{k}")))?;
        }
        out.line(format_args!("AUROC     {}", share(details.mean_auroc())))?;
        self.print_confusion(confusion, out)?;
        let mut table = Table::default()
            .numbers("class", 0)
            .numbers("precision", 2)
            .numbers("recall", 1)
            .numbers("F1", 0)
            .numbers("AUROC", 0)
            .numbers("samples", 3);
        let row = |name: &str, parts: [Option<f64>; 4], samples: u64| {
            let cells = [name.to_owned()].into_iter().chain(parts.map(share));
            cells.chain([samples.to_string()])
        };
        for (name, (score, auroc)) in
            (self.names.iter()).zip(details.by_class.iter().zip(&details.auroc))
        {
            let parts = [score.precision, score.recall, score.f1, *auroc];
            table.row(row(name, parts, score.samples));
        }
        let mean =
            |part: fn(&numgrad_loss::metrics::MacroScore) -> f64| details.mean.map(|m| part(&m));
        let parts = [
            mean(|m| m.precision),
            mean(|m| m.recall),
            mean(|m| m.f1),
            details.mean_auroc(),
        ];
        table.row(row("average", parts, self.evaluation.samples as u64));
        table.print(out)?;
        for (name, score) in self.names.iter().zip(&details.by_class) {
            if let Some(reason) = undefined(score) {
                out.line(broken(&format!("{name}: {reason}")))?;
            }
        }
        Ok(())
    }

    /// The confusion matrix, or in a terminal that is too narrow for it what is not on its diagonal.
    fn print_confusion(&self, confusion: &ConfusionMatrix, out: &mut Out) -> Result<(), Failure> {
        let matrix = confusion.table(&self.names);
        let needed = matrix.lines().map(|line| line.chars().count()).max();
        if width().is_none_or(|width| needed <= Some(width)) {
            return out.line(matrix);
        }
        let mut mistakes = Vec::new();
        for (t, truth) in self.names.iter().enumerate() {
            for (k, found) in self.names.iter().enumerate() {
                let count = confusion.count(t, k);
                if t != k && count > 0 {
                    mistakes.push((count, format!("{truth} taken for {found}")));
                }
            }
        }
        mistakes.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        if mistakes.is_empty() {
            return out.line("no class was taken for another");
        }
        let mut table = Table::default().words("mistake").numbers("times", 0);
        let hidden = mistakes.len().saturating_sub(MISTAKES);
        for (count, mistake) in mistakes.into_iter().take(MISTAKES) {
            table.row([mistake, count.to_string()]);
        }
        if hidden > 0 {
            table.row([format!("and {hidden} others")]);
        }
        table.print(out)
    }
}

/// A part of 1, or a dash where there is none.
fn share(part: Option<f64>) -> String {
    part.map_or("–".to_owned(), |part| format!("{part:.4}"))
}

/// Why some of a class's scores are undefined, and what the averages make of it.
fn undefined(score: &ClassScore) -> Option<&'static str> {
    match score {
        ClassScore { samples: 0, .. } => Some(
            "no sample is of this class, so that its recall and AUROC are undefined: it has no part \
             in the averages",
        ),
        ClassScore {
            precision: None, ..
        } => Some(
            "no sample was taken for this class, so that its precision is undefined: it counts as 0 \
             in the average",
        ),
        _ => None,
    }
}
