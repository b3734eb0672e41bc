//! The latency of a single push, beside a reader that empties the buffer again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use quanta::Clock;

use super::{Bench, CAPACITY};
use crate::buffers::{Array, Buffer, Crossbeam, Ours, Push, Rtrb};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, median, race};
use crate::time::{float, spin_until};

/// A turn has this number of windows, and the median window counts. So an interrupt spoils one
/// window only.
const WINDOWS: usize = 8;
const WINDOW: Duration = Duration::from_millis(5);
/// One push in some thousands meets a drain. The 99.99th percentile shows it.
const BETWEEN_DRAINS: Duration = Duration::from_micros(100);

/// The 99.99th percentile of one window's pushes, in nanoseconds, with a reading of the clock.
fn window(clock: &Clock, push: &mut impl Push) -> f64 {
    // Two digits up to some seconds: small, because it shares the cache with the buffer.
    let mut latencies = Histogram::<u64>::new_with_bounds(1, 1 << 34, 2).expect("valid bounds");
    let mut start = clock.now();
    let end = start + WINDOW;
    while start < end {
        push();
        let now = clock.now();
        latencies.saturating_record(u64::try_from((now - start).as_nanos()).unwrap_or(u64::MAX));
        start = clock.now();
    }
    float(latencies.value_at_percentile(99.99))
}

fn while_draining<B: Buffer>(bench: &Bench) -> Contender<1> {
    let ([mut push], mut drain) = B::open(CAPACITY);
    let Bench { clock, processors, .. } = bench.clone();
    Contender::new(B::NAME, B::LEAVES_OUT, move || {
        let done = AtomicBool::new(false);
        let here = || {
            let windows = (0..WINDOWS).map(|_| window(&clock, &mut push));
            let median = median(windows);
            done.store(true, Ordering::Relaxed);
            [median]
        };
        let there = || {
            let mut output = vec![[0; 48]; CAPACITY];
            while !done.load(Ordering::Relaxed) {
                spin_until(&clock, clock.now() + BETWEEN_DRAINS);
                drain(&mut output);
            }
        };
        processors.both(here, there).0
    })
}

pub(super) fn rows(bench: &Bench) -> Vec<Row> {
    let contenders = vec![
        while_draining::<Ours>(bench),
        while_draining::<Array>(bench),
        while_draining::<Crossbeam<true>>(bench),
        while_draining::<Rtrb>(bench),
    ];
    let [figures] = race(bench.rounds, contenders);
    let row = Row::new("push/latency/while_draining/p99.99", "ns", &figures);
    vec![row.against(Array::NAME, Bound::AtMost(0.1))]
}
