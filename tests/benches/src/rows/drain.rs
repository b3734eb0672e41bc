//! One reader that copies a batch into its own memory.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::buffers::array::Whole;
use crate::buffers::limits::Memcpy;
use crate::buffers::one_to_one::Rtrb;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer, Reader, open_one};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, Figures, median, race};
use crate::rows::{Bench, CAPACITY, ONE_PROCESSOR, Outcome};
use crate::telling::Bytes;
use crate::time::{Timer, float, pin};

/// Drains in one turn.
const DRAINS: usize = 24;

/// Where a reader's records go.
///
/// How fast bytes are moved depends on how source and destination lie to each
/// other, so each drain goes elsewhere, and it is the same for all contenders.
#[derive(Debug)]
struct Output {
    memory: Vec<Bytes>,
    records: usize,
    place: usize,
}

impl Output {
    const PLACES: usize = 64;

    fn new(records: usize) -> Self {
        Self { memory: vec![[0; 48]; records + Self::PLACES], records, place: 0 }
    }

    /// The next place.
    fn next(&mut self) -> &mut [Bytes] {
        self.place = (self.place + 7) % Self::PLACES;
        &mut self.memory[self.place..][..self.records]
    }
}

/// Fills a buffer, ending each time at another slot.
fn fill(producer: &mut impl Producer, drain: usize) {
    (0..CAPACITY + 37 * (drain % 16)).for_each(|_| producer.push());
}

/// Gigabytes a second, when `records` of them take so many nanoseconds.
fn rate(records: usize, nanoseconds: f64) -> f64 {
    float(size_of::<Bytes>() as u64) * float(records as u64) / nanoseconds
}

/// Drains a full buffer that the same thread has filled.
fn local<B: Buffer>(bench: &Bench) -> Contender<1> {
    let (mut producer, mut reader) = open_one::<B>(CAPACITY);
    let (timer, mut output) = (bench.timer.clone(), Output::new(CAPACITY));
    Contender::new(B::name(), B::LEAVES_OUT, move || {
        let drains = (0..DRAINS).map(|drain| {
            fill(&mut producer, drain);
            let (count, ticks) = reader.drain_timed(&timer.clock, output.next());
            assert_eq!(count, CAPACITY, "a drain came short");
            timer.nanoseconds(ticks)
        });
        [rate(CAPACITY, median(drains))]
    })
}

/// Drains a full buffer that a thread on the other processor has filled.
fn remote<B: Buffer>(bench: &Bench) -> Contender<1> {
    let (mut producer, mut reader) = open_one::<B>(CAPACITY);
    let Bench { timer, processors, .. } = bench.clone();
    let mut output = Output::new(CAPACITY);
    Contender::new(B::name(), B::LEAVES_OUT, move || {
        let turn = AtomicUsize::new(0);
        let wait_for = |value| {
            while turn.load(Ordering::Acquire) != value {
                std::hint::spin_loop();
            }
        };
        let middle = thread::scope(|scope| {
            scope.spawn(|| {
                processors.there.into_iter().for_each(pin);
                for drain in 0..DRAINS {
                    wait_for(2 * drain);
                    fill(&mut producer, drain);
                    turn.store(2 * drain + 1, Ordering::Release);
                }
            });
            let drained = (0..DRAINS).map(|drain| {
                wait_for(2 * drain + 1);
                let (count, ticks) = reader.drain_timed(&timer.clock, output.next());
                assert_eq!(count, CAPACITY, "a drain came short");
                turn.store(2 * drain + 2, Ordering::Release);
                timer.nanoseconds(ticks)
            });
            median(drained)
        });
        [rate(CAPACITY, middle)]
    })
}

/// Drains into a buffer of the system's, which is then copied to the caller's,
/// as the I/O manager does for buffered transfer.
fn buffered<B: Buffer>(bench: &Bench) -> Contender<1> {
    let (mut producer, mut reader) = open_one::<B>(CAPACITY);
    let timer = bench.timer.clone();
    let (mut system, mut caller) = (Output::new(CAPACITY), Output::new(CAPACITY));
    Contender::new(format!("{}, then memcpy", B::name()), B::LEAVES_OUT, move || {
        let drains = (0..DRAINS).map(|drain| {
            fill(&mut producer, drain);
            let (system, caller) = (system.next(), caller.next());
            let (count, drained) = reader.drain_timed(&timer.clock, system);
            let start = timer.clock.raw();
            caller[..count].copy_from_slice(&system[..count]);
            let copied = timer.clock.raw().saturating_sub(start);
            black_box(caller);
            timer.nanoseconds(drained + copied)
        });
        [rate(CAPACITY, median(drains))]
    })
}

/// Nanoseconds until each of `readers` has all of the same full ring.
fn ours_for(timer: &Timer, readers: usize) -> Contender<1> {
    let (mut producer, reader) = open_one::<Ours>(CAPACITY);
    let mut readers = vec![reader; readers];
    let (timer, mut output) = (timer.clone(), Output::new(CAPACITY));
    Contender::new(Ours::name(), "", move || {
        let drains = (0..8).map(|_| {
            (0..CAPACITY).for_each(|_| producer.push());
            let start = timer.clock.raw();
            for reader in &mut readers {
                assert_eq!(reader.drain(output.next()), CAPACITY, "a drain came short");
            }
            timer.nanoseconds(timer.clock.raw().saturating_sub(start))
        });
        [median(drains)]
    })
}

fn readers(bench: &Bench) -> Vec<Row> {
    let counts = [1_u32, 2, 8];
    let contenders = counts.iter().map(|count| ours_for(&bench.timer, *count as usize));
    let [figures] = race(bench.rounds, contenders.collect());
    let row = |(count, ours): (&u32, &Figures)| {
        let alone = Figures {
            name: format!("{count} x one reader"),
            leaves_out: String::new(),
            rounds: figures[0].rounds.iter().map(|one| one * f64::from(*count)).collect(),
        };
        Row::new(format!("drain/readers/{count}"), "ns", &[ours.clone(), alone])
            .with_limit()
            .against_limit(Bound::AtMost(1.1))
    };
    // One reader against itself would be no target.
    counts.iter().zip(&figures).skip(1).map(row).collect()
}

pub(crate) fn rows(bench: &Bench) -> Outcome {
    let rounds = &bench.rounds;
    let [own] = race(
        *rounds,
        vec![
            local::<Ours>(bench),
            local::<Whole<0>>(bench),
            local::<Whole<64>>(bench),
            local::<Rtrb>(bench),
            local::<Crossbeam>(bench),
            local::<Memcpy>(bench),
        ],
    );
    let [twice] = race(
        *rounds,
        vec![buffered::<Ours>(bench), buffered::<Whole<0>>(bench), buffered::<Memcpy>(bench)],
    );
    let mut outcome = Outcome::default();
    outcome.rows.push(
        Row::new("drain/4096/local", "GB/s", &own).with_limit().against_limit(Bound::AtLeast(0.8)),
    );
    if bench.processors.there.is_some() {
        let [others] = race(
            *rounds,
            vec![
                remote::<Ours>(bench),
                remote::<Whole<0>>(bench),
                remote::<Rtrb>(bench),
                remote::<Crossbeam>(bench),
                remote::<Memcpy>(bench),
            ],
        );
        outcome.rows.push(
            Row::new("drain/4096/remote", "GB/s", &others)
                .with_limit()
                .against_limit(Bound::AtLeast(0.8)),
        );
    } else {
        outcome
            .not_measured
            .extend(Outcome::missing("drain/4096/remote", ONE_PROCESSOR).not_measured);
    }
    outcome.rows.push(
        Row::new("drain/buffered_path", "GB/s", &twice)
            .with_limit()
            .against_limit(Bound::AtLeast(0.9)),
    );
    outcome.rows.extend(readers(bench));
    outcome
}
