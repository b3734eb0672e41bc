//! Memory: what a buffer takes, and that it takes no more.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::buffers::array::Whole;
use crate::buffers::one_to_one::Rtrb;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer, Reader, open_one};
use crate::report::{Bound, Row};
use crate::rounds::Figures;
use crate::rows::CAPACITY;
use crate::telling::Bytes;
use crate::time::float;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bytes that opening a buffer takes and keeps, and how often using it allocates.
fn measure<B: Buffer>() -> [Figures; 2] {
    let mut output = vec![[0; 48]; 100];
    let opening = Region::new(ALLOCATOR);
    let (mut producer, mut reader) = open_one::<B>(CAPACITY);
    let opened = opening.change();
    let using = Region::new(ALLOCATOR);
    for _ in 0..3 * CAPACITY {
        producer.push();
    }
    while reader.drain(&mut output) != 0 {}
    let used = using.change();
    let bytes = opened.bytes_allocated.saturating_sub(opened.bytes_deallocated);
    [bytes, used.allocations + used.reallocations].map(|count| Figures {
        name: B::name(),
        leaves_out: B::LEAVES_OUT.to_owned(),
        rounds: vec![float(count as u64)],
    })
}

pub(crate) fn rows() -> Vec<Row> {
    let measured =
        [measure::<Ours>(), measure::<Whole<0>>(), measure::<Crossbeam>(), measure::<Rtrb>()];
    let (mut bytes, allocations): (Vec<_>, Vec<_>) =
        measured.map(<(_, _)>::from).into_iter().unzip();
    let limit = (CAPACITY * size_of::<Bytes>() + 4096) as u64;
    bytes.push(Figures {
        name: "4096 records of 48 bytes + 4 KiB".to_owned(),
        leaves_out: String::new(),
        rounds: vec![float(limit)],
    });
    vec![
        Row::new("mem/ring_bytes", "bytes", &bytes).with_limit().against_limit(Bound::AtMost(1.0)),
        Row::new("mem/alloc_after_start", "allocations", &allocations).never_above(0.0),
    ]
}
