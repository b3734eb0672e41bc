//! Two threads that push without a pause, each on a processor of its own.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};

use quanta::{Clock, Instant};

use super::{Bench, CAPACITY};
use crate::buffers::{Array, Buffer, Crossbeam, Ours, Push};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, median, race};
use crate::time::{float, nanoseconds};

/// Pushes between two readings of the clock.
const STRETCH: u64 = 32;
/// Short beside the time for which a thread is interrupted. So in most windows both threads ran
/// all the time, or one did not run at all.
const WINDOW_MICROSECONDS: u32 = 100;
const WINDOWS: usize = 240;

/// The pushes of a thread in each window.
type Pushes = [u64; WINDOWS];

/// Nanoseconds for a push of either thread.
fn contended<B: Buffer>(bench: &Bench) -> Contender<1> {
    let ([mut here, mut there], _) = B::open(CAPACITY);
    let Bench { clock, processors, .. } = bench.clone();
    Contender::new(B::NAME, B::LEAVES_OUT, move || {
        let start = clock.now();
        let (here, there) = processors.both(
            || push_in_windows(&clock, start, &mut here),
            || push_in_windows(&clock, start, &mut there),
        );
        [median_window(&here, &there)]
    })
}

fn push_in_windows(clock: &Clock, start: Instant, push: &mut impl Push) -> Pushes {
    let mut pushes = [0; WINDOWS];
    loop {
        (0..STRETCH).for_each(|_| push());
        let window = (clock.now() - start).subsec_micros() / WINDOW_MICROSECONDS;
        match pushes.get_mut(window as usize) {
            Some(pushes) => *pushes += STRETCH,
            None => return pushes,
        }
    }
}

/// Nanoseconds for a push in the median window. A window in which one thread did not run was not
/// contended, and does not count.
fn median_window(here: &Pushes, there: &Pushes) -> f64 {
    let contended = here.iter().zip(there).filter(|(here, there)| **here != 0 && **there != 0);
    median(
        contended.map(|(here, there)| f64::from(WINDOW_MICROSECONDS) * 1e3 / float(here + there)),
    )
}

/// Nanoseconds for a cache line to get from one processor to the other.
fn line_transfer(bench: &Bench) -> Contender<1> {
    const TRIPS: u64 = 256;
    const STRETCHES: u64 = 32;
    let Bench { clock, processors, .. } = bench.clone();
    Contender::new("cache line, one way", "the push", move || {
        let line = AtomicU64::new(0);
        let wait_for = |value| {
            while line.load(Ordering::Acquire) != value {
                spin_loop();
            }
        };
        let here = || {
            median((0..STRETCHES).map(|stretch| {
                let start = clock.now();
                for trip in stretch * TRIPS..(stretch + 1) * TRIPS {
                    line.store(2 * trip + 1, Ordering::Release);
                    wait_for(2 * trip + 2);
                }
                nanoseconds(clock.now() - start) / float(2 * TRIPS)
            }))
        };
        let there = || {
            for trip in 0..STRETCHES * TRIPS {
                wait_for(2 * trip + 1);
                line.store(2 * trip + 2, Ordering::Release);
            }
        };
        [processors.both(here, there).0]
    })
}

pub(super) fn rows(bench: &Bench) -> Vec<Row> {
    let contenders = vec![
        line_transfer(bench),
        contended::<Ours>(bench),
        contended::<Array>(bench),
        contended::<Crossbeam<true>>(bench),
        contended::<Crossbeam<false>>(bench),
    ];
    let [figures] = race(bench.rounds, contenders);
    let (line, designs) = figures.split_first().expect("a contender");
    let in_transfers = [designs[0].clone(), line.clone()];
    vec![
        Row::new("push/contended/2", "ns", designs)
            .against(Crossbeam::<true>::NAME, Bound::AtMost(0.6)),
        Row::new("push/contended/2/line_transfers", "ns", &in_transfers)
            .against(&line.name, Bound::AtMost(2.2)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_in_which_one_thread_did_not_run_does_not_count() {
        let (mut here, mut there) = ([0; WINDOWS], [0; WINDOWS]);
        here[..3].fill(500);
        there[2..].fill(1500);
        assert!((median_window(&here, &there) - 50.0).abs() < f64::EPSILON);
        assert!(median_window(&here, &[0; WINDOWS]).is_nan());
    }
}
