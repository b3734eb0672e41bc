//! Producers without a pause and one reader beside them. Every record is checked: the account
//! must add up, and no record may be torn or out of order.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use core_affinity::CoreId;

use super::{Bench, CAPACITY};
use crate::buffers::{Array, Buffer, Crossbeam, Ours, Push, Rtrb};
use crate::processors::pin;
use crate::record::{Bytes, sequence};
use crate::report::Row;
use crate::rounds::{Contender, run};
use crate::time::{float, nanoseconds, spin_until};

const TURN: Duration = Duration::from_millis(30);
/// The records of one drain, and the reader's pause after it.
const BATCH: usize = 1024;
const PAUSE: Duration = Duration::from_micros(1);

#[derive(Default)]
struct Seen {
    delivered: u64,
    torn: u64,
    out_of_order: u64,
    last: u64,
}

impl Seen {
    fn check(&mut self, batch: &[Bytes]) {
        for record in batch {
            self.delivered += 1;
            match sequence(record) {
                Some(sequence) if sequence > self.last => self.last = sequence,
                Some(_) => self.out_of_order += 1,
                None => self.torn += 1,
            }
        }
    }
}

/// Million records pushed per second; the percentage of them that was lost; errors of the account;
/// torn records; records out of order.
fn stream<B: Buffer, const PRODUCERS: usize>(bench: &Bench) -> Contender<5> {
    let Bench { clock, processors, .. } = bench.clone();
    Contender::new(B::NAME, B::LEAVES_OUT, move || {
        let (producers, mut drain) = B::open::<PRODUCERS>(CAPACITY);
        let (mut seen, mut output) = (Seen::default(), vec![[0; 48]; BATCH]);
        let mut read = || {
            let drained = drain(&mut output);
            seen.check(&output[..drained.count]);
            drained
        };
        let (done, barrier) = (&AtomicBool::new(false), &Barrier::new(PRODUCERS + 1));
        let (pushed, elapsed): (u64, Duration) = thread::scope(|scope| {
            // The second producer shares a processor with the reader.
            let places = [processors.there, processors.here].into_iter();
            let threads: Vec<_> = producers
                .into_iter()
                .zip(places)
                .map(|(push, place)| scope.spawn(move || push_until(done, barrier, place, push)))
                .collect();
            barrier.wait();
            let start = clock.now();
            while clock.now() - start < TURN {
                read();
                spin_until(&clock, clock.now() + PAUSE);
            }
            done.store(true, Ordering::Relaxed);
            let pushed = threads.into_iter().map(|thread| thread.join().expect("a producer")).sum();
            (pushed, clock.now() - start)
        });
        let lost = loop {
            let drained = read();
            if drained.count == 0 {
                break drained.lost;
            }
        };
        [
            1000.0 * float(pushed) / nanoseconds(elapsed),
            100.0 * float(lost) / float(pushed),
            float(pushed.abs_diff(seen.delivered + lost)),
            float(seen.torn),
            float(seen.out_of_order),
        ]
    })
}

/// Pushes without a pause, and returns the number of records.
fn push_until(done: &AtomicBool, barrier: &Barrier, place: CoreId, mut push: impl Push) -> u64 {
    pin(place);
    barrier.wait();
    let mut pushed = 0;
    while !done.load(Ordering::Relaxed) {
        (0..64).for_each(|_| push());
        pushed += 64;
    }
    pushed
}

pub(super) fn rows(bench: &Bench) -> Vec<Row> {
    let with_one = vec![
        stream::<Ours, 1>(bench),
        stream::<Array, 1>(bench),
        stream::<Crossbeam<true>, 1>(bench),
        stream::<Rtrb, 1>(bench),
    ];
    let with_two = vec![
        stream::<Ours, 2>(bench),
        stream::<Array, 2>(bench),
        stream::<Crossbeam<true>, 2>(bench),
    ];
    let streams = [("stream/1p1c", with_one), ("stream/2p1c", with_two)];
    let of_stream = |(name, contenders)| {
        // An error counts in a noisy round, too.
        let ([pushed, lost, account, torn, order], _) = run(bench.rounds, contenders);
        [
            Row::new(format!("{name}/pushed"), "M/s", &pushed),
            Row::new(format!("{name}/lost"), "%", &lost),
            Row::new(format!("{name}/account_error"), "records", &account).always_zero(),
            Row::new(format!("{name}/torn"), "records", &torn).always_zero(),
            Row::new(format!("{name}/out_of_order"), "records", &order).always_zero(),
        ]
    };
    streams.into_iter().flat_map(of_stream).collect()
}
