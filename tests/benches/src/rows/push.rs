//! One thread that pushes.

use super::{Bench, CAPACITY};
use crate::buffers::{Array, Buffer, Crossbeam, Floor, Ours, Rtrb};
use crate::report::{Bound, Row};
use crate::rounds::{Contender, Figures, race};
use crate::time::{float, nanoseconds, tenth, undisturbed};

/// Short beside the time between two interrupts, long beside a reading of the clock.
const STRETCH: u32 = 2048;

/// Nanoseconds for a push into a full buffer.
fn into_full<B: Buffer>(bench: &Bench, capacity: usize) -> Contender<1> {
    let ([mut push], drain) = B::open(capacity);
    (0..=capacity).for_each(|_| push());
    let clock = bench.clock.clone();
    Contender::new(B::NAME, B::LEAVES_OUT, move || {
        let _stays_open = &drain;
        let stretch = || (0..STRETCH).for_each(|_| push());
        [undisturbed(&clock, 400, stretch) / f64::from(STRETCH)]
    })
}

/// Nanoseconds for a push while an empty buffer fills up.
fn until_full<B: Buffer>(bench: &Bench) -> Contender<1> {
    let clock = bench.clock.clone();
    Contender::new(B::NAME, B::LEAVES_OUT, move || {
        let stretch = |_| {
            let ([mut push], _drain) = B::open(CAPACITY);
            let start = clock.now();
            (0..CAPACITY).for_each(|_| push());
            nanoseconds(clock.now() - start)
        };
        [tenth((0..128).map(stretch)) / float(CAPACITY as u64)]
    })
}

pub(super) fn full(bench: &Bench) -> Vec<Row> {
    let contenders = vec![
        into_full::<Ours>(bench, CAPACITY),
        into_full::<Array>(bench, CAPACITY),
        into_full::<Crossbeam<true>>(bench, CAPACITY),
        into_full::<Crossbeam<false>>(bench, CAPACITY),
        into_full::<Rtrb>(bench, CAPACITY),
        into_full::<Floor>(bench, CAPACITY),
    ];
    let [figures] = race(bench.rounds, contenders);
    let row = Row::new("push/full/1thread", "ns", &figures);
    vec![row.against(Floor::NAME, Bound::AtMost(1.25))]
}

pub(super) fn empty_to_full(bench: &Bench) -> Vec<Row> {
    let contenders = vec![
        until_full::<Ours>(bench),
        until_full::<Array>(bench),
        until_full::<Crossbeam<true>>(bench),
        until_full::<Rtrb>(bench),
        until_full::<Floor>(bench),
    ];
    let [figures] = race(bench.rounds, contenders);
    let row = Row::new("push/empty_to_full/1thread", "ns", &figures);
    vec![row.against(Floor::NAME, Bound::AtMost(1.25))]
}

/// From the least to the greatest capacity that the driver allows, against [`CAPACITY`].
pub(super) fn capacities(bench: &Bench) -> Vec<Row> {
    let capacities = [CAPACITY, 64, 16_384, 65_536, 1_048_576];
    let contenders = capacities.map(|capacity| into_full::<Ours>(bench, capacity));
    let [figures] = race(bench.rounds, contenders.into());
    let usual = Figures { name: "sessionwatch, 4096 records".to_owned(), ..figures[0].clone() };
    let row = |(capacity, figures): (usize, &Figures)| {
        Row::new(format!("push/capacity/{capacity}"), "ns", &[figures.clone(), usual.clone()])
            .against(&usual.name, Bound::AtMost(1.25))
    };
    capacities.into_iter().zip(&figures).skip(1).map(row).collect()
}
