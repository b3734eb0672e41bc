//! Time in short stretches, and where threads run.

use std::hint::spin_loop;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use core_affinity::CoreId;
use quanta::Clock;

use crate::rounds::median;

/// The processor's own counter where it is steady; reading it takes some 10 ns.
#[derive(Clone, Debug)]
pub(crate) struct Timer {
    pub(crate) clock: Clock,
}

impl Timer {
    pub(crate) fn new() -> Self {
        Self { clock: Clock::new() }
    }

    /// How many nanoseconds `ticks` are.
    pub(crate) fn nanoseconds(&self, ticks: u64) -> f64 {
        float(self.clock.delta_as_nanos(0, ticks))
    }

    /// The median time of `stretches` calls of `work`, in nanoseconds. Where a
    /// stretch was interrupted, it is not the one in the middle.
    pub(crate) fn median(&self, stretches: usize, work: impl FnMut()) -> f64 {
        median(self.stretches(stretches, work))
    }

    /// The time that a tenth of `stretches` calls of `work` stay below.
    ///
    /// On a virtual machine, somebody else's work on the other thread of the same
    /// core makes a loop half as slow again for milliseconds, and no account of
    /// this machine shows it. A tenth of the stretches is rarely all disturbed.
    pub(crate) fn undisturbed(&self, stretches: usize, work: impl FnMut()) -> f64 {
        let mut times = self.stretches(stretches, work);
        times.sort_by(f64::total_cmp);
        times.get(stretches / 10).copied().unwrap_or(f64::NAN)
    }

    fn stretches(&self, stretches: usize, mut work: impl FnMut()) -> Vec<f64> {
        let time = |_| {
            let start = self.clock.raw();
            work();
            self.nanoseconds(self.clock.raw().saturating_sub(start))
        };
        (0..stretches).map(time).collect()
    }

    /// The counter's reading `duration` from now.
    pub(crate) fn deadline(&self, duration: Duration) -> u64 {
        // How many ticks a nanosecond has is what the clock does not tell.
        let per_tick = self.nanoseconds(1 << 32) / float(1 << 32);
        self.clock.raw().saturating_add(whole(duration.as_secs_f64() * 1e9 / per_tick))
    }

    /// Waits without giving the processor away.
    pub(crate) fn spin_until(&self, deadline: u64) {
        while self.clock.raw() < deadline {
            spin_loop();
        }
    }
}

/// The two processors that are used, as different as there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors {
    pub(crate) here: CoreId,
    /// `None` on a machine with one.
    pub(crate) there: Option<CoreId>,
}

impl Processors {
    pub(crate) fn find() -> Option<Self> {
        let all = core_affinity::get_core_ids()?;
        let here = *all.first()?;
        Some(Self { here, there: all.last().copied().filter(|last| *last != here) })
    }

    /// Does `work` for both ends at once, each on a processor of its own, and gives
    /// what each came to.
    pub(crate) fn side_by_side<End: Send, T: Send>(
        &self,
        ends: &mut [End],
        work: impl Fn(&mut End) -> T + Sync,
    ) -> Vec<T> {
        let (barrier, work) = (&Barrier::new(ends.len()), &work);
        thread::scope(|scope| {
            let processors = [Some(self.here), self.there];
            let run = |(end, processor): (_, Option<CoreId>)| {
                scope.spawn(move || {
                    processor.into_iter().for_each(pin);
                    barrier.wait();
                    work(end)
                })
            };
            let threads: Vec<_> = ends.iter_mut().zip(processors).map(run).collect();
            threads.into_iter().map(|thread| thread.join().expect("an end that works")).collect()
        })
    }
}

/// Keeps this thread on a processor. Where the system refuses, it runs where it is put.
pub(crate) fn pin(processor: CoreId) {
    let _is_pinned = core_affinity::set_for_current(processor);
}

/// A count as a number with a fraction.
#[expect(clippy::cast_precision_loss, reason = "a figure is shown with three digits")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// A number without its fraction; 0 where it is negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction is what is to be lost, and `as` saturates"
)]
pub(crate) const fn whole(value: f64) -> u64 {
    value as u64
}
