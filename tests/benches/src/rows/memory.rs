//! The memory of a buffer, and allocations after the start.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use super::CAPACITY;
use crate::buffers::{Array, Buffer, Crossbeam, Ours, Rtrb};
use crate::record::Bytes;
use crate::report::{Bound, Row};
use crate::rounds::Figures;
use crate::time::float;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bytes that an open buffer holds, and the allocations of its use.
fn measure<B: Buffer>() -> [Figures; 2] {
    let mut output = vec![[0; 48]; 100];
    let opening = Region::new(ALLOCATOR);
    let ([mut push], mut drain) = B::open(CAPACITY);
    let opened = opening.change();
    let using = Region::new(ALLOCATOR);
    (0..3 * CAPACITY).for_each(|_| push());
    while drain(&mut output).count != 0 {}
    let used = using.change();
    let bytes = opened.bytes_allocated.saturating_sub(opened.bytes_deallocated);
    [bytes, used.allocations + used.reallocations]
        .map(|count| Figures::new(B::NAME, vec![float(count as u64)]))
}

pub(super) fn rows() -> Vec<Row> {
    let measured =
        [measure::<Ours>(), measure::<Array>(), measure::<Crossbeam<true>>(), measure::<Rtrb>()];
    let (mut bytes, allocations): (Vec<_>, Vec<_>) =
        measured.map(<(_, _)>::from).into_iter().unzip();
    let limit = "4096 records of 48 bytes + 4 KiB";
    let records = size_of::<[Bytes; CAPACITY]>() as u64;
    bytes.push(Figures::new(limit, vec![float(records + 4096)]));
    vec![
        Row::new("mem/ring_bytes", "bytes", &bytes).against(limit, Bound::AtMost(1.0)),
        Row::new("mem/alloc_after_start", "allocations", &allocations).always_zero(),
    ]
}
