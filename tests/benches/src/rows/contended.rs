//! Two threads that push, each on a processor of its own, flat out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::buffers::array::Whole;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, Figures, median, race};
use crate::rows::{Bench, CAPACITY, ONE_PROCESSOR, Outcome};
use crate::time::{Timer, float, pin};

/// So many pushes between two looks at the clock.
const STRETCH: u64 = 32;
const TURN: Duration = Duration::from_millis(24);
/// What is counted together: 100 us, short against the time for which a thread is
/// interrupted, so that in most windows both ran all the time or one not at all.
const WINDOWS: usize = 240;

/// When each stretch of one thread ended, in ticks since the turn began.
type Log = Vec<u64>;

/// Nanoseconds for a push of either.
fn contended<B: Buffer>(bench: &Bench) -> Contender<1> {
    let (mut producers, reader) = B::open(CAPACITY, 2);
    let Bench { timer, processors, .. } = bench.clone();
    Contender::new(B::name(), B::LEAVES_OUT, move || {
        let _still_there = &reader;
        // One beginning for both: where one was late, the other was alone.
        let (start, end) = (timer.clock.raw(), timer.deadline(TURN));
        let push = |producer: &mut B::Producer| push_between(&timer, producer, start, end);
        let logs = processors.side_by_side(&mut producers, push);
        figures(&timer, &logs)
    })
}

fn push_between(timer: &Timer, producer: &mut impl Producer, start: u64, end: u64) -> Log {
    let mut log = Vec::with_capacity(1 << 18);
    while log.len() < log.capacity() {
        (0..STRETCH).for_each(|_| producer.push());
        let now = timer.clock.raw();
        if now >= end {
            break;
        }
        log.push(now.saturating_sub(start));
    }
    log
}

fn figures(timer: &Timer, logs: &[Log]) -> [f64; 1] {
    let length = logs.iter().filter_map(|log| log.last()).max().map_or(0, |last| last + 1);
    let window = length.div_ceil(WINDOWS as u64).max(1);
    let windows: Vec<[u64; WINDOWS]> = logs.iter().map(|log| in_windows(log, window)).collect();
    let each = median((0..WINDOWS).map(|place| {
        let mut pushes = windows.iter().map(|pushes| pushes[place]);
        // Where one did nothing, it was not running, and nothing was contended.
        if pushes.clone().any(|pushes| pushes == 0) {
            return f64::NAN;
        }
        timer.nanoseconds(window) / float(pushes.by_ref().sum())
    }));
    [each]
}

/// How many pushes ended in each window of so many ticks.
fn in_windows(log: &[u64], window: u64) -> [u64; WINDOWS] {
    let mut pushes = [0; WINDOWS];
    for end in log {
        let place = usize::try_from(end / window).unwrap_or(WINDOWS);
        if let Some(pushes) = pushes.get_mut(place) {
            *pushes += STRETCH;
        }
    }
    pushes
}

/// Nanoseconds for a cache line to go from one processor to the other.
fn line_transfer(bench: &Bench) -> Contender<1> {
    const TRIPS: u64 = 256;
    let Bench { timer, processors, .. } = bench.clone();
    Contender::new("cache line, one way", "all but waiting for it", move || {
        let line = AtomicU64::new(0);
        let wait_for = |value| {
            while line.load(Ordering::Acquire) != value {
                std::hint::spin_loop();
            }
        };
        let each = thread::scope(|scope| {
            scope.spawn(|| {
                processors.there.into_iter().for_each(pin);
                for trip in 0..TRIPS * 32 {
                    wait_for(2 * trip + 1);
                    line.store(2 * trip + 2, Ordering::Release);
                }
            });
            let mut trip = 0;
            timer.median(32, || {
                for _ in 0..TRIPS {
                    line.store(2 * trip + 1, Ordering::Release);
                    wait_for(2 * trip + 2);
                    trip += 1;
                }
            }) / float(2 * TRIPS)
        });
        [each]
    })
}

pub(crate) fn rows(bench: &Bench) -> Outcome {
    if bench.processors.there.is_none() {
        return Outcome::missing("push/contended/2", ONE_PROCESSOR);
    }
    let [each] = race(
        bench.rounds,
        vec![
            contended::<Ours>(bench),
            contended::<Whole<0>>(bench),
            contended::<Crossbeam>(bench),
            line_transfer(bench),
        ],
    );
    let crossbeam = Crossbeam::name();
    let in_transfers: Vec<Figures> = [&each[..1], &each[each.len() - 1..]].concat();
    vec![
        Row::new("push/contended/2", "ns", &each)
            .with_limit()
            .against_peer(&crossbeam, Bound::AtMost(0.6)),
        Row::new("push/contended/2/line_transfers", "ns", &in_transfers)
            .with_limit()
            .against_limit(Bound::AtMost(2.2)),
    ]
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_in_which_one_did_nothing_does_not_count() {
        let timer = Timer::new();
        // Both have a stretch in each window but the last, where one has many.
        let busy: Log = (1..WINDOWS as u64).map(|at| at * 1000 - 500).collect();
        let hog: Log = (0..50).map(|at| WINDOWS as u64 * 1000 - 500 + at).collect();
        let both = [busy.clone(), [busy, hog].concat()];
        let [each] = figures(&timer, &both);
        let expected = timer.nanoseconds(1000) / float(2 * STRETCH);
        assert!((each / expected - 1.0).abs() < 0.1, "{each} is not {expected}");
    }
}
