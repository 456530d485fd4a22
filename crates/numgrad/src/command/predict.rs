//! `numgrad predict`: what a trained network says about new samples.
use crate::args::predict::{PredictArguments, Samples};
use crate::failure::{Failure, Status};
use crate::out::Out;
use crate::report::warn;
use crate::setup::{header_of, on_pool};
use numgrad_core::{Mlp, OutputKind, Precision, Real};
use numgrad_loss::metrics::class_of;
use numgrad_train::checkpoint::{Checkpoint, load};
use numgrad_train::dataset::{Dataset, LoadOptions, inputs_from_text};
use numgrad_train::{TrainError, predict};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

/// Text that is gathered before it is written.
const PIECE: usize = 1 << 16;

pub(crate) fn run(arguments: &PredictArguments, out: &mut Out) -> Result<(), Failure> {
    let loaded = load(&arguments.run)?;
    warn(loaded.warning.as_ref());
    let checkpoint = &loaded.checkpoint;
    on_pool(arguments.threads, || {
        match checkpoint.header.configuration.precision {
            Precision::F32 => predictions::<f32>(checkpoint, arguments, out),
            Precision::F64 => predictions::<f64>(checkpoint, arguments, out),
        }
    })?
}

fn predictions<T: Real>(
    checkpoint: &Checkpoint,
    arguments: &PredictArguments,
    out: &mut Out,
) -> Result<(), Failure> {
    let run = &checkpoint.header.configuration;
    let network: Mlp<T> = run.architecture.build().map_err(TrainError::from)?;
    let theta = checkpoint.payload.theta.get();
    let theta = theta.ok_or(TrainError::OtherState)?;
    let data = samples(checkpoint, arguments, network.inputs())?;
    if data.inputs() != network.inputs() {
        return Err(Failure::data(format!(
            "the network has {} inputs, but the data have {}",
            network.inputs(),
            data.inputs()
        )));
    }
    let names = match &arguments.data {
        Samples::Source(source) => source.image_names()?,
        Samples::StandardInput => None,
    };
    let mut names = names.map(Vec::into_iter);
    let form = Form::new(
        checkpoint,
        network.outputs(),
        (names.is_some(), arguments.json),
    );
    let mut sheet = Sheet::create(arguments.output.clone(), out)?;
    if let Some(header) = form.header() {
        sheet.line(&header)?;
    }
    predict(&network, &theta, &data, |outputs: &[T]| {
        let name = names.as_mut().and_then(Iterator::next);
        sheet.line(&form.line(name.as_deref(), outputs))
    })?;
    sheet.finish(data.samples(), arguments.json)
}

/// The samples as the network takes them: with the training file's columns and scaling.
fn samples(
    checkpoint: &Checkpoint,
    arguments: &PredictArguments,
    inputs: usize,
) -> Result<Dataset, Failure> {
    let header = &checkpoint.header;
    let asked = arguments.arrays.clone();
    if let (Some(_), false) = (&asked, arguments.data.is_archive()) {
        return Err(Failure::usage("--arrays is for an NPZ file"));
    }
    let reading = header.configuration.reading.clone();
    let options = LoadOptions {
        header: header_of(arguments.header),
        max_bytes: arguments.max_data_bytes.0,
        held_bytes: arguments.held_bytes.0,
        arrays: asked.or_else(|| reading.arrays.clone()),
        ..reading
    };
    let columns = header.columns.as_ref();
    let mut data = match &arguments.data {
        Samples::StandardInput => inputs_from_text(std::io::stdin(), columns, inputs, &options)?,
        Samples::Source(source) => source.load_inputs(columns, inputs, &options)?,
    };
    let is_text = match &arguments.data {
        Samples::StandardInput => true,
        Samples::Source(source) => source.is_text(),
    };
    if is_text {
        header.configuration.data.adapt_text(&mut data);
    }
    header.scale(&mut data);
    Ok(data)
}

/// How a sample's outputs are written.
struct Form {
    /// The classes, of a classification.
    classes: Option<Vec<Value>>,
    /// What the outputs of a classification are: probabilities, or only larger and smaller.
    name: &'static str,
    /// Whether each sample is a file with a name.
    has_files: bool,
    json: bool,
}

impl Form {
    fn new(checkpoint: &Checkpoint, outputs: usize, (has_files, json): (bool, bool)) -> Self {
        let header = &checkpoint.header;
        let names = header
            .columns
            .as_ref()
            .and_then(|columns| columns.class_names());
        let classes = match names {
            Some(names) => Some(names.iter().map(|name| json!(name)).collect()),
            None => (outputs > 1).then(|| (0..outputs).map(|class| json!(class)).collect()),
        };
        let is_softmax = header.configuration.architecture.output == OutputKind::Softmax;
        Self {
            classes,
            name: if is_softmax { "probability" } else { "output" },
            has_files,
            json,
        }
    }

    /// The first line of a CSV file.
    fn header(&self) -> Option<String> {
        let classes = self.classes.iter().flatten();
        let names = classes.map(|class| quoted(&format!("{} {}", self.name, plain(class))));
        let names = std::iter::once("prediction".to_owned()).chain(names);
        let file = self.has_files.then(|| "file".to_owned());
        let names = file.into_iter().chain(names);
        (!self.json).then(|| names.collect::<Vec<_>>().join(","))
    }

    /// A sample's line; `name` is that of its file, if it is one.
    fn line<T: Real>(&self, name: Option<&str>, outputs: &[T]) -> String {
        let numbers = || outputs.iter().map(|&x| shortest(x));
        let class = self
            .classes
            .as_ref()
            .and_then(|classes| classes.get(class_of(outputs) as usize));
        if !self.json {
            let class = class.map(|class| quoted(&plain(class)));
            let fields = name.map(quoted).into_iter().chain(class).chain(numbers());
            let fields: Vec<String> = fields.collect();
            return fields.join(",");
        }
        let numbers = numbers().map(|text| serde_json::from_str(&text).unwrap_or(Value::Null));
        let mut line = Map::new();
        line.extend(name.map(|name| ("file".to_owned(), json!(name))));
        if let (Some(classes), Some(class)) = (&self.classes, class) {
            let names = classes.iter().map(plain);
            let all: Map<String, Value> = names.zip(numbers).collect();
            line.insert("prediction".to_owned(), class.clone());
            line.insert(self.plural().to_owned(), all.into());
        } else {
            let first = numbers.collect::<Vec<_>>().into_iter().next();
            line.insert("prediction".to_owned(), first.unwrap_or(Value::Null));
        }
        Value::from(line).to_string()
    }

    fn plural(&self) -> &'static str {
        match self.name {
            "probability" => "probabilities",
            _ => "outputs",
        }
    }
}

/// A class as it is read.
fn plain(class: &Value) -> String {
    class
        .as_str()
        .map_or_else(|| class.to_string(), str::to_owned)
}

/// A field of CSV.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The shortest text that is read back as the same number.
fn shortest<T: Real>(x: T) -> String {
    match T::PRECISION {
        Precision::F32 => format!("{:?}", x.as_f64() as f32),
        Precision::F64 => format!("{:?}", x.as_f64()),
    }
}

/// Where the lines go.
struct Sheet<'a> {
    file: Option<(PathBuf, File)>,
    out: &'a mut Out,
    text: String,
}

impl<'a> Sheet<'a> {
    fn create(path: Option<PathBuf>, out: &'a mut Out) -> Result<Self, Failure> {
        let create = |path: PathBuf| match File::create(&path) {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(Failure::new(
                Status::CannotCreate,
                format!("{}: cannot be created: {error}", path.display()),
            )),
        };
        Ok(Self {
            file: path.map(create).transpose()?,
            out,
            text: String::new(),
        })
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.text.push_str(line);
        self.text.push('\n');
        if self.text.len() >= PIECE {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let text = std::mem::take(&mut self.text);
        match &mut self.file {
            None => self.out.text(text),
            Some((path, file)) => file.write_all(text.as_bytes()).map_err(|error| {
                let message = format!("{}: cannot be written: {error}", path.display());
                Failure::new(Status::Io, message)
            }),
        }
    }

    fn finish(mut self, samples: usize, as_json: bool) -> Result<(), Failure> {
        self.flush()?;
        match &self.file {
            None => Ok(()),
            Some((path, _)) if as_json => self
                .out
                .line(json!({"predictions": samples, "output": path})),
            Some((path, _)) => {
                let line = format!("{samples} predictions in {}", path.display());
                self.out.line(line)
            }
        }
    }
}
