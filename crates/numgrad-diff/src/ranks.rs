//! Centred ranks: what is left of losses when only their order counts.

/// Replaces each loss by its rank, scaled to −½ for the least and ½ for the largest; equal losses
/// share the mean of their ranks. NaN ranks above all numbers.
///
/// Salimans et al., "Evolution strategies as a scalable alternative to reinforcement learning",
/// arXiv:1703.03864, section 2.1 ("fitness shaping").
pub(crate) fn centre_ranks(losses: &mut [f64]) {
    if losses.len() < 2 {
        losses.fill(0.0);
        return;
    }
    let mut order: Vec<usize> = (0..losses.len()).collect();
    order.sort_by(|&a, &b| losses[a].total_cmp(&losses[b]));
    let sorted: Vec<f64> = order.iter().map(|&k| losses[k]).collect();
    let most = (losses.len() - 1) as f64;
    let mut first = 0;
    for equal in sorted.chunk_by(|a, b| a == b) {
        let mean = first as f64 + (equal.len() - 1) as f64 / 2.0;
        for &k in &order[first..first + equal.len()] {
            losses[k] = mean / most - 0.5;
        }
        first += equal.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_centred_keep_the_order_and_are_shared_by_equals() {
        let mut losses = [3.0, -1.0, 1e9, 3.0, f64::INFINITY];
        centre_ranks(&mut losses);
        assert_eq!(losses, [-0.125, -0.5, 0.25, -0.125, 0.5]);
        let mut equal = [7.0; 4];
        centre_ranks(&mut equal);
        assert_eq!(equal, [0.0; 4]);
        let mut one = [5.0];
        centre_ranks(&mut one);
        assert_eq!(one, [0.0]);
    }
}
