//! Whether the slopes to the left and to the right agree as h shrinks.
use crate::Real;
use crate::tableau::RATIO;

/// Steps in a row that must see a corner: the last is 60,000 times smaller than the first.
pub(crate) const CORNER: usize = 20;

/// Steps that are compared.
const LEAST: usize = 3;

/// The slopes to both sides, over the steps.
pub(crate) struct Sides<T> {
    /// (central quotient, right slope − left slope), the latest first.
    seen: [(T, T); LEAST],
    count: usize,
    disagreed: usize,
    /// The same, before the latest step.
    seen_disagreeing: usize,
    rounding: T,
}

impl<T: Real> Sides<T> {
    pub(crate) fn new() -> Self {
        Self {
            seen: [(T::default(), T::default()); LEAST],
            count: 0,
            disagreed: 0,
            seen_disagreeing: 0,
            rounding: T::default(),
        }
    }

    pub(crate) fn add(&mut self, quotient: T, gap: T, rounding: T) {
        self.seen.rotate_right(1);
        self.seen[0] = (quotient, gap);
        self.count += 1;
        self.rounding = rounding;
    }

    pub(crate) fn disagreed(&self) -> usize {
        self.disagreed
    }

    /// Whether rounding has grown as large as the gap was, after the sides had disagreed.
    pub(crate) fn lost_in_rounding(&self) -> bool {
        let drowning = self.seen[1].1.magnitude() <= T::of(64.0) * self.rounding;
        self.seen_disagreeing >= LEAST && drowning
    }

    fn drowned(&self) -> bool {
        self.seen[0].1.magnitude() <= T::of(64.0) * self.rounding
    }

    /// Whether the sides disagree, and counts how often in a row they did.
    pub(crate) fn disagree(&mut self) -> bool {
        let disagree = self.look_like_a_corner();
        self.seen_disagreeing = self.disagreed;
        self.disagreed = if disagree { self.disagreed + 1 } else { 0 };
        disagree
    }

    /// For a smooth f the gap h·f″ shrinks with h. At a corner it stays while the quotients
    /// settle; at a jump both grow with 1/h.
    fn look_like_a_corner(&self) -> bool {
        let gap = self.seen[0].1.magnitude();
        if self.count < LEAST || self.drowned() {
            return false;
        }
        let [(a, gap_a), (b, gap_b), (c, gap_c)] = self.seen;
        let near = |ratio: T, to: f64| (ratio - T::of(to)).magnitude() < T::of(0.1);
        let settled = |a: T, b: T| (a - b).magnitude() < T::of(0.1) * gap;
        let corner =
            near(gap_a / gap_b, 1.0) && near(gap_b / gap_c, 1.0) && settled(a, b) && settled(b, c);
        let jump = near(a / b, RATIO) && near(b / c, RATIO);
        corner || jump
    }
}
