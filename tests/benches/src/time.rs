//! Time in short stretches.

use std::hint::spin_loop;
use std::time::Duration;

use quanta::{Clock, Instant};

/// A duration in nanoseconds.
pub(crate) fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// The time that a tenth of `stretches` calls of `work` stay below, in nanoseconds.
///
/// On a virtual machine, a neighbour on the same core slows a loop down for milliseconds, and
/// the guest cannot see it. It rarely disturbs nine tenths of the stretches.
pub(crate) fn undisturbed(clock: &Clock, stretches: usize, mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let start = clock.now();
        work();
        nanoseconds(clock.now() - start)
    };
    tenth((0..stretches).map(time))
}

/// The value that a tenth of them stay below.
pub(crate) fn tenth(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 10).copied().unwrap_or(f64::NAN)
}

/// Waits without giving up the processor.
pub(crate) fn spin_until(clock: &Clock, end: Instant) {
    while clock.now() < end {
        spin_loop();
    }
}

/// A count as a floating-point number.
#[expect(clippy::cast_precision_loss, reason = "a figure is shown with three digits")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}
