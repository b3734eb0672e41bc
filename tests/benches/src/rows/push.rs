//! One thread that pushes.

use crate::buffers::array::Whole;
use crate::buffers::limits::Floor;
use crate::buffers::one_to_one::Rtrb;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer, open_one};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, Figures, race};
use crate::rows::{Bench, CAPACITY};
use crate::time::{Timer, float};

/// Short against the time between two interruptions, long against reading the clock.
const STRETCH: u32 = 2048;
const STRETCHES: usize = 400;

/// Nanoseconds for a push into a full buffer.
pub(crate) fn into_full<B: Buffer>(timer: &Timer, capacity: usize) -> Contender<1> {
    let (mut producer, reader) = open_one::<B>(capacity);
    (0..=capacity).for_each(|_| producer.push());
    let timer = timer.clone();
    Contender::new(B::name(), B::LEAVES_OUT, move || {
        let _still_there = &reader;
        let stretch = || (0..STRETCH).for_each(|_| producer.push());
        [timer.undisturbed(STRETCHES, stretch) / f64::from(STRETCH)]
    })
}

/// Nanoseconds for a push, from empty to full.
fn until_full<B: Buffer>(timer: &Timer) -> Contender<1> {
    let timer = timer.clone();
    Contender::new(B::name(), B::LEAVES_OUT, move || {
        let batches = (0..8).map(|_| {
            let mut ends: Vec<_> = (0..16).map(|_| open_one::<B>(CAPACITY)).collect();
            let mut empty = ends.iter_mut();
            let stretch = || {
                let (producer, _) = empty.next().expect("a buffer for each stretch");
                (0..CAPACITY).for_each(|_| producer.push());
            };
            timer.undisturbed(16, stretch) / float(CAPACITY as u64)
        });
        // Few enough buffers at once to stay in the cache, and the least
        // disturbed of several batches of them.
        [batches.fold(f64::INFINITY, f64::min)]
    })
}

pub(crate) fn full(bench: &Bench) -> Vec<Row> {
    let Bench { timer, rounds, .. } = bench;
    let [figures] = race(
        *rounds,
        vec![
            into_full::<Ours>(timer, CAPACITY),
            into_full::<Whole<0>>(timer, CAPACITY),
            into_full::<Crossbeam>(timer, CAPACITY),
            into_full::<Rtrb>(timer, CAPACITY),
            into_full::<Floor>(timer, CAPACITY),
        ],
    );
    let row = Row::new("push/full/1thread", "ns", &figures).with_limit();
    vec![row.against_limit(Bound::AtMost(1.25))]
}

pub(crate) fn empty_to_full(bench: &Bench) -> Vec<Row> {
    let Bench { timer, rounds, .. } = bench;
    let [figures] = race(
        *rounds,
        vec![
            until_full::<Ours>(timer),
            until_full::<Whole<0>>(timer),
            until_full::<Crossbeam>(timer),
            until_full::<Rtrb>(timer),
            until_full::<Floor>(timer),
        ],
    );
    let row = Row::new("push/empty_to_full/1thread", "ns", &figures).with_limit();
    vec![row.against_limit(Bound::AtMost(1.25))]
}

/// From the smallest to the largest capacity that the driver allows, against
/// its own push at [`CAPACITY`].
pub(crate) fn capacities(bench: &Bench) -> Vec<Row> {
    let Bench { timer, rounds, .. } = bench;
    let sizes = [64, CAPACITY, 16_384, 65_536, 1_048_576];
    let contenders = sizes.iter().flat_map(|size| {
        [
            into_full::<Ours>(timer, *size),
            into_full::<Crossbeam>(timer, *size),
            into_full::<Floor>(timer, *size),
        ]
    });
    let [figures] = race(*rounds, contenders.collect());
    let at_capacity = Figures { name: format!("sessionwatch at {CAPACITY}"), ..figures[3].clone() };
    let row = |(size, figures): (&usize, &[Figures])| {
        let [ours, crossbeam, floor] = figures else { unreachable!("chunks of three") };
        let all = [ours.clone(), crossbeam.clone(), at_capacity.clone(), floor.clone()];
        let row = Row::new(format!("push/capacity/{size}"), "ns", &all).with_limit();
        // Against itself would be no target.
        if *size == CAPACITY {
            return row;
        }
        row.against_peer(&at_capacity.name, Bound::AtMost(1.25))
    };
    sizes.iter().zip(figures.chunks_exact(3)).map(row).collect()
}
