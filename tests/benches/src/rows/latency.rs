//! The time of a single push, beside a reader that empties the buffer again and again.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::buffers::array::Whole;
use crate::buffers::one_to_one::Rtrb;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer, Reader};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, median, race};
use crate::rows::{Bench, CAPACITY, ONE_PROCESSOR, Outcome};
use crate::time::{Timer, pin};

/// Percentiles are taken in each of so many windows of a turn. Where a thread was
/// interrupted in one, another is the one in the middle.
const WINDOWS: usize = 8;
const WINDOW: Duration = Duration::from_millis(5);
/// A push in some thousands then falls into a drain, which is what the 99.99th
/// percentile is to show.
const BETWEEN_DRAINS: Duration = Duration::from_micros(100);

/// How long pushes took in each window, in ticks of the clock.
type Windows = [Histogram<u64>; WINDOWS];

/// Up to some seconds, to two digits: small, for it lies in the cache beside
/// what is measured.
fn empty_windows() -> Windows {
    let histogram = || Histogram::new_with_bounds(1, 1 << 34, 2).expect("bounds that fit");
    std::array::from_fn(|_| histogram())
}

/// When the windows of a turn end that begins now.
fn ends(timer: &Timer) -> [u64; WINDOWS] {
    let mut place = 0;
    [(); WINDOWS].map(|()| {
        place += 1;
        timer.deadline(WINDOW * place)
    })
}

fn push_timed(timer: &Timer, producer: &mut impl Producer, ends: [u64; WINDOWS]) -> Windows {
    let mut windows = empty_windows();
    for (window, end) in windows.iter_mut().zip(ends) {
        loop {
            let start = timer.clock.raw();
            if start >= end {
                break;
            }
            producer.push();
            window.saturating_record(timer.clock.raw().saturating_sub(start));
        }
    }
    windows
}

/// The percentiles, in nanoseconds, the clock's own reading included.
fn percentiles<const N: usize>(timer: &Timer, windows: &Windows, at: [f64; N]) -> [f64; N] {
    at.map(|percentile| {
        let pushed = windows.iter().filter(|window| !window.is_empty());
        median(pushed.map(|window| timer.nanoseconds(window.value_at_percentile(percentile))))
    })
}

fn while_draining<B: Buffer>(bench: &Bench) -> Contender<3> {
    let (mut producers, mut reader) = B::open(CAPACITY, 1);
    let Bench { timer, processors, .. } = bench.clone();
    Contender::new(B::name(), B::LEAVES_OUT, move || {
        let producer = producers.first_mut().expect("the producer asked for");
        let (done, barrier) = (AtomicBool::new(false), Barrier::new(2));
        let pushes = thread::scope(|scope| {
            scope.spawn(|| {
                processors.there.into_iter().for_each(pin);
                let mut output = vec![[0; 48]; CAPACITY];
                barrier.wait();
                while !done.load(Ordering::Relaxed) {
                    timer.spin_until(timer.deadline(BETWEEN_DRAINS));
                    reader.drain(&mut output);
                }
            });
            barrier.wait();
            let pushes = push_timed(&timer, producer, ends(&timer));
            done.store(true, Ordering::Relaxed);
            pushes
        });
        percentiles(&timer, &pushes, [50.0, 99.9, 99.99])
    })
}

pub(crate) fn rows(bench: &Bench) -> Outcome {
    if bench.processors.there.is_none() {
        return Outcome::missing("push/latency", ONE_PROCESSOR);
    }
    let draining = race(
        bench.rounds,
        vec![
            while_draining::<Ours>(bench),
            while_draining::<Whole<0>>(bench),
            while_draining::<Whole<64>>(bench),
            while_draining::<Crossbeam>(bench),
            while_draining::<Rtrb>(bench),
        ],
    );
    let name = |percentile: &str| format!("push/latency/while_draining/{percentile}");
    let whole = Whole::<0>::name();
    let [ref p50, ref p999, ref p9999] = draining;
    vec![
        Row::new(name("p50"), "ns", p50).with_limit(),
        Row::new(name("p99.9"), "ns", p999).with_limit(),
        Row::new(name("p99.99"), "ns", p9999).with_limit().against_peer(&whole, Bound::AtMost(0.1)),
    ]
    .into()
}
