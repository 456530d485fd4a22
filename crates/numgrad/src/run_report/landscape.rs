//! The loss on a plane through the trained parameters, along two random directions whose rows are
//! as long as the rows of the weights. Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss
//! landscape of neural nets", NeurIPS 2018, section 4 (biases stay as they are).
use super::model::{Model, batch, spread};
use crate::failure::Failure;
use crate::html::Page;
use crate::plot::{Axis, Chart, Contour, Scale, Series, Style, contours};
use numgrad_core::{Initializer, Real, Trace};
use numgrad_train::dataset::Dataset;
use numgrad_train::streams::{Purpose, stream};
use rayon::prelude::*;

/// Points along each axis, from −1 to 1.
const POINTS: usize = 17;

/// Multiply-adds that a landscape may take, and how many samples are too few for one.
const BUDGET: usize = 2_000_000_000;
const FEWEST: usize = 16;
const MOST: usize = 128;

pub(super) fn add<T: Real>(
    page: &mut Page,
    model: &Model<'_, T>,
    train: &Dataset,
) -> Result<(), Failure> {
    page.section("Loss landscape");
    let samples = BUDGET / (POINTS * POINTS * model.theta.len());
    if samples < FEWEST {
        page.paragraph("Left out: with so many parameters it would take too long.");
        return Ok(());
    }
    let indices = spread(train, samples.min(MOST));
    let Some(grid) = losses(model, train, &indices)? else {
        page.paragraph("Left out: the loss is not finite everywhere near the parameters.");
        return Ok(());
    };
    let (lines, chart) = chart(&grid);
    if lines == 0 {
        page.paragraph("The loss is the same all around the parameters.");
        return Ok(());
    }
    let all = grid.iter().flatten().copied();
    let (low, high) = (
        all.clone().fold(f64::INFINITY, f64::min),
        all.fold(f64::NEG_INFINITY, f64::max),
    );
    page.paragraph(format_args!(
        "Around the trained parameters in the middle (0, 0), along two random directions; at 1 each \
         neuron's weights have moved by a vector as long as they are. The mean loss of {} training \
         samples is {:.4} in the middle, and from {low:.4} to {high:.4} on this plane. Lines are \
         fainter and denser where it is lower: each is of one loss, in equal steps of its cube root \
         above the lowest, and the legend says that of some.",
        indices.len(),
        grid[POINTS / 2][POINTS / 2]
    ));
    page.chart(&chart);
    Ok(())
}

/// The loss at each point of the plane, by x and then y; none if one is not finite.
fn losses<T: Real>(
    model: &Model<'_, T>,
    train: &Dataset,
    indices: &[usize],
) -> Result<Option<Vec<Vec<f64>>>, Failure> {
    let (right, up) = (direction(model, 0), direction(model, 1));
    let (x, targets) = batch::<T>(train, indices)?;
    let objective = model.objective();
    // What is wrong with the parameters as they are is a failure; elsewhere it is the landscape.
    objective.loss(&model.theta, &x, &targets, &mut Trace::new())?;
    let place = |k: usize| T::of(2.0 * k as f64 / (POINTS - 1) as f64 - 1.0);
    let column = |i: usize| {
        let mut trace = Trace::new();
        let mut moved = model.theta.clone();
        (0..POINTS)
            .map(|j| {
                for (k, entry) in moved.iter_mut().enumerate() {
                    *entry = model.theta[k] + place(i) * right[k] + place(j) * up[k];
                }
                let loss = objective.loss(&moved, &x, &targets, &mut trace);
                loss.ok().map(T::as_f64)
            })
            .collect::<Option<Vec<f64>>>()
    };
    Ok((0..POINTS).into_par_iter().map(column).collect())
}

/// A random direction in which the weights that enter each neuron move by a vector as long as they
/// are.
fn direction<T: Real>(model: &Model<'_, T>, number: u64) -> Vec<T> {
    let network = &model.network;
    let mut random = stream(model.run.seed, Purpose::Landscape, number);
    let mut direction = vec![T::zero(); model.theta.len()];
    Initializer::Normal(1.0).draw(network, &mut random, &mut direction);
    for layer in 0..network.layers() {
        let range = network.weights_range(layer);
        let rows = network.width(layer);
        let norms = |numbers: &[T]| {
            let mut squares = vec![0.0; rows];
            for (k, number) in numbers.iter().enumerate() {
                squares[k % rows] += number.as_f64().powi(2);
            }
            squares
        };
        let (wanted, found) = (
            norms(&model.theta[range.clone()]),
            norms(&direction[range.clone()]),
        );
        for (k, entry) in direction[range].iter_mut().enumerate() {
            let (wanted, found) = (wanted[k % rows], found[k % rows]);
            *entry *= T::of(if found > 0.0 {
                (wanted / found).sqrt()
            } else {
                0.0
            });
        }
    }
    direction
}

/// Lines of equal loss, and how many there are.
fn chart(grid: &[Vec<f64>]) -> (usize, Chart) {
    let found = contours(|x, y| interpolated(grid, x, y), (-1.0, 1.0), (-1.0, 1.0));
    let (low, high) = (
        found.first().map_or(0.0, |line| line.0),
        found.last().map_or(0.0, |line| line.0),
    );
    let axis = |label: &str| Axis {
        label: label.to_owned(),
        scale: Scale::Linear,
    };
    let mut named = named(&found);
    let mut line = |(level, points): (f64, Vec<(f64, f64)>)| Series {
        // One line of each such level is enough for the legend.
        name: if named.first() == Some(&level) {
            named.remove(0);
            format!("loss {}", short(level))
        } else {
            String::new()
        },
        points,
        style: Style::Background(if high > low {
            ((level - low) / (high - low)).cbrt()
        } else {
            0.5
        }),
    };
    let lines = found.len();
    let mut series: Vec<Series> = found.into_iter().map(&mut line).collect();
    series.push(Series {
        name: "the trained parameters".to_owned(),
        points: vec![(0.0, 0.0)],
        style: Style::Points,
    });
    let chart = Chart {
        title: "Lines of equal loss".to_owned(),
        x: axis("along the first direction"),
        y: axis("along the second direction"),
        series,
    };
    (lines, chart)
}

/// The levels that the legend names: the lowest, the highest, and some between.
fn named(lines: &[Contour]) -> Vec<f64> {
    const NAMED: usize = 5;
    let mut levels: Vec<f64> = lines.iter().map(|line| line.0).collect();
    levels.dedup();
    let last = levels.len().saturating_sub(1);
    let mut places: Vec<usize> = (0..NAMED).map(|k| k * last / (NAMED - 1)).collect();
    places.dedup();
    let level = |place: usize| levels.get(place).copied();
    places.into_iter().filter_map(level).collect()
}

/// A number with three digits that count.
fn short(x: f64) -> String {
    match x.abs() {
        size if (1e-3..1e4).contains(&size) => {
            let decimals = (2 - size.log10().floor() as i32).max(0) as usize;
            format!("{x:.decimals$}")
        }
        _ => format!("{x:.2e}"),
    }
}

/// The loss between the points of the grid, by cubic splines (Catmull and Rom) through them.
fn interpolated(grid: &[Vec<f64>], x: f64, y: f64) -> f64 {
    let last = grid.len() - 1;
    let place = |x: f64| {
        let at = f64::midpoint(x, 1.0) * last as f64;
        let cell = (at.floor().max(0.0) as usize).min(last - 1);
        (cell, at - cell as f64)
    };
    let ((i, u), (j, v)) = (place(x), place(y));
    // Beyond the edge the line goes on straight.
    let cubic = |at: &dyn Fn(usize) -> f64, cell: usize, u: f64| {
        let (b, c) = (at(cell), at(cell + 1));
        let a = if cell > 0 { at(cell - 1) } else { 2.0 * b - c };
        let d = if cell + 2 <= last {
            at(cell + 2)
        } else {
            2.0 * c - b
        };
        let slope = (c - a) / 2.0;
        let second = a - 2.5 * b + 2.0 * c - d / 2.0;
        let third = (d - a) / 2.0 + 1.5 * (b - c);
        b + u * (slope + u * (second + u * third))
    };
    cubic(&|row| cubic(&|column| grid[row][column], j, v), i, u)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_its_points_a_plane_stays_a_plane() {
        let f = |x: f64, y: f64| 3.0 + 2.0 * x - y;
        let place = |k: usize| k as f64 / 2.0 - 1.0;
        let grid: Vec<Vec<f64>> = (0..5)
            .map(|i| (0..5).map(|j| f(place(i), place(j))).collect())
            .collect();
        for (x, y) in [(-1.0, -1.0), (0.1, -0.93), (0.77, 0.2), (1.0, 1.0)] {
            assert!(
                (interpolated(&grid, x, y) - f(x, y)).abs() < 1e-12,
                "{x} {y}"
            );
        }
    }
}
