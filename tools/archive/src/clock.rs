//! Steps of the wall clock.

use std::time::Duration;

use crate::surroundings::Surroundings;

/// A smaller difference between the clocks is drift.
const SMALLEST_STEP_MS: i64 = 1_000;

/// Compares the wall clock with one that never steps.
pub(crate) struct Clock {
    /// Wall clock less monotonic clock at the last acknowledged step, in milliseconds.
    offset_ms: i64,
    /// The same, now.
    now_ms: i64,
}

impl Clock {
    pub(crate) fn new(surroundings: &dyn Surroundings) -> Self {
        let offset_ms = offset(surroundings);
        Self { offset_ms, now_ms: offset_ms }
    }

    /// Looks at both clocks.
    pub(crate) fn look(&mut self, surroundings: &dyn Surroundings) {
        self.now_ms = offset(surroundings);
        if !self.has_stepped() {
            // Drift does not add up to a step.
            self.offset_ms = self.now_ms;
        }
    }

    /// True if the wall clock has stepped, and nobody has acknowledged it.
    pub(crate) const fn has_stepped(&self) -> bool {
        self.now_ms.abs_diff(self.offset_ms) >= SMALLEST_STEP_MS.unsigned_abs()
    }

    /// The size of that step, in milliseconds.
    pub(crate) fn step_ms(&self) -> Option<i64> {
        self.has_stepped().then(|| self.now_ms.saturating_sub(self.offset_ms))
    }

    /// Forgets the step.
    pub(crate) const fn acknowledge(&mut self) {
        self.offset_ms = self.now_ms;
    }
}

fn offset(surroundings: &dyn Surroundings) -> i64 {
    let wall = i64::try_from(surroundings.now().0 / 10_000).unwrap_or(i64::MAX);
    let monotonic: Duration = surroundings.monotonic();
    wall.saturating_sub(i64::try_from(monotonic.as_millis()).unwrap_or(i64::MAX))
}
