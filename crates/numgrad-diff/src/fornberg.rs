//! The weights of any stencil: values at given nodes, a derivative of any order at a given place.
use crate::Real;

/// Weights w with f⁽ᵈ⁾(z) ≈ Σ wⱼ·f(xⱼ), exact for polynomials of degree below the number of nodes.
///
/// Source: Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids",
/// Mathematics of Computation 51 (1988); cost O(n²·d) for n nodes. With d ≥ n all weights are 0,
/// as n values say nothing of the derivative. Equal nodes give weights that are not finite.
///
/// ```
/// use numgrad_diff::fornberg_weights;
///
/// assert_eq!(fornberg_weights(0.0, &[-1.0, 0.0, 1.0], 2), [1.0, -2.0, 1.0]);
/// assert_eq!(fornberg_weights(0.0, &[0.0, 1.0, 2.0], 1), [-1.5, 2.0, -0.5]);
/// ```
pub fn fornberg_weights<T: Real>(z: T, nodes: &[T], order: usize) -> Vec<T> {
    let (n, orders) = (nodes.len(), order + 1);
    let (zero, one) = (T::default(), T::of(1.0));
    // w[j·orders + d] weighs node j in derivative d, for the nodes that were taken up so far.
    let mut w = vec![zero; n * orders];
    if n == 0 {
        return w;
    }
    w[0] = one;
    let mut product = one;
    for i in 1..n {
        let mut differences = one;
        let last: Vec<T> = w[(i - 1) * orders..i * orders].to_vec();
        for j in 0..i {
            let apart = nodes[i] - nodes[j];
            differences = differences * apart;
            for d in (0..orders).rev() {
                let at = j * orders + d;
                let lower = if d > 0 {
                    T::of(d as f64) * w[at - 1]
                } else {
                    zero
                };
                w[at] = ((nodes[i] - z) * w[at] - lower) / apart;
            }
        }
        for d in 0..orders {
            let lower = if d > 0 {
                T::of(d as f64) * last[d - 1]
            } else {
                zero
            };
            w[i * orders + d] = product * (lower - (nodes[i - 1] - z) * last[d]) / differences;
        }
        product = differences;
    }
    w.into_iter().skip(order).step_by(orders).collect()
}
