//! What a layer's own activations do when the z of its neurons move.
use numgrad_core::{Activation, Real, Units};

/// From the moves of z to those of a.
pub(crate) fn move_activations<T: Real>(
    activation: &dyn Activation<T>,
    units: Units<'_, T>,
    width: usize,
    moves: &mut [T],
) {
    // An activation may choose its series by the largest move it is asked about. Samples of equal
    // moves are asked about together, so that no bit depends on the others in the tile.
    let size = units.z.len();
    let mut first = 0;
    while first < size / width {
        let next = (first + 1..size / width)
            .take_while(|&sample| moves[sample * width] == moves[first * width]);
        let count = 1 + next.count();
        let units = units.some(first * width, count * width);
        for node in moves.chunks_exact_mut(size) {
            activation.differences(units, &mut node[first * width..][..count * width]);
        }
        first += count;
    }
}

/// The neurons that cross their own corner. As z moves straight from node to node, no other is
/// between the furthest ones.
pub(crate) fn mark_own_corners<T: Real>(z: &[T], deltas: &[T], crossed: &mut [bool]) {
    for node in deltas.chunks_exact(z.len()) {
        for ((crossed, &delta), &z) in crossed.iter_mut().zip(node).zip(z) {
            let stays = delta.magnitude() < z.magnitude();
            // A NaN crosses.
            *crossed |= !stays;
        }
    }
}
