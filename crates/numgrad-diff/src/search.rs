//! The search for the best entry of a tableau, while noise, corners and rounding get in its way.
use crate::sides::{CORNER, Sides};
use crate::tableau::{RATIO, Tableau};
use crate::{Estimate, Real, Status};

/// Rows without a better entry, after which noise is expected to lead them.
const PATIENCE: i32 = 4;

/// Quotients that are seen before the first verdict.
const LEAST: usize = 3;

/// The best entry so far, and whether there is a better one to come.
pub(crate) struct Search<T> {
    tolerance: T,
    nothing: Estimate<T>,
    best: Estimate<T>,
    /// The best of rows that noise had begun to lead: it stands unless smaller steps do ten
    /// times better.
    retired: Estimate<T>,
    tableau: Tableau<T>,
    sides: Sides<T>,
    /// Rows since the best entry.
    stale: i32,
    /// The error that rows since then imply for the best entry.
    noise: T,
    /// Whether a corner was seen long enough to be believed.
    corner: bool,
    pub(crate) ended: bool,
}

impl<T: Real> Search<T> {
    pub(crate) fn new(nothing: Estimate<T>, tolerance: T) -> Self {
        Self {
            tolerance,
            nothing,
            best: nothing,
            retired: nothing,
            tableau: Tableau::new(),
            sides: Sides::new(),
            stale: 0,
            noise: T::default(),
            corner: false,
            ended: false,
        }
    }

    /// What was found.
    pub(crate) fn outcome(&self) -> Estimate<T> {
        if self.corner || self.beats_the_retired() {
            self.best
        } else {
            self.retired
        }
    }

    /// The quotient, the right slope less the left one, and the quotient's rounding, at h.
    pub(crate) fn see(&mut self, h: T, quotient: T, gap: T, rounding: T) {
        let noisy = self.retired.error.is_number();
        if noisy && rounding > self.retired.error {
            self.ended = true;
            return;
        }
        if noisy && quotient == T::default() {
            // Between two steps of a rounded f: flat, and nothing to be learned.
            return;
        }
        self.sides.add(quotient, gap, rounding);
        if self.sides.disagree() {
            self.suspect_corner(h, quotient, gap);
            return;
        }
        if self.best.status == Status::KinkSuspected {
            if self.sides.lost_in_rounding() {
                self.corner = true;
                self.ended = true;
                return;
            }
            self.best = self.nothing;
        }
        self.tableau.add(quotient, rounding);
        self.take_best(h);
        if self.tableau.rows() >= LEAST {
            self.decide(rounding);
        }
    }

    /// What was seen so far spans a corner. It may be beside x, and then steps that end before
    /// it start anew.
    fn suspect_corner(&mut self, h: T, quotient: T, gap: T) {
        if self.best.status != Status::KinkSuspected && self.tableau.rows() > LEAST {
            self.retire();
        }
        self.tableau = Tableau::new();
        self.best = Estimate {
            value: quotient,
            error: gap.magnitude(),
            step: h,
            status: Status::KinkSuspected,
            ..self.nothing
        };
        self.corner = self.sides.disagreed() >= CORNER;
        self.ended = self.corner;
    }

    fn take_best(&mut self, h: T) {
        let Some((value, error)) = self.tableau.best() else {
            return;
        };
        if error < self.best.error {
            self.best = Estimate {
                value,
                error,
                step: h,
                status: Status::Unsettled,
                ..self.best
            };
            self.stale = 0;
            self.noise = T::default();
        } else {
            // Noise grows with 1/h: what it is at this step tells what it was at the best.
            self.stale += 1;
            let noise = error / T::of(RATIO.powi(self.stale));
            if noise > self.noise {
                self.noise = noise;
            }
        }
    }

    fn decide(&mut self, rounding: T) {
        let Estimate { value, error, .. } = self.best;
        let size = value.magnitude();
        // Entries that get no better, after they had come close, are led by noise.
        let close = error < T::of(0.1) * size;
        let patience = if close { PATIENCE } else { 3 * PATIENCE };
        let converged = error <= self.tolerance * size;
        let at_the_floor = error <= T::of(4.0) * rounding + T::EPSILON * size;
        if (converged || at_the_floor) && self.beats_the_retired() {
            self.best.status = if converged {
                Status::Converged
            } else {
                Status::NoiseFloor
            };
            self.ended = true;
        } else if self.stale >= patience {
            self.retire();
        }
    }

    fn beats_the_retired(&self) -> bool {
        self.best.error < T::of(0.1) * self.retired.error || !self.retired.error.is_number()
    }

    /// Sets the best entry aside, with the error that the noise implies, and starts anew.
    fn retire(&mut self) {
        let error = if self.noise > self.best.error {
            self.noise
        } else {
            self.best.error
        };
        if error < self.retired.error {
            self.retired = Estimate {
                error,
                status: Status::NoiseFloor,
                ..self.best
            };
        }
        self.best = self.nothing;
        self.tableau = Tableau::new();
        self.stale = 0;
        self.noise = T::default();
    }
}
