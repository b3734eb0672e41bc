//! Producers flat out and one reader beside them, every record checked: the
//! account must balance, and nothing may be torn or out of order.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::buffers::array::Whole;
use crate::buffers::one_to_one::Rtrb;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer, Reader};
use crate::report::Row;
use crate::rounds::{Contender, race};
use crate::rows::{Bench, CAPACITY, ONE_PROCESSOR, Outcome};
use crate::telling::{Bytes, number_of};
use crate::time::{Processors, Timer, float, pin};

const TURN: Duration = Duration::from_millis(30);
/// How many records the reader takes at once, and how long it does something else.
const BATCH: usize = 1024;
const PAUSE: Duration = Duration::from_micros(1);

/// Million records a second, percent lost, and errors of account, of tearing,
/// of order.
type Outcomes = [f64; 5];

/// What the reader has seen.
#[derive(Debug, Default)]
struct Seen {
    delivered: u64,
    torn: u64,
    disordered: u64,
    last: u64,
}

impl Seen {
    fn check(&mut self, batch: &[Bytes]) {
        for bytes in batch {
            self.delivered += 1;
            match number_of(bytes) {
                Some(number) if number > self.last => self.last = number,
                Some(_) => self.disordered += 1,
                None => self.torn += 1,
            }
        }
    }
}

/// Runs one stream.
fn stream<B: Buffer>(timer: &Timer, processors: Processors, producers: usize) -> Outcomes {
    let (mut ends, mut reader) = B::open(CAPACITY, producers);
    let (done, barrier) = (AtomicBool::new(false), Barrier::new(producers + 1));
    let mut seen = Seen::default();
    let mut output = vec![[0; 48]; BATCH];
    let (pushed, nanoseconds): (u64, f64) = thread::scope(|scope| {
        let (done, barrier) = (&done, &barrier);
        let threads: Vec<_> = ends
            .iter_mut()
            .enumerate()
            .map(|(place, producer)| {
                scope.spawn(move || {
                    // The second one shares the reader's processor.
                    let core = if place == 0 { processors.there } else { Some(processors.here) };
                    core.into_iter().for_each(pin);
                    barrier.wait();
                    let mut pushed = 0;
                    while !done.load(Ordering::Relaxed) {
                        (0..64).for_each(|_| producer.push());
                        pushed += 64;
                    }
                    pushed
                })
            })
            .collect();
        barrier.wait();
        let start = timer.clock.raw();
        let end = timer.deadline(TURN);
        while timer.clock.raw() < end {
            let count = reader.drain(&mut output);
            seen.check(&output[..count]);
            timer.spin_until(timer.deadline(PAUSE));
        }
        done.store(true, Ordering::Relaxed);
        let pushed = threads.into_iter().map(|thread| thread.join().expect("a producer")).sum();
        (pushed, timer.nanoseconds(timer.clock.raw().saturating_sub(start)))
    });
    loop {
        let count = reader.drain(&mut output);
        seen.check(&output[..count]);
        if count == 0 {
            break;
        }
    }
    let lost = reader.lost();
    let percent = 100.0 * float(lost) / float(pushed);
    let account = pushed.abs_diff(seen.delivered + lost);
    let rate = 1000.0 * float(pushed) / nanoseconds;
    [rate, percent, float(account), float(seen.torn), float(seen.disordered)]
}

fn contender<B: Buffer>(bench: &Bench, producers: usize) -> Contender<5> {
    let Bench { timer, processors, .. } = bench.clone();
    Contender::new(B::name(), B::LEAVES_OUT, move || stream::<B>(&timer, processors, producers))
}

pub(crate) fn rows(bench: &Bench, producers: usize) -> Outcome {
    let stem = format!("stream/{producers}p1c");
    if bench.processors.there.is_none() {
        return Outcome::missing(&stem, ONE_PROCESSOR);
    }
    let mut contenders = vec![
        contender::<Ours>(bench, producers),
        contender::<Whole<64>>(bench, producers),
        contender::<Crossbeam>(bench, producers),
    ];
    if producers == 1 {
        contenders.push(contender::<Rtrb>(bench, producers));
    }
    let [rate, lost, account, torn, order] = race(bench.rounds, contenders);
    let named = |part: &str| format!("{stem}/{part}");
    let pushed = Row::new(named("pushed"), "M/s", &rate);
    vec![
        if producers == 1 { pushed.with_limit() } else { pushed },
        Row::new(named("lost"), "%", &lost),
        Row::new(named("account_error"), "records", &account).never_above(0.0),
        Row::new(named("torn"), "records", &torn).never_above(0.0),
        Row::new(named("out_of_order"), "records", &order).never_above(0.0),
    ]
    .into()
}
