//! One reader that copies a batch into its own memory.

use std::hint::black_box;

use super::{Bench, CAPACITY};
use crate::buffers::{Array, Buffer, Crossbeam, Ours, Rtrb};
use crate::record::Bytes;
use crate::report::{Bound, Row};
use crate::rounds::{Contender, Figures, median, race};
use crate::time::{float, nanoseconds};

/// Drains in one turn.
const DRAINS: usize = 24;

/// The speed of a copy depends on how source and target are aligned to each other. So each drain
/// goes to another one of these places, in the same order for all contenders.
const PLACES: usize = 64;

fn place(memory: &mut [Bytes], drain: usize) -> &mut [Bytes] {
    &mut memory[7 * drain % PLACES..][..CAPACITY]
}

/// Which thread fills the buffer, and how often a batch is copied.
#[derive(Clone, Copy, PartialEq)]
enum Path {
    Local,
    Remote,
    /// Into a system buffer and from there to the caller, like buffered I/O of a driver.
    Buffered,
}

/// Gigabytes per second of a drain of the whole buffer.
fn drains<B: Buffer>(bench: &Bench, path: Path) -> Contender<1> {
    let ([mut push], mut drain) = B::open(CAPACITY);
    let Bench { clock, processors, .. } = bench.clone();
    let mut output = vec![[0; 48]; CAPACITY + PLACES];
    let mut caller = output.clone();
    Contender::new(B::NAME, B::LEAVES_OUT, move || {
        let drains = (0..DRAINS).map(|number| {
            // More than the capacity, to end at another slot each time.
            let mut fill = || (0..CAPACITY + 37 * (number % 16)).for_each(|_| push());
            match path {
                Path::Remote => drop(processors.both(|| (), fill)),
                Path::Local | Path::Buffered => fill(),
            }
            let (output, caller) = (place(&mut output, number), place(&mut caller, number));
            let start = clock.now();
            assert_eq!(drain(output).count, CAPACITY, "an incomplete drain");
            if path == Path::Buffered {
                caller.copy_from_slice(output);
                black_box(caller);
            }
            nanoseconds(clock.now() - start)
        });
        [float(size_of::<[Bytes; CAPACITY]>() as u64) / median(drains)]
    })
}

/// Nanoseconds until each of `count` readers has copied the whole ring.
fn readers(bench: &Bench, count: usize) -> Contender<1> {
    let ([mut push], drain) = Ours::with_readers(CAPACITY);
    let mut drains = vec![drain; count];
    let (clock, mut output) = (bench.clock.clone(), vec![[0; 48]; CAPACITY + PLACES]);
    Contender::new(Ours::NAME, "", move || {
        let turn = (0..DRAINS).map(|number| {
            (0..CAPACITY).for_each(|_| push());
            let start = clock.now();
            for drain in &mut drains {
                let count = drain(place(&mut output, number)).count;
                assert_eq!(count, CAPACITY, "an incomplete drain");
            }
            nanoseconds(clock.now() - start)
        });
        [median(turn)]
    })
}

pub(super) fn rows(bench: &Bench) -> Vec<Row> {
    let array = Array::NAME;
    let paths = [
        ("drain/4096/local", Path::Local, 0.8),
        ("drain/4096/remote", Path::Remote, 0.8),
        ("drain/buffered_path", Path::Buffered, 0.9),
    ];
    let mut rows = Vec::new();
    for (name, path, least) in paths {
        let contenders = vec![
            drains::<Ours>(bench, path),
            drains::<Rtrb>(bench, path),
            drains::<Crossbeam<true>>(bench, path),
            drains::<Array>(bench, path),
        ];
        let [figures] = race(bench.rounds, contenders);
        rows.push(Row::new(name, "GB/s", &figures).against(array, Bound::AtLeast(least)));
    }
    let counts = [1_u32, 2, 8];
    let [figures] = race(bench.rounds, counts.map(|count| readers(bench, count as usize)).into());
    for (count, several) in counts.iter().zip(&figures).skip(1) {
        let times = figures[0].rounds.iter().map(|one| one * f64::from(*count)).collect();
        let alone = Figures::new(format!("{count} x one reader"), times);
        rows.push(
            Row::new(format!("drain/readers/{count}"), "ns", &[several.clone(), alone.clone()])
                .against(&alone.name, Bound::AtMost(1.1)),
        );
    }
    rows
}
