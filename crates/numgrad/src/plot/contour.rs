//! Lines of equal f over a rectangle, by marching squares.
use std::collections::HashMap;

/// Cells of the grid along each axis.
const CELLS: usize = 96;

/// Lines between the least and the largest value.
const LEVELS: usize = 14;

/// A line of equal f: its level, and its points.
pub(crate) type Contour = (f64, Vec<(f64, f64)>);

/// An edge of the grid: its lower left node, and whether it goes to the right.
type Edge = (usize, usize, bool);

/// The lines of equal f, at levels that are denser where f is low: valleys are where paths go.
pub(crate) fn contours(f: impl Fn(f64, f64) -> f64, x: (f64, f64), y: (f64, f64)) -> Vec<Contour> {
    let place = |(low, high): (f64, f64), k: usize| low + (high - low) * k as f64 / CELLS as f64;
    let grid: Vec<Vec<f64>> = (0..=CELLS)
        .map(|i| (0..=CELLS).map(|j| f(place(x, i), place(y, j))).collect())
        .collect();
    let finite = || {
        grid.iter()
            .flatten()
            .copied()
            .filter(|value| value.is_finite())
    };
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    if low >= high {
        return Vec::new();
    }
    let levels = (1..=LEVELS).map(|k| k as f64 / (LEVELS + 1) as f64);
    let levels = levels.map(|part| low + (high - low) * part.powi(3));
    levels
        .flat_map(|level| {
            let chains = chains(&segments(&grid, level));
            let point = |&(i, j, right): &Edge| {
                let (a, b) = (
                    grid[i][j],
                    if right {
                        grid[i + 1][j]
                    } else {
                        grid[i][j + 1]
                    },
                );
                let part = (level - a) / (b - a);
                let along = |range, k, moves: bool| {
                    let from = place(range, k);
                    if moves {
                        from + part * (place(range, k + 1) - from)
                    } else {
                        from
                    }
                };
                (along(x, i, right), along(y, j, !right))
            };
            let lines = chains.into_iter();
            let lines = lines.map(|chain| (level, chain.iter().map(point).collect()));
            lines.collect::<Vec<Contour>>()
        })
        .collect()
}

/// The pieces of a line, cell by cell, from edge to edge.
fn segments(grid: &[Vec<f64>], level: f64) -> Vec<(Edge, Edge)> {
    let mut segments = Vec::new();
    for i in 0..CELLS {
        for j in 0..CELLS {
            let corners = [
                grid[i][j],
                grid[i + 1][j],
                grid[i + 1][j + 1],
                grid[i][j + 1],
            ];
            if corners.iter().any(|corner| !corner.is_finite()) {
                continue;
            }
            let edges = [
                (i, j, true),
                (i + 1, j, false),
                (i, j + 1, true),
                (i, j, false),
            ];
            let above = corners.map(|corner| corner >= level);
            let crossed: Vec<Edge> = (0..4)
                .filter(|&k| above[k] != above[(k + 1) % 4])
                .map(|k| edges[k])
                .collect();
            // A saddle has two pieces, which its middle tells apart.
            let turned = (corners.iter().sum::<f64>() / 4.0 >= level) == above[0];
            match crossed[..] {
                [a, b] => segments.push((a, b)),
                [a, b, c, d] if turned => segments.extend([(a, b), (c, d)]),
                [a, b, c, d] => segments.extend([(d, a), (b, c)]),
                _ => {}
            }
        }
    }
    segments
}

/// Pieces that share an edge of the grid, joined to lines.
fn chains(segments: &[(Edge, Edge)]) -> Vec<Vec<Edge>> {
    let mut at: HashMap<Edge, Vec<usize>> = HashMap::new();
    for (k, &(a, b)) in segments.iter().enumerate() {
        at.entry(a).or_default().push(k);
        at.entry(b).or_default().push(k);
    }
    let mut used = vec![false; segments.len()];
    let next = |from: Edge, used: &mut Vec<bool>| {
        let k = at.get(&from)?.iter().copied().find(|&k| !used[k])?;
        used[k] = true;
        let (a, b) = segments[k];
        Some(if a == from { b } else { a })
    };
    let mut chains = Vec::new();
    for k in 0..segments.len() {
        if used[k] {
            continue;
        }
        used[k] = true;
        let mut chain = std::collections::VecDeque::from([segments[k].0, segments[k].1]);
        while let Some(edge) = next(chain[chain.len() - 1], &mut used) {
            chain.push_back(edge);
        }
        while let Some(edge) = next(chain[0], &mut used) {
            chain.push_front(edge);
        }
        chains.push(chain.into());
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_bowl_are_closed_circles_at_their_levels() {
        let found = contours(|x, y| x * x + y * y, (-1.0, 1.0), (-1.0, 1.0));
        let inner: Vec<_> = found.iter().filter(|contour| contour.0 < 0.9).collect();
        assert!(inner.len() >= 8);
        for (level, line) in inner {
            assert_eq!(line.first(), line.last(), "{level}");
            for (x, y) in line {
                assert!((x * x + y * y - level).abs() < 1e-3, "{level} {x} {y}");
            }
        }
    }

    #[test]
    fn a_saddle_a_hole_and_a_plain_are_no_trouble() {
        assert!(!contours(|x, y| x * y, (-1.0, 1.0), (-1.0, 1.0)).is_empty());
        let holed = contours(|x, y| (x + y).sqrt(), (-1.0, 1.0), (-1.0, 1.0));
        assert!(!holed.is_empty());
        assert!(contours(|_, _| 3.0, (0.0, 1.0), (0.0, 1.0)).is_empty());
        assert!(contours(|_, _| f64::NAN, (0.0, 1.0), (0.0, 1.0)).is_empty());
    }
}
