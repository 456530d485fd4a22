//! The columns of weights that each rank assembles where ranks split the samples: a run of θ each,
//! so that what they find is gathered where it lies.
use crate::engine::Room;
use crate::probe::Batch;
use crate::team::Team;
use numgrad_core::Real;
use std::ops::Range;

/// The samples whose inputs say what a column of the first layer costs.
const LOOKED_AT: usize = 32;

/// What a nonzero entry costs, in dense ones.
const NONZERO: f64 = 2.0;

/// The runs of θ of all ranks: from column to column, with as much to do in each. Every rank finds
/// the same, and no bit depends on it.
pub(crate) fn runs<T: Real>(
    batch: &Batch<'_, T>,
    room: &Room<T>,
    team: &Team,
) -> Vec<Range<usize>> {
    let network = batch.network();
    let nonzero = room.is_sparse.then(|| nonzero_parts(batch));
    // What an entry is written for, besides its products.
    let of_entry = 1.0 / batch.samples() as f64;
    let columns = (0..network.layers()).flat_map(|layer| {
        let (width, inputs) = (network.width(layer), network.fan_in(layer));
        let nonzero = nonzero.as_ref().filter(|_| layer == 0);
        (0..=inputs).map(move |j| {
            // The bias's column comes last.
            let part = nonzero
                .and_then(|parts| parts.get(j))
                .map_or(1.0, |part| NONZERO * part);
            (width, width as f64 * (part + of_entry))
        })
    });
    let columns: Vec<(usize, f64)> = columns.collect();
    let total: f64 = columns.iter().map(|(_, cost)| cost).sum();
    let mut columns = columns.into_iter();
    let (mut end, mut spent) = (0, 0.0);
    let of_rank = |rank: usize| {
        let (start, up_to) = (end, total * (rank + 1) as f64 / team.size() as f64);
        let is_last = rank + 1 == team.size();
        while let Some(&(width, cost)) = columns.as_slice().first() {
            // A column goes to whom most of it belongs to.
            if !is_last && spent + cost / 2.0 > up_to {
                break;
            }
            columns.next();
            spent += cost;
            end += width;
        }
        start..end
    };
    (0..team.size()).map(of_rank).collect()
}

/// Which part of some samples has each input that is not 0.
fn nonzero_parts<T: Real>(batch: &Batch<'_, T>) -> Vec<f64> {
    let (samples, inputs) = (batch.samples(), batch.network().inputs());
    let looked_at = samples.min(LOOKED_AT);
    let mut counts = vec![0_u32; inputs];
    for k in 0..looked_at {
        let of_sample = &batch.given.x[k * samples / looked_at * inputs..][..inputs];
        for (count, &x) in counts.iter_mut().zip(of_sample) {
            *count += u32::from(x != T::ZERO);
        }
    }
    let parts = counts.into_iter().map(f64::from);
    parts.map(|count| count / looked_at as f64).collect()
}
